import CLinux
import Linux
import Tender

/// The descriptors that a launch opens for debuggers: a listening socket, the number reserved for
/// connections, and an eventfd.
///
/// `connection` changes once, by `makeRoom`, on the debugger's thread before the first connection.
final class Door: @unchecked Sendable {
    let listener: Listener
    private(set) var connection: Connection
    /// The eventfd that wakes the debugger's thread when a vCPU's state changes.
    let changed: EventDescriptor
    /// The message that says how to connect.
    let invitation: String

    convenience init(
        _ options: GdbOptions, image: String, isRehearsal: Bool
    ) throws(ModuleError) {
        let listener = try options.listen(isRehearsal: isRehearsal)
        do throws(Errno) {
            let target =
                switch options.endpoint {
                case .port: "localhost:\(try listener.port())"
                case .path(let path): path
                }
            try self.init(
                listener,
                invitation: "Waiting for a debugger: gdb -ex \"target remote \(target)\" \(image)")
        } catch {
            throw ModuleError("Could not prepare for a debugger: \(error)")
        }
    }

    init(_ listener: consuming Listener, invitation: String) throws(Errno) {
        let connection = try Connection()
        let changed = try EventDescriptor()
        self.listener = listener
        self.connection = connection
        self.changed = changed
        self.invitation = invitation
    }

    /// Frees a descriptor number for `Listener.accept`.
    func makeRoom() { connection.makeRoom() }
}
