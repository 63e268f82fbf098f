import Bytes
import CLinux
import GuestFiles
import HermitImage
import Linux
import Network
import Tender

/// The module's options, parsed.
struct HermitOptions {
    private(set) var cpuCount: UInt32 = 1
    private var isCPUCountGiven = false
    /// NAME=VALUE each, with unique names.
    private(set) var environment: [[UInt8]] = []
    private(set) var mappings: [FileMapping] = []
    /// Where to make a temporary directory; nil for none.
    private(set) var temporaryParent: String?
    private(set) var network: OptionValue?
    private(set) var networkAddress: OptionValue?
    private(set) var networkArguments: [OptionValue] = []
    private(set) var offload = OffloadOption.auto
    private(set) var isAddressRandom = true
    private(set) var showsStatistics = false
    private(set) var output = Output.standard
    private(set) var hasTimer = false
    /// nil to leave the choice of CPUs to the host's scheduler.
    private(set) var affinity: Affinity?
    private(set) var prefersHugePages = false
    private(set) var sharesEqualPages = false
    /// Whether an archive is placed in guest memory as a whole, instead of being served as files.
    private(set) var putsArchiveIntoMemory = false

    enum Output: Equatable {
        case standard, none
        case file(OptionValue)
    }

    private static let cpuCounts: ClosedRange<UInt32> = 1...4096

    init(_ options: [OptionValue]) throws(ModuleError) {
        for option in options {
            switch option.name {
            case "cpus":
                guard let count = UInt32(option.value), Self.cpuCounts ~= count else {
                    throw ModuleError("not a number from 1 to 4096", option: option)
                }
                cpuCount = count
                isCPUCountGiven = true
            case "env": try addVariable(option)
            case "env-file": try addVariables(fromFile: option)
            case "file-mapping": mappings.append(try FileMapping.parse(option))
            case "temporary-directory": temporaryParent = option.value
            case "net": network = option
            case "net-mac": networkAddress = option
            case "net-argument": networkArguments.append(option)
            case "net-offload": offload = try OffloadOption([option])
            case "no-aslr": isAddressRandom = false
            case "stats": showsStatistics = true
            case "output": output = option.value == "none" ? .none : .file(option)
            case "hermit-image-mode":
                guard option.value == "external" || option.value == "internal" else {
                    throw ModuleError("not external or internal", option: option)
                }
                putsArchiveIntoMemory = option.value == "internal"
            case "pit": hasTimer = true
            case "affinity": affinity = try Affinity(option)
            case "thp": prefersHugePages = true
            case "ksm": sharesEqualPages = true
            default:
                throw ModuleError("not for Hermit guests", option: option)
            }
        }
    }

    /// Checks the options against each other.
    func check() throws(ModuleError) {
        try affinity?.check(cpuCount)
    }

    /// Adopts an archive's configuration where the command line does not override it.
    mutating func adopt(_ configuration: HermitConfiguration) throws(ModuleError) {
        let own = environment
        environment = []
        for variable in configuration.environment { add(Array(variable.utf8)) }
        for variable in own { add(variable) }
        guard let needed = configuration.cpuCount, needed > UInt64(cpuCount) else { return }
        guard !isCPUCountGiven, let count = UInt32(exactly: needed), Self.cpuCounts ~= count else {
            throw ModuleError("hermit.toml requires \(needed) cpus")
        }
        cpuCount = count
    }

    // MARK: Environment

    private static let equalsSign = UInt8(ascii: "=")
    /// The limit for one file: each variable is compared with all before it, and no guest takes as
    /// many.
    private static let mostVariables = 4096

    private mutating func addVariable(_ option: OptionValue) throws(ModuleError) {
        if option.value == "host" {
            for variable in Environment.all { add(variable) }
            return
        }
        let variable = Array(option.value.utf8)
        if variable.contains(Self.equalsSign) {
            guard variable.first != Self.equalsSign else {
                throw ModuleError("the variable has no name", option: option)
            }
            add(variable)
        } else if let own = Environment.all.first(where: {
            $0.starts(with: variable + [Self.equalsSign])
        }) {
            add(own)
        }
    }

    private mutating func addVariables(fromFile option: OptionValue) throws(ModuleError) {
        let content: [UInt8]
        do throws(InputError) {
            content = try OptionFile.read(option.value)
        } catch {
            throw ModuleError("Could not read: \(error)", option: option)
        }
        let lines = content.split(separator: UInt8(ascii: "\n")).filter {
            $0.first != UInt8(ascii: "#")
        }
        guard lines.count <= Self.mostVariables else {
            throw ModuleError(
                "\(lines.count) variables: a file can have up to \(Self.mostVariables)",
                option: option)
        }
        for line in lines {
            guard let index = line.firstIndex(of: Self.equalsSign), index > line.startIndex else {
                throw ModuleError(
                    "'\(String(decoding: line.prefix(64), as: UTF8.self))' is not NAME=VALUE",
                    option: option)
            }
            guard !line.contains(0) else {
                throw ModuleError(
                    "the value of '\(String(decoding: line[..<index].prefix(64), as: UTF8.self))' "
                        + "has a NUL byte, at which it would end", option: option)
            }
            add(Array(line))
        }
    }

    /// Sets a variable; the last value prevails.
    private mutating func add(_ variable: [UInt8]) {
        guard let end = variable.firstIndex(of: Self.equalsSign) else { return }
        let name = variable[...end]
        environment.removeAll { $0.starts(with: name) }
        environment.append(variable)
    }
}
