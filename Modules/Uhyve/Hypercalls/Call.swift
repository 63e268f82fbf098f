import Manifests
import Tender

/// A hypercall of one of the versions of uhyve's interface (abi/uhyve.h).
enum Call: UInt8, CaseIterable, Sendable {
    // Version 1.
    case fileWrite1, fileOpen1, fileClose1, fileRead1, exit1, fileLseek1, netWrite1, netRead1
    case netStat1, cmdsize1, cmdval1, uart1, fileUnlink1, serialWriteBuffer1
    // Version 2.
    case exit2, serialWriteByte2, serialWriteBuffer2, serialReadByte2, serialReadBuffer2
    case fileWrite2, fileOpen2, fileClose2, fileRead2, fileLseek2, fileUnlink2
    // Version 3.
    case getdents3, fileStat3, fileFstat3, mkdir3, sharedMemOpen3, sharedMemClose3

    /// The entry in the manifest, which lists the calls in the order of the cases.
    var specification: HypercallSpecification { UhyveManifest.hypercalls[Int(rawValue)] }

    var port: Int32 { specification.number }

    /// Whether the argument or its address is in RDI (versions 2 and 3) rather than the value
    /// written to the port.
    @inline(__always)
    var isArgumentInRegister: Bool { rawValue >= Self.exit2.rawValue }

    /// The name and port, for messages.
    var text: String {
        "\(specification.name) (port \(hexadecimal(UInt64(clamping: port))))"
    }
}

/// A table of the hypercalls by port. All ports are multiples of 16.
struct PortTable: Sendable {
    private var calls: [Call?]

    init() {
        let most = Call.allCases.reduce(0) { max($0, Int($1.port)) }
        calls = [Call?](repeating: nil, count: most / 16 + 1)
        for call in Call.allCases { calls[Int(call.port) / 16] = call }
    }

    @inline(__always)
    subscript(port: UInt16) -> Call? {
        let index = Int(port >> 4)
        guard port & 15 == 0, index < calls.count else { return nil }
        return calls[index]
    }
}
