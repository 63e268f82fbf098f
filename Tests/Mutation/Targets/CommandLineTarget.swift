import BuiltIn
import HVT
import Hypervisor
import Linux
import Manifests
import Programs

@testable import Commands
@testable import Tender

#if Net
    import Network
#endif
#if Uhyve
    @testable import Uhyve
#endif

/// A command line: words with a NUL between each two, of which the first is a program's name or a
/// command's. Nothing is opened.
final class CommandLineTarget: InputTarget {
    static let name = "command-line"

    private let registry: Registry

    init() {
        var modules = BuiltIn.modules
        #if Uhyve
            modules.append(
                UhyveModule.registered { () throws(HypervisorError) in NoMachine() })
        #endif
        let solo5 = HVTKind.running(KnownModule.all) { () throws(HypervisorError) in NoMachine() }
        registry = Registry(
            modules: modules, known: KnownModule.all,
            kinds: [solo5] + modules.compactMap { $0.guestKind },
            backEnd: KVMVCPU.backEnd, tryHypervisor: {})
    }

    // MARK: Inputs

    static var seeds: [[UInt8]] {
        [
            ["run", "--mem=64", "--block:disk=disk.img", "--net:eth=@3", "GUEST", "--mem=1"],
            ["run", "--mem", "1G", "--block-sector-size:disk", "4096", "--x-exec-heap", "GUEST"],
            ["run", "--cpus=4", "--env=A=b", "--file-mapping=a:/root/b:ro", "--net=tap0", "GUEST"],
            ["check", "--net-mac:eth=02:00:00:00:00:01", "--", "GUEST", "word"],
            ["inspect", "--json", "GUEST"], ["manifest", "--help"], ["help", "run"],
            ["solo5-hvt", "--mem=64", "--block:disk=a b", "--net:eth=tap0", "--", "KERNEL", "x"],
            ["solo5-hvt", "--net-mac:eth=02:00:00:00:00:01", "--no-net-ring", "KERNEL"],
            ["uhyve", "-m", "1GiB", "-vc2", "--net=tap:br:1", "KERNEL", "--", "x"],
            ["uhyve", "--file-mapping=a:b:ro", "-eA=b", "--output", "none", "--pit", "KERNEL"],
        ].map { Array($0.joined(separator: "\0").utf8) }
    }

    static var words: [[UInt8]] {
        [
            "\0", "\0--", "\0-", "=", ":", "@", "-1", "0", "4294967296", "18446744073709551616",
            "\u{e9}", "none", "host", "tap:", "KiB", ":ro", "..", "\n",
        ].map { Array($0.utf8) } + [[0xFF, 0xFE], [UInt8](repeating: 0x61, count: 300)]
    }

    func run(_ input: [UInt8]) throws -> Verdict {
        let arguments = input.split(separator: 0, omittingEmptySubsequences: false)
            .map { Argument(bytes: Array($0)) }
        guard let first = arguments.first else { return .refused }
        let rest = arguments.dropFirst()
        let isFine: Bool
        switch first.text {
        case "solo5-hvt": isFine = acceptsAsSolo5(rest)
        case "uhyve": isFine = acceptsAsUhyve(rest)
        default:
            guard let command = Command.named(first.text) else { return .refused }
            isFine = try accepts(rest, command)
        }
        return isFine ? .accepted : .refused
    }

    private func accepts(_ arguments: ArraySlice<Argument>, _ command: Command) throws -> Bool {
        let parsed = command.parser(registry).parse(arguments)
        try promise(
            parsed.options.allSatisfy { $0.device.isEmpty || isDeviceName($0.device) },
            "a device's name that is none: \(parsed.options)")
        let request = RunOption.request(parsed)
        var objections = request.objections
        for kind in KnownModule.all.compactMap(\.guests) {
            objections += registry.objections(to: parsed.options, for: kind)
        }
        return understands(request.options) && objections.isEmpty
    }

    private func acceptsAsSolo5(_ arguments: ArraySlice<Argument>) -> Bool {
        guard let line = try? Solo5Line(arguments),
            let request = try? line.request("", registry)
        else {
            return false
        }
        return understands(request.options)
    }

    private func acceptsAsUhyve(_ arguments: ArraySlice<Argument>) -> Bool {
        #if Uhyve
            guard var line = try? UhyveLine(arguments) else { return false }
            // The same words once more, as what variables may hold.
            let variables = arguments.map { Array("HERMIT_MEMORY_SIZE=".utf8) + $0.bytes }
            return (try? line.addVariables(variables)) != nil && line.kernel != nil
        #else
            return false
        #endif
    }

    /// Whether the values mean something to the modules, as far as that is known without opening
    /// anything.
    private func understands(_ options: [OptionValue]) -> Bool {
        var isFine = true
        #if Net
            for option in options where option.name == "net-mac" {
                isFine = (try? MACAddress(option)) != nil && isFine
            }
            for option in options where option.name == "net" && option.value.utf8.first == 0x40 {
                isFine = NetworkBackend.inheritedNumber(option) != nil && isFine
            }
        #endif
        #if Uhyve
            let own = options.filter { $0.device.isEmpty && $0.name != "env-file" }
            if !own.isEmpty { isFine = (try? HermitOptions(own)) != nil && isFine }
        #endif
        return isFine
    }
}
