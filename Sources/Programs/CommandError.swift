import Tender

/// Why a command can't do what it was asked to: the lines that the operator reads, mostly one.
package struct CommandError: Error, Equatable {
    package let lines: [String]
    /// The signal that wants the end, if one does.
    package private(set) var signal: Int32?

    package var text: String { lines.joined(separator: "\n") }

    package init(_ line: String) {
        lines = [line]
    }

    private init(lines: [String]) {
        self.lines = lines
    }

    package init(_ error: TenderError) {
        switch error {
        case .missingModules(let lines):
            self.lines = lines
        case .module(let cause):
            lines = [(cause.option.map { "option \($0.text): " } ?? "") + error.description]
        case .signal(let number):
            lines = Signals.isTold(number) ? [error.description] : []
            signal = number
        default:
            lines = [error.description]
        }
    }

    /// The same, with what the modules that were built in, or were not, could have done about it.
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
    /// What is missing for a device, and which option would help.
    fileprivate func line(aboutUnattached device: ManifestEntry) -> String {
        let options = first { $0.manifest.devices.contains(device.type) }?.manifest.options ?? []
        let line = "device \(quoted(device.name)) (\(device.type)) is not attached"
        guard let option = options.first(where: { $0.takesDevice && $0.valueName != nil }) else {
            return "\(line): nothing in this pinnace can attach it"
        }
        return "\(line): --\(option.name):\(device.name)=\(option.valueName ?? "")"
    }
}
