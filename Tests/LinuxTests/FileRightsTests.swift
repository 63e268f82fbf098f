import CLinux
import Foundation
import Linux
import TestSupport
import Testing

/// Acting with the rights that there will be once a guest runs.
// Skipped, and said to be, for other users, who have no rights to do without. CI is root, and runs
// them.
@Suite(.enabled(if: geteuid() == 0, "only root has rights to do without"))
struct FileRightsTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        chmod(directory.path, 0o755)
    }

    private func make(_ name: String, _ rights: FileRights) -> Errno? {
        do throws(Errno) {
            try rights.perform { () throws(Errno) in
                _ = try FileDescriptor.create(directory.path(name))
            }
            return nil
        } catch {
            return error
        }
    }

    @Test func rootWithoutCapabilities() {
        #expect(make("own", FileRights()) == nil)
        chown(directory.path, 1234, 1234)
        #expect(make("another's", FileRights()) == Errno(EACCES))
        // One's own rights are back.
        #expect((try? FileDescriptor.create(directory.path("afterwards"))) != nil)
    }

    @Test func anotherUser() throws {
        let rights = FileRights(user: 1234, group: 4321)
        #expect(make("root's", rights) == Errno(EACCES))
        chown(directory.path, 1234, 0)
        #expect(make("own", rights) == nil)
        var status = stat()
        try attempt { stat(directory.path("own"), &status) }
        #expect(status.st_uid == 1234 && status.st_gid == 4321)
        // A group of root's is none of that user's.
        chown(directory.path, 0, 0)
        chmod(directory.path, 0o770)
        #expect(make("group", rights) == Errno(EACCES))
        #expect(make("group", FileRights(user: 1234, group: 0)) == nil)
    }

    @Test func whatIsThrownPassesAndRightsAreBack() throws {
        #expect(throws: Errno(ENOTTY)) {
            try FileRights(user: 1234, group: 1234).perform { () throws(Errno) in
                throw Errno(ENOTTY)
            }
        }
        let status = try String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)
        #expect(status.contains("Uid:\t0\t0\t0\t0\n"))
        #expect(status.contains("Gid:\t0\t0\t0\t0\n"))
        chown(directory.path, 1234, 1234)
        #expect((try? FileDescriptor.create(directory.path("root's again"))) != nil)
    }
}
