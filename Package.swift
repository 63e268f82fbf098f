// swift-tools-version: 6.2
import PackageDescription

// `make` sets this to build the release flavour: the same sources as Embedded Swift, linked statically.
let embedded = Context.environment["PINNACE_EMBEDDED"] == "1"

/// The modules, each a target under Modules/ behind a trait of the same name.
let modules = ["Walltime", "Puts", "Poll", "Halt", "Block", "Net"]

let swiftSettings: [SwiftSetting] =
    [.strictMemorySafety(), .swiftLanguageMode(.v6)]
    + (embedded
        ? [
            .enableExperimentalFeature("Embedded"),
            .unsafeFlags(["-wmo", "-Osize"]),
        ] : [])

// The linker that ships with Swift is the one that makes static position-independent executables.
let linkerSettings: [LinkerSetting] =
    embedded ? [.unsafeFlags(["-use-ld=lld", "-Xclang-linker", "-static-pie", "-lswiftUnicodeDataTables", "-lm"])] : []

func whenChosen(_ module: String) -> Target.Dependency {
    .target(name: module, condition: .when(traits: [module]))
}

let package = Package(
    name: "pinnace",
    products: [
        .executable(name: "pinnace", targets: ["pinnace"]),
        .executable(name: "manifest-note", targets: ["ManifestNote"]),
    ],
    traits: Set(
        [.default(enabledTraits: Set(modules))]
            + modules.map { .trait(name: $0, description: "Build module \($0) in.") }),
    targets: [
        .systemLibrary(name: "ABI", path: "abi"),
        .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
        .target(name: "Linux", dependencies: ["CLinux"], swiftSettings: swiftSettings),
        .target(name: "Hypervisor", dependencies: ["CLinux", "Linux"], swiftSettings: swiftSettings),
        .target(
            name: "Tender", dependencies: ["ABI", "CLinux", "Linux", "Hypervisor"],
            swiftSettings: swiftSettings),
        .target(
            name: "Commands", dependencies: ["ABI", "CLinux", "Linux", "Tender", "Hypervisor"],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "pinnace",
            dependencies: ["CLinux", "Commands", "Linux", "Tender"] + modules.map(whenChosen),
            swiftSettings: swiftSettings, linkerSettings: linkerSettings),
        .executableTarget(
            name: "ManifestNote", dependencies: ["CLinux"], swiftSettings: swiftSettings,
            linkerSettings: linkerSettings),
    ]
        + modules.map {
            .target(
                name: $0, dependencies: ["ABI", "CLinux", "Linux", "Tender"], path: "Modules/\($0)",
                exclude: ["README.md"], swiftSettings: swiftSettings)
        }
)
