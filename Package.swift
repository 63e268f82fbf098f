// swift-tools-version: 6.2
import PackageDescription

// `make` sets this to build the release flavour: the same sources as Embedded Swift, linked statically.
let embedded = Context.environment["PINNACE_EMBEDDED"] == "1"

// `make ARCH=aarch64` sets this to build for another processor than this machine's.
#if arch(arm64)
    let host = "aarch64"
#else
    let host = "x86_64"
#endif
let architecture = Context.environment["PINNACE_ARCH"] ?? host
let otherArchitecture = architecture == "aarch64" ? "x86_64" : "aarch64"

// `make fuzz` sets this to build the fuzzer, and all code so that it sees which way an input takes.
let fuzzing = Context.environment["PINNACE_FUZZ"] == "1"

// `make races` sets this to build only the tests of code with threads, for ThreadSanitizer.
let races = Context.environment["PINNACE_RACES"] == "1"
let threaded = [
    "Linux", "Hypervisor", "Tender", "HVT", "Gdb", "Dumpcore", "Uhyve", "Trace", "Net",
].map { "\($0)Tests" }

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

/// What makes strings of parts: appending, interpolation, decoding, comparing. The compiler puts a copy of these
/// wherever they are called, which is a tenth of the binary's size.
let calledForStrings = [
    "$eSS6appendyySSF", "$es11_StringGutsV6appendyyABF",
    "$es26DefaultStringInterpolationV15literalCapacity18interpolationCountABSi_SitcfC",
    "$eSS18_fromUTF8RepairingySS6result_Sb11repairsMadetSRys5UInt8VGFZ",
    "$eSS2eeoiySbSS_SStFZ",
]

let swiftSettings: [SwiftSetting] =
    commonSettings + [.strictMemorySafety()]
    + (embedded
        ? [
            .enableExperimentalFeature("Embedded"),
            // Nothing in it unwinds the stack.
            .unsafeFlags(["-wmo", "-Osize", "-Xcc", "-fno-asynchronous-unwind-tables"]),
            .unsafeFlags(
                calledForStrings.flatMap { ["-Xllvm", "-sil-inline-never-function=\($0)"] }),
        ] : [])

/// The functions of Allocator.swift by their other names: two that the compiler keeps to its own runtime, and
/// those by which the C library calls its own. Another heap beside ours would move its end.
let heapNames = [
    "malloc=heap_allocate", "free=heap_release", "__libc_malloc=heap_allocate",
    "__libc_free=heap_release", "__libc_calloc=calloc", "__libc_realloc=realloc",
]

// The linker that ships with Swift is the one that makes static position-independent executables.
let linkerSettings: [LinkerSetting] =
    embedded
    ? [
        .unsafeFlags(
            [
                "-use-ld=lld", "-Xclang-linker", "-static-pie", "-lswiftUnicodeDataTables",
            ] + heapNames.flatMap { ["-Xlinker", "--defsym=\($0)"] })
    ] : []

func whenChosen(_ module: String) -> Target.Dependency {
    .target(name: module, condition: .when(traits: [module]))
}

func layer(
    _ name: String, on dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings)
}

func program(
    _ name: String, on dependencies: [Target.Dependency], exclude: [String]
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings,
        linkerSettings: linkerSettings)
}

/// The files of a module that are part of target Manifests, which links to them: builds without the
/// module have to know of it.
func manifestFiles(_ module: String) -> [String] {
    ["\(module)Manifest.swift"]
        + (module == "Uhyve" ? ["HermitMark.swift", "UhyveManifest+Hypercalls.swift"] : [])
}

/// The targets that module Uhyve consists of besides its own, each in a folder of the module's.
let uhyveParts: [(name: String, folder: String, dependencies: [Target.Dependency])] = [
    ("GuestArchive", "Archive", ["Bytes", "CLinux", "CZlib", "Linux", "Tender"]),
    (
        "GuestFiles", "Files",
        ["Bytes", "CLinux", "GuestArchive", "Linux", "Manifests", "Rules", "Tender"]
    ),
    ("HermitImage", "Image", ["ABI", "Bytes", "GuestArchive", "JSON", "Linux", "TOML", "Tender"]),
]

/// What modules stand on besides the core, if not just on hvt guests.
let layersBelow: [String: [Target.Dependency]] = [
    "Net": ["HVT", "Network"],
    "Uhyve": [
        "Architecture", "Hypervisor", "JSON", "Network", "Programs", "Sandbox", "TOML", "Virtio",
    ]
        + uhyveParts.map { .target(name: $0.name) },
    "Gdb": ["Architecture", "Hypervisor"],
    "Dumpcore": ["Architecture", "Hypervisor"], "Trace": ["Hypervisor", "JSON"],
]

func moduleTarget(_ name: String) -> Target {
    .target(
        name: name,
        dependencies: ["ABI", "Bytes", "CLinux", "Linux", "Manifests", "Rules", "Tender"]
            + layersBelow[name, default: ["HVT"]],
        path: "Modules/\(name)",
        exclude: ["README.md"] + manifestFiles(name)
            + (name == "Uhyve" ? uhyveParts.map { $0.folder } : []),
        swiftSettings: swiftSettings)
}

/// Parts of module Uhyve: with its trait only, since nothing else depends on them.
let uhyveTargets: [Target] = uhyveParts.map { part in
    .target(
        name: part.name, dependencies: part.dependencies, path: "Modules/Uhyve/\(part.folder)",
        swiftSettings: swiftSettings,
        // Link-time optimization loses what module maps say about libraries.
        linkerSettings: part.name == "GuestArchive" ? [.linkedLibrary("z")] : [])
}

/// For tests that look into these parts.
let uhyvePartsWhenChosen: [Target.Dependency] =
    uhyveParts.map { .target(name: $0.name, condition: .when(traits: ["Uhyve"])) }

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
            name: "TenderSupport",
            dependencies: ["ABI", "Architecture", "Hypervisor", "Linux", "Rules", "Tender"],
            path: "Tests/TenderSupport", swiftSettings: commonSettings),
        test("JSON", of: ["Bytes", "JSON"]),
        test("Elftool", of: ["CommandsSupport", "Elftool", "JSON", "Programs"]),
        test("TOML", of: ["Bytes", "TOML"]),
        test("Linux", of: ["Bytes", "CLinux", "Linux"]),
        test("Architecture", of: ["Architecture"]),
        test("Hypervisor", of: ["Architecture", "CLinux", "Hypervisor", "Linux", "Rules"]),
        test(
            "Tender",
            of: [
                "ABI", "Architecture", "CLinux", "Hypervisor", "Linux", "Rules", "Tender",
                "TenderSupport",
            ]),
        test("Network", of: ["CLinux", "Linux", "Network", "Tender"]),
        test(
            "HVT",
            of: [
                "ABI", "Architecture", "Bytes", "CLinux", "HVT", "Hypervisor", "Linux", "Rules",
                "Tender",
                "TenderSupport",
            ]),
        test("Manifests", of: ["ABI", "HVT", "Manifests", "Tender"]),
        test("Programs", of: ["CLinux", "Linux", "Programs", "Tender"]),
        .target(
            name: "CommandsSupport",
            dependencies: [
                "Commands", "HVT", "Hypervisor", "Manifests", "Programs", "Rules", "Tender",
                "TestSupport",
            ],
            path: "Tests/CommandsSupport", swiftSettings: commonSettings),
        test(
            "Commands",
            of: [
                "Commands", "CommandsSupport", "HVT", "Hypervisor", "Linux", "Programs", "Rules",
                "Tender",
            ] + allModules.map(whenChosen)),
        // What tests that start the real binary have in common.
        .target(
            name: "BootSupport", dependencies: ["CLinux", "TestSupport"],
            path: "Tests/BootSupport", swiftSettings: commonSettings),
        test(
            "Sandbox",
            of: [
                "BootSupport", "CLinux", "Hypervisor", "Linux", "Manifests", "Rules", "Sandbox",
                "Tender",
            ]),
        test("Boot", of: ["BootSupport", "CLinux"]),
        .systemLibrary(name: "CEmulation", path: "Tests/CEmulation"),
        .target(
            name: "EmulatedMSHV", dependencies: ["CEmulation", "CLinux", "Hypervisor", "Linux"],
            path: "Tests/EmulatedMSHV", swiftSettings: commonSettings),
        .executableTarget(
            name: "with-mshv", dependencies: ["CEmulation", "CLinux", "EmulatedMSHV", "Linux"],
            path: "Tests/MSHVSupervisor", swiftSettings: commonSettings),
        .executableTarget(
            name: "emulated-pinnace",
            dependencies: [
                "BuiltIn", "CLinux", "Commands", "EmulatedMSHV", "HVT", "Hypervisor", "Linux",
                "Manifests", "Programs", "Tender",
            ],
            path: "Tests/EmulatedPinnace", swiftSettings: commonSettings),
        test("EmulatedMSHV", of: ["CLinux", "EmulatedMSHV", "Linux"]),
        .executableTarget(name: "Bench", path: "Tests/Bench", swiftSettings: commonSettings),
        .target(
            name: "Mutation",
            dependencies: [
                "ABI", "Architecture", "BuiltIn", "CLinux", "Commands", "HVT", "Hypervisor", "JSON",
                "Linux", "Manifests", "Programs", "Network", "Rules", "Tender", "TestSupport",
                "Virtio",
            ] + allModules.map(whenChosen) + uhyvePartsWhenChosen,
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
                "ABI", "Architecture", "Bytes", "CLinux", "HVT", "Hypervisor", "Linux", "Manifests",
                "Rules", "Network", "Tender", "TenderSupport", whenChosen($0),
            ]
                + ($0 == "Uhyve"
                    ? ["Commands", "CommandsSupport", "Programs", "Virtio"] + uhyvePartsWhenChosen
                    : []))
    }

let chosenTests =
    races ? tests.filter { $0.name.hasSuffix("Support") || threaded.contains($0.name) } : tests

let package = Package(
    name: "pinnace",
    products: [
        .executable(name: "pinnace", targets: ["pinnace"])
    ] + (embedded || races ? [] : [.executable(name: "bench", targets: ["Bench"])]),
    traits: Set(
        [.default(enabledTraits: Set(modules))]
            + allModules.map { .trait(name: $0, description: "Build module \($0) in.") }
            + [
                .trait(
                    name: "Debug", description: "Build all modules in that look into guests.",
                    enabledTraits: Set(debugModules))
            ]
            + [.trait(name: "MSHV", description: "Run hvt guests on Microsoft's hypervisor, too.")]
            + [.trait(name: "Stages", description: "Time the stages of a launch, for benchmarks.")]
            + [.trait(name: "Unsafe", description: "Let --sandbox=off run guests without one.")]
    ),
    targets: [
        .systemLibrary(name: "ABI", path: "abi"),
        .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
        // Decompresses Hermit images: for module Uhyve only.
        .systemLibrary(
            name: "CZlib", path: "Sources/CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CSeccomp", path: "Sources/CSeccomp", providers: [.apt(["libseccomp-dev"])]),
        layer("Bytes", on: []),
        layer("JSON", on: ["Bytes"]),
        layer("TOML", on: ["Bytes"]),
        layer("Rules", on: []),
        layer("Architecture", on: ["Bytes"]),
        layer("Linux", on: ["Bytes", "CLinux"]),
        // The kernel's headers are those of one architecture.
        layer(
            "Hypervisor", on: ["Architecture", "CLinux", "Linux", "Rules"],
            exclude: ["KVM/\(otherArchitecture)"] + (architecture == "x86_64" ? [] : ["MSHV"])),
        layer(
            "Tender",
            on: [
                "ABI", "Architecture", "Bytes", "CLinux", "Hypervisor", "JSON", "Linux", "Rules",
            ]),
        layer(
            "HVT",
            on: [
                "ABI", "Architecture", "Bytes", "CLinux", "Hypervisor", "JSON", "Linux", "Rules",
                "Tender",
            ]),
        layer("Network", on: ["CLinux", "Linux", "Tender"]),
        layer("Virtio", on: ["CLinux", "Hypervisor", "Linux", "Network", "Tender"]),
        .target(
            name: "Sandbox", dependencies: ["CLinux", "CSeccomp", "Linux", "Rules", "Tender"],
            exclude: ["README.md"], swiftSettings: swiftSettings,
            linkerSettings: [.linkedLibrary("seccomp")]),
        // Links to the manifests of all modules. What a build does not use of them, it is without.
        layer("Manifests", on: ["ABI", "CLinux", "HVT", "Linux", "Rules", "Tender"]),
        layer("Programs", on: ["CLinux", "Linux", "Sandbox", "Tender"]),
        layer(
            "Commands",
            on: [
                "ABI", "Bytes", "CLinux", "HVT", "Hypervisor", "JSON", "Linux", "Programs", "Rules",
                "Sandbox", "Tender",
            ]),
        layer("Elftool", on: ["Bytes", "CLinux", "HVT", "JSON", "Programs", "Tender"]),
        // Uhyve comes with a kind of guest.
        layer("BuiltIn", on: ["Tender"] + allModules.filter { $0 != "Uhyve" }.map(whenChosen)),
        program(
            "pinnace",
            on: [
                "BuiltIn", "CLinux", "Commands", "Elftool", "HVT", "Hypervisor", "Linux",
                "Manifests", "Programs", "Tender", whenChosen("Uhyve"),
            ],
            exclude: ["Packaging"]
        ),
    ] + allModules.map(moduleTarget) + uhyveTargets + (embedded ? [] : chosenTests)
)
