import ABI
import Tender

/// What there is to look at in an image without running it.
extension HVTImage {
    /// The segments that would be loaded if there were as much memory as can be.
    ///
    /// - Throws: if this tender can't run the guest, however much memory it gets.
    public func runnableSegments() throws(ImageError) -> [Segment] {
        if let objection = abi.objection { throw file.failure(objection) }
        return try segments(memorySize: HVT_MAX_MEMORY)
    }

    /// Some of the bytes that the file has for `segment`: up to `count`, fewer only at its end.
    ///
    /// - Parameter position: counted from the first of them.
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
