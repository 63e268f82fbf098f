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
    /// Arguments for the guest that tell of its network, before its own.
    let networkArguments: [[UInt8]]
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
        (console, network, networkArguments, files) = try wrapping(TenderError.module) {
            () throws(ModuleError) in
            let console = try Self.console(
                plan.options.output, observation.consoleLoss, isRehearsal: isRehearsal)
            var network: VirtioNetwork?
            var identity: NetworkIdentity?
            if let option = plan.options.network {
                let backend = try NetworkBackend.open(
                    option, plan.options.offload, program: observation.program,
                    isRehearsal: isRehearsal)
                identity = backend.identity
                // Kernels before entry version 4 drive the legacy transport.
                network = try VirtioNetwork.attach(
                    option, backend, address: plan.options.networkAddress,
                    plan.image.notes.entryVersion < 4 ? .legacy : .modern)
            }
            var networkArguments: [[UInt8]] = []
            for option in plan.options.networkArguments {
                networkArguments.append(try NetworkIdentity.argument(option, at: identity))
            }
            // Last, since it makes the temporary directory.
            let files = try GuestFiles(
                mappings: plan.options.mappings, temporaryParent: plan.options.temporaryParent,
                archive: plan.archive,
                rootsAreRelative: plan.image.notes.isBefore0_10)
            return (console, network, networkArguments, files)
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
    /// Makes the network card on what a `net` option has named.
    ///
    /// - Parameter address: an option with the card's MAC address; nil for that of the interface whose
    ///   place it takes, or else a random one.
    static func attach(
        _ option: OptionValue, _ backend: NetworkBackend, address: OptionValue?,
        _ transport: VirtioTransport
    ) throws(ModuleError) -> VirtioNetwork {
        let mac: [UInt8] =
            if let address {
                try MACAddress(address).bytes
            } else if let identity = backend.identity {
                identity.mac
            } else {
                try MACAddress.random().bytes
            }
        do throws(Errno) {
            return try VirtioNetwork(
                backend, mac: mac, transport, .networkCard(transport))
        } catch {
            throw .notAttached(option, "\(error)")
        }
    }
}
