extension HVTImage {
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
