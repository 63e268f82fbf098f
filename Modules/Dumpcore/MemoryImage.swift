import CLinux
import Linux
import Tender

// Writing guest memory to a core file.
extension GuestMemory {
    static var pageSize: UInt64 { 4096 }
    /// The most pages that one pwrite(2) writes.
    private static let batch: UInt64 = 64

    /// Writes all pages that are not zero; the others stay holes in the file.
    ///
    /// - Parameter offset: the file offset of the first page.
    /// - Returns: the number of pages written.
    func writePages(to descriptor: Int32, at offset: Int) throws(Errno) -> UInt64 {
        var written: UInt64 = 0
        var run: Range<UInt64>?
        for page in 0..<count / Self.pageSize {
            if try hasData(page) {
                let first = run?.lowerBound ?? page
                run = first..<page + 1
                written += 1
            }
            guard let pages = run, pages.upperBound <= page || pages.count >= Self.batch else {
                continue
            }
            try write(pages, to: descriptor, at: offset)
            run = nil
        }
        if let run { try write(run, to: descriptor, at: offset) }
        return written
    }

    private func hasData(_ page: UInt64) throws(Errno) -> Bool {
        let range = try range(of: page..<page + 1)
        return isReadable(range) && !isZero(range)
    }

    private func range(of pages: Range<UInt64>) throws(Errno) -> GuestRange {
        do throws(GuestFault) {
            return try tenderRange(
                at: start.value + pages.lowerBound * Self.pageSize,
                count: Int(pages.upperBound - pages.lowerBound) * Int(Self.pageSize))
        } catch {
            // Can't happen: all of the pages are in guest memory.
            throw Errno(EFAULT)
        }
    }

    private func write(
        _ pages: Range<UInt64>, to descriptor: Int32, at offset: Int
    ) throws(Errno) {
        var rest = try range(of: pages)
        var position = offset + Int(pages.lowerBound * Self.pageSize)
        while rest.count > 0 {
            let count = try write(rest, to: descriptor, at: position)
            guard count > 0 else { throw Errno(ENOSPC) }
            rest = rest.dropFirst(count)
            position += count
        }
    }
}
