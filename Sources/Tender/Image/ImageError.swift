import Linux

/// An image that can't run: its path and the problem.
public struct ImageError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Problem: Equatable, Sendable {
        case open(Errno)
        case read(Errno)
        /// Not a regular file: reading could block, or never end.
        case notRegular
        /// The file ends before what its headers announce.
        case truncated(what: String)
        /// Not an executable for this machine.
        case notExecutable(why: String)
        /// A note's size contradicts the file, or itself.
        case noteSize(note: String)
        case noABINote
        case noManifestNote
        case manifest(why: String)
        case target(name: String)
        case abiVersion(UInt32)
        /// A segment breaks a rule; the index counts all program headers.
        case segment(index: Int, why: String)
        case entry(UInt64)
        /// A problem of a guest of another kind than hvt, as a sentence.
        case refused(why: String)
    }

    public let path: String
    public let problem: Problem

    public var description: String { "\(path): \(reason)" }

    /// The problem without the file, as a sentence.
    public var reason: String {
        switch problem {
        case .open(let errno): "Could not open: \(errno)"
        case .read(let errno): "Could not read: \(errno)"
        case .notRegular: "Could not open: not a regular file"
        case .truncated(let what): "Could not read \(what): the file is too short"
        case .notExecutable(let why): "Invalid or unsupported executable: \(why)"
        case .noteSize(let note): "\(note) note does not fall within valid size"
        case .noABINote: "No Solo5 ABI note found: not a Solo5 guest"
        case .noManifestNote: "No Solo5 manifest found"
        case .manifest(let why): "Solo5 manifest is invalid: \(why)"
        case .target(let name): "Built for Solo5 target \(name), not for hvt"
        case .abiVersion(let version):
            "Unsupported ABI version \(version): this tender runs versions 1 and 2"
        case .segment(let index, let why): "Invalid executable: program header \(index): \(why)"
        case .entry(let address):
            "Invalid executable: entry point \(hexadecimal(address)) is outside guest memory"
        case .refused(let why): why
        }
    }
}
