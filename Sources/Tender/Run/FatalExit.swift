import Architecture
import Hypervisor

/// A VM exit that the guest does not survive.
public struct FatalExit: Equatable, Sendable, CustomStringConvertible {
    public enum Cause: Equatable, Sendable {
        /// The guest touched memory that the host protects.
        case translation
        /// An exception without a handler; without the tender's exception table, a triple fault.
        case exception(GuestException)
        /// An exit that neither the guest kind nor an observer handles.
        case unhandled(Exit)
    }

    public let cause: Cause
    /// The guest-physical address, if the exit has one. Not every host kernel reports it.
    public let address: UInt64?
    /// The message, with the back end's name of the exit.
    public let description: String

    /// - Parameter programCounter: where the vCPU stopped.
    public init(
        _ cause: Cause, at programCounter: UInt64, address: UInt64? = nil, on backEnd: BackEnd
    ) {
        self.cause = cause
        self.address = address
        let what =
            switch cause {
            case .translation: "host/guest translation fault:"
            case .exception where GuestException.isTripleFault:
                "unhandled exit: \(backEnd.words(.shutdown)),"
            case .exception: "unhandled exception:"
            case .unhandled(let exit): "unhandled exit: \(backEnd.words(exit)),"
            }
        let name = Registers.programCounterName
        description = "\(backEnd.name): \(what) \(name)=\(hexadecimal(programCounter))"
    }
}

extension BackEnd {
    /// The back end's code of an exit ("exit_reason=0x5"), which scripts look for, and its meaning.
    package func words(_ exit: Exit) -> String {
        exit.meaning.map { "\(code(exit)) (\($0))" } ?? code(exit)
    }
}

extension Exit {
    fileprivate var meaning: String? {
        switch self {
        case .halt: "the guest executed HLT"
        case .shutdown: "triple fault"
        case .debug: "debug exception"
        case .mmioWrite(let address, let width, _):
            "\(width)-byte store to \(hexadecimal(address)), which is not memory"
        case .mmioRead(let address, let width):
            "\(width)-byte load from \(hexadecimal(address)), which is not memory"
        case .entryFailure(let reason):
            "entry failure, hardware reason \(hexadecimal(reason))"
        case .internalError(let suberror):
            "internal error, suberror \(hexadecimal(UInt64(suberror)))"
        case .memoryFault(let address): "memory fault at \(hexadecimal(address ?? 0))"
        case .portWrite(let port, _, _), .portRead(let port, _), .portString(let port):
            "port \(hexadecimal(UInt64(port)))"
        case .interrupted: "interrupted"
        case .unknown: nil
        }
    }
}
