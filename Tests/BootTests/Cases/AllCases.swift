@testable import BootSupport

extension BootCase {
    /// All cases.
    @Cases static var all: [BootCase] {
        basic
        commandLine
        memory
        layout
        image
        protection
        faults
        hostile
        hostileDevices
        block
        net
        ring
        hermitStart
        hermitCalls
        hermitArguments
        hermitFiles
        hermitHostile
        hermitImages
        hermitCommandLine
        hermitNet
    }
}

extension BootRun {
    /// Each case, by each way to call the tender.
    static let all = BootCase.all.flatMap { bootCase in
        bootCase.invocations.map { BootRun(bootCase: bootCase, invocation: $0) }
    }
}
