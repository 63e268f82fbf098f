import Commands
import Linux
import Programs
import Tender

/// The entry point: SwiftPM renames the `main` of an executable target to this symbol.
@_cdecl("pinnace_main")
public func main(
    _ argumentCount: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
    Program.explainEnds()
    Stage.main.mark()
    Heap.takeLargeObjects()
    // The C library passes argc and argv from the kernel.
    let arguments = unsafe Argument.all(count: argumentCount, arguments)
    return Program(registry: registry, personas: personas()).run(arguments)
}

#if hasFeature(Embedded)
    /// Replaces the C library's `_dl_get_origin`, which calls readlink(2) before `main` to find
    /// shared libraries. A static executable has none, and urunc 0.5's seccomp policy kills the
    /// process for that call.
    @_cdecl("_dl_get_origin")
    public func origin() -> UnsafePointer<CChar>? {
        // The error value of `_dl_get_origin`; it is never dereferenced.
        unsafe UnsafePointer(bitPattern: -1)
    }
#endif
