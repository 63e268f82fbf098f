import Linux

/// Reads a trace that may still be written to.
///
/// A record's sequence number is a seqlock: the writer stores 0 before it overwrites the record,
/// and the new number afterwards (`Lane.begin`, `publish`). A copy is consistent if the number was
/// the same before and after it was made; otherwise the record is left out.
enum SteadyRecords {
    /// The size of a read, in bytes: a whole number of records.
    private static let piece = RecordLayout.size << 13

    /// - Parameters:
    ///   - count: the size of the file, in bytes.
    ///   - read: reads bytes at an offset; fewer at the end of the file.
    /// - Returns: the bytes of the file, with sequence number 0 in each record that changed
    ///   meanwhile.
    static func read(
        count: Int, _ read: (_ offset: Int, _ count: Int) throws(Errno) -> [UInt8]
    ) throws(Errno) -> [UInt8] {
        let mostHeader = Header.mostSize
        var bytes = try read(0, min(count, mostHeader))
        // A bad header is reported when the recording is decoded.
        guard let header = try? Header(bytes) else { return try read(0, count) }
        bytes.removeLast(bytes.count - header.recordsOffset)
        bytes.reserveCapacity(count)
        var offset = header.recordsOffset
        while offset < count {
            let room = min(piece, count - offset)
            let before = try read(offset, room)
            var records = try read(offset, room)
            let after = try read(offset, room)
            for start in stride(from: 0, to: records.count, by: RecordLayout.size) {
                let position = start + RecordLayout.sequence
                guard let sequence = records.word64(at: position) else { break }
                if before.word64(at: position) != sequence || after.word64(at: position) != sequence
                {
                    records.replaceSubrange(
                        position..<position + 8, with: repeatElement(0 as UInt8, count: 8))
                }
            }
            bytes += records
            if records.count < room { break }
            offset += room
        }
        return bytes
    }
}
