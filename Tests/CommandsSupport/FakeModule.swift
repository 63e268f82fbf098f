import Rules
import Tender

/// Modules with the options of real ones that open nothing.
package enum FakeModule {
    package static var all: [RegisteredModule] {
        [RegisteredModule(FakeBlock.self), RegisteredModule(FakeNet.self)]
    }

    /// Attaches what `options` says, but for values that ask for an error.
    package static func attach(_ name: String, _ type: DeviceType, to launch: inout Launch)
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

package final class FakeBlock: Module {
    package init() {}

    package static let manifest = ModuleManifest(
        KnownModule(
            name: "block", trait: "Block", guests: "Solo5",
            hypercalls: [
                HypercallSpecification(
                    number: 4, name: "BLOCK_WRITE", argumentSize: 40,
                    fields: [
                        HypercallField("data", at: 16, size: 8, .buffer(length: "len")),
                        HypercallField("len", at: 24, size: 8),
                        HypercallField("result", at: 32, size: 4, .status, .output),
                    ]),
                HypercallSpecification(number: 5, name: "BLOCK_READ", argumentSize: 40),
            ],
            devices: [.block]),
        summary: "disks",
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

    package func attach(to launch: inout Launch) throws(ModuleError) {
        try FakeModule.attach("block", .block, to: &launch)
        try FakeModule.attach("block-ro", .block, to: &launch)
    }
}

package final class FakeNet: Module {
    package init() {}

    package static let manifest = ModuleManifest(
        KnownModule(name: "net", trait: "Net", guests: "Solo5", devices: [.net]),
        summary: "networks",
        options: [
            OptionSpecification(name: "net", takesDevice: true, valueName: "IFACE", help: "a tap")
        ])

    package func attach(to launch: inout Launch) throws(ModuleError) {
        try FakeModule.attach("net", .net, to: &launch)
    }
}
