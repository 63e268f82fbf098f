import CLinux
import Linux
import Tender

// Memory on its way to a core file.
extension GuestMemory {
    static var pageSize: UInt64 { 4096 }
    /// How much is written at once, in pages.
    private static let batch: UInt64 = 64

    /// Writes what is not all zeros; the file is sparse where nothing is.
    ///
    /// - Parameter offset: where in the file memory begins.
    /// - Returns: how many pages were written.
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
            // Not with pages that are in memory.
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
