import CLinux
import Linux
import Tender

/// All that a launch opens for debuggers, so that they can come.
///
/// `connection` changes once, by `makeRoom`, on the debugger's thread before it serves the first one.
final class Door: @unchecked Sendable {
    let listener: Listener
    private(set) var connection: Connection
    /// Tells the debugger's thread that something has happened to a vCPU.
    let changed: EventDescriptor
    /// How to connect, in words.
    let invitation: String

    convenience init(
        _ options: GdbOptions, image: String, isRehearsal: Bool
    ) throws(ModuleError) {
        let listener = try options.listen(isRehearsal: isRehearsal)
        do throws(Errno) {
            let place =
                switch options.place {
                case .port: "localhost:\(try listener.port())"
                case .path(let path): path
                }
            try self.init(
                listener,
                invitation: "Waiting for a debugger: gdb -ex \"target remote \(place)\" \(image)")
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
