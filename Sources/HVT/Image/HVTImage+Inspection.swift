import ABI
import Tender

/// Inspection of an image without running it.
extension HVTImage {
    /// The segments to load, with the largest memory.
    ///
    /// - Throws: if this tender can't run the guest with any memory size.
    public func runnableSegments() throws(ImageError) -> [Segment] {
        if let objection = abi.objection { throw file.failure(objection) }
        return try segments(memorySize: HVT_MAX_MEMORY)
    }

    /// Reads up to `count` of the segment's bytes in the file; fewer only at its end.
    ///
    /// - Parameter position: the offset in the segment.
    public func bytes(
        of segment: Segment, from position: UInt64, count: Int
    ) throws(ImageError) -> [UInt8] {
        guard count > 0, position < segment.fileSize else { return [] }
        guard let offset = segment.fileOffset.addingIfPossible(position) else {
            throw file.failure(.truncated(what: "a segment"))
        }
        let available = Int(clamping: segment.fileSize - position)
        return try file.read(at: offset, count: min(count, available), "a segment")
    }
}
