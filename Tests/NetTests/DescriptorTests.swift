#if Net
    import CLinux
    import Linux
    import Tender
    import Testing

    @Suite struct DescriptorTests {
        init() {
            // As the tender does.
            _ = linux_ignore_signal(SIGPIPE)
        }

        @Test(arguments: [
            "@", "@-1", "@+5", "@ 5", "@5 ", "@5x", "@0x5", "@five", "@2147483648",
            "@18446744073709551621", "@@5",
        ])
        func refusesWhatIsNoNumber(_ value: String) {
            let error = refusal(["net:eth": value])
            #expect(
                error?.text
                    == "Could not attach interface: \(value): the number of a descriptor must "
                    + "follow the @")
            #expect(error?.option?.value == value)
        }

        @Test("attack 23: standard streams as taps", arguments: ["@0", "@1", "@2", "@00"])
        func refusesStandardStreams(_ value: String) {
            let error = refusal(["net:eth": value])
            #expect(
                error?.text
                    == "Could not attach interface: \(value): 0, 1 and 2 are the standard streams")
        }

        @Test(arguments: ["@1023456", "@2147483647"])
        func refusesWhatIsNotOpen(_ value: String) {
            let error = refusal(["net:eth": value])
            #expect(error?.text == "Could not attach interface: \(value): Bad file descriptor")
        }

        /// Such as a disk that the tender itself has opened.
        @Test func refusesWhatWasNotInherited() throws {
            let own = try FileDescriptor.interfaceSocket()
            let error = refusal(["net:eth": "@\(own.number)"])
            #expect(error?.text.hasSuffix(": Bad file descriptor") == true)
            #expect(linux_fcntl(own.number, F_GETFD, 0) == FD_CLOEXEC)
        }

        @Test("attack 23: descriptors that are no taps") func refusesWhatCarriesNoFrames() throws {
            var pipes: [Int32] = [-1, -1]
            #expect(pipe(&pipes) == 0)
            let memory = memfd_create("file", 0)
            let stream = try Wire(SOCK_STREAM)
            let unattached = linux_open("/dev/net/tun", O_RDWR, 0)
            let numbers = pipes + [memory, stream.guestEnd, unattached]
            defer { for number in numbers { close(number) } }
            let causes = [
                "it is not open for reading and writing", "it is not open for reading and writing",
                "it is a file, not a tap or a socket", "a stream socket does not keep frames apart",
                "File descriptor in bad state",
            ]
            for (number, cause) in zip(numbers, causes) where number >= 0 {
                let error = refusal(["net:eth": "@\(number)"])
                #expect(error?.text == "Could not attach interface: @\(number): \(cause)")
                #expect(fcntl(number) & FD_CLOEXEC == 0, "was taken over")
            }
        }

        private func fcntl(_ number: Int32) -> Int32 { linux_fcntl(number, F_GETFD, 0) }

        @Test func refusesTheSameDescriptorTwice() throws {
            let devices = ["a", "b"].map { ManifestEntry(name: $0, type: .net) }
            let wire = try Wire()
            let error = refusal(["net:a": wire.option, "net:b": wire.option], devices: devices)
            #expect(
                error?.text
                    == "Could not attach interface: \(wire.option): another device uses this "
                    + "descriptor")
        }

        @Test(arguments: [SOCK_SEQPACKET, SOCK_DGRAM] as [__socket_type])
        func takesOverTheNumber(_ type: __socket_type) throws {
            let wire = try Wire(type)
            #expect(linux_fcntl(wire.guestEnd, F_SETFL, Int(O_APPEND)) == 0)
            do {
                let guest = try Guest(["net:eth": wire.option])
                #expect(guest.launch.pollSet.members.map(\.descriptor) == [wire.guestEnd])
                #expect(guest.launch.pollSet.members.map(\.handle) == [1])
                #expect(guest.launch.devices[1].mtu == 1500)
                #expect(guest.launch.devices[1].isAttached)
                let flags = linux_fcntl(wire.guestEnd, F_GETFL, 0)
                #expect(flags & O_NONBLOCK != 0)
                #expect(flags & O_APPEND != 0)
                #expect(linux_fcntl(wire.guestEnd, F_GETFD, 0) == FD_CLOEXEC)
            }
            // Closed with the guest, which the other end notices as soon as no child that another
            // test is just starting has a copy.
            var isClosed = false
            for _ in 0..<500 where !isClosed {
                isClosed = !wire.send(frame(60)) && linux_errno() != EAGAIN
                usleep(10_000)
            }
            #expect(isClosed)
        }
    }
#endif
