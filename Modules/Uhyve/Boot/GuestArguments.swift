/// What a guest gets from its command line: arguments and environment (spec 5, 6).
struct GuestArguments: Equatable, Sendable {
    /// The path of the image, as it was given.
    var path: [UInt8]
    /// What follows the image: arguments for the kernel and, behind `--`, for the application.
    var arguments: [[UInt8]] = []
    /// Each reads NAME=VALUE.
    var environment: [[UInt8]] = []

    private static let separator = Array("--".utf8)

    /// All in one line, as kernels from 0.10.0 on find it in the device tree.
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

    /// The arguments as `main` of an older guest gets them. What separates the kernel's from the
    /// application's is left out, since here all are the application's.
    var vector: [[UInt8]] {
        var rest = arguments
        if let index = rest.firstIndex(of: Self.separator) { rest.remove(at: index) }
        return [path] + rest
    }

    /// What kernels have room for when they take their arguments from the device tree, from a heap
    /// that is small so early.
    struct Room {
        /// How many variables, how many arguments, and how many bytes one of either can have.
        let variables: Int
        let arguments: Int
        let word: Int
        /// All together, in bytes.
        let line: Int

        /// Those from 0.10.0 to 0.13.2, which have version 1 of the interface.
        static let kernels0_13 = Room(variables: .max, arguments: .max, word: .max, line: 3072)
        /// Those since, whose heap is one page (73a7ae6b of May 2026): tried with 15 variables, a
        /// variable of 1,200 bytes, 48 arguments, of all of which they die.
        static let currentKernels = Room(variables: 14, arguments: 32, word: 1000, line: 3072)
    }

    /// Which of that there is more of, in words, and how much of it there may be.
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

    /// The environment as an older guest gets it.
    ///
    /// The kernels that ask for it reserve room for a final null pointer and then do not write it.
    /// With few variables that room holds remains of something else, so that the guest crashes
    /// before it begins; with many it is fresh. Empty strings make many of few, and libraries skip
    /// them (spec 7.4).
    var paddedEnvironment: [[UInt8]] {
        guard environment.count < 8 else { return environment }
        return environment + [[UInt8]](repeating: [], count: 16 - environment.count)
    }

    /// As one word for a shell.
    private static func quoted(_ word: [UInt8]) -> [UInt8] {
        let quote = UInt8(ascii: "'")
        if !word.isEmpty, word.allSatisfy(isPlain) { return word }
        var result = [quote]
        for byte in word {
            // A quote can't be quoted: the quoted part ends, an escaped quote follows, and another
            // quoted part.
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
