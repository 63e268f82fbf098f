import Foundation
import TenderSupport
import TestSupport

@testable import Puts
@testable import Tender

/// A guest that writes to a console.
struct Guest {
    static let size: UInt64 = 4 << 20
    /// Where it puts the argument, and the bytes.
    static let argument: UInt64 = 0x1000
    static let data: UInt64 = 0x1_0000

    let memory: GuestMemory
    private let launch: Launch

    /// - Parameter patience: in nanoseconds. Without one a test that waits for nobody hangs.
    init(console: Descriptor, patience: UInt64 = .max) throws {
        self = try withExtendedLifetime(console) {
            try Guest(consoleNumber: console.number, patience: patience)
        }
    }

    /// With a console that may be no descriptor at all.
    init(consoleNumber: Int32, patience: UInt64 = .max) throws {
        // As the tender does it: a console without a reader is an error and not the end.
        signal(SIGPIPE, SIG_IGN)
        let guest = try ModuleGuest(
            PutsModule(descriptor: consoleNumber, patience: patience), count: Self.size)
        memory = guest.memory
        launch = guest.launch
    }

    var loss: ConsoleLoss { launch.observation.consoleLoss }

    @discardableResult
    func puts(_ bytes: [UInt8]) throws -> Outcome {
        try memory.place(bytes, at: Self.data)
        return try puts(at: Self.data, count: UInt64(bytes.count))
    }

    @discardableResult
    func puts(_ text: String) throws -> Outcome {
        try puts(Array(text.utf8))
    }

    func puts(at address: UInt64, count: UInt64) throws -> Outcome {
        try memory.place(address, at: Self.argument)
        try memory.place(count, at: Self.argument + 8)
        return try serve(argument: Self.argument)
    }

    func serve(argument: UInt64) throws -> Outcome {
        try launch.dispatch.serve(2, argument: GuestAddress(argument), memory: memory)
    }
}

/// So many bytes, no part of which looks like another near it.
func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8 ^ $0 >> 16) }
}

/// How often this thread has waited for something so far.
func waits() -> Int {
    var usage = rusage()
    // RUSAGE_THREAD, getrusage(2).
    getrusage(__rusage_who_t(1), &usage)
    return usage.ru_nvcsw
}
