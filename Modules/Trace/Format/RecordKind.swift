import Hypervisor

/// The kind of exit that a record is about.
enum RecordKind: UInt8, CaseIterable {
    case hypercall, portWrite, portRead, portString, mmioWrite, mmioRead, halt, shutdown
    case memoryFault, debug, interrupted, entryFailure, internalError, unknown

    init(_ exit: Exit) {
        self =
            switch exit {
            case .portWrite: .portWrite
            case .portRead: .portRead
            case .portString: .portString
            case .mmioWrite: .mmioWrite
            case .mmioRead: .mmioRead
            case .halt: .halt
            case .shutdown: .shutdown
            case .memoryFault: .memoryFault
            case .debug: .debug
            case .interrupted: .interrupted
            case .entryFailure: .entryFailure
            case .internalError: .internalError
            case .unknown: .unknown
            }
    }

    /// The name in listings and tables; hypercalls have names of their own.
    var name: String {
        switch self {
        case .hypercall: "hypercall"
        case .portWrite: "exit:port-write"
        case .portRead: "exit:port-read"
        case .portString: "exit:port-string"
        case .mmioWrite: "exit:store"
        case .mmioRead: "exit:load"
        case .halt: "exit:hlt"
        case .shutdown: "exit:unhandled-exception"
        case .memoryFault: "exit:memory-fault"
        case .debug: "exit:debug"
        case .interrupted: "exit:interrupted"
        case .entryFailure: "exit:entry-failure"
        case .internalError: "exit:internal-error"
        case .unknown: "exit:unknown"
        }
    }
}

/// The result of handling the exit.
enum RecordResult: UInt8 {
    /// The trace ends before the exit was handled.
    case unfinished
    case resume, halt, fault
}
