#if Uhyve
    import CLinux
    import Linux
    import Tender

    @testable import GuestArchive
    @testable import GuestFiles
    @testable import Uhyve

    /// A guest without a machine: its files, and memory to read into and write from.
    final class FileGuest: Sendable {
        let files: GuestFiles
        let memory: GuestMemory
        private static let buffer = GuestAddress(0x1001)

        /// - Parameter mappings: as on the command line.
        init(
            _ mappings: [String], temporaryParent: String? = nil, archive: Archive? = nil,
            rootsAreRelative: Bool = false
        ) throws {
            files = try GuestFiles(
                mappings: mappings.map { try FileMapping.parse(.mapping($0)) },
                temporaryParent: temporaryParent, archive: archive,
                rootsAreRelative: rootsAreRelative)
            memory = try GuestMemory(count: 1 << 20)
        }

        func open(_ path: String, _ flags: Int32 = Flag.read, mode: UInt32 = 0o644) -> Int32 {
            files.open(Array(path.utf8), flags: flags, mode: mode)
        }

        func read(_ number: Int32, count: Int = 4096) throws -> (result: Int64, bytes: [UInt8]) {
            let range = try memory.range(at: Self.buffer, count: UInt64(count), for: .write)
            let result = files.read(number, into: range, of: memory)
            return (result, memory.bytes(in: range.prefix(Int(max(0, result)))))
        }

        func write(_ number: Int32, _ bytes: [UInt8]) throws -> Int64 {
            for (index, byte) in bytes.enumerated() {
                try memory.store(byte, at: Self.buffer, offset: Int32(index))
            }
            let range = try memory.range(at: Self.buffer, count: UInt64(bytes.count), for: .read)
            return files.write(number, range, of: memory)
        }

        func write(_ number: Int32, _ text: String) throws -> Int64 {
            try write(number, Array(text.utf8))
        }

        func entries(_ number: Int32, room: Int = 4096) throws -> (result: Int64, bytes: [UInt8]) {
            let range = try memory.range(at: Self.buffer, count: UInt64(room), for: .write)
            let result = files.entries(number, into: range, of: memory)
            return (result, memory.bytes(in: range.prefix(Int(max(0, result)))))
        }

        /// All that a listing yields, in order, in portions of `room` bytes.
        func names(_ path: String, room: Int = 4096) throws -> [String] {
            let number = open(path, Flag.directory)
            defer { _ = files.close(number) }
            var names: [String] = []
            while true {
                let (result, bytes) = try entries(number, room: room)
                if result < 0 { throw Errno(-Int32(result)) }
                if result == 0 { return names }
                names += Entry.all(in: bytes).map(\.name)
            }
        }

        /// All of a file, or nil if it can't be opened.
        func contents(_ path: String) throws -> String? {
            let number = open(path)
            guard number >= 0 else { return nil }
            defer { _ = files.close(number) }
            return String(decoding: try read(number).bytes, as: UTF8.self)
        }

        func unlink(_ path: String) -> Int32 { files.unlink(Array(path.utf8)) }
        func makeDirectory(_ path: String) -> Int32 { files.makeDirectory(Array(path.utf8)) }

        func mode(_ path: String, followsLinks: Bool = true) throws -> UInt32 {
            try files.attributes(Array(path.utf8), followsLinks: followsLinks).mode
        }

        /// 0, or the error below 0.
        func status(_ path: String, followsLinks: Bool = true) -> Int32 {
            do throws(Errno) {
                _ = try files.attributes(Array(path.utf8), followsLinks: followsLinks)
                return 0
            } catch {
                return -error.code
            }
        }

        deinit {
            _ = files.removeTemporaryDirectory()
        }
    }

    /// The interface's flags.
    enum Flag {
        static let read: Int32 = 0
        static let write: Int32 = 1
        static let readWrite: Int32 = 2
        static let create: Int32 = 0o100
        static let exclusive: Int32 = 0o200
        static let truncate: Int32 = 0o1000
        static let append: Int32 = 0o2000
        static let directory: Int32 = 0o200000
    }

    /// An entry of a directory, as the guest decodes it.
    struct Entry: Equatable {
        let inode: UInt64
        let offset: Int64
        let type: UInt8
        let name: String

        static func all(in bytes: [UInt8]) -> [Entry] {
            var entries: [Entry] = []
            var rest = bytes[...]
            while rest.count >= 24 {
                let start = rest.startIndex
                func number(_ range: Range<Int>) -> UInt64 {
                    range.reversed().reduce(0) { $0 << 8 | UInt64(rest[start + $1]) }
                }
                let size = Int(number(16..<18))
                guard size % 8 == 0, size >= 24, size <= rest.count else { return [] }
                let name = rest[(start + 19)..<(start + size)].prefix { $0 != 0 }
                entries.append(
                    Entry(
                        inode: number(0..<8), offset: Int64(bitPattern: number(8..<16)),
                        type: rest[start + 18], name: String(decoding: name, as: UTF8.self)))
                rest = rest.dropFirst(size)
            }
            return rest.isEmpty ? entries : []
        }
    }

    func refusal(
        _ mappings: [String], temporaryParent: String? = nil, rootsAreRelative: Bool = false
    ) -> ModuleError? {
        do {
            _ = try FileGuest(
                mappings, temporaryParent: temporaryParent, rootsAreRelative: rootsAreRelative)
            return nil
        } catch {
            return error as? ModuleError
        }
    }
#endif
