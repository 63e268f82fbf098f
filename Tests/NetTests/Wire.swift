#if Net
    import CLinux
    import Linux

    /// Two sockets that exchange frames, one of them to be a guest's by its number.
    ///
    /// Neither closes on exec, just as what a parent process passes on.
    final class Wire {
        /// The guest's; whoever attaches it closes it.
        let guestEnd: Int32
        private var hostEnd: FileDescriptor?

        init(_ type: __socket_type = SOCK_SEQPACKET) throws {
            var ends: [Int32] = [-1, -1]
            guard socketpair(AF_UNIX, Int32(type.rawValue), 0, &ends) == 0 else {
                throw Errno.current
            }
            guestEnd = ends[0]
            hostEnd = try FileDescriptor(owning: ends[1])
        }

        /// As the option has it.
        var option: String { "@\(guestEnd)" }

        var hostNumber: Int32 { hostEnd?.number ?? -1 }

        func send(_ frame: [UInt8]) -> Bool {
            write(hostNumber, frame, frame.count) == frame.count
        }

        /// The next frame; nil if there is none.
        func receive() -> [UInt8]? {
            var frame = [UInt8](repeating: 0, count: 70000)
            let count = recv(hostNumber, &frame, frame.count, Int32(MSG_DONTWAIT))
            return count < 0 ? nil : Array(frame.prefix(count))
        }

        func closeHostEnd() {
            hostEnd = nil
        }
    }

    /// A frame of this many bytes, broadcast, of a type that nobody listens to.
    func frame(_ count: Int, tag: UInt8 = 1) -> [UInt8] {
        let header: [UInt8] = [255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, tag, 0x88, 0xB5]
        return Array((header + (14..<max(count, 14)).map { UInt8($0 % 251) }).prefix(count))
    }
#endif
