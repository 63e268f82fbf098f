import Foundation

/// A Solo5 image for a test, with whatever defects the test wants.
///
///     var elf = ELFBuilder.guest()
///     elf.header.machine = 40
///     let path = try elf.write(to: directory)
///
/// The file holds the header, the program headers in the order of `parts`, then the bytes of each
/// part at a multiple of 4096. Every size and offset can be replaced by a wrong one.
public struct ELFBuilder: Sendable {
    public var header = Header()
    public var parts: [Part]

    public init(_ parts: [Part] = []) {
        self.parts = parts
    }

    /// The file header; nil stands for what fits the parts.
    public struct Header: Sendable {
        public var magic: [UInt8] = [0x7F, 0x45, 0x4C, 0x46]
        public var fileClass: UInt8 = 2
        public var data: UInt8 = 1
        public var identVersion: UInt8 = 1
        public var osABI: UInt8 = 0
        public var abiVersion: UInt8 = 0
        public var type: UInt16 = 2
        public var machine = Self.hostMachine
        public var version: UInt32 = 1
        public var entry: UInt64 = 0x10_0000
        public var programHeaderOffset: UInt64?
        public var sectionHeaderOffset: UInt64 = 0
        public var flags: UInt32 = 0
        public var headerSize: UInt16 = 64
        public var programHeaderSize: UInt16 = 56
        public var programHeaderCount: UInt16?

        #if arch(x86_64)
            public static let hostMachine: UInt16 = 62
        #else
            public static let hostMachine: UInt16 = 183
        #endif
    }

    /// A program header and what it leads to; nil stands for what fits the bytes.
    public struct Part: Sendable {
        public var type: UInt32
        public var flags: UInt32
        public var offset: UInt64?
        public var address: UInt64
        public var physicalAddress: UInt64 = 0
        public var fileSize: UInt64?
        public var memorySize: UInt64?
        public var alignment: UInt64
        public var bytes: [UInt8]

        public init(
            type: UInt32, flags: UInt32 = 0, address: UInt64 = 0, memorySize: UInt64? = nil,
            alignment: UInt64 = 4096, _ bytes: [UInt8] = []
        ) {
            self.type = type
            self.flags = flags
            self.address = address
            self.memorySize = memorySize
            self.alignment = alignment
            self.bytes = bytes
        }
    }

    /// The image's bytes.
    public var bytes: [UInt8] {
        let tableOffset = header.programHeaderOffset ?? 64
        var table: [UInt8] = []
        var contents: [UInt8] = []
        let firstContent = Self.pageAligned(64 + parts.count * 56)
        for part in parts {
            let slack = Self.pageAligned(contents.count) - contents.count
            contents += [UInt8](repeating: 0, count: slack)
            let fits = UInt64(part.bytes.count)
            table += part.header(
                offset: part.offset ?? UInt64(firstContent + contents.count),
                fileSize: part.fileSize ?? fits,
                memorySize: part.memorySize ?? part.fileSize ?? fits)
            contents += part.bytes
        }
        let count = UInt16(clamping: parts.count)
        let headers = header.bytes(tableOffset: tableOffset, count: count) + table
        let gap = [UInt8](repeating: 0, count: firstContent - headers.count)
        return headers + gap + contents
    }

    private static func pageAligned(_ size: Int) -> Int {
        (size + 4095) & ~4095
    }

    /// Writes the image to a file.
    ///
    /// - Returns: its path.
    @discardableResult
    public func write(
        to directory: TemporaryDirectory, as name: String = "guest.hvt"
    ) throws -> String {
        try directory.write(bytes, to: name)
    }
}

extension ELFBuilder.Header {
    func bytes(tableOffset: UInt64, count: UInt16) -> [UInt8] {
        magic + [fileClass, data, identVersion, osABI, abiVersion] + [UInt8](repeating: 0, count: 7)
            + littleEndian(type) + littleEndian(machine) + littleEndian(version)
            + littleEndian(entry) + littleEndian(tableOffset) + littleEndian(sectionHeaderOffset)
            + littleEndian(flags) + littleEndian(headerSize) + littleEndian(programHeaderSize)
            + littleEndian(programHeaderCount ?? count)
            // Section headers: their size, their number, and which has their names.
            + littleEndian(UInt16(64)) + littleEndian(UInt16(0)) + littleEndian(UInt16(0))
    }
}

extension ELFBuilder.Part {
    func header(offset: UInt64, fileSize: UInt64, memorySize: UInt64) -> [UInt8] {
        littleEndian(type) + littleEndian(flags) + littleEndian(offset) + littleEndian(address)
            + littleEndian(physicalAddress) + littleEndian(fileSize) + littleEndian(memorySize)
            + littleEndian(alignment)
    }
}

/// The bytes of `value`, least significant first.
public func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
