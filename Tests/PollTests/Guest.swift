import Foundation
import TenderSupport
import TestSupport

@testable import Poll
@testable import Tender

/// A guest that polls its devices.
struct Guest {
    static let size: UInt64 = 0x4000
    static let argument: UInt64 = 0x1000

    /// What a POLL told.
    struct Answer: Equatable {
        var ready: UInt64
        var count: Int32

        static let none = Answer(ready: 0, count: 0)

        /// With these devices ready.
        static func handles(_ handles: Int...) -> Answer {
            Answer(ready: handles.reduce(0) { $0 | 1 << UInt64($1) }, count: Int32(handles.count))
        }
    }

    let memory: GuestMemory
    let launch: Launch

    /// - Parameter devices: the descriptors that make them ready, with their handles.
    init(_ devices: [(Descriptor, handle: Int)] = []) throws {
        let guest = try ModuleGuest(PollModule(), count: Self.size)
        memory = guest.memory
        launch = guest.launch
        // Modules attach in any order; those of the devices may come last.
        for (descriptor, handle) in devices {
            launch.pollSet.add(descriptor.number, handle: handle)
        }
    }

    /// Polls with an argument full of garbage but for the timeout, in nanoseconds.
    func poll(_ timeout: UInt64) throws -> Answer {
        try memory.place([UInt8](repeating: 0xEE, count: 24), at: Self.argument)
        try memory.place(timeout, at: Self.argument)
        guard try serve(argument: Self.argument) == .resume else { return .none }
        return Answer(
            ready: try memory.load(UInt64.self, at: GuestAddress(Self.argument + 8)),
            count: try memory.load(Int32.self, at: GuestAddress(Self.argument + 16)))
    }

    func serve(argument: UInt64) throws -> Outcome {
        try launch.dispatch.serve(3, argument: GuestAddress(argument), memory: memory)
    }
}

/// How much processor time this thread has used, in nanoseconds. Unlike the time of day, it does
/// not depend on what else the machine does.
func processorTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

let millisecond: UInt64 = 1_000_000
