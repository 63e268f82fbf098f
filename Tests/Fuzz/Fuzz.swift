import CFuzzer
import Foundation
import Mutation

/// `fuzz TARGET CORPUS [OPTIONS]`: has libFuzzer try inputs for a target. Its options are those of
/// libFuzzer; CORPUS is a directory, to which the target's own seeds are added, or an input to try.
@main enum Fuzz {
    /// What libFuzzer calls knows nothing but the input. Set once, before it runs.
    nonisolated(unsafe) private static var target: (any InputTarget)?

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 2, let type = InputTargets.named(arguments[1]) else {
            let names = InputTargets.all.map { $0.name }.joined(separator: ", ")
            FileHandle.standardError.write(
                Data("usage: fuzz TARGET CORPUS [OPTIONS]; targets: \(names)\n".utf8))
            exit(2)
        }
        try addSeeds(of: type, to: arguments[2])
        target = try type.init()

        var words = ([arguments[0]] + arguments.dropFirst(2)).map { strdup($0) } + [nil]
        var count = Int32(words.count - 1)
        let status = words.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            return LLVMFuzzerRunDriver(&count, &start) { data, size in
                Fuzz.tryInput(Array(UnsafeBufferPointer(start: data, count: size)))
                return 0
            }
        }
        exit(status)
    }

    private static func addSeeds(of type: any InputTarget.Type, to path: String) throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
            isDirectory.boolValue
        else { return }
        for (index, seed) in type.seeds.enumerated() {
            try Data(seed).write(to: URL(fileURLWithPath: "\(path)/seed-\(index)"))
        }
    }

    /// A broken promise aborts, which is what libFuzzer looks for.
    private static func tryInput(_ input: [UInt8]) {
        do {
            _ = try target?.run(input)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            abort()
        }
    }
}
