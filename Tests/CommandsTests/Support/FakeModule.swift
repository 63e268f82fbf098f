import Rules
import Tender

/// Modules with the options of real ones that open nothing.
enum FakeModule {
    static var all: [RegisteredModule] {
        [RegisteredModule(FakeBlock.self), RegisteredModule(FakeNet.self)]
    }

    /// Attaches what `options` says, but for values that ask for an error.
    static func attach(_ name: String, _ type: DeviceType, to launch: inout Launch)
        throws(ModuleError)
    {
        for option in launch.options(named: name) {
            let handle = try launch.handle(for: option, type: type)
            if option.value == "unusable" { throw ModuleError("Could not open: \(option.value)") }
            if option.value == "wrong" { throw ModuleError("Could not attach", option: option) }
            launch.devices[handle].isAttached = true
        }
    }
}

final class FakeBlock: Module {
    static let manifest = ModuleManifest(
        name: "block", trait: "Block", guests: "Solo5", summary: "disks",
        hypercalls: [
            HypercallSpecification(number: 4, name: "BLOCK_WRITE", argumentSize: 40),
            HypercallSpecification(number: 5, name: "BLOCK_READ", argumentSize: 40),
        ],
        devices: [.block],
        options: [
            OptionSpecification(
                name: "block", takesDevice: true, valueName: "PATH", help: "a disk"),
            OptionSpecification(
                name: "block-ro", takesDevice: true, valueName: "PATH", help: "a read-only disk",
                isNativeOnly: true),
            OptionSpecification(name: "block-quick", help: "a flag"),
        ],
        systemCalls: [
            SystemCallSpecification("pread64", [.descriptor(argument: 0, "a disk")]),
            SystemCallSpecification("clock", [.equals(argument: 1, .max, name: "NEVER")]),
        ])

    func attach(to launch: inout Launch) throws(ModuleError) {
        try FakeModule.attach("block", .block, to: &launch)
        try FakeModule.attach("block-ro", .block, to: &launch)
    }
}

final class FakeNet: Module {
    static let manifest = ModuleManifest(
        name: "net", trait: "Net", guests: "Solo5", summary: "networks", devices: [.net],
        options: [
            OptionSpecification(name: "net", takesDevice: true, valueName: "IFACE", help: "a tap")
        ])

    func attach(to launch: inout Launch) throws(ModuleError) {
        try FakeModule.attach("net", .net, to: &launch)
    }
}
