import TestSupport
import Testing

@testable import Linux

/// What cgroups leave of four CPUs, from files as the kernel has them.
struct CPUShareTests {
    private func share(
        _ memberships: String, _ files: KeyValuePairs<String, String>, cpus: Int32 = 4
    ) throws -> Int {
        let directory = try TemporaryDirectory()
        for folder in ["groups", "groups/a", "groups/a/b", "groups/cpu,cpuacct"] {
            try directory.makeDirectory(folder)
        }
        for (path, text) in files { try directory.write(Array(text.utf8), to: "groups/\(path)") }
        try directory.write(Array(memberships.utf8), to: "memberships")
        return CPUShare.available(
            cpus: cpus, memberships: directory.path("memberships"),
            hierarchies: directory.path("groups"))
    }

    @Test func withoutAQuota() throws {
        #expect(try share("", [:]) == 4000)
        #expect(try share("0::/a\n", ["a/cpu.max": "max 100000\n"]) == 4000)
        #expect(try share("nonsense\n::\n0:/a\n", ["cpu.max": "1 2 3\n"]) == 4000)
        #expect(CPUShare.available(cpus: 3, memberships: "/nonexistent") == 3000)
        // More than can be counted.
        #expect(try share("0::/\n", ["cpu.max": "150000 100000\n"], cpus: 0) == 1500)
    }

    /// Its own, and those above it: the least counts.
    @Test func ofVersion2() throws {
        #expect(try share("0::/a/b\n", ["a/b/cpu.max": "50000 100000\n"]) == 500)
        #expect(
            try share(
                "0::/a/b\n",
                ["a/b/cpu.max": "max 100000\n", "a/cpu.max": "150000 100000\n", "cpu.max": "max 1"])
                == 1500)
        #expect(try share("0::/\n", ["cpu.max": "250000 100000\n"]) == 2500)
        // In a container that does not see its cgroup's path.
        #expect(try share("0::/host/path\n", ["cpu.max": "100000 100000\n"]) == 1000)
        #expect(try share("0::/../..\n", ["cpu.max": "100000 100000\n"]) == 1000)
    }

    @Test func ofVersion1() throws {
        let files: KeyValuePairs = [
            "cpu,cpuacct/cpu.cfs_quota_us": "120000\n", "cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        ]
        #expect(try share("5:memory:/a\n4:cpu,cpuacct:/docker/1\n", files) == 1200)
        #expect(try share("4:cpuset:/\n", files) == 4000)
        let unlimited: KeyValuePairs = [
            "cpu,cpuacct/cpu.cfs_quota_us": "-1\n", "cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        ]
        #expect(try share("4:cpu,cpuacct:/\n", unlimited) == 4000)
    }

    @Test(arguments: ["0 100000", "100000 0", "-5 10", "99999999999999999999 1", "x y", ""])
    func quotasThatMakeNoSense(text: String) throws {
        #expect(try share("0::/\n", ["cpu.max": text]) == 4000)
    }
}
