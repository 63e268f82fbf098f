#if Uhyve
    import TestSupport
    import Testing

    @testable import Network
    @testable import Virtio

    /// The card on a tap with offloads, of which its driver sees nothing.
    @Suite struct OffloadTests {
        private static let segment = TCPSegment {
            $0.payload = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 3) }
            $0.flags = 16 | 8
        }

        private func superFrame() -> [UInt8] {
            var header = VirtioHeader()
            header.segmentation = .tcpIPv4
            header.needsChecksum = true
            header.headerSize = 54
            header.segmentSize = 1000
            header.checksumStart = 34
            header.checksumOffset = 16
            var bytes = [UInt8](repeating: 0, count: VirtioHeader.size)
            header.store(in: &bytes)
            return bytes + Self.segment.frame(isPartial: true)
        }

        /// With a buffer at a time, so that the tap is long empty when the last frame is taken.
        @Test(arguments: ExchangeTests.faces, [true, false])
        func cutsWhatItReceives(_ face: VirtioTransport, _ comesFirst: Bool) throws {
            let driver = try NetworkDriver(face, hasOffloads: true)
            driver.begin()
            if comesFirst { driver.wire.send(superFrame()) }
            for part in Self.segment.cut(every: 1000) {
                try driver.post()
                if !comesFirst, part.sequence == Self.segment.sequence {
                    driver.wire.send(superFrame())
                }
                let bytes = try driver.bytes(try driver.queues[0].next())
                #expect(bytes == driver.receivedHeader + part.frame())
            }
            #expect(driver.warnings.lines.isEmpty)
        }

        /// More buffers than frames, all there before.
        @Test(arguments: ExchangeTests.faces)
        func cutsIntoBuffersThatWait(_ face: VirtioTransport) throws {
            let driver = try NetworkDriver(face, hasOffloads: true)
            driver.begin()
            for head in 0..<12 as Range<UInt16> { try driver.post(head: head) }
            driver.wire.send(superFrame())
            for part in Self.segment.cut(every: 1000) {
                let bytes = try driver.bytes(try driver.queues[0].next())
                #expect(bytes == driver.receivedHeader + part.frame())
            }
        }

        @Test(arguments: ExchangeTests.faces)
        func joinsWhatItSends(_ face: VirtioTransport) throws {
            let driver = try NetworkDriver(face, hasOffloads: true)
            driver.begin()
            let header = [UInt8](repeating: 0, count: driver.headerSize)
            for (index, part) in Self.segment.cut(every: 1000).enumerated() {
                let address = driver.buffers + UInt64(index) * 2048
                let bytes = header + part.frame()
                try driver.memory.place(bytes, at: address)
                try driver.queues[1].offer(
                    [(address, bytes.count)], writable: false, head: UInt16(index))
            }
            // However many the card finds at a time, no byte is lost, and the order is kept.
            driver.notify(1)
            var payload: [UInt8] = []
            while payload.count < Self.segment.payload.count, let bytes = driver.wire.receive() {
                payload += bytes[(VirtioHeader.size + 54)...]
            }
            #expect(payload == Self.segment.payload)
        }
    }
#endif
