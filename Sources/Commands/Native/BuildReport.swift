import ABI
import Hypervisor
import Rules
import Tender

/// What there is to say about a build.
struct BuildReport {
    let registry: Registry

    /// The versions of the hvt ABI whose guests run.
    static let abiVersions = [HVT_ABI_VERSION_1, HVT_ABI_VERSION_2]
}

extension BuildReport {
    var text: String {
        let versions = Self.abiVersions.map { String($0) }.joined(separator: " and ")
        var text = "pinnace \(version), for hvt guests of ABI versions \(versions)"
        for module in registry.modules {
            if let kind = module.guestKind { text += ", and \(kind.name) guests" }
        }
        text += "\n\ncore\n"
        text += columns(Self.titled("system calls", registry.backEnd.coreCalls.map { $0.line }))
        for module in registry.modules.map({ $0.manifest }) {
            text += "\n\(module.name) (trait \(module.trait)): \(module.summary)\n"
            text += columns(
                Self.titled("hypercalls", module.hypercalls.map { $0.line })
                    + Self.titled("devices", module.devices.map { $0.description })
                    + Self.titled("options", module.options.map { $0.form })
                    + Self.titled(
                        "system calls", registry.backEnd.calls(of: module).map { $0.line }))
        }
        return text
    }

    private static func titled(_ title: String, _ lines: [String]) -> [(String, String)] {
        lines.enumerated().map { ($0.offset == 0 ? title : "", $0.element) }
    }
}

extension HypercallSpecification {
    /// The I/O port that makes it, or on aarch64 the address.
    var port: UInt64 {
        guard !isPort else { return UInt64(clamping: number) }
        #if arch(x86_64)
            return UInt64(HVT_HYPERCALL_PIO_BASE) + UInt64(clamping: number)
        #elseif arch(arm64)
            return UInt64(HVT_HYPERCALL_MMIO_BASE)
                + UInt64(clamping: number) * UInt64(HVT_HYPERCALL_MMIO_STRIDE)
        #endif
    }

    fileprivate var line: String {
        let argument = argumentSize == 0 ? "no argument" : "argument of \(argumentSize) bytes"
        return (isPort ? "" : "\(number) ") + "\(name), port \(hexadecimal(port)), \(argument)"
    }
}

extension SystemCallSpecification {
    fileprivate var line: String {
        var text = name
        if !conditions.isEmpty {
            let words = conditions.map { condition in
                switch condition {
                case .descriptor(let argument, let role), .number(let argument, let role),
                    .masked(let argument, let role, _):
                    "argument \(argument) is \(role)"
                case .equals(let argument, _, let value): "argument \(argument) is \(value)"
                }
            }
            text += ", if \(words.joined(separator: " and "))"
        }
        if let need { text += ", with \(need)" }
        return text
    }
}
