import ABI
import Tender

/// A scan of a guest's code for the hypercalls that it makes.
///
/// Compilers load the port, a constant, into DX or EDX right before OUT. The scan misses computed
/// ports, and other constants may match by chance: good for advice, not for refusal.
struct HypercallScan {
    private var found = [Bool](repeating: false, count: Int(HVT_HYPERCALL_COUNT))

    /// The size of each read.
    private static let chunk = 1 << 16
    /// One less than the longest byte sequence matched.
    private static let overlap = 4

    /// Scans the executable segments.
    init(_ image: HVTImage, _ segments: [Segment]) throws(ImageError) {
        // Elsewhere hypercalls are stores, which look like any other.
        guard image.executable.machine == .x86_64 else { return }
        for segment in segments where segment.isExecutable {
            var position: UInt64 = 0
            while position < segment.fileSize {
                scan(try image.bytes(of: segment, from: position, count: Self.chunk))
                position += UInt64(Self.chunk - Self.overlap)
            }
        }
    }

    init(code: [UInt8]) {
        scan(code)
    }

    func finds(_ hypercall: Int32) -> Bool {
        found.indices.contains(Int(hypercall)) && found[Int(hypercall)]
    }

    /// Whether the result may be complete: every guest halts.
    var isPlausible: Bool { finds(HVT_HYPERCALL_HALT) }

    private mutating func scan(_ code: [UInt8]) {
        let page = UInt8(HVT_HYPERCALL_PIO_BASE >> 8)
        // `mov $imm32, %edx` is BA and four bytes; `mov $imm16, %dx` is 66 BA and two bytes.
        for index in code.indices where code[index] == 0xBA {
            guard index + 2 < code.count, code[index + 2] == page else { continue }
            let number = Int(code[index + 1])
            guard found.indices.contains(number) else { continue }
            let isWord = index > 0 && code[index - 1] == 0x66
            let isLong = index + 4 < code.count && code[index + 3] == 0 && code[index + 4] == 0
            if isWord || isLong { found[number] = true }
        }
    }
}
