import Commands
import Linux
import Tender

/// What SwiftPM makes the program's `main`: it links that name to this one.
@_cdecl("pinnace_main")
public func main(
    _ argumentCount: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
    Stage.main.mark()
    Heap.takeLargeObjects()
    // The C library calls this with what the kernel passed.
    let arguments = unsafe Argument.all(count: argumentCount, arguments)
    return Program(registry: registry).run(arguments)
}
