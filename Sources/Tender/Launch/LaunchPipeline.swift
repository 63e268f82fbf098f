import Hypervisor
import Linux

/// The pipeline from a request to a guest's end: one for all commands, programs and guest kinds,
/// which differ in where they enter or stop.
///
///     recognise → check modules, options → attach → plan → build → confine → start → close → run
public struct LaunchPipeline {
    private let registry: Registry

    public init(_ registry: Registry) {
        self.registry = registry
    }

    /// Runs a guest to its end.
    ///
    /// - Returns: the tender's exit status, 0 to 255.
    /// - Throws: the first objection, or the error that ended the guest.
    public func run(
        _ image: any GuestImage, _ request: LaunchRequest
    ) throws(TenderError) -> Int32 {
        var objections = Objections(isRehearsal: false)
        let launch = try launch(image, request, &objections)
        defer { launch.cleanUp() }
        let guest = try build(launch, request, &objections)
        let confinement = try guest.confinement()
        try request.lock.confine(confinement)
        try guest.start()
        try request.lock.close(confinement)
        let status = try guest.run()
        Stage.report()
        return status & 0xFF
    }

    /// Does a dry run: the steps of `run` up to the seccomp filter and the guest's first
    /// instruction.
    ///
    /// - Returns: all objections, in the order in which `run` would meet them.
    public func rehearse(_ image: any GuestImage, _ request: LaunchRequest) -> [TenderError] {
        var objections = Objections(isRehearsal: true)
        do throws(TenderError) {
            let launch = try launch(image, request, &objections)
            defer { launch.cleanUp() }
            try attach(launch, request, &objections)
            guard objections.all.isEmpty else {
                return objections.all + objectionsOfTheHypervisor
            }
            let guest = try launch.build()
            try request.lock.confine(guest.confinement())
            try guest.start()
        } catch {
            return objections.all + [error]
        }
        return objections.all
    }

    /// The reasons why this host can't run any guest, if any.
    public var objectionsOfTheHypervisor: [TenderError] {
        do throws(HypervisorError) {
            try registry.tryHypervisor()
            return []
        } catch {
            return [.hypervisor(error)]
        }
    }

    private func launch(
        _ image: any GuestImage, _ request: LaunchRequest, _ objections: inout Objections
    ) throws(TenderError) -> any GuestLaunch {
        let missing = try wrapping(TenderError.image) { () throws(ImageError) in
            try image.missing(from: request.modules, isThorough: request.isRehearsal)
        }
        if !missing.isEmpty { try objections.add(.missingModules(missing)) }
        for objection in request.objections { try objections.add(objection) }
        return image.launch(request)
    }

    private func attach(
        _ launch: any GuestLaunch, _ request: LaunchRequest, _ objections: inout Objections
    ) throws(TenderError) {
        try launch.attach(&objections)
        Stage.attached.mark()
        try launch.plan(&objections)
    }

    private func build(
        _ launch: any GuestLaunch, _ request: LaunchRequest, _ objections: inout Objections
    ) throws(TenderError) -> any BuiltGuest {
        try attach(launch, request, &objections)
        return try launch.build()
    }
}
