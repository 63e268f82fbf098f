import Foundation
import TestSupport
import Testing

@testable import Puts

/// What is dropped is counted.
struct LossTests {
    @Test func nothingIsLost() throws {
        let (reader, writer) = try Descriptor.pipe()
        let guest = try Guest(console: writer)
        try guest.puts("hello")
        #expect(guest.loss.count == 0 && guest.loss.line == nil)
        withExtendedLifetime(reader) {}
    }

    /// The rest of what was written in part, and all that comes later.
    @Test func aSlowReader() throws {
        let (reader, writer) = try Descriptor.pipe()
        let guest = try Guest(console: writer, patience: 1_000_000)
        try guest.puts(pattern(1 << 20))
        try guest.puts("more")
        try reader.setBlocking(false)
        let count = try reader.readAll().count
        #expect(guest.loss.count == UInt64((1 << 20) + 4 - count))
        #expect(
            guest.loss.line
                == "\(guest.loss.count) bytes of the guest's output were lost: "
                + "their reader did not read")
    }

    @Test func aFullDisk() throws {
        let guest = try Guest(console: Descriptor(opening: "/dev/full", O_WRONLY))
        for _ in 1...3 { try guest.puts("hello") }
        #expect(
            guest.loss.line
                == "15 bytes of the guest's output were lost: No space left on device")
    }
}
