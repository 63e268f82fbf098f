private import CLinux

private let usage = """
    usage: manifest-note SOURCE.json OUTPUT.c
           manifest-note --help

    Turns a Solo5 application manifest into C source for the ELF note that declares the
    guest's devices. Compile it with -I to the folder of notes.h and link it into the guest.
    In place of either file, - is standard input or standard output.

    """

/// The entry point: SwiftPM renames the `main` of an executable target to this symbol.
@_cdecl("ManifestNote_main")
public func main(
    argumentCount: Int32, arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
    var paths: [FilePath] = []
    for index in 0..<Int(argumentCount) {
        // The kernel and libc guarantee argumentCount NUL-terminated strings that outlive main.
        guard let argument = unsafe arguments[index] else { break }
        unsafe paths.append(FilePath(copying: argument))
    }
    do throws(ManifestError) {
        try run(Array(paths.dropFirst()))
        return 0
    } catch {
        reportError(error.line)
        return 1
    }
}

/// Runs the command line `arguments`, without the program's name.
private func run(_ arguments: [FilePath]) throws(ManifestError) {
    for argument in arguments {
        if argument.shown.utf8.elementsEqual("--help".utf8) {
            return try writeOutput(Array(usage.utf8), to: .standardStream)
        }
        if argument.shown.utf8.first == UInt8(ascii: "-") && !argument.isStandardStream {
            throw .command("unknown option: \(argument.shown)")
        }
    }
    guard arguments.count == 2 else {
        throw .command("expected SOURCE.json and OUTPUT.c; --help tells more")
    }
    let source = try SourceFile(arguments[0])
    let manifest = try ApplicationManifest(source.contents, from: source.name)
    try writeOutput(Array(noteSource(for: manifest).utf8), to: arguments[1])
}
