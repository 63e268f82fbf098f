// swift-tools-version: 6.2
import PackageDescription

// `make` sets this to build the release flavour: the same sources as Embedded Swift, linked statically.
let embedded = Context.environment["PINNACE_EMBEDDED"] == "1"

// `make fuzz` sets this to build the fuzzer, and all code so that it sees which way an input takes.
let fuzzing = Context.environment["PINNACE_FUZZ"] == "1"

/// The modules, each a target under Modules/ behind a trait of the same name.
let modules = ["Walltime", "Puts", "Poll", "Halt", "Block", "Net", "Uhyve"]

/// Modules that look into guests: in no production build, and so not in the default one.
let debugModules = ["Gdb", "Dumpcore", "Trace"]

let allModules = modules + debugModules

// The kernel's newer calls are GNU extensions to the C library. All targets see the same C library,
// or those that import it from two sides (CLinux and Foundation) would not build.
let commonSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .unsafeFlags(["-Xcc", "-D_GNU_SOURCE"] + (fuzzing ? ["-sanitize=fuzzer"] : [])),
]

let swiftSettings: [SwiftSetting] =
    commonSettings + [.strictMemorySafety()]
    + (embedded
        ? [
            .enableExperimentalFeature("Embedded"),
            // Nothing in it unwinds the stack.
            .unsafeFlags(["-wmo", "-Osize", "-Xcc", "-fno-asynchronous-unwind-tables"]),
        ] : [])

// The linker that ships with Swift is the one that makes static position-independent executables.
let linkerSettings: [LinkerSetting] =
    embedded
    ? [
        .unsafeFlags([
            "-use-ld=lld", "-Xclang-linker", "-static-pie", "-lswiftUnicodeDataTables", "-lm",
        ])
    ] : []

func whenChosen(_ module: String) -> Target.Dependency {
    .target(name: module, condition: .when(traits: [module]))
}

func layer(_ name: String, on dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func program(_ name: String, on dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, swiftSettings: swiftSettings,
        linkerSettings: linkerSettings)
}

/// What modules stand on besides the core, if not just on hvt guests.
let layersBelow: [String: [Target.Dependency]] = [
    "Net": ["HVT", "Tap"], "Uhyve": ["CZlib", "Hypervisor", "JSON", "TOML", "Tap"],
    "Gdb": ["Hypervisor"],
    "Dumpcore": ["Hypervisor"], "Trace": ["Hypervisor", "JSON"],
]

/// Link-time optimization loses what module maps say about libraries.
let librariesBelow: [String: [LinkerSetting]] = ["Uhyve": [.linkedLibrary("z")]]

func moduleTarget(_ name: String) -> Target {
    .target(
        name: name,
        dependencies: ["ABI", "Bytes", "CLinux", "Linux", "Tender"]
            + layersBelow[name, default: ["HVT"]],
        path: "Modules/\(name)",
        exclude: ["README.md"], swiftSettings: swiftSettings,
        linkerSettings: librariesBelow[name, default: []])
}

func test(_ name: String, of dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies + ["TestSupport"],
        swiftSettings: commonSettings)
}

/// The tests and the benchmark are ordinary Swift only.
let tests: [Target] =
    [
        .target(name: "TestSupport", path: "Tests/Support", swiftSettings: commonSettings),
        .target(
            name: "TenderSupport", dependencies: ["ABI", "Hypervisor", "Linux", "Tender"],
            path: "Tests/TenderSupport", swiftSettings: commonSettings),
        test("JSON", of: ["JSON"]),
        test("ManifestNote", of: ["JSON", "ManifestNote"]),
        test("TOML", of: ["TOML"]),
        test("Linux", of: ["CLinux", "Linux"]),
        test("Hypervisor", of: ["CLinux", "Hypervisor", "Linux"]),
        test("Tender", of: ["ABI", "CLinux", "Hypervisor", "Linux", "Tender", "TenderSupport"]),
        test(
            "HVT",
            of: ["ABI", "CLinux", "HVT", "Hypervisor", "Linux", "Tender", "TenderSupport"]),
        test(
            "Commands",
            of: ["Commands", "HVT", "Hypervisor", "Linux", "Tender"] + allModules.map(whenChosen)),
        test(
            "Sandbox",
            of: ["CLinux", "Linux", "Sandbox", "Tender"] + allModules.map(whenChosen)),
        test("Boot", of: ["CLinux"]),
        .executableTarget(name: "Bench", path: "Tests/Bench", swiftSettings: commonSettings),
        .target(
            name: "Mutation",
            dependencies: [
                "ABI", "CLinux", "Commands", "HVT", "Hypervisor", "JSON", "Linux", "Tap", "Tender",
                "TestSupport",
            ] + allModules.map(whenChosen),
            path: "Tests/Mutation", swiftSettings: commonSettings),
        test("Mutation", of: ["Mutation"]),
    ]
    + (fuzzing
        ? [
            .systemLibrary(name: "CFuzzer", path: "Tests/CFuzzer"),
            .executableTarget(
                name: "fuzz", dependencies: ["CFuzzer", "Mutation"], path: "Tests/Fuzz",
                swiftSettings: commonSettings),
        ] : [])
    + allModules.map {
        test(
            $0,
            of: [
                "ABI", "CLinux", "HVT", "Hypervisor", "Linux", "Tender", "TenderSupport",
                whenChosen($0),
            ])
    }

let package = Package(
    name: "pinnace",
    products: [
        .executable(name: "pinnace", targets: ["pinnace"]),
        .executable(name: "manifest-note", targets: ["ManifestNote"]),
    ] + (embedded ? [] : [.executable(name: "bench", targets: ["Bench"])]),
    traits: Set(
        [.default(enabledTraits: Set(modules))]
            + allModules.map { .trait(name: $0, description: "Build module \($0) in.") }
            + [
                .trait(
                    name: "Debug", description: "Build all modules in that look into guests.",
                    enabledTraits: Set(debugModules))
            ]
            + [.trait(name: "Stages", description: "Time the stages of a launch, for benchmarks.")]
            + [.trait(name: "Unsafe", description: "Let --sandbox=off run guests without one.")]
    ),
    targets: [
        .systemLibrary(name: "ABI", path: "abi"),
        .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
        // Decompresses images for module Uhyve; nobody else needs it.
        .systemLibrary(
            name: "CZlib", path: "Sources/CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CSeccomp", path: "Sources/CSeccomp", providers: [.apt(["libseccomp-dev"])]),
        layer("Bytes", on: []),
        layer("JSON", on: []),
        layer("TOML", on: []),
        layer("Linux", on: ["CLinux"]),
        layer("Hypervisor", on: ["CLinux", "Linux"]),
        layer("Tender", on: ["ABI", "Bytes", "CLinux", "Hypervisor", "JSON", "Linux"]),
        layer("HVT", on: ["ABI", "Bytes", "CLinux", "Hypervisor", "JSON", "Linux", "Tender"]),
        layer("Tap", on: ["CLinux", "Linux", "Tender"]),
        .target(
            name: "Sandbox", dependencies: ["CLinux", "CSeccomp", "Linux", "Tender"],
            exclude: ["README.md"], swiftSettings: swiftSettings,
            linkerSettings: [.linkedLibrary("seccomp")]),
        layer(
            "Commands",
            on: ["ABI", "Bytes", "CLinux", "HVT", "JSON", "Linux", "Sandbox", "TOML", "Tender"]),
        program(
            "pinnace",
            on: ["CLinux", "Commands", "HVT", "Hypervisor", "Linux", "Tender"]
                + allModules.map(whenChosen)
        ),
        program("ManifestNote", on: ["CLinux", "JSON"]),
    ] + allModules.map(moduleTarget) + (embedded ? [] : tests)
)
