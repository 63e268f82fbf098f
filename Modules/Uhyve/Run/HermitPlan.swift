import ABI
import Linux
import Tender

/// What is needed to start a Hermit guest, all of it checked and nothing of it begun.
struct HermitPlan {
    let image: HermitImage
    let options: HermitOptions
    let layout: HermitLayout
    let arguments: GuestArguments

    /// More than this does not fit into what some kernels have for it so early (spec 5).
    private static let longestBootArguments = 3072

    init(_ request: GuestRequest) throws(TenderError) {
        image = try wrapping(TenderError.image) { () throws(ImageError) in
            try HermitImage(request.image)
        }
        options = try wrapping(TenderError.module) { () throws(ModuleError) in
            try HermitOptions(request.options)
        }
        let random = try wrapping({ .failed("Could not get a random number: \($0)") }) {
            [options] () throws(Errno) in
            options.isAddressRandom ? try Random.word() : nil
        }
        layout = try HermitLayout(
            image, memorySize: request.memory ?? HermitLayout.standardMemory, random: random)
        arguments = GuestArguments(
            path: Array(request.image.path.utf8), arguments: request.arguments,
            environment: options.environment)
        warnOfLongArguments(request.warn)
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
        } else if arguments.bootArguments.count > Self.longestBootArguments {
            warn(
                "arguments and environment of \(arguments.bootArguments.count) bytes: "
                    + "Hermit may fail to start with more than \(Self.longestBootArguments)")
        }
    }
}
