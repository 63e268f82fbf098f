import CLinux
import CZlib
import Linux
import Tender

/// Decompresses a gzip'd file (RFC 1952): its members one after the other into one output, and
/// zeros as padding.
///
/// This is one of the files with unsafe pointers: zlib gets pointers to two arrays and their sizes,
/// and does not use them after the call.
package enum Inflater {
    /// The limit for the decompressed size of a file, in bytes: the memory that it can take up.
    package static let most: UInt64 = 512 << 20
    private static let pieceSize = 64 << 10

    /// Decompresses `file` into a memfd and seals that.
    ///
    /// - Returns: the decompressed size in bytes.
    static func inflate(
        _ file: ImageFile, into content: borrowing FileDescriptor, limit: UInt64 = most
    ) throws(ImageError) -> UInt64 {
        var stream = unsafe z_stream()
        // zlib fills in the rest of a stream of zeros.
        guard unsafe zlib_begin_gzip(&stream) == Z_OK else {
            throw file.failure(.refused(why: "Could not begin to decompress: no memory"))
        }
        // Frees what the line above allocated.
        defer { unsafe _ = inflateEnd(&stream) }
        var size: UInt64 = 0
        var position: UInt64 = 0
        var state = State.inMember
        while position < file.size {
            let count = Int(min(UInt64(pieceSize), file.size - position))
            var input = try file.read(at: position, count: count, "the compressed archive")[...]
            position += UInt64(count)
            while !input.isEmpty {
                switch state {
                case .inMember:
                    var piece: [UInt8]
                    var isOver: Bool
                    repeat {
                        (piece, isOver) = try unsafe next(&stream, &input, file)
                        size += UInt64(piece.count)
                        guard size <= limit else {
                            throw file.failure(
                                .refused(why: "Decompressed, it has more than \(limit) bytes"))
                        }
                        try storing(file) { () throws(Errno) in try content.append(piece[...]) }
                        // If the output is full, there may be more.
                    } while !isOver && piece.count == pieceSize
                    if isOver { state = .afterMember }
                case .afterMember where input.first == 0x1F:
                    // Always succeeds with a stream that was begun.
                    unsafe _ = inflateReset(&stream)
                    state = .inMember
                case .afterMember, .inPadding:
                    guard input.allSatisfy({ $0 == 0 }) else {
                        throw file.failure(
                            .refused(why: "Something follows the compressed archive"))
                    }
                    state = .inPadding
                    input = [][...]
                }
            }
        }
        guard state != .inMember else {
            throw file.failure(.truncated(what: "the compressed archive"))
        }
        try storing(file) { () throws(Errno) in try content.seal() }
        return size
    }

    private enum State {
        case inMember, afterMember, inPadding
    }

    /// Decompresses up to one full piece of output.
    ///
    /// - Parameter input: consumed bytes are dropped from it.
    private static func next(
        _ stream: inout z_stream, _ input: inout ArraySlice<UInt8>, _ file: ImageFile
    ) throws(ImageError) -> (piece: [UInt8], isOver: Bool) {
        var status = Z_OK
        var rest = 0
        let piece = unsafe [UInt8](unsafeUninitializedCapacity: pieceSize) { output, filled in
            unsafe input.withUnsafeMutableBufferPointer { input in
                unsafe stream.next_in = input.baseAddress
                unsafe stream.avail_in = UInt32(input.count)
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = UInt32(output.count)
                status = unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
                rest = unsafe Int(stream.avail_in)
                filled = unsafe output.count - Int(stream.avail_out)
            }
        }
        input = input.suffix(rest)
        switch status {
        case Z_OK: return (piece, false)
        case Z_STREAM_END: return (piece, true)
        case Z_MEM_ERROR: throw file.failure(.refused(why: "Could not decompress: no memory"))
        // No progress, since all input is consumed.
        case Z_BUF_ERROR where input.isEmpty: return (piece, false)
        default: throw file.failure(.refused(why: "Could not decompress: it is damaged"))
        }
    }

    /// - Parameter file: names the file in an error.
    package static func storing<Value: ~Copyable>(
        _ file: ImageFile, _ body: () throws(Errno) -> Value
    ) throws(ImageError) -> Value {
        try wrapping(
            { file.failure(.refused(why: "Could not decompress into memory: \($0)")) }, body)
    }
}
