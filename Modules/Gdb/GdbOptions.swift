import CLinux
import Linux
import Tender

/// The options `--gdb` and `--gdb-port`: the address to listen on.
struct GdbOptions {
    enum Endpoint: Equatable {
        case port(UInt16)
        case path(String)
    }

    let endpoint: Endpoint
    private let option: OptionValue

    static let defaultPort: UInt16 = 1234
    private static let pathPrefix = "unix:"

    /// - Returns: nil without `--gdb`.
    init?(_ observation: Observation) throws(ModuleError) {
        var port = Self.defaultPort
        let ports = observation.options(named: "gdb-port")
        for option in ports {
            guard let number = UInt16(option.value) else {
                throw ModuleError(
                    "Malformed argument to --gdb-port: \(option.value) is not 0 to 65535")
            }
            port = number
        }
        guard let option = observation.options(named: "gdb").last else {
            // The reference takes a port alone for nothing at all.
            guard let port = ports.last, !observation.standsIn else { return nil }
            throw ModuleError("there is no debugger to wait for", option: port, hint: "add --gdb")
        }
        self.option = option
        if option.value.isEmpty {
            endpoint = .port(port)
            return
        }
        guard option.value.utf8.starts(with: Self.pathPrefix.utf8),
            option.value.utf8.count > Self.pathPrefix.utf8.count
        else {
            throw ModuleError(
                "\(option.value) is not unix:PATH", option: option,
                hint: "without a value it is a port, which --gdb-port chooses")
        }
        guard ports.isEmpty else {
            throw ModuleError("There is no port besides a path", option: ports.last)
        }
        endpoint = .path(
            String(
                decoding: option.value.utf8.dropFirst(Self.pathPrefix.utf8.count),
                as: UTF8.self))
    }

    /// - Parameter isRehearsal: whether this is only a check, which must not leave a socket file.
    func listen(isRehearsal: Bool) throws(ModuleError) -> Listener {
        do throws(Errno) {
            return switch endpoint {
            case .port(let port): try Listener.loopback(port: port)
            case .path(let path) where isRehearsal: try Listener.rehearse(path: path)
            case .path(let path): try Listener.unix(path: path)
            }
        } catch {
            let name =
                switch endpoint {
                case .port(let port): "port \(port)"
                case .path(let path): path
                }
            throw ModuleError(
                "Could not listen on \(name): \(error)", option: option,
                hint: error.code == EAFNOSUPPORT
                    ? "a policy such as RestrictAddressFamilies= forbids its sockets: AF_INET for "
                        + "ports, AF_UNIX for paths" : nil)
        }
    }
}
