import CLinux
import GuestArchive
import Linux
import Tender

/// A file mapping: a file or directory of the host, shown to the guest at a path.
/// `HOST:GUEST` or `HOST:GUEST:ro`.
package struct FileMapping {
    /// The option that states it, for messages.
    let option: OptionValue
    /// The path of a file or directory of the host.
    let host: String
    /// The path in the guest, written with or without a leading slash.
    let guest: GuestPath
    let isReadOnly: Bool

    package static func parse(_ option: OptionValue) throws(ModuleError) -> FileMapping {
        let colon = UInt8(ascii: ":")
        let parts = option.value.utf8.split(separator: colon, omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count) else {
            throw ModuleError(
                "not HOST:GUEST or HOST:GUEST:ro", option: option,
                hint: parts.count > 3 ? "neither path can contain a colon" : nil)
        }
        guard parts.count == 2 || parts[2].elementsEqual("ro".utf8) else {
            throw ModuleError(
                "only 'ro', for read-only, can follow the second colon", option: option)
        }
        guard !parts[0].isEmpty else {
            throw ModuleError("no file or directory of the host before the colon", option: option)
        }
        guard !parts[1].isEmpty else {
            throw ModuleError("no path in the guest after the colon", option: option)
        }
        let guest: GuestPath
        do throws(Errno) {
            guest = try GuestPath(Array(parts[1]))
        } catch {
            throw ModuleError("bad path in the guest: \(error)", option: option)
        }
        return FileMapping(
            option: option, host: String(decoding: parts[0], as: UTF8.self), guest: guest,
            isReadOnly: parts.count == 3)
    }

    /// Adapts the mapping to kernels that omit their mount point, /root, from the paths that they
    /// send: `/root/x` and `x` are the same.
    func relativeToRoot() -> FileMapping {
        let mountPoint = GuestPath(names: [Array("root".utf8)])
        guard let rest = guest.rest(below: mountPoint) else { return self }
        return FileMapping(
            option: option, host: host, guest: GuestPath(names: rest), isReadOnly: isReadOnly)
    }
}
