import Linux
import Tender

/// The image file of a Hermit guest, with all checks that do not depend on the load address.
package struct HermitImage {
    package let file: ImageFile
    package let executable: ELFExecutable
    package let notes: HermitNotes
    /// The segments to load, in order of their addresses.
    let segments: [ELF.ProgramHeader]
    /// The TLS segment (PT_TLS), as linked.
    package let threadLocal: ELF.ProgramHeader?
    let dynamic: DynamicSection
    /// The range from the first to the last segment, as linked.
    package let linkedRange: Range<UInt64>

    /// - Throws: if the file is not a Hermit guest, or one of an unsupported version.
    package init(_ file: ImageFile) throws(ImageError) {
        try self.init(inspecting: file)
        if let objection = notes.objection { throw file.failure(.refused(why: objection)) }
    }

    /// - Throws: if the file is not a Hermit guest, but not for unsupported entry or interface
    ///   versions.
    package init(inspecting file: ImageFile) throws(ImageError) {
        let executable = try ELFExecutable(file, acceptsRelocatable: true)
        guard let notes = try HermitNotes(executable, file) else {
            // Whatever it is, it is for another processor first of all.
            throw file.failure(
                executable.machine.objection.map { .notExecutable(why: $0) }
                    ?? .refused(why: "No Hermit entry note found: not a Hermit guest"))
        }
        self.file = file
        self.executable = executable
        self.notes = notes
        dynamic = try DynamicSection(of: executable, file)
        segments = executable.programHeaders.filter {
            $0.type == ELF.loadable && $0.memorySize > 0
        }
        linkedRange = try Self.range(of: executable, file)
        threadLocal = executable.programHeaders.first { $0.type == ELF.threadLocal }
        try checkPlaces()
    }

    /// The symbol table, which keeps the file open; nil if there is none.
    package func symbols(bias: UInt64) -> SymbolTable? { SymbolTable(executable, file, bias: bias) }

    /// Whether the file is, or claims to be, a Hermit guest.
    package static func recognises(_ file: ImageFile) -> Bool {
        do throws(ImageError) {
            if try HermitContainer.isOne(file) { return true }
            let executable = try ELFExecutable(file, acceptsRelocatable: true)
            return try HermitNotes.areIn(executable, file)
        } catch {
            return false
        }
    }

    /// Checks each segment, and returns the range from the first to the last.
    private static func range(
        of executable: ELFExecutable, _ file: ImageFile
    ) throws(ImageError) -> Range<UInt64> {
        var range: Range<UInt64>?
        for (index, header) in executable.programHeaders.enumerated()
        where header.type == ELF.loadable && header.memorySize > 0 {
            func failure(_ why: String) -> ImageError {
                file.failure(.segment(index: index, why: why))
            }
            guard header.memorySize >= header.fileSize else {
                throw failure("it is smaller in memory than in the file")
            }
            guard let end = header.address.addingIfPossible(header.memorySize) else {
                throw failure("it ends beyond all memory")
            }
            guard let fileEnd = header.offset.addingIfPossible(header.fileSize),
                fileEnd <= file.size
            else { throw file.failure(.truncated(what: "a segment")) }
            guard header.address >= range?.upperBound ?? 0 else {
                throw failure(
                    "start \(hexadecimal(header.address)) lies in or below the segment before")
            }
            range = (range?.lowerBound ?? header.address)..<end
        }
        guard let range else { throw file.failure(.refused(why: "it has nothing to load")) }
        return range
    }

    private func checkPlaces() throws(ImageError) {
        guard linkedRange.contains(executable.entry) else {
            throw file.failure(
                .refused(why: "entry point \(hexadecimal(executable.entry)) is outside the image"))
        }
        if let threadLocal {
            guard threadLocal.memorySize >= threadLocal.fileSize,
                linkedRange.contains(threadLocal.address, count: threadLocal.fileSize)
            else { throw file.failure(.refused(why: "thread-local storage is outside the image")) }
        }
    }

    package var isRelocatable: Bool { executable.type == .relocatable }
}

extension Range<UInt64> {
    /// Whether `count` bytes from `start` on are in the range.
    func contains(_ start: UInt64, count: UInt64) -> Bool {
        guard let end = start.addingIfPossible(count) else { return false }
        return start >= lowerBound && end <= upperBound
    }
}
