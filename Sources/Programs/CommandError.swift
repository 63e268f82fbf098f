import Linux
import Tender

/// The failure of a command: the lines that the operator reads, usually one.
package struct CommandError: Error, Equatable {
    package let lines: [String]
    /// Whether the command line itself is wrong. Programs that we stand in for show their usage then,
    /// or have another exit status.
    package let isUsage: Bool
    /// The signal that ended the command, if one did.
    package private(set) var signal: Int32?

    package var text: String { lines.joined(separator: "\n") }

    package init(_ line: String) {
        self.init(lines: [line])
    }

    package init(lines: [String], isUsage: Bool = false) {
        self.lines = lines
        self.isUsage = isUsage
    }

    package static func usage(_ lines: String...) -> CommandError {
        CommandError(lines: lines, isUsage: true)
    }

    package init(_ error: TenderError) {
        switch error {
        case .missingModules(let lines):
            self.init(lines: lines)
        case .module(let cause):
            self.init((cause.option.map { "option \($0.text): " } ?? "") + error.description)
        case .signal(let number):
            self.init(lines: Signals.isTold(number) ? [error.description] : [])
            signal = number
        default:
            self.init(error.description)
        }
    }

    /// An error of the tender, with a hint at the option or module that would help.
    package init(_ error: TenderError, _ registry: Registry) {
        if case .unattached(let devices) = error {
            self.init(lines: devices.map { registry.modules.line(aboutUnattached: $0) })
            return
        }
        let fault: GuestFault? =
            switch error {
            case .guest(let fault), .guestExplained(let fault, _): fault
            default: nil
            }
        if case .hypercall(let number) = fault, let fault,
            let module = registry.absent.first(where: {
                $0.hypercalls.contains { $0.number == number }
            })
        {
            self.init("\(fault): \(module.absence)")
        } else {
            self.init(error)
        }
    }
}

extension [RegisteredModule] {
    /// The message about a device that is not attached, with the option that attaches it.
    fileprivate func line(aboutUnattached device: ManifestEntry) -> String {
        let options = first { $0.manifest.devices.contains(device.type) }?.manifest.options ?? []
        let line = "device \(quoted(device.name)) (\(device.type)) is not attached"
        guard let option = options.first(where: { $0.takesDevice && $0.valueName != nil }) else {
            return "\(line): nothing in this pinnace can attach it"
        }
        return "\(line): --\(option.name):\(device.name)=\(option.valueName ?? "")"
    }
}

extension Registry {
    /// The image that an argument names.
    package func image(_ guest: Argument) throws(CommandError) -> any GuestImage {
        let path = try guest.path
        return try wrapping({ CommandError(.image($0)) }) { () throws(ImageError) in
            try image(path: path)
        }
    }
}
