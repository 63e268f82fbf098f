import CLinux
import Linux
import Tender

/// Sockets that an option names by path: `unix:PATH`.
enum UnixPeer {
    private static let prefix = "unix:"

    static func isMeant(by option: OptionValue) -> Bool {
        option.value.utf8.starts(with: prefix.utf8)
    }

    static func attach(
        _ option: OptionValue, warn: @escaping @Sendable (String) -> Void
    ) throws(ModuleError) -> NetworkBackend {
        let options = SubOptions(option)
        var mtu = NetworkBackend.standardMTU
        for (name, value) in options.all {
            guard name == "mtu" else { throw options.unknown(name, known: "mtu=") }
            mtu = try options.mtu(value)
        }
        let path = String(decoding: options.word.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        let socket = try attaching(option, hint: hint) { () throws(Errno) in
            try UnixSocket.connect(to: path)
        }
        return NetworkBackend(socket, mtu: mtu, peer: Peer(option.text, warn: warn))
    }

    private static func hint(_ cause: Errno) -> String? {
        switch cause.code {
        case ENOENT, ECONNREFUSED: "no process listens there: start passt, gvproxy or QEMU first"
        case ENAMETOOLONG: "paths of sockets have up to 107 bytes"
        case EACCES: "the path's directories, or the socket, are another user's"
        default: nil
        }
    }
}
