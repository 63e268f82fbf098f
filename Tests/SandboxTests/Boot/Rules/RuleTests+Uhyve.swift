import CLinux
import Foundation
import TestSupport
import Testing

@testable import BootSupport

extension RuleTests {
    @Test(arguments: Flavour.built)
    func uhyve(flavour: Flavour) throws {
        var use = try RuleUse(
            of: "uhyve", flavour,
            preparation: BootCase.hermitDirectories
                + BootCase.archive(of: "files-v3", files: ["basket/fruit": "apple"])
                + ["mkdir temporary"])
        try use.run("hermit/hello-v3")
        try use.run("hermit/smp-v3", options: ["--cpus=4"])
        try use.run("hermit/stdin-v3")
        try files(&use)
        try consoles(&use)
        // All calls of each version.
        for version in ["v1-dyn", "v3"] {
            try use.run(
                "hermit/hostile-\(version)", ["all"],
                options: ["--cpus=2", "--file-mapping=dir:/root"])
        }
        try ends(&use)
        try network(&use)
        expectFit(
            use,
            excuses: [
                "brk": "what is reserved of the heap does for any guest that was tried"
            ])
    }

    private func files(_ use: inout RuleUse) throws {
        for guest in ["hermit/files-v1-dyn", "hermit/files-v3"] {
            try use.run(guest, ["all"], options: ["--file-mapping=dir:/root"])
            try use.run(guest, ["elsewhere"], options: ["--temporary-directory=temporary"])
        }
        try use.run(
            "hermit/hostile-v3", ["temporary-paths"],
            options: ["--temporary-directory=temporary"])
        try use.run("./image", ["cat", "path=fruit", "dir=/basket"])
    }

    private func consoles(_ use: inout RuleUse) throws {
        try use.run("hermit/hello-v3", adjust: { $0.output = try Self.socket().output })
        try runFull(try Self.pipe(), "hermit/hello-v3", [], &use)
    }

    private func ends(_ use: inout RuleUse) throws {
        try use.run("hermit/hostile-v3", ["triple-fault"], status: 1)
        try use.run(
            "hermit/hostile-v3", ["sleep"], options: ["--cpus=2"], status: 1,
            meanwhile: { launch in
                try launch.waitForOutput("sleeping")
                try launch.send(signal: SIGTERM)
            })
        try use.run(
            "hermit/hostile-v3", ["sleep"], status: nil,
            meanwhile: { launch in
                try launch.waitForOutput("sleeping")
                try launch.send(signal: SIGHUP)
            })
        // The statistics wait for somebody to read them, and the vCPUs for the process to end.
        let console = try Self.pipe()
        _ = try console.writer.fill()
        try use.run(
            "hermit/smp-v3", options: ["--cpus=2", "--output=none", "--stats"],
            adjust: {
                $0.output = console.output
                $0.mergesStreams = true
            }
        ) { launch in
            try launch.waitForCall("pause", count: 2)
            try console.reader.setBlocking(false)
            _ = try console.reader.readAll()
        }
    }

    private func network(_ use: inout RuleUse) throws {
        let (near, far) = try Descriptor.socketPair(SOCK_SEQPACKET)
        try use.run(
            "hermit/net-echo-v3", ["10.0.0.2"], options: ["--net=@9"], status: 1,
            adjust: { $0.inherited = [9: near.number] }
        ) { launch in
            try launch.waitForOutput("serving")
            try launch.stopAndContinue()
            try far.write([UInt8](repeating: 0xFF, count: 60))
            // The frame, and that there is none.
            try launch.waitForCall("read", on: 9, count: 2)
            try launch.send(signal: SIGTERM)
        }
    }
}
