import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// `make install`, `make dist` and `make deb`, by their scripts: `make` would build first.
@Suite("Installation", .needs(Flavour.release.lack)) struct InstallTests {
    private let binary = Flavour.release.path
    private let packaging = Host.setting(
        "PINNACE_PACKAGING", otherwise: "Sources/pinnace/Packaging")
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func sh(_ script: String) throws -> ChildProcess.Outcome {
        try Shell.run("set -e\ncd \(Shell.quoted(directory.path("")))\n\(script)")
    }

    private func script(_ name: String, _ arguments: String...) -> String {
        Shell.quoted(["\(packaging)/\(name)"] + arguments)
    }

    /// That the binary below this directory has come with its links, and works by them.
    private func check(_ place: String) throws {
        let links = try sh(
            """
            cd \(place)/bin
            ./pinnace --version
            ./solo5-hvt --version 2>&1
            ./uhyve --version
            ./solo5-elftool query-abi \(Shell.quoted(Host.guest("hello"))) || true
            """)
        #expect(links.status == 0)
        let lines = links.output.split(separator: "\n")
        #expect(lines.first?.hasPrefix("pinnace 0.1.0 (") == true)
        #expect(lines.contains("ABI version 2"))
        #expect(lines.contains { $0.hasPrefix("pinnace 0.1.0 (") })
        #expect(lines.contains { $0.hasPrefix("uhyve ") })
        if Host.missingGuests == nil { #expect(lines.contains(#"  "target": "hvt","#)) }
    }

    @Test("make install puts everything in its place, and uninstall takes it away")
    func install() throws {
        #expect(try sh(script("install", binary, "root/usr")).status == 0)
        try check("root/usr")
        let files = try sh("cd root/usr && find . ! -type d | sort").output.split(separator: "\n")
        for file in [
            "bin/pinnace", "bin/solo5-hvt", "bin/uhyve", "bin/solo5-elftool",
            "share/man/man1/pinnace.1", "share/man/man1/pinnace-run.1",
            "share/man/man1/solo5-hvt.1", "share/man/man1/uhyve.1",
            "share/bash-completion/completions/pinnace", "share/bash-completion/completions/uhyve",
            "share/zsh/site-functions/_pinnace", "share/fish/vendor_completions.d/pinnace.fish",
            "share/doc/pinnace/copyright", "share/doc/pinnace/CHANGELOG.md",
            "share/doc/pinnace/examples/pinnace@.service",
            "share/doc/pinnace/examples/60-pinnace.rules",
        ] {
            #expect(files.contains("./\(file)"), "\(file)")
        }
        // A second time, over itself.
        #expect(try sh(script("install", binary, "root/usr")).status == 0)
        let other = "root/usr/share/doc/other"
        #expect(
            try sh("touch \(other)\n\(script("install", "--remove", binary, "root/usr"))").status
                == 0)
        #expect(try sh("find root ! -type d").output == "\(other)\n")
    }

    @Test("make does the same", .needs(Host.missing("make")))
    func make() throws {
        let package = Host.setting("PINNACE_PACKAGE", otherwise: ".")
        let make =
            "make --no-print-directory -C \(Shell.quoted(package)) PINNACE=\(Shell.quoted(binary))"
        let root = Shell.quoted(directory.path("root"))
        #expect(try sh("\(make) install DESTDIR=\(root) PREFIX=/opt").status == 0)
        try check("root/opt")
        #expect(try sh("\(make) uninstall DESTDIR=\(root) PREFIX=/opt").status == 0)
        #expect(try sh("find root ! -type d").output == "")
    }

    @Test("make dist makes a tarball whose checksums are right, the same each time")
    func dist() throws {
        let made = try sh(
            "\(script("dist", binary, "out", "abc"))\n\(script("dist", binary, "again", "abc"))")
        #expect(made.status == 0, "\(made.error)")
        #expect(
            try sh("cd out && sha256sum -c SHA256SUMS && cmp SHA256SUMS ../again/SHA256SUMS").status
                == 0)
        #expect(
            try sh("mkdir tree && tar -C tree --strip-components=1 -xzf out/*.tar.gz").status == 0)
        try check("tree")
        #expect(try sh("test -s tree/README.md && test -s tree/LICENSE").status == 0)

        let text = try Data(
            contentsOf: URL(
                fileURLWithPath: directory.path("tree/share/doc/pinnace/pinnace.spdx.json")))
        let sbom = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
        #expect(sbom["spdxVersion"] as? String == "SPDX-2.3")
        let parts = try #require(sbom["packages"] as? [[String: Any]])
        #expect(
            parts.compactMap { $0["name"] as? String }
                == ["musl", "libseccomp", "swift", "zlib", "pinnace"])
        let sum = try sh("sha256sum < tree/bin/pinnace | cut -d ' ' -f 1").output
        let checksums = parts.last?["checksums"] as? [[String: String]]
        #expect(checksums?.first?["checksumValue"].map { $0 + "\n" } == sum)
    }

    @Test("make deb makes a package", .needs(Host.missing("dpkg-deb")))
    func deb() throws {
        let made = try sh(script("deb", binary, "out"))
        #expect(made.status == 0, "\(made.error)")
        #expect(try sh("dpkg-deb -x out/*.deb root").status == 0)
        try check("root/usr")
        let fields = try sh("dpkg-deb -f out/*.deb Package Version").output
        #expect(fields == "Package: pinnace\nVersion: 0.1.0\n")
        #expect(
            try sh(
                "cd root && dpkg-deb --ctrl-tarfile ../out/*.deb | tar -xO ./md5sums | md5sum -c --quiet"
            ).status == 0)
    }

    @Test("dpkg installs and removes it", .needs(Host.missing("dpkg") ?? Host.needsRoot))
    func dpkg() throws {
        let dpkg = "dpkg --root=root --force-not-root --log=/dev/null"
        let made = try sh(
            """
            \(script("deb", binary, "out"))
            mkdir -p root/var/lib/dpkg/info root/var/lib/dpkg/updates
            touch root/var/lib/dpkg/status root/var/lib/dpkg/available
            \(dpkg) -i out/*.deb
            """)
        #expect(made.status == 0, "\(made.error)")
        try check("root/usr")
        #expect(try sh("\(dpkg) -r pinnace && test ! -e root/usr/bin/pinnace").status == 0)
    }

    @Test(
        "lintian finds nothing wrong", .needs(Host.missing("lintian") ?? Host.missing("dpkg-deb")))
    func lintian() throws {
        #expect(try sh(script("deb", binary, "out")).status == 0)
        let found = try sh("lintian --allow-root --no-cfg --fail-on error,warning out/*.deb")
        #expect(found.status == 0, "\(found.output)\(found.error)")
    }

    @Test("systemd takes the unit", .needs(Host.missing("systemd-analyze")))
    func unit() throws {
        let verified = try sh(
            """
            sed "s|/usr/bin/pinnace|\(binary)|" '\(packaging)/examples/pinnace@.service' > pinnace@.service
            systemd-analyze verify --man=no ./pinnace@guest.service 2>&1 || true
            """)
        #expect(!verified.output.contains("pinnace@"), "\(verified.output)")
    }
}
