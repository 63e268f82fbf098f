import Hypervisor
import Linux

/// The way from a request to a guest's end. It is one for all commands, programs and kinds of
/// guests; they differ in where they enter or stop.
///
///     recognise → check modules and options → attach → plan → build → confine → start → close → run
public struct LaunchPipeline {
    private let registry: Registry

    public init(_ registry: Registry) {
        self.registry = registry
    }

    /// Runs a guest to its end.
    ///
    /// - Returns: the tender's exit status, 0 to 255.
    /// - Throws: the first thing that keeps the guest from running, or what ended it.
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

    /// Goes as far as `run`, up to the point where system calls are given up and the guest begins.
    ///
    /// - Returns: all that keeps the guest from running, in the order in which `run` would come upon
    ///   it.
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

    /// Why this host can't run any guest, if it can't.
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
