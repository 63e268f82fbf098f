import ABI
import GuestArchive
import HermitImage
import Linux
import Manifests
import Tender

/// The checked input of a Hermit guest's launch: image, options and layout. Nothing is opened for
/// the guest yet.
struct HermitPlan {
    let image: HermitImage
    /// The archive that holds the image, if the guest sees its members as files.
    let archive: Archive?
    /// The archive, if it is placed in guest memory instead.
    let archiveInMemory: Archive?
    let options: HermitOptions
    let layout: HermitLayout
    var arguments: GuestArguments

    init(_ file: ImageFile, _ request: LaunchRequest) throws(TenderError) {
        let container = try wrapping(TenderError.image) { () throws(ImageError) in
            try HermitContainer.isOne(file) ? HermitContainer(file) : nil
        }
        let configuration = container?.configuration
        image = try wrapping(TenderError.image) { () throws(ImageError) in
            let image = try HermitImage(container?.kernel ?? file)
            if let objection = HermitMark.objection(to: image.executable.machine) {
                throw file.failure(.refused(why: objection))
            }
            return image
        }
        // The kernel is in a file of its own.
        if container != nil { file.close() }
        options = try wrapping(TenderError.module) { () throws(ModuleError) in
            let names = UhyveManifest.manifest.options.map { $0.name }
            var options = try HermitOptions(request.options.filter { names.contains($0.name) })
            if let configuration { try options.adopt(configuration) }
            try options.check()
            return options
        }
        let isInMemory = options.putsArchiveIntoMemory
        archive = isInMemory ? nil : container?.archive
        archiveInMemory = isInMemory ? container?.archive : nil
        guard archiveInMemory == nil || image.notes.interfaceVersion > 1 else {
            throw .failed(
                "\(file.path): an archive in memory (internal) is not supported with uhyve "
                    + "interface version 1: kernels of its time don't look for one")
        }
        let memory = try Self.memory(file, request, configuration)
        let random = try wrapping({ TenderError.failed("Could not get a random number: \($0)") }) {
            [options] () throws(Errno) in
            options.isAddressRandom ? try Random.word() : nil
        }
        layout = try HermitLayout(
            image, memorySize: memory, archiveSize: archiveInMemory?.size, random: random)
        arguments = GuestArguments(
            path: Array(file.path.utf8),
            arguments: request.arguments.isEmpty
                ? configuration?.arguments ?? [] : request.arguments,
            environment: options.environment)
        warnOfLongArguments(request.warn)
    }

    /// The size of guest memory: given, required by hermit.toml, or the default. In bytes.
    private static func memory(
        _ file: ImageFile, _ request: LaunchRequest, _ configuration: HermitConfiguration?
    ) throws(TenderError) -> UInt64 {
        guard let needed = configuration?.memory else {
            return request.memory ?? HermitLayout.standardMemory
        }
        guard let given = request.memory else {
            let granularity = HermitLayout.granularity
            return max(needed, HermitLayout.standardMemory).alignedUp(to: granularity) ?? needed
        }
        guard given >= needed else {
            throw .failed(
                "\(file.path): hermit.toml requires \(needed) bytes of memory, "
                    + "and the guest would have \(given)")
        }
        return given
    }

    private func warnOfLongArguments(_ warn: (String) -> Void) {
        let most = Int(UHYVE_V1_MOST_ARGUMENTS)
        if image.notes.isBefore0_10 {
            for (count, what) in [
                (arguments.vector.count, "arguments"),
                (arguments.environment.count, "environment variables"),
            ] where count > most {
                warn("\(count) \(what): the guest gets only the first \(most)")
            }
            return
        }
        let excess =
            image.notes.interfaceVersion > 1
            ? arguments.excess(over: .currentKernels) : arguments.excess(over: .kernels0_13)
        for (what, most) in excess {
            warn("\(what): Hermit may fail to start with more than \(most)")
        }
    }
}
