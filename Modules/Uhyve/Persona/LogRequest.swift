/// What the variable RUST_LOG asks of `uhyve`: directives `LEVEL`, `TARGET` or `TARGET=LEVEL`, with
/// commas between. Without it warnings are shown, and there is nothing more than that here.
struct LogRequest {
    /// Whether not even warnings are wanted.
    private(set) var isQuiet = false
    /// Whether more than warnings are wanted.
    private(set) var asksForMore = false

    /// - Parameter environment: each reads NAME=VALUE.
    init(_ environment: [[UInt8]]) {
        let value = environment.value(of: "RUST_LOG") ?? []
        let levels = value.split(separator: UInt8(ascii: ",")).map { directive in
            // Without the target. Letters become lowercase; what else changes is no level either.
            let level = directive.split(separator: UInt8(ascii: "=")).last ?? []
            return String(decoding: level.map { $0 | 0x20 }, as: UTF8.self)
        }
        guard !levels.isEmpty else { return }
        isQuiet = levels.allSatisfy { $0 == "off" || $0 == "error" }
        // Of a target alone, everything is wanted.
        asksForMore = !levels.allSatisfy { $0 == "off" || $0 == "error" || $0 == "warn" }
    }
}
