import CLinux
import GuestFiles
import HermitImage
import Linux
import Network
import Tender
import Virtio

/// The resources that a Hermit guest's launch opens: files, console, network card.
struct HermitAttachment {
    let files: GuestFiles
    let console: SharedConsole
    let network: VirtioNetwork?
    /// Where statistics go; nil for standard error.
    let statistics: SharedConsole?

    /// How long a guest waits in total for a console reader that does not read, in nanoseconds.
    private static let patience: UInt64 = 5_000_000_000

    /// - Parameters:
    ///   - observation: counts the console output that is lost.
    ///   - isRehearsal: whether to create no files that remain.
    init(
        _ plan: HermitPlan, _ observation: Observation, isRehearsal: Bool
    ) throws(TenderError) {
        // `uhyve` writes them to standard output.
        statistics =
            plan.options.showsStatistics && observation.standsIn
            ? try wrapping(TenderError.module) { () throws(ModuleError) in
                SharedConsole(try Console.attach(patience: Self.patience, loss: ConsoleLoss()))
            } : nil
        (console, network, files) = try wrapping(TenderError.module) { () throws(ModuleError) in
            let console = try Self.console(
                plan.options.output, observation.consoleLoss, isRehearsal: isRehearsal)
            let network: VirtioNetwork? =
                if let option = plan.options.network {
                    // Kernels before entry version 4 drive the legacy transport.
                    try VirtioNetwork.attach(
                        option, address: plan.options.networkAddress,
                        program: observation.program,
                        plan.image.notes.entryVersion < 4 ? .legacy : .modern)
                } else {
                    nil
                }
            // Last, since it makes the temporary directory.
            let files = try GuestFiles(
                mappings: plan.options.mappings, temporaryParent: plan.options.temporaryParent,
                archive: plan.archive,
                rootsAreRelative: plan.image.notes.isBefore0_10)
            return (console, network, files)
        }
    }

    private static func console(
        _ output: HermitOptions.Output, _ loss: ConsoleLoss, isRehearsal: Bool
    ) throws(ModuleError) -> SharedConsole {
        switch output {
        case .standard: return SharedConsole(try Console.attach(patience: patience, loss: loss))
        case .none: return SharedConsole(nil)
        case .file(let option):
            do throws(Errno) {
                // A file would remain, and make the actual launch fail.
                if isRehearsal { try checkCreatable(option.value) }
                let file =
                    isRehearsal
                    ? try FileDescriptor.inMemory(named: "console")
                    : try FileDescriptor.create(option.value)
                return SharedConsole(try Console(file.number, patience: patience, loss: loss))
            } catch {
                throw ModuleError("Could not create: \(error)", option: option)
            }
        }
    }
}

extension VirtioNetwork {
    /// Makes the network card on the interface or descriptor that a `net` option names.
    ///
    /// - Parameters:
    ///   - address: an option with the card's MAC address; nil for a random one.
    ///   - program: what a line begins with that says that the network has gone.
    static func attach(
        _ option: OptionValue, address: OptionValue?, program: String,
        _ transport: VirtioTransport
    ) throws(ModuleError) -> VirtioNetwork {
        let backend = try NetworkBackend.open(option, program: program)
        let mac: MACAddress = if let address { try MACAddress(address) } else { try .random() }
        do throws(Errno) {
            return try VirtioNetwork(
                backend, mac: mac.bytes, transport, .networkCard(transport))
        } catch {
            throw .notAttached(option, "\(error)")
        }
    }
}
