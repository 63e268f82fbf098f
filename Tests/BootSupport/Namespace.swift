import Foundation
import TestSupport

/// A network namespace of a test's own, gone with all that is in it when the test is.
final class Namespace {
    /// Holds the namespace, until its input ends.
    private let holder: ChildProcess
    /// The words that a command in the namespace begins with.
    var entry: [String] {
        let users = Self.isRoot ? [] : ["--user", "--preserve-credentials"]
        return ["nsenter"] + users + ["--net", "--target", "\(holder.id)", "--"]
    }
    private var enter: String { entry.joined(separator: " ") }

    private static let isRoot = geteuid() == 0

    /// Who is not root can be, in a user namespace.
    private static let make = "unshare --net \(isRoot ? "" : "--map-root-user")"

    /// A command that runs `script` in a namespace of its own.
    static func command(_ script: String) -> String {
        "exec \(make) sh -c \(Shell.quoted(script))"
    }

    /// - Parameter taps: each as in `BootCase`.
    init(taps: Int = 1) throws {
        holder = try Shell.start(
            "exec \(Self.make) sh -c 'echo made; exec cat'", input: .pipe)
        guard try holder.waitForOutput("made") else { throw Failure(text: "no namespace") }
        for index in 0..<taps {
            try run(
                """
                ip tuntap add dev tap\(index) mode tap
                ip addr add 10.0.\(index).1/24 dev tap\(index)
                ip link set tap\(index) up
                """)
        }
    }

    /// Connects `port` here with `eth0` in another one, 10.0.7.1 with 10.0.7.2.
    func connect(to other: Namespace, mac: String) throws {
        try run(
            """
            ip link add port type veth peer name eth0 address \(mac) netns \(other.holder.id)
            ip addr add 10.0.7.1/24 dev port
            ip link set port mtu 1400 up
            """)
        try other.run(
            """
            ip addr add 10.0.7.2/24 dev eth0
            ip link set eth0 mtu 1400 up
            ip route add default via 10.0.7.1
            """)
    }

    struct Failure: Error {
        let text: String
    }

    /// Runs a script that must succeed.
    ///
    /// - Returns: its output.
    @discardableResult
    func run(_ script: String) throws -> String {
        let outcome = try Shell.run("\(enter) sh -ec \(Shell.quoted(script))")
        guard outcome.status == 0 else {
            throw Failure(text: "\(script): \(outcome.output)\(outcome.error)")
        }
        return outcome.output
    }

    /// Sends echo requests until `count` were answered.
    ///
    /// - Returns: whether they were.
    func ping(_ address: String, count: Int = 3, options: String = "") throws -> Bool {
        let line = "\(enter) ping -c \(count) -i 0.2 -w 20 \(options) \(address)"
        return try Shell.run(line).status == 0
    }

    /// Starts a guest.
    ///
    /// - Parameter inherited: as `ChildProcess` has it.
    func start(
        _ flavour: Flavour, _ guest: String, _ arguments: [String], options: [String],
        inherited: [Int32: Int32] = [:]
    ) throws -> ChildProcess {
        let words = [flavour.path, "run"] + options + [Host.guest(guest)] + arguments
        return try Shell.start("exec \(command(words))", inherited: inherited)
    }

    /// A command that runs a program in the namespace.
    func command(_ words: [String]) -> String { "\(enter) \(Shell.quoted(words))" }

    /// What the namespace's own file is.
    var file: String { "/proc/\(holder.id)/ns/net" }
}
