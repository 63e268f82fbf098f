import HVT
import Hypervisor
import Tender
import TestSupport

@testable import Commands

/// What a call of the program came to.
struct Reply: Equatable {
    var status: Int32
    var output = ""
    var error = ""

    var errorLines: [String] {
        error.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
}

/// Calls the program in this process.
func call(
    _ program: String, _ arguments: [Argument], modules: [RegisteredModule] = FakeModule.all,
    environment: [String] = []
) -> Reply {
    final class Record {
        var reply = Reply(status: -1)
    }
    let record = Record()
    let streams = Streams { text, descriptor in
        if descriptor == 1 { record.reply.output += text } else { record.reply.error += text }
        return true
    }
    let variables = environment.map { Array($0.utf8) }
    record.reply.status =
        Program(
            registry: { .over(modules) }, streams: streams, environment: { variables },
            lock: { _ in .open }
        )
        .run([Argument(program)] + arguments)
    return record.reply
}

extension Registry {
    /// These modules and the kinds of guests that they bring, besides Solo5's, on this host's KVM.
    static func over(_ modules: [RegisteredModule]) -> Registry {
        let solo5 = HVTKind.running { () throws(HypervisorError) in try KVM().makeMachine() }
        return Registry(
            modules: modules, kinds: [solo5] + modules.compactMap { $0.guestKind },
            backEnd: KVMVCPU.backEnd,
            tryHypervisor: { () throws(HypervisorError) in _ = try KVM().makeMachine() })
    }
}

func pinnace(_ arguments: String..., modules: [RegisteredModule] = FakeModule.all) -> Reply {
    call("/usr/bin/pinnace", arguments.map { Argument($0) }, modules: modules)
}

func solo5(_ arguments: String..., modules: [RegisteredModule] = FakeModule.all) -> Reply {
    call("/opt/bin/solo5-hvt", arguments.map { Argument($0) }, modules: modules)
}

extension ELFBuilder {
    static func block(_ name: String) -> [UInt8] { Part.manifestEntry(name, type: 1) }
    static func net(_ name: String) -> [UInt8] { Part.manifestEntry(name, type: 2) }
}

/// A guest in a file, gone with this object.
final class GuestFile {
    private let directory: TemporaryDirectory
    let path: String

    init(_ builder: ELFBuilder) throws {
        directory = try TemporaryDirectory()
        path = try builder.write(to: directory)
    }

    convenience init(
        code: [UInt8] = [0xF4], version: UInt32 = 2, devices: [[UInt8]] = []
    ) throws {
        try self.init(.guest(text: code, version: version, devices: devices))
    }
}
