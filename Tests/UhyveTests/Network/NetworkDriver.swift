#if Uhyve
    import CLinux
    import Linux

    @testable import Network
    @testable import Tender
    @testable import Uhyve
    @testable import Virtio

    /// A guest's driver, which does all that a kernel does, from finding the device on.
    final class NetworkDriver {
        static let mac: [UInt8] = [0x52, 0x54, 0, 0x12, 0x34, 0x56]

        let wire: NetworkWire
        let memory: GuestMemory
        let face: VirtioTransport
        let network: VirtioNetwork
        /// Where it is for the guest.
        let buses: Buses
        let interrupts: InterruptCounter
        private let threads = GuestThreads()
        /// What the operator is told.
        let warnings = CallGuest.Warnings()
        /// Queue 0 receives, queue 1 transmits.
        let queues: [DriverQueue]
        /// Where buffers may be.
        let buffers: UInt64

        var headerSize: Int { face == .modern ? 12 : 10 }

        /// - Parameter hasOffloads: whether the wire's frames have virtio headers.
        init(
            _ face: VirtioTransport = .modern, start: UInt64 = 0, mtu: UInt16 = 1500,
            hasOffloads: Bool = false
        ) throws {
            self.face = face
            wire = try NetworkWire()
            memory = try GuestMemory(start: GuestAddress(start), count: 4 << 20)
            let backend =
                hasOffloads
                ? NetworkBackend(try wire.takeTap(), mtu: mtu, virtioHeader: VirtioHeader.size)
                : NetworkBackend(try wire.takeTap(), mtu: mtu)
            network = try VirtioNetwork(backend, mac: Self.mac, face, .networkCard(face))
            buses = try Buses.hermit(memory: memory, network: network)
            let interrupts = InterruptCounter()
            self.interrupts = interrupts
            queues = [
                DriverQueue(memory, at: start + 0x10000), DriverQueue(memory, at: start + 0x20000),
            ]
            buffers = start + 0x100000
            threads.add(
                network.worker(
                    memory: memory, interrupt: { interrupts.add() },
                    warn: { [warnings] in warnings.add($0) }))
            try threads.start()
            threads.release()
        }

        /// Returns when nothing touches the guest's memory any more.
        func stop() { threads.stop() }

        deinit { stop() }

        // MARK: Buses

        func readPort(_ port: UInt16, _ width: UInt8) -> UInt64 {
            buses.ports.read(port, width: width) ?? .max
        }

        func writePort(_ port: UInt16, _ width: UInt8, _ value: UInt64) {
            _ = buses.ports.write(value, to: port, width: width)
        }

        func readMemory(_ address: UInt64, _ width: UInt8) -> UInt64 {
            buses.memory.read(address, width: width) ?? .max
        }

        func writeMemory(_ address: UInt64, _ width: UInt8, _ value: UInt64) {
            _ = buses.memory.write(value, to: address, width: width)
        }

        // MARK: PCI

        func readConfiguration(
            _ offset: UInt32, width: UInt8 = 4, device: UInt32 = 0
        ) -> UInt32 {
            select(offset, device: device)
            return UInt32(readPort(0xCFC + UInt16(offset & 3), width))
        }

        func writeConfiguration(_ offset: UInt32, _ value: UInt32, width: UInt8 = 4) {
            select(offset)
            writePort(0xCFC + UInt16(offset & 3), width, UInt64(value))
        }

        private func select(_ offset: UInt32, device: UInt32 = 0) {
            let address = 1 << 31 | device << 11 | offset & 0xFC
            writePort(0xCF8, 4, UInt64(address))
        }

        /// Where the registers of a kind are, by the capabilities.
        func registers(_ type: UInt32) -> (address: UInt64, count: UInt32, capability: UInt32)? {
            let bar =
                UInt64(readConfiguration(0x10) & ~0xF) | UInt64(readConfiguration(0x14)) << 32
            var capability = readConfiguration(0x34, width: 1)
            while capability != 0 {
                if readConfiguration(capability, width: 1) == 9,
                    readConfiguration(capability + 3, width: 1) == type
                {
                    let offset = readConfiguration(capability + 8)
                    return (
                        bar + UInt64(offset), readConfiguration(capability + 12), capability
                    )
                }
                capability = readConfiguration(capability + 1, width: 1)
            }
            return nil
        }

        // MARK: Registers

        func read(_ offset: UInt64, _ width: UInt8) -> UInt64 {
            if face == .legacy {
                return readPort(0xC000 + UInt16(offset), width)
            }
            return readMemory(0xFE00_0088 + offset, width)
        }

        func write(_ offset: UInt64, _ width: UInt8, _ value: UInt64) {
            if face == .legacy {
                writePort(0xC000 + UInt16(offset), width, value & 0xFFFF_FFFF)
            } else {
                writeMemory(0xFE00_0088 + offset, width, value)
            }
        }

        var status: UInt8 {
            get { UInt8(read(face == .modern ? 0x14 : 18, 1)) }
            set { write(face == .modern ? 0x14 : 18, 1, UInt64(newValue)) }
        }

        /// Reads the interrupt status, and so clears it.
        func acknowledge() -> UInt8 {
            face == .modern
                ? UInt8(readMemory(0xFE00_00C8, 1)) : UInt8(read(19, 1))
        }

        func notify(_ queue: Int) {
            if face == .modern {
                writeMemory(0xFE00_00D0 + UInt64(queue) * 4, 2, UInt64(queue))
            } else {
                write(16, 2, UInt64(queue))
            }
        }

        // MARK: Start

        func acceptFeatures(_ features: UInt64? = nil) {
            guard face == .modern else {
                write(4, 4, features ?? read(0, 4))
                return
            }
            for half in 0..<2 as Range<UInt64> {
                write(0x00, 4, half)
                let offered = read(0x04, 4)
                write(0x08, 4, half)
                write(0x0C, 4, features.map { $0 >> (half * 32) & 0xFFFF_FFFF } ?? offered)
            }
        }

        func setUp(_ index: Int, _ queue: DriverQueue) {
            guard face == .modern else {
                write(14, 2, UInt64(index))
                write(8, 4, (queue.descriptors) >> 12)
                return
            }
            write(0x16, 2, UInt64(index))
            write(0x18, 2, UInt64(queue.size))
            for (offset, address) in [
                (0x20, queue.descriptors), (0x28, queue.available), (0x30, queue.used),
            ] as [(UInt64, UInt64)] {
                write(offset, 4, address & 0xFFFF_FFFF)
                write(offset + 4, 4, address >> 32)
            }
            write(0x1C, 2, 1)
        }

        /// Whether the operator is told, of the first fault of all, that it was this one.
        func isTold(_ fault: VirtioFault) -> Bool {
            eventually { !warnings.lines.isEmpty }
                && warnings.lines == [
                    "network card: stopped by a fault of the guest's driver, until a reset: "
                        + "\(fault)"
                ]
        }

        /// The steps of virtio 3.1.1, up to and with DRIVER_OK.
        func begin(_ queues: [DriverQueue]? = nil) {
            status = 0
            status |= 1
            status |= 2
            acceptFeatures()
            if face == .modern { status |= 8 }
            for (index, queue) in (queues ?? self.queues).enumerated() { setUp(index, queue) }
            status |= 4
        }

        // MARK: Frames

        /// Sends a frame in one buffer, and waits until the buffer is back.
        func send(_ frame: [UInt8]) throws -> DriverQueue.Used? {
            let bytes = [UInt8](repeating: 0, count: headerSize) + frame
            try memory.place(bytes, at: buffers)
            try queues[1].offer([(buffers, bytes.count)], writable: false)
            notify(1)
            return try queues[1].next()
        }

        /// Offers a buffer for a frame to come.
        func post(_ count: Int = 1526, head: UInt16 = 0) throws {
            let address = buffers + 0x10000 + UInt64(head) * 2048
            try queues[0].offer([(address, count)], writable: true, head: head)
            notify(0)
        }

        /// The bytes of a buffer that was filled.
        func bytes(_ used: DriverQueue.Used?) throws -> [UInt8]? {
            guard let used else { return nil }
            let address = buffers + 0x10000 + UInt64(used.head) * 2048
            return try bytes(at: address, Int(used.count))
        }

        func bytes(at address: UInt64, _ count: Int) throws -> [UInt8] {
            memory.bytes(
                in: try memory.range(
                    at: GuestAddress(address), count: UInt64(count), for: .read))
        }

        /// What comes before a frame that was received.
        var receivedHeader: [UInt8] {
            var header = [UInt8](repeating: 0, count: headerSize)
            if face == .modern { header[10] = 1 }
            return header
        }
    }

    /// How often the guest was interrupted.
    final class InterruptCounter: @unchecked Sendable {
        private let lock = Lock()
        private var count = 0

        func add() { lock.withLock { count += 1 } }
        var value: Int { lock.withLock { count } }
    }
#endif
