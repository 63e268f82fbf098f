import Foundation
import Linux
import TestSupport
import Testing

/// Descriptors that came through exec.
struct InheritedDescriptorTests {
    /// A copy that looks as if it had been inherited.
    private func inherited(_ descriptor: Descriptor) throws -> Descriptor {
        Descriptor(owning: try attempt { dup(descriptor.number) })
    }

    @Test func refusesWhatWasNotInherited() throws {
        let null = try Descriptor(opening: "/dev/null", O_RDWR)
        #expect(throws: Errno(EBADF)) { try InheritedDescriptor(number: null.number) }
        #expect(throws: Errno(EBADF)) { try InheritedDescriptor(number: -1) }
        #expect(throws: Errno(EBADF)) { try InheritedDescriptor(number: 1_000_000_000) }
        let copy = try inherited(null)
        #expect(throws: Never.self) { try InheritedDescriptor(number: copy.number) }
    }

    @Test(arguments: [(O_RDONLY, false), (O_WRONLY, false), (O_RDWR, true)])
    func knowsDirections(_ flags: Int32, isBidirectional: Bool) throws {
        let copy = try inherited(Descriptor(opening: "/dev/null", flags))
        #expect(try InheritedDescriptor(number: copy.number).isBidirectional == isBidirectional)
    }

    @Test func knowsStreams() throws {
        for (type, isStream) in [
            (SOCK_STREAM, true), (SOCK_DGRAM, false), (SOCK_SEQPACKET, false),
        ] {
            let (socket, _) = try Descriptor.socketPair(type)
            let copy = try inherited(socket)
            #expect(try InheritedDescriptor(number: copy.number).isStream == isStream)
        }
        let null = try inherited(Descriptor(opening: "/dev/null", O_RDWR))
        #expect(try !InheritedDescriptor(number: null.number).isStream)
    }

    @Test func adopts() throws {
        let (socket, other) = try Descriptor.socketPair(SOCK_SEQPACKET)
        let number = try attempt { dup(socket.number) }
        let adopted = try InheritedDescriptor(number: number).adopt()
        let kept = adopted.number
        #expect(kept == number)
        #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
        let flags = fcntl(number, F_GETFL)
        #expect(flags & O_NONBLOCK != 0 && flags & O_ACCMODE == O_RDWR)
        // It reads what comes from the other end, and does not wait for more.
        try other.write([1, 2])
        var bytes = [UInt8](repeating: 0, count: 10)
        #expect(read(number, &bytes, 10) == 2)
        #expect(read(number, &bytes, 10) == -1)
        withExtendedLifetime(adopted) {}
    }
}
