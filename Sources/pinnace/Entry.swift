import Commands
import Linux
import Programs
import Tender

/// What SwiftPM makes the program's `main`: it links that name to this one.
@_cdecl("pinnace_main")
public func main(
    _ argumentCount: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
    Program.explainEnds()
    Stage.main.mark()
    Heap.takeLargeObjects()
    // The C library calls this with what the kernel passed.
    let arguments = unsafe Argument.all(count: argumentCount, arguments)
    return Program(registry: registry, personas: personas()).run(arguments)
}

#if hasFeature(Embedded)
    /// Where the C library of a static executable looks for further libraries, which there are none of:
    /// nowhere. Its own function, in place of which the linker takes this one, asks by readlink(2)
    /// before `main`, and urunc 0.5's policy ends the process for that.
    @_cdecl("_dl_get_origin")
    public func origin() -> UnsafePointer<CChar>? {
        // What stands for an error there, and is not looked at.
        unsafe UnsafePointer(bitPattern: -1)
    }
#endif
