import Foundation

/// A tap in a network of its own, which is gone as soon as the process is: nothing to tidy up,
/// whatever happens, and nobody else's network to disturb.
struct PrivateNetwork {
    static let tap = "bench0"

    /// Executes the words after it inside a new network.
    let starter: Command

    init() throws {
        // Who is not root may be root of a user namespace.
        let rights = geteuid() == 0 ? [] : ["--map-root-user"]
        let script = """
            ip tuntap add dev "$0" mode tap && ip link set dev "$0" up && exec "$@"
            """
        starter = Command(words: ["unshare"] + rights + ["--net", "sh", "-c", script, Self.tap])
        do {
            try run(Command(words: ["true"]).through(starter))
        } catch {
            throw Skipped(description: "net: cannot make a tap: \(error)")
        }
    }
}
