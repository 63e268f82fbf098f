import Foundation
import TestSupport
import Testing

@testable import Poll

/// Which devices POLL says are ready.
struct ReadinessTests {
    /// Pipes to stand for devices, each with an end to make it ready by.
    private func pipes(_ count: Int) throws -> [(reader: Descriptor, writer: Descriptor)] {
        try (0..<count).map { _ in try Descriptor.pipe() }
    }

    @Test(arguments: 1...63)
    func bitIsAtThePlaceOfTheHandle(_ handle: Int) throws {
        let (reader, writer) = try Descriptor.pipe()
        let guest = try Guest([(reader, handle: handle)])
        #expect(try guest.poll(0) == .none)
        try writer.write([1])
        #expect(try guest.poll(.max) == Guest.Answer(ready: 1 << UInt64(handle), count: 1))
    }

    @Test func tellsOfEachDevice() throws {
        let pipes = try pipes(4)
        let handles = [63, 1, 32, 31]
        let guest = try Guest(zip(pipes, handles).map { ($0.reader, handle: $1) })
        try pipes[0].writer.write([1])
        #expect(try guest.poll(0) == .handles(63))
        try pipes[2].writer.write([1])
        #expect(try guest.poll(0) == .handles(63, 32))
        try pipes[1].writer.write([1])
        try pipes[3].writer.write([1])
        #expect(try guest.poll(.max) == .handles(63, 1, 32, 31))
        _ = try pipes[0].reader.read(upTo: 1)
        #expect(try guest.poll(.max) == .handles(1, 32, 31))
    }

    @Test func mostDevices() throws {
        let pipes = try pipes(63)
        let guest = try Guest(pipes.enumerated().map { ($1.reader, handle: $0 + 1) })
        for pipe in pipes { try pipe.writer.write([1]) }
        #expect(try guest.poll(.max) == Guest.Answer(ready: .max - 1, count: 63))
    }

    /// A frame that nobody reads keeps its device ready.
    @Test func staysUntilRead() throws {
        let (reader, writer) = try Descriptor.socketPair(SOCK_SEQPACKET)
        let guest = try Guest([(reader, handle: 2)])
        try writer.write([1, 2])
        try writer.write([3])
        for timeout: UInt64 in [0, .max, 0, .max] {
            #expect(try guest.poll(timeout) == .handles(2))
        }
        #expect(try reader.read(upTo: 100) == [1, 2])
        #expect(try guest.poll(.max) == .handles(2))
        #expect(try reader.read(upTo: 100) == [3])
        #expect(try guest.poll(0) == .none)
    }

    // MARK: Devices that fail

    /// A bit promises a frame, and there will never be one.
    @Test func hungUpDeviceIsNotReady() throws {
        var pipe: (reader: Descriptor, writer: Descriptor?) = try Descriptor.pipe()
        let guest = try Guest([(pipe.reader, handle: 1)])
        pipe.writer = nil
        for timeout: UInt64 in [0, millisecond, 0] { #expect(try guest.poll(timeout) == .none) }
    }

    /// The kernel answers at once for such a device, whatever the timeout.
    @Test func hungUpDeviceIsWaitedForWithoutSpinning() throws {
        var pipe: (reader: Descriptor, writer: Descriptor?) = try Descriptor.pipe()
        let other = try Descriptor.pipe()
        for devices in [[pipe.reader], [pipe.reader, other.reader]] {
            let guest = try Guest(devices.enumerated().map { ($1, handle: $0 + 1) })
            pipe.writer = nil
            let clock = ContinuousClock()
            for _ in 1...2 {
                let (start, used) = (clock.now, processorTime())
                #expect(try guest.poll(200 * millisecond) == .none)
                #expect(clock.now - start >= .milliseconds(200))
                #expect(processorTime() - used < 100 * millisecond)
            }
        }
    }

    @Test func othersAreReadyAllTheSame() throws {
        var pipe: (reader: Descriptor, writer: Descriptor?) = try Descriptor.pipe()
        let other = try Descriptor.pipe()
        let guest = try Guest([(pipe.reader, handle: 1), (other.reader, handle: 2)])
        pipe.writer = nil
        let late = Background {
            usleep(20_000)
            try other.writer.write([1])
        }
        #expect(try guest.poll(.max) == .handles(2))
        try late.join()
        #expect(try guest.poll(.max) == .handles(2))
    }

    @Test func lastFramesAreStillRead() throws {
        var pipe: (reader: Descriptor, writer: Descriptor?) = try Descriptor.pipe()
        let guest = try Guest([(pipe.reader, handle: 1)])
        try pipe.writer?.write([1])
        pipe.writer = nil
        #expect(try guest.poll(.max) == .handles(1))
        _ = try pipe.reader.read(upTo: 1)
        #expect(try guest.poll(millisecond) == .none)
    }

    /// What such a socket has for its reader is the end, again and again, and no frame.
    @Test func closedConnectionIsNotReady() throws {
        var pair: (Descriptor, Descriptor?) = try Descriptor.socketPair(SOCK_SEQPACKET)
        let guest = try Guest([(pair.0, handle: 1)])
        try pair.1?.write([1])
        pair.1 = nil
        #expect(try guest.poll(.max) == .handles(1))
        _ = try pair.0.read(upTo: 10)
        #expect(try guest.poll(millisecond) == .none)
    }

    @Test func closedDescriptorIsNotReady() throws {
        let nobody = Descriptor(owning: 1_000_000_000)
        let (reader, writer) = try Descriptor.pipe()
        let guest = try Guest([(nobody, handle: 1), (reader, handle: 2)])
        #expect(try guest.poll(millisecond) == .none)
        try writer.write([1])
        #expect(try guest.poll(.max) == .handles(2))
    }
}
