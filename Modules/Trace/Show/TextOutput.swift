/// Buffered text output, printed in chunks.
final class TextOutput {
    private let print: (String) -> Void
    private var pending: [UInt8] = []

    private static let chunk = 1 << 16

    init(_ print: @escaping (String) -> Void) {
        self.print = print
    }

    func write(_ text: String) {
        pending += text.utf8
        if pending.count >= Self.chunk { flush() }
    }

    /// Prints the rest. To be called at the end.
    func flush() {
        print(String(decoding: pending, as: UTF8.self))
        pending.removeAll(keepingCapacity: true)
    }
}
