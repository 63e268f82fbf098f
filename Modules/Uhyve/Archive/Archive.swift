import Bytes
import CLinux
import Linux
import Tender

/// The content of a tar archive (POSIX.1-2017, pax; GNU tar's long names), in a sealed memfd.
package final class Archive: Sendable {
    private let content: FileDescriptor
    package let members: [Member]
    /// The decompressed size in bytes.
    package let size: UInt64
    package var descriptorNumber: Int32 { content.number }

    /// A file in the archive.
    package struct Member: Equatable {
        package let path: GuestPath
        /// The range of its content in the decompressed archive, in bytes.
        package let range: Range<UInt64>

        package var size: UInt64 { range.upperBound - range.lowerBound }
    }

    /// The limit for files in an archive.
    static let mostMembers = 4096
    /// The limit for path components of all files together: each costs more memory than its
    /// characters.
    static let mostNames = 1 << 16
    /// The limit for the paths of all files together, in bytes.
    static let mostPathBytes = 1 << 20

    /// Decompresses and reads an archive.
    ///
    /// - Parameter limit: the limit for the decompressed size, in bytes.
    package init(_ file: ImageFile, limit: UInt64 = Inflater.most) throws(ImageError) {
        let content = try Inflater.storing(file) { () throws(Errno) in
            try FileDescriptor.inMemory(named: "hermit-image")
        }
        let size = try Inflater.inflate(file, into: content, limit: limit)
        do throws(InputError) {
            members = try Self.members(of: content, size)
        } catch {
            throw file.failure(
                .refused(why: "its tar archive is not usable: \(printable(error.description))"))
        }
        self.content = content
        self.size = size
    }

    /// Copies the whole archive into guest memory.
    package func place(in memory: GuestMemory, at address: UInt64) throws(TenderError) {
        var rest = try wrapping(TenderError.guest) { () throws(GuestFault) in
            try memory.tenderRange(at: address, count: Int(size))
        }
        var position = 0
        while rest.count > 0 {
            let count = try wrapping({ TenderError.failed("Could not read the archive: \($0)") }) {
                () throws(Errno) in
                try memory.read(into: rest, from: content.number, at: position)
            }
            guard count > 0 else { throw .failed("Could not read the archive: it is too short") }
            position += count
            rest = rest.dropFirst(count)
        }
    }

    package func member(_ path: GuestPath) -> Member? {
        members.first { $0.path == path }
    }

    /// Up to `count` bytes of a member from `offset` on; fewer only at its end.
    package func bytes(
        of member: Member, at offset: UInt64 = 0, count: Int
    ) throws(Errno) -> [UInt8] {
        guard offset < member.size else { return [] }
        return try content.read(
            at: member.range.lowerBound + offset,
            count: Int(min(member.size - offset, UInt64(clamping: count))))
    }

    /// Reads from a member into guest memory.
    ///
    /// - Returns: the number of bytes; 0 at the end.
    package func read(
        _ member: Member, at offset: UInt64, into range: GuestRange, of memory: GuestMemory
    ) throws(Errno) -> Int {
        guard offset < member.size else { return 0 }
        let part = range.prefix(Int(min(member.size - offset, UInt64(range.count))))
        return try withExtendedLifetime(self) { () throws(Errno) in
            try memory.read(
                into: part, from: content.number, at: Int(member.range.lowerBound + offset))
        }
    }

    /// A member as an image file.
    ///
    /// - Parameter path: names the image in messages.
    package func image(_ member: Member, path: String) throws(Errno) -> ImageFile {
        ImageFile(path: path, part: member.range, of: try .duplicate(content.number))
    }

    // MARK: Reading

    private static func members(
        of content: borrowing FileDescriptor, _ size: UInt64
    ) throws(InputError) -> [Member] {
        var members: [Member] = []
        var nameCount = 0
        var pathBytes = 0
        var position: UInt64 = 0
        /// Records of extended headers, for the member that follows them.
        var records = PaxRecords()
        while position < size {
            let block = try bytes(of: content, position..<position + TarHeader.size, size)
            // A block of zeros: the rest is padding.
            guard block.contains(where: { $0 != 0 }) else { break }
            let header = try TarHeader(block, at: position)
            let start = position + TarHeader.size
            let name = header.isMember ? records.path ?? header.name : header.name
            let contentSize =
                header.isMember ? records.size ?? header.contentSize : header.contentSize
            guard let end = start.addingIfPossible(contentSize), end <= size else {
                throw InputError("the content of '\(text(name))' is not all there")
            }
            position = end.alignedUp(to: TarHeader.size) ?? size
            switch header.kind {
            case .longName:
                let text = try bytes(of: content, start..<end, size, limit: 1 << 13)
                records.path = Array(text.prefix { $0 != 0 })
                continue
            case .extended:
                try records.add(try bytes(of: content, start..<end, size, limit: 1 << 16))
                continue
            case .global:
                var all = PaxRecords()
                try all.add(try bytes(of: content, start..<end, size, limit: 1 << 16))
                try all.checkGlobal()
                continue
            case .directory: try records.check(name)
            case .file:
                try records.check(name)
                let path = try GuestPath(archived: name)
                guard members.count < mostMembers else {
                    throw InputError("it has more than \(mostMembers) files")
                }
                nameCount += path.names.count
                guard nameCount <= mostNames else {
                    throw InputError("its paths have more than \(mostNames) names")
                }
                pathBytes += path.names.reduce(0) { $0 + $1.count }
                guard pathBytes <= mostPathBytes else {
                    throw InputError("its paths are longer than \(mostPathBytes) bytes in all")
                }
                members.append(Member(path: path, range: start..<end))
            }
            records = PaxRecords()
        }
        guard records == PaxRecords() else {
            throw InputError("an extended header is followed by no file")
        }
        try checkPlaces(members)
        return members
    }

    /// Checks that no file has the path of another, or one below it.
    private static func checkPlaces(_ members: [Member]) throws(InputError) {
        let sorted = members.map { $0.path }.sorted { left, right in
            left.names.lexicographicallyPrecedes(right.names) { $0.lexicographicallyPrecedes($1) }
        }
        // Paths below a path follow it directly.
        for (path, next) in zip(sorted, sorted.dropFirst()) where path.overlaps(next) {
            throw InputError("'\(path)' and '\(next)' can't both be files")
        }
    }

    private static func text(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }

    private static func bytes(
        of content: borrowing FileDescriptor, _ range: Range<UInt64>, _ size: UInt64,
        limit: Int = .max
    ) throws(InputError) -> [UInt8] {
        let count = Int(range.upperBound - range.lowerBound)
        guard range.upperBound <= size else { throw InputError("it ends within a header") }
        guard count <= limit else { throw InputError("a header of \(count) bytes is too long") }
        do throws(Errno) {
            let bytes = try content.read(at: range.lowerBound, count: count)
            if bytes.count == count { return bytes }
        } catch {
            throw InputError(error.description)
        }
        throw InputError("it ends within a header")
    }
}
