import Hypervisor
import Linux

/// Why the tender ends with status 1. The description is the line that the operator reads.
public enum TenderError: Error, Equatable, Sendable, CustomStringConvertible {
    case image(ImageError)
    case hypervisor(HypervisorError)
    case module(ModuleError)
    case guest(GuestFault)
    /// The same, with lines about how things were then.
    case guestExplained(GuestFault, String)
    /// A vCPU can't run on; with lines about how things were then, if they are known. In a box, for
    /// errors that hot paths may throw are to be small.
    indirect case exit(FatalExit, String?)
    /// The guest needs modules that were not built in.
    case missingModules([String])
    /// The guest has devices that nothing on the command line is attached to.
    case unattached([ManifestEntry])
    case memoryTooLarge(asked: UInt64, most: UInt64)
    /// The host has no such amount of memory to give.
    case memory(count: UInt64, Errno)
    case commandLineTooLong(count: Int, most: Int)
    /// Why a guest of another kind than hvt does not run, or no more: a sentence.
    case failed(String)
    /// A signal ends the guest, and the tender.
    case signal(Int32)
    /// The guest's permissions can't be put into page tables.
    case tooFragmented

    public var description: String {
        switch self {
        case .image(let error): error.description
        case .hypervisor(let error): error.description
        case .module(let error): error.hint.map { "\(error.text) (\($0))" } ?? error.text
        case .guest(let fault): fault.description
        case .guestExplained(let fault, let explanation): "\(fault)\n\(explanation)"
        case .exit(let exit, let explanation):
            explanation.map { "\(exit)\n\($0)" } ?? exit.description
        case .missingModules(let lines): lines.joined(separator: "\n")
        case .unattached(let devices):
            devices.map { "device \(quoted($0.name)) (\($0.type)) is not attached" }
                .joined(separator: "\n")
        case .memoryTooLarge(let asked, let most):
            "guest memory size \(asked) bytes exceeds the max size \(most) bytes"
        case .memory(let count, let errno):
            "Cannot allocate \(count) bytes of memory: \(errno) (\(Heap.limits))"
        case .commandLineTooLong(let count, let most):
            "guest command line of \(count) characters is too long, the maximum is \(most)"
        case .failed(let why): why
        case .signal(let number): Signals.description(of: number)
        case .tooFragmented: "the image has too many segments to protect each from the guest"
        }
    }
}

/// Does `body`; its error becomes the case of ours that `wrap` makes of it.
@inline(__always)
package func wrapping<Value: ~Copyable, Cause: Error>(
    _ wrap: (Cause) -> TenderError, _ body: () throws(Cause) -> Value
) throws(TenderError) -> Value {
    try Linux.wrapping(wrap, body)
}
