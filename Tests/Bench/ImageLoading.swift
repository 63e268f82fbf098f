import Foundation

/// In bytes.
let imageSize = 30 << 20

extension Bench {
    /// Two ways to get an image into guest memory, when the kernel has the file in its cache.
    ///
    /// The tender copies with pread although a private mapping can be quicker: the pages of a
    /// mapped file that nobody has written to are gone when somebody shortens the file, and the
    /// next touch, the guest's or ours, is a SIGBUS or a failed KVM_RUN. A copy cannot change.
    ///
    /// Times are those of the whole life of the memory: mapping, filling, touching, unmapping.
    /// They are touched by the processor in place of a guest, by reading.
    func imageLoading() throws {
        let image = try OpenImage(in: scratch)
        let touches: [(name: String, pages: StrideTo<Int>)] = [
            ("all pages touched", stride(from: 0, to: imageSize, by: pageSize)),
            ("a tenth, in one piece", stride(from: 0, to: imageSize / 10, by: pageSize)),
            ("a tenth, one page in ten", stride(from: 0, to: imageSize, by: 10 * pageSize)),
        ]
        var table = Table(["", "pread", "mapping", "ratio"])
        for (name, pages) in touches {
            var (copies, mappings): ([Double], [Double]) = ([], [])
            for _ in 0..<31 {
                copies.append(try timed(image.copy, touching: pages))
                mappings.append(try timed(image.map, touching: pages))
            }
            let (copy, map) = (Samples(values: copies).median, Samples(values: mappings).median)
            table.add(name, [figure(copy), figure(map), figure(copy / map, digits: 2)])
        }
        table.show()
    }

    /// The time in microseconds to get the image into fresh memory and touch it there.
    private func timed(
        _ load: (UnsafeMutableRawPointer) throws -> Void, touching pages: StrideTo<Int>
    ) throws -> Double {
        let start = monotonicTime()
        let (rights, flags) = (PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS)
        guard let memory = mmap(nil, memorySize, rights, flags, -1, 0), memory != MAP_FAILED else {
            throw systemFailure("mmap")
        }
        let image = memory + imageStart
        try load(image)
        for offset in pages {
            touched &+= image.load(fromByteOffset: offset, as: UInt8.self)
        }
        munmap(memory, memorySize)
        return Double(monotonicTime() - start) / 1000
    }
}

private let pageSize = 4096

/// Where images begin in guest memory: not at a multiple of the size of huge pages.
private let imageStart = 1 << 20
private let memorySize = 512 << 20

/// Where the touched bytes go, or the compiler would not touch them.
nonisolated(unsafe) private var touched: UInt8 = 0

/// A file as large as an image of a large guest.
private struct OpenImage {
    let descriptor: Int32

    init(in scratch: ScratchFolder) throws {
        let path = "\(scratch.path)/image"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw systemFailure(path) }
        unlink(path)
        // In pieces as cp writes them: the kernel's cache is made of pieces as large.
        let piece = [UInt8](repeating: 1, count: 128 << 10)
        for _ in 0..<imageSize / piece.count {
            guard write(descriptor, piece, piece.count) == piece.count else {
                throw systemFailure(path)
            }
        }
    }

    func copy(into memory: UnsafeMutableRawPointer) throws {
        var done = 0
        while done < imageSize {
            let count = pread(descriptor, memory + done, imageSize - done, done)
            guard count > 0 else { throw systemFailure("pread") }
            done += count
        }
    }

    func map(at memory: UnsafeMutableRawPointer) throws {
        let (rights, flags) = (PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED)
        guard mmap(memory, imageSize, rights, flags, descriptor, 0) != MAP_FAILED else {
            throw systemFailure("mmap")
        }
    }
}
