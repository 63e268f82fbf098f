import CLinux
import GuestFiles
import HermitImage
import Linux
import Tap
import Tender
import Virtio

/// All that a Hermit guest's launch opens.
struct HermitAttachment {
    let files: GuestFiles
    let console: SharedConsole
    let network: VirtioNetwork?
    /// Where statistics go; nil for standard error.
    let statistics: SharedConsole?

    /// How long a guest waits, in all, for a reader of its console that does not read. Nanoseconds.
    private static let patience: UInt64 = 5_000_000_000

    /// - Parameters:
    ///   - observation: is told what of the output is lost.
    ///   - isRehearsal: whether nothing may be left behind.
    init(
        _ plan: HermitPlan, _ observation: Observation, isRehearsal: Bool
    ) throws(TenderError) {
        // `uhyve` writes them to standard output (spec 13).
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
                    // The kernels of older entries drove what was usual in their time.
                    try VirtioNetwork.attach(
                        option, address: plan.options.networkAddress,
                        plan.image.notes.entryVersion < 4 ? .legacy : .modern)
                } else {
                    nil
                }
            // Last, since it leaves something behind.
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
                // A file would stay, and be in the way of the guest's next launch.
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
    /// The network card on what a `net` option names.
    ///
    /// - Parameter address: an option with the card's hardware address; nil for one by chance.
    static func attach(
        _ option: OptionValue, address: OptionValue?, _ transport: VirtioTransport
    ) throws(ModuleError) -> VirtioNetwork {
        let backend = try NetworkBackend.open(option)
        let mac: MACAddress = if let address { try MACAddress(address) } else { try .random() }
        do throws(Errno) {
            return try VirtioNetwork(
                backend, mac: mac.bytes, transport, .networkCard(transport))
        } catch {
            throw .notAttached(option, "\(error)")
        }
    }
}
