import CommandsSupport
import Foundation
import Programs
import TestSupport
import Testing

@testable import Elftool

/// `query-manifest` and `query-abi`, to the letter as Solo5's tool prints them.
@Suite struct QueryTests {
    private func elftool(_ arguments: String...) -> Reply {
        call(
            "/usr/bin/solo5-elftool", arguments.map { Argument($0) }, personas: [ElftoolPersona()])
    }

    @Test func `the devices, a line each`() throws {
        let guest = try GuestFile(devices: [ELFBuilder.net("eth0"), ELFBuilder.block("disk")])
        #expect(
            elftool("query-manifest", guest.path)
                == Reply(
                    status: 0,
                    output: """
                        {
                          "type": "solo5.manifest",
                          "version": 1,
                          "devices": [
                            { "name": "eth0", "type": "NET_BASIC" },
                            { "name": "disk", "type": "BLOCK_BASIC" }
                          ]
                        }

                        """))
    }

    @Test func `no devices`() throws {
        let guest = try GuestFile()
        #expect(
            elftool("query-manifest", guest.path).output
                == "{\n  \"type\": \"solo5.manifest\",\n  \"version\": 1,\n  \"devices\": [\n  ]\n}\n"
        )
    }

    @Test(arguments: [1, 2, 7] as [UInt32])
    func `the ABI, of any version`(version: UInt32) throws {
        let guest = try GuestFile(version: version)
        #expect(
            elftool("query-abi", guest.path)
                == Reply(
                    status: 0,
                    output: """
                        {
                          "type": "solo5.abi",
                          "target": "hvt",
                          "version": \(version)
                        }

                        """))
    }

    @Test func `names that would end the string`() throws {
        let guest = try GuestFile(devices: [ELFBuilder.net("a\"b")])
        #expect(elftool("query-manifest", guest.path).output.contains(#""name": "a\"b""#))
    }

    @Test(arguments: ["query-abi", "query-manifest"])
    func `files that are no images`(command: String) {
        #expect(
            elftool(command, "/nonexistent")
                == Reply(
                    status: 1,
                    error:
                        "solo5-elftool: /nonexistent: Could not open: No such file or directory\n"))
        let text = elftool(command, "/etc/passwd")
        #expect(text.status == 1)
        #expect(text.output == "")
        #expect(text.error.hasPrefix("solo5-elftool: /etc/passwd: "))
    }

    @Test func `images without the notes`() {
        // Any program of the host's.
        #expect(
            elftool("query-abi", "/bin/sh").error
                == "solo5-elftool: /bin/sh: No Solo5 ABI information found in executable\n")
        #expect(
            elftool("query-manifest", "/bin/sh").error
                == "solo5-elftool: /bin/sh: No Solo5 manifest found in executable\n")
    }

    @Test(arguments: [
        [], ["frobnicate"], ["--help"], ["query-abi"], ["query-abi", "a", "b"],
        ["gen-manifest", "-"], ["query-manifest", "a", "b"],
    ])
    func `any other command line shows the usage, and fails`(arguments: [String]) {
        let reply = call(
            "solo5-elftool", arguments.map { Argument($0) }, personas: [ElftoolPersona()])
        #expect(
            reply
                == Reply(
                    status: 1,
                    error: """
                        usage: solo5-elftool COMMAND ...
                        solo5-elftool version 0.1.0

                        COMMAND is:
                            gen-manifest SOURCE OUTPUT:
                                Generate application manifest from SOURCE, writing to OUTPUT.
                            query-abi BINARY:
                                Display the ABI target and version from BINARY.
                            query-manifest BINARY:
                                Display the application manifest from BINARY.

                        """))
    }
}
