import CLinux
import Linux

/// An open image file. Every read returns all bytes that it asks for, or throws.
public final class ImageFile {
    public let path: String
    /// The size in bytes at the time of opening.
    public let size: UInt64
    private var descriptor: FileDescriptor
    /// The offset of the image in the file.
    private let start: UInt64

    /// The file descriptor's number.
    public var descriptorNumber: Int32 { descriptor.number }

    /// Opens a regular file; never blocks on a FIFO.
    public init(path: String) throws(ImageError) {
        self.path = path
        start = 0
        do throws(Errno) {
            let opened = try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
            let status = try FileStatus(of: opened.number)
            size = status.kind == .regular ? status.size : .max
            descriptor = opened
        } catch {
            throw ImageError(path: path, problem: .open(error))
        }
        if size == .max { throw ImageError(path: path, problem: .notRegular) }
    }

    /// An image that is part of a file, which must not change.
    ///
    /// - Parameter path: for messages.
    package init(path: String, part: Range<UInt64>, of descriptor: consuming FileDescriptor) {
        self.path = path
        self.descriptor = descriptor
        start = part.lowerBound
        size = part.upperBound - part.lowerBound
    }

    /// Reads `count` bytes from `offset` on.
    ///
    /// - Parameter what: names the bytes, for the error.
    package func read(
        at offset: UInt64, count: Int, _ what: @autoclosure () -> String
    ) throws(ImageError) -> [UInt8] {
        let (end, overflow) = offset.addingReportingOverflow(UInt64(count))
        guard !overflow, end <= size else { throw failure(.truncated(what: what())) }
        do throws(Errno) {
            let bytes = try descriptor.read(at: start + offset, count: count)
            if bytes.count == count { return bytes }
        } catch {
            throw failure(.read(error))
        }
        throw failure(.truncated(what: what()))
    }

    /// Fills `range` with the bytes from `offset` on.
    package func read(
        into range: GuestRange, of memory: GuestMemory, at offset: UInt64,
        _ what: @autoclosure () -> String
    ) throws(ImageError) {
        guard let end = offset.addingIfPossible(UInt64(range.count)), end <= size,
            var position = Int(exactly: start + offset)
        else { throw failure(.truncated(what: what())) }
        var rest = range
        while rest.count > 0 {
            let count: Int
            do throws(Errno) {
                count = try memory.read(into: rest, from: descriptor.number, at: position)
            } catch {
                throw failure(.read(error))
            }
            // The file was truncated after opening.
            guard count > 0 else { throw failure(.truncated(what: what())) }
            position += count
            rest = rest.dropFirst(count)
        }
    }

    /// Closes the file, when all that is needed has been read.
    package func close() {
        descriptor = .closed()
    }

    package func failure(_ problem: ImageError.Problem) -> ImageError {
        ImageError(path: path, problem: problem)
    }
}
