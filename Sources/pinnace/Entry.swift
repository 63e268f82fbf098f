import CLinux
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
    // Where the C library has done so it changes nothing.
    _ = linux_protect_relocated()
    // The C library passes argc and argv from the kernel.
    let arguments = unsafe Argument.all(count: argumentCount, arguments)
    return Program(registry: registry, personas: personas()).run(arguments)
}
