import Commands
import Foundation
import HVT
import Hypervisor
import Manifests
import Programs
import Tender
import TestSupport

/// What a call of the program came to.
package struct Reply: Equatable {
    package var status: Int32
    package var output = ""
    package var error = ""

    package init(status: Int32, output: String = "", error: String = "") {
        self.status = status
        self.output = output
        self.error = error
    }

    package var errorLines: [String] {
        error.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
}

/// Held by the program that runs: what handlers of signals write belongs to the process.
private let turn = NSLock()

/// Calls the program in this process. Of programs that several tests call, one runs at a time.
///
/// - Parameter registry: that of the build; with `modules` on this host's KVM if not given.
package func call(
    _ program: String, _ arguments: [Argument], modules: [RegisteredModule] = FakeModule.all,
    environment: [String] = [], personas: [any Persona] = [Solo5Persona()],
    registry: (() -> Registry)? = nil
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
    turn.lock()
    defer { turn.unlock() }
    record.reply.status =
        Program(
            registry: registry ?? { .over(modules) }, personas: personas, streams: streams,
            environment: { variables },
            lock: { _ in .open }
        )
        .run([Argument(program)] + arguments)
    return record.reply
}

extension Registry {
    /// These modules and the kinds of guests that they bring, besides Solo5's, on this host's KVM.
    package static func over(_ modules: [RegisteredModule]) -> Registry {
        let solo5 = HVTKind.running(KnownModule.all) { () throws(HypervisorError) in
            try KVM().makeMachine()
        }
        return Registry(
            modules: modules, known: KnownModule.all,
            kinds: [solo5] + modules.compactMap { $0.guestKind }, backEnd: KVMVCPU.backEnd,
            tryHypervisor: { () throws(HypervisorError) in _ = try KVM().makeMachine() })
    }
}

package func pinnace(_ arguments: String..., modules: [RegisteredModule] = FakeModule.all) -> Reply
{
    call("/usr/bin/pinnace", arguments.map { Argument($0) }, modules: modules)
}

package func solo5(_ arguments: String..., modules: [RegisteredModule] = FakeModule.all) -> Reply {
    call("/opt/bin/solo5-hvt", arguments.map { Argument($0) }, modules: modules)
}

extension ELFBuilder {
    package static func block(_ name: String) -> [UInt8] { Part.manifestEntry(name, type: 1) }
    package static func net(_ name: String) -> [UInt8] { Part.manifestEntry(name, type: 2) }
}

/// A guest in a file, gone with this object.
package final class GuestFile {
    private let directory: TemporaryDirectory
    package let path: String

    package init(_ builder: ELFBuilder) throws {
        directory = try TemporaryDirectory()
        path = try builder.write(to: directory)
    }

    package convenience init(
        code: [UInt8] = [0xF4], version: UInt32 = 2, devices: [[UInt8]] = []
    ) throws {
        try self.init(.guest(text: code, version: version, devices: devices))
    }
}
