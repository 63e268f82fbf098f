import Tender

/// What a command line says about how to run a guest.
struct RunRequest {
    /// In bytes; nil if it is not said.
    var memory: UInt64?
    var isHeapExecutable = false
    /// The modules' options.
    var options: [OptionValue] = []
    var commandLine: [UInt8] = []

    func memorySize() throws(TenderError) -> MemorySize {
        guard let memory else { return .standard }
        return try MemorySize(asked: memory)
    }
}
