import Foundation
import TestSupport
import Testing

/// What boot tests need of the machine that they run on, and of what was built before.
enum Host {
    /// Where the guests are, built by `make guests`.
    static let guests = setting("PINNACE_GUESTS", otherwise: ".build/guests")

    /// Where the programs are that `make guests` builds for tests.
    static let tools = "\(guests)/tools"

    /// The path of a guest of ours.
    static func guest(_ name: String) -> String { "\(guests)/\(fileName(ofGuest: name))" }

    /// Where a guest of ours is among the others.
    static func fileName(ofGuest name: String) -> String {
        name.hasPrefix("hermit/") ? name : "\(name).hvt"
    }

    /// Whether this is a path rather than the name of a guest of ours.
    static func isPath(_ guest: String) -> Bool { guest.hasPrefix(".") || guest.hasPrefix("/") }

    /// A path from the environment, or else one within the package.
    static func setting(_ variable: String, otherwise path: String) -> String {
        let package = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return ProcessInfo.processInfo.environment[variable]
            ?? package.appendingPathComponent(path).path
    }

    /// Why no guest can boot here, if none can.
    static let obstacle: String? = {
        guard access("/dev/kvm", R_OK | W_OK) == 0 else { return "this user can't open /dev/kvm" }
        return missingGuests
    }()

    static let missingGuests: String? =
        access(guest("hello"), R_OK) == 0
        ? nil : "there are no guests in \(guests): `make guests` builds them"

    /// Why no tap can be made in a network namespace of a test's own, if none can.
    static let tapObstacle: String? = {
        let made = try? Shell.run(Namespace.command("ip tuntap add dev tap0 mode tap"))
        if made?.status == 0 { return ping }
        let why = made?.error.split(separator: "\n").last.map { String($0) } ?? "no shell"
        return "no tap can be made here: \(why)"
    }()

    /// The words that a command begins with to be root, if only in a namespace of its own.
    static let userNamespace = "unshare --user --map-root-user --net"

    /// Why no user namespace can be made here, if none can.
    static let userNamespaceObstacle: String? = {
        let made = try? Shell.run("\(userNamespace) ip tuntap add dev tap0 mode tap")
        if made?.status == 0 { return nil }
        let why = made?.error.split(separator: "\n").last.map { String($0) } ?? "no shell"
        return "no user namespace with a tap can be made here: \(why)"
    }()

    /// A process of several threads can't join the user namespace that others would need.
    static let needsRoot = geteuid() == 0 ? nil : "only root can open a tap for a tender"

    private static let ping = missing("ping")

    /// That a program is missing, if it is.
    static func missing(_ program: String) -> String? {
        let found = try? Shell.run("command -v \(program)")
        return found?.status == 0 ? nil : "\(program) is missing"
    }
}

extension Trait where Self == ConditionTrait {
    /// For tests that boot guests.
    static var boots: Self { needs(Host.obstacle) }

    /// For tests that boot guests with taps.
    static var usesTaps: Self { needs(Host.obstacle ?? Host.tapObstacle) }

    /// Skips a test that something stands in the way of.
    static func needs(_ obstacle: @autoclosure @escaping @Sendable () -> String?) -> Self {
        // The one place of all boot tests: whoever is skipped says what stood in the way.
        .enabled(if: obstacle() == nil, Comment(rawValue: obstacle() ?? ""))
    }
}
