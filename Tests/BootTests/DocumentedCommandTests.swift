import CLinux
import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// The commands of pinnace on README and the other pages, where all is there that they name. What runs a
/// guest is rehearsed by `check`, which takes the same options.
@Suite(
    "Documented commands", .usesTaps, .needs(Flavour.regular.lack), .needs(Host.needsRoot),
    .needs(Host.missing("passt") ?? Host.missing("man")))
struct DocumentedCommandTests {
    private let host: Namespace
    private let directory: TemporaryDirectory
    private let peer: FramePeer

    init() throws {
        host = try Namespace()
        directory = try TemporaryDirectory()
        peer = try FramePeer(SOCK_STREAM, at: directory.path("net.sock"))
        try host.run(
            """
            ip link set lo up
            ip link add eth0 type veth peer name port
            ip addr add 10.0.7.2/24 dev eth0
            ip link set eth0 up
            ip link set port up
            ip route add default via 10.0.7.1
            cd \(directory.path)
            mkdir -p bin data dist .build/guests
            ln -s \(Flavour.regular.path) bin/pinnace
            ln -s \(Flavour.regular.path) .build/pinnace
            truncate -s 1M disk.img
            bin/pinnace run --trace=out.trace \(Host.guest("hello"))
            ln out.trace guest.trace
            """)
    }

    @Test("They do what they are said to, or would") func run() throws {
        var count = 0
        for page in DocumentationTests.pages {
            for line in try commands(in: page) {
                var words = line.split(separator: " ").map(String.init)
                guard words.count > 1, !Self.isUsage(line), !Self.needsOtherMachine(line) else {
                    continue
                }
                if ["run", "check", "inspect", "manifest"].contains(words[1]) {
                    if words[1] == "run" { words[1] = "check" }
                    if let image = words.dropFirst(2).first(where: { !$0.hasPrefix("-") }) {
                        try link(image, for: line)
                    }
                }
                let command = words.joined(separator: " ").replacingOccurrences(
                    of: "/tmp/net.sock", with: directory.path("net.sock"))
                let script = "cd \(directory.path); PATH=$PWD/bin:$PATH; \(command)"
                let outcome = try Shell.run(
                    "exec \(host.command(["bash", "-euo", "pipefail", "-c", script]))")
                #expect(
                    outcome.status == 0, "\(page): \(line): \(outcome.output)\(outcome.error)")
                count += 1
            }
        }
        #expect(count > 30)
    }

    /// Lines of code that begin with pinnace, each with those that continue it, without comments.
    private func commands(in page: String) throws -> [String] {
        try DocumentationTests.text(page).replacing(#/\\\n +/#, with: "").split(separator: "\n")
            .filter { $0.hasPrefix("    ") }
            .map { $0.split(separator: " #")[0].drop { " $".contains($0) } }
            .filter { $0.hasPrefix("pinnace ") || $0.hasPrefix(".build/pinnace ") }
            .map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// Whether it says what can be typed instead of being that; or is what a command has printed.
    private static func isUsage(_ line: String) -> Bool {
        ["[", "...", "|zsh", "pinnace 0", "FILE"].contains { line.contains($0) }
    }

    private static func needsOtherMachine(_ line: String) -> Bool {
        line.contains("--hypervisor=mshv")
    }

    /// Has `name` be an image that takes the options of a command.
    private func link(_ name: String, for line: String) throws {
        let guest =
            switch (line.contains("--block:storage"), line.contains("--net:service")) {
            case (true, true): "layout-devices"
            case (true, false): "block"
            case (false, true): "http"
            case (false, false): line.contains("--cpus") ? "hermit/hello-v3" : "hello"
            }
        try host.run("ln -sf \(Host.guest(guest)) \(directory.path(name))")
    }
}
