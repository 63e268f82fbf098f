import Hypervisor
import Linux

/// An error that ends the tender with status 1; the description is the operator's line.
public enum TenderError: Error, Equatable, Sendable, CustomStringConvertible {
    case image(ImageError)
    case hypervisor(HypervisorError)
    case module(ModuleError)
    case guest(GuestFault)
    /// A guest fault with a report on the guest's state (`FaultReport`).
    case guestExplained(GuestFault, String)
    /// A fatal exit, with a report on the guest's state if it is known. Indirect to keep the error
    /// small on hot paths.
    indirect case exit(FatalExit, String?)
    /// Modules that the guest needs and that were not built in.
    case missingModules([String])
    /// Devices of the guest that no option attaches.
    case unattached([ManifestEntry])
    case memoryTooLarge(asked: UInt64, most: UInt64)
    /// The host can't allocate this much memory.
    case memory(count: UInt64, Errno)
    case commandLineTooLong(count: Int, most: Int)
    /// A failure of a guest of another kind than hvt: a sentence.
    case failed(String)
    /// A signal that ends the guest and the tender.
    case signal(Int32)
    /// The segments' permissions need more page tables than there is room for.
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
