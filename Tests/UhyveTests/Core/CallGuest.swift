#if Uhyve
    import ABI
    import Architecture
    import CLinux
    import Hypervisor
    import Linux
    import TestSupport

    @testable import GuestFiles
    @testable import Tender
    @testable import Uhyve

    /// A guest without a machine that makes hypercalls: its memory begins at 4 GiB, virtual
    /// addresses are physical ones without the 4 GiB, and its console is a pipe.
    final class CallGuest {
        static let start: UInt64 = 0x1_0000_0000
        static let count: UInt64 = 0x40_0000
        static let end = start + count
        static let block = GuestAddress(start + 0x1_0001)
        static let buffer = GuestAddress(start + 0x2_0000)
        static let root = start + 0x1000

        let sandbox: Sandbox
        let memory: GuestMemory
        let calls: Hypercalls
        var buses: Buses
        private let console: Descriptor
        /// What the operator is told, by any thread.
        final class Warnings: @unchecked Sendable {
            private let lock = Lock()
            private var all: [String] = []

            var lines: [String] { lock.withLock { all } }
            func add(_ line: String) { lock.withLock { all.append(line) } }
        }
        let warnings = Warnings()

        init(arguments: [String] = [], environment: [String] = []) throws {
            sandbox = try Sandbox()
            try sandbox.write("inside", to: "inside/file")
            memory = try GuestMemory(start: GuestAddress(Self.start), count: Self.count)
            let (reader, writer) = try Descriptor.pipe()
            console = reader
            try reader.setBlocking(false)
            let warnings = warnings
            calls = Hypercalls(
                memory: memory,
                console: SharedConsole(try Console(writer.number, patience: 0)),
                files: try GuestFiles(
                    mappings: [try FileMapping.parse(.mapping("\(sandbox.inside):/root"))],
                    temporaryParent: nil),
                arguments: GuestArguments(
                    path: Array("path".utf8), arguments: arguments.map { Array($0.utf8) },
                    environment: environment.map { Array($0.utf8) }),
                warn: { warnings.add($0) })
            buses = try Buses.hermit(memory: memory, network: nil)
            // One page of 2 MiB after the other, but for the last, which is not there.
            try memory.place(Self.start + 0x2003, at: Self.root)
            try memory.place(Self.start + 0x3003, at: Self.start + 0x2000)
            try memory.place(Self.start + 0x83, at: Self.start + 0x3000)
        }

        /// - Returns: the exit code, if the guest ends.
        @discardableResult
        func call(_ call: Call, _ argument: UInt64) throws -> Int32? {
            try calls.serve(call, argument) { () throws(TenderError) in
                AddressTranslation(.fourLevels, root: Self.root)
            }
        }

        /// Makes a call with these parameters, and returns them as they are then.
        func call<Value: BitwiseCopyable>(_ call: Call, with parameters: Value) throws -> Value {
            try memory.store(parameters, at: Self.block)
            _ = try self.call(call, Self.block.value)
            return try memory.load(Value.self, at: Self.block)
        }

        /// Why the guest can't go on after a call.
        func failure(_ call: Call, _ argument: UInt64) -> String? {
            do {
                try self.call(call, argument)
                return nil
            } catch {
                return "\(error)"
            }
        }

        /// What the console got since this was last asked.
        func output() throws -> String {
            String(decoding: try console.readAll(), as: UTF8.self)
        }

        @discardableResult
        func place(_ text: String, at address: GuestAddress = buffer) throws -> UInt64 {
            try memory.store(Array(text.utf8) + [0], at: address)
            return address.value
        }

        func text(_ count: Int, at address: GuestAddress = buffer) throws -> String {
            let range = try memory.range(at: address, count: UInt64(count), for: .read)
            return String(decoding: memory.bytes(in: range), as: UTF8.self)
        }

        /// As version 1 has addresses.
        static func virtual(_ address: GuestAddress) -> UInt64 { address.value - start }

        func open(_ path: String, _ flags: Int32 = 0) throws -> Int32 {
            try place(path)
            return try call(
                .fileOpen2,
                with: uhyve_file_open(name: Self.buffer.value, flags: flags, mode: 0o644, ret: -99)
            ).ret
        }
    }
#endif
