import Foundation

/// A directory of its own for a test, gone with all it holds when the test is.
public final class TemporaryDirectory: Sendable {
    public let path: String

    public init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("pinnace-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of `name` in the directory, whether it exists or not.
    public func path(_ name: String) -> String {
        "\(path)/\(name)"
    }

    /// Writes a file.
    ///
    /// - Returns: its path.
    @discardableResult
    public func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    public func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    public func truncate(_ name: String, to size: Int) throws {
        try attempt { Glibc.truncate(path(name), size) }
    }

    @discardableResult
    public func makeFIFO(_ name: String) throws -> String {
        try attempt { mkfifo(path(name), 0o600) }
        return path(name)
    }

    @discardableResult
    public func makeDirectory(_ name: String) throws -> String {
        try attempt { mkdir(path(name), 0o700) }
        return path(name)
    }
}
