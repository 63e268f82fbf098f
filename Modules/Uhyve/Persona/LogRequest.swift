/// The environment variable RUST_LOG: directives `LEVEL`, `TARGET` or `TARGET=LEVEL`, separated by
/// commas. The default level is "warn", which is also the most verbose one here.
struct LogRequest {
    /// Whether warnings are suppressed.
    private(set) var isQuiet = false
    /// Whether levels above "warn" are requested.
    private(set) var asksForMore = false

    /// - Parameter environment: NAME=VALUE each.
    init(_ environment: [[UInt8]]) {
        let value = environment.value(of: "RUST_LOG") ?? []
        let levels = value.split(separator: UInt8(ascii: ",")).map { directive in
            // Drops the target. `| 0x20` makes letters lowercase; no other character it changes is
            // part of a level.
            let level = directive.split(separator: UInt8(ascii: "=")).last ?? []
            return String(decoding: level.map { $0 | 0x20 }, as: UTF8.self)
        }
        guard !levels.isEmpty else { return }
        isQuiet = levels.allSatisfy { $0 == "off" || $0 == "error" }
        // A target alone requests all levels.
        asksForMore = !levels.allSatisfy { $0 == "off" || $0 == "error" || $0 == "warn" }
    }
}
