#if Net
    import ABI
    import CLinux
    import TestSupport
    import Testing

    @testable import Linux
    @testable import Network
    @testable import Tender

    /// Taps with offloads against plain ones, where the kernel itself cuts and joins: the same must
    /// come out, byte for byte.
    @Suite(.enabled(if: Tap.canBeMade, Comment(rawValue: Tap.condition)))
    struct OffloadTests {
        init() {
            // As the tender does.
            _ = linux_ignore_signal(SIGPIPE)
        }

        static let segments: [TCPSegment] = [
            TCPSegment { _ in },
            TCPSegment { $0.isIPv6 = true },
            TCPSegment {
                $0.options = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8]
                $0.flags = 16 | 8 | 1 | 128
                $0.identification = 0xFFF0
                $0.sequence = .max - 1000
                $0.fragment = 0x4000
            },
            TCPSegment {
                $0.isIPv6 = true
                $0.options = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8]
                $0.flags = 16 | 8 | 1 | 128
                $0.trafficClass = 0xB8
            },
            TCPSegment {
                $0.tags = [0x0005]
                $0.networkOptions = [1, 1, 1, 0]
            },
        ]

        private func superFrame(_ segment: TCPSegment, every size: Int) -> [UInt8] {
            var header = VirtioHeader()
            header.segmentation = segment.isIPv6 ? .tcpIPv6 : .tcpIPv4
            header.needsChecksum = true
            header.headerSize = UInt16(segment.headerSize)
            header.segmentSize = UInt16(size)
            header.checksumStart = UInt16(segment.transport)
            header.checksumOffset = 16
            var bytes = [UInt8](repeating: 0, count: VirtioHeader.size)
            header.store(in: &bytes)
            return bytes + segment.frame(isPartial: true)
        }

        /// All frames that have come for the guest, from the given sender.
        private func received(by guest: Guest) throws -> [[UInt8]] {
            var frames: [[UInt8]] = []
            for _ in 0..<200 {
                while true {
                    let answer = try guest.read(10000)
                    guard answer.result == HVT_RESULT_OK else { break }
                    frames.append(try guest.bytes(Int(answer.count)))
                }
                if !frames.isEmpty { break }
                usleep(1000)
            }
            return frames
        }

        /// Waits until frames of the host get to the guest: it drops them for a while after an
        /// interface has got its carrier.
        private func waitForCarrier(_ tap: Tap, _ guest: Guest) throws {
            for _ in 0..<500 {
                _ = tap.send(frame(60))
                if try received(by: guest).contains(frame(60)) { return }
            }
            Issue.record("no carrier")
        }

        @Test(
            "What the tender cuts is what the kernel cuts", arguments: segments, [100, 1000, 1448])
        func cuts(_ segment: TCPSegment, _ size: Int) throws {
            var results: [[[UInt8]]] = []
            for offload in ["auto", "off"] {
                let tap = try Tap("mtu 1600 up")
                try tap.observe()
                let guest = try Guest(["net:eth": tap.name, "net-offload": offload])
                #expect(try tap.setting(ETHTOOL_GTSO) == (offload == "off" ? 0 : 1))
                try waitForCarrier(tap, guest)
                for count in [1, 99, 100, 2000, 14_001] {
                    let whole = TCPSegment {
                        $0 = segment
                        $0.payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 3) }
                    }
                    // One that is a single segment is none for the kernel.
                    guard count > size else { continue }
                    try tap.sendSuperFrame(superFrame(whole, every: size))
                    let frames = try received(by: guest).filter { $0[11] == 2 && $0[6] == 2 }
                    #expect(frames.count == (count + size - 1) / size)
                    #expect(frames == whole.cut(every: size).map { $0.frame() })
                    results.append(frames)
                }
            }
            let half = results.count / 2
            #expect(Array(results[..<half]) == Array(results[half...]))
        }

        @Test("What the tender completes is what the kernel completes", arguments: segments)
        func completes(_ segment: TCPSegment) throws {
            let whole = TCPSegment {
                $0 = segment
                $0.payload = [1, 2, 3]
            }
            var bytes = superFrame(whole, every: 0)
            bytes[1] = 0
            for offload in ["auto", "off"] {
                let tap = try Tap()
                try tap.observe()
                let guest = try Guest(["net:eth": tap.name, "net-offload": offload])
                try waitForCarrier(tap, guest)
                try tap.sendSuperFrame(bytes)
                #expect(try received(by: guest).filter { $0[11] == 2 } == [whole.frame()])
            }
        }

        /// A bridge between the sender's tap and a plain one, at which the kernel cuts.
        private struct Path {
            let bridge = "pb" + String((try? Random.word() >> 16) ?? 0, radix: 16)
            let near: Tap
            let far: Tap

            init() throws {
                near = try Tap("mtu 1600 up")
                far = try Tap("mtu 1600 up")
                let script = """
                    ip link add \(bridge) type bridge && ip link set \(bridge) addrgenmode none &&
                    ip link set \(bridge) mtu 1600 up && ip link set \(near.name) master \(bridge) &&
                    ip link set \(far.name) master \(bridge)
                    """
                guard system("(\(script)) 2>/dev/null") == 0 else { throw Errno(EPERM) }
            }

            func remove() { _ = system("ip link del \(bridge) 2>/dev/null") }
        }

        private static let canBridge: Bool = {
            guard let path = try? Path() else { return false }
            path.remove()
            return true
        }()

        @Test(
            "What the tender joins, the kernel cuts into the same",
            .enabled(if: canBridge, "this kernel has no bridges"), arguments: segments)
        func joins(_ segment: TCPSegment) throws {
            let path = try Path()
            defer { path.remove() }
            let sender = try NetworkBackend.open(
                OptionValue(name: "net", device: "eth", value: path.near.name), program: "test")
            let plain = try NetworkBackend.open(
                OptionValue(name: "net", device: "eth", value: path.far.name), .off,
                program: "test")
            var buffer = [UInt8](repeating: 0, count: 70000)
            /// Waits for so many frames, as long as a busy machine may need.
            func received(_ count: Int, milliseconds: Int) -> [[UInt8]] {
                var frames: [[UInt8]] = []
                for _ in 0..<milliseconds where frames.count < count {
                    while case .frame(let size) = plain.receive(into: &buffer, at: 0) {
                        if buffer[11] == 2 { frames.append(Array(buffer[..<size])) }
                    }
                    usleep(1000)
                }
                return frames
            }
            // Until the bridge forwards. From the same sender as all others: bridges learn where that is.
            let small = TCPSegment { $0.payload = [1] }.frame()
            for _ in 0..<500 {
                _ = sender.send(small[...])
                if !received(1, milliseconds: 20).isEmpty { break }
            }
            _ = received(.max, milliseconds: 100)
            let whole = TCPSegment {
                $0 = segment
                $0.payload = (0..<14_001).map { UInt8(truncatingIfNeeded: $0 * 7) }
                $0.flags = 16 | 8
            }
            let frames = whole.cut(every: 1000).map { $0.frame() }
            for frame in frames { sender.queue(frame[...]) }
            sender.flush()
            #expect(received(frames.count, milliseconds: 10_000) == frames)
        }
    }
#endif
