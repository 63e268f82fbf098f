import CommandsSupport
import HVT
import Hypervisor
import Manifests
import Programs
import Rules
import Tender
import TestSupport
import Testing

@testable import Commands

/// `--hypervisor`, and which one is taken without it.
@Suite struct HypervisorOptionTests {
    private let solo5: GuestFile
    private let hermit: GuestFile
    private let record = HermitRecord()

    init() throws {
        solo5 = try GuestFile()
        hermit = try GuestFile(.markedHermit())
    }

    /// A back end that only has a name, and a device that is there or not.
    private func registry(on device: String, _ modules: [RegisteredModule]) -> Registry {
        let backEnd = BackEnd(
            name: device, device: device, debuggingObstacle: "", resetHabit: "",
            operations: [
                Operation.Calls(
                    .runVCPU,
                    [SystemCallSpecification("ioctl", [.equals(argument: 1, 7, name: device)])])
            ], code: { _ in "" })
        let why = HypervisorError("\(device) makes no machines")
        let kind = HVTKind.running(KnownModule.all) { () throws(HypervisorError) -> KVMMachine in
            throw why
        }
        return Registry(
            modules: modules, known: KnownModule.all,
            kinds: [kind] + modules.compactMap { $0.guestKind }, backEnd: backEnd,
            tryHypervisor: { () throws(HypervisorError) in throw why })
    }

    private func pinnace(
        _ arguments: String..., devices: [String] = ["/dev/null", "/dev/zero"],
        persona: String = "pinnace"
    ) -> Reply {
        let registries = devices.enumerated().map { index, device in
            registry(
                on: device,
                FakeModule.all + [
                    index == 0
                        ? record.module : record.module.refusingGuests(because: ", and is late")
                ])
        }
        return call(persona, arguments.map { Argument($0) }) {
            registries.count == 1
                ? registries[0] : .choosing(among: registries[0], registries[1])
        }
    }

    @Test(arguments: [
        (["/dev/null", "/dev/zero"], "/dev/null"), (["/nothing/a", "/dev/zero"], "/dev/zero"),
        (["/nothing/a", "/nothing/b"], "/nothing/a"), (["/dev/null", "/nothing/b"], "/dev/null"),
    ])
    func `the first whose device is there`(devices: [String], chosen: String) {
        let lines = ["pinnace: \(chosen) makes no machines"]
        #expect(pinnace("run", solo5.path, devices: devices).errorLines == lines)
        let persona = pinnace(solo5.path, devices: devices, persona: "solo5-hvt")
        #expect(persona.errorLines == ["solo5-hvt: \(chosen) makes no machines"])
        let check = pinnace("check", solo5.path, devices: devices)
        #expect(check.output.contains("\(chosen) makes no machines"))
    }

    @Test(arguments: ["null", "zero"])
    func `the one that the option names`(name: String) {
        let line = "pinnace: /dev/\(name) makes no machines"
        #expect(pinnace("run", "--hypervisor=\(name)", solo5.path).errorLines == [line])
        #expect(pinnace("run", "--hypervisor", name, solo5.path).errorLines == [line])
        let manifest = pinnace("manifest", "--hypervisor=\(name)").output
        #expect(manifest.contains("ioctl, if argument 1 is /dev/\(name)"))
        #expect(pinnace("check", "--hypervisor=\(name)", solo5.path).status == 1)
    }

    @Test func `a name that is none`() {
        let line = "option --hypervisor: xen is none of null, zero"
        #expect(pinnace("run", "--hypervisor=xen", solo5.path).errorLines == ["pinnace: \(line)"])
        #expect(pinnace("check", "--hypervisor=xen", solo5.path).output.contains(line))
        #expect(pinnace("manifest", "--hypervisor=xen").errorLines == ["pinnace: \(line)"])
    }

    @Test func `a build with one back end does not have it`() {
        let one = ["/dev/null"]
        let reply = pinnace("run", "--hypervisor=null", solo5.path, devices: one)
        #expect(reply.errorLines.first?.contains("unknown option --hypervisor=null") == true)
        for command in ["run", "check", "manifest"] {
            #expect(!pinnace(command, "--help", devices: one).output.contains("--hypervisor"))
            #expect(pinnace(command, "--help").output.contains("--hypervisor=NAME"))
        }
        #expect(!pinnace("manifest", "--json", devices: one).output.contains("hypervisor"))
        let json = pinnace("manifest", "--json").output.filter { !$0.isWhitespace }
        #expect(json.contains("\"hypervisors\":[\"null\",\"zero\"]"))
        #expect(json.contains("\"hypervisor\":\"null\""))
        #expect(pinnace("completion", "bash").output.contains("--hypervisor=|null zero|"))
    }

    /// They are still told from others, and described.
    @Test func `guests that a back end can't run`() {
        #expect(pinnace("run", hermit.path).status == 0)
        let line = "\(hermit.path): this is a Hermit guest, and is late"
        let refused = pinnace("run", "--hypervisor=zero", hermit.path)
        #expect(refused.status == 1 && refused.errorLines == ["pinnace: \(line)"])
        let other = pinnace("run", hermit.path, devices: ["/nothing/a", "/dev/zero"])
        #expect(other.errorLines == ["pinnace: \(line)"])
        let check = pinnace("check", "--hypervisor=zero", hermit.path)
        #expect(check.status == 1 && check.output.contains(line))
        let inspect = pinnace("inspect", hermit.path, devices: ["/nothing/a", "/dev/zero"])
        #expect(inspect.output.contains("this is a Hermit guest, and is late"))
    }
}
