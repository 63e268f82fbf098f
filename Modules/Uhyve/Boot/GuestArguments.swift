/// The guest's arguments and environment.
struct GuestArguments: Equatable, Sendable {
    /// The path of the image as given on the command line.
    var path: [UInt8]
    /// The arguments after the image: for the kernel and, after `--`, for the application.
    var arguments: [[UInt8]] = []
    /// NAME=VALUE each.
    var environment: [[UInt8]] = []

    private static let separator = Array("--".utf8)

    /// Arguments and environment in one line, /chosen/bootargs of the device tree for kernels from
    /// 0.10.0 on.
    var bootArguments: [UInt8] {
        var words: [[UInt8]] = environment.map { variable in
            let parts = variable.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let quoted = parts.map { Self.quoted(Array($0)) }
            return Array("env=".utf8) + Array(quoted.joined(separator: [UInt8(ascii: "=")]))
        }
        words += arguments.map { $0 == Self.separator ? $0 : Self.quoted($0) }
        return Array(words.joined(separator: [UInt8(ascii: " ")]))
    }

    /// The arguments of an older guest's `main`, without the separator: here all arguments are the
    /// application's.
    var vector: [[UInt8]] {
        var rest = arguments
        if let index = rest.firstIndex(of: Self.separator) { rest.remove(at: index) }
        return [path] + rest
    }

    /// The limits for arguments in the device tree, which kernels parse early in boot, with a small
    /// heap.
    struct Room {
        /// The limits for variables, arguments, and bytes of one of either.
        let variables: Int
        let arguments: Int
        let word: Int
        /// The limit for the whole line, in bytes.
        let line: Int

        /// Kernels from 0.10.0 to 0.13.2, with interface version 1.
        static let kernels0_13 = Room(variables: .max, arguments: .max, word: .max, line: 3072)
        /// Later kernels, whose early heap is one page (73a7ae6b of May 2026). Measured: they crash
        /// with 15 variables, with a variable of 1,200 bytes, and with 48 arguments.
        static let currentKernels = Room(variables: 14, arguments: 32, word: 1000, line: 3072)
    }

    /// The limits that are exceeded: what there is too much of, in words, and the limit.
    func excess(over room: Room) -> [(what: String, most: Int)] {
        var excess: [(what: String, most: Int)] = []
        if environment.count > room.variables {
            excess.append(
                (what: "\(environment.count) environment variables", most: room.variables))
        }
        let words = arguments.filter { $0 != Self.separator }
        if words.count > room.arguments {
            excess.append((what: "\(words.count) arguments", most: room.arguments))
        }
        for (list, name) in [(environment, "environment variable"), (words, "argument")] {
            let longest = list.reduce(0) { max($0, $1.count) }
            if longest > room.word {
                excess.append((what: "an \(name) of \(longest) bytes", most: room.word))
            }
        }
        let line = bootArguments.count
        if excess.isEmpty, line > room.line {
            excess.append(
                (what: "arguments and environment of \(line) bytes", most: room.line))
        }
        return excess
    }

    /// The environment for Cmdsize and Cmdval of older guests.
    ///
    /// These kernels allocate the array with room for the final null pointer, but do not write it.
    /// Small arrays are reused memory without a zero there, so the guest crashes before `main`;
    /// large ones are fresh memory. So short lists are padded with empty strings, which libraries
    /// skip.
    var paddedEnvironment: [[UInt8]] {
        guard environment.count < 8 else { return environment }
        return environment + [[UInt8]](repeating: [], count: 16 - environment.count)
    }

    /// The word quoted as for a POSIX shell.
    private static func quoted(_ word: [UInt8]) -> [UInt8] {
        let quote = UInt8(ascii: "'")
        if !word.isEmpty, word.allSatisfy(isPlain) { return word }
        var result = [quote]
        for byte in word {
            // A single quote ends the quoted part; an escaped quote and another quoted part follow.
            if byte == quote { result += "'\\'".utf8 }
            result.append(byte)
        }
        return result + [quote]
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), 0x80...:
            true
        default:
            "-_./:,=+@%^".utf8.contains(byte)
        }
    }
}
