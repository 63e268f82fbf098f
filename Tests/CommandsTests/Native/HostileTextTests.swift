import CommandsSupport
import Foundation
import Tender
import TestSupport
import Testing

@testable import Commands

/// Texts of images are shown by every command, and reach no terminal as what it takes for commands.
@Suite struct HostileTextTests {
    private static let text = "d\u{1B}[2J\u{7}\n\r\u{7F}\u{9B}\u{202E}x"

    private func isHarmless(_ reply: Reply) -> Bool {
        !(reply.output + reply.error).unicodeScalars.contains { $0.isUnprintable && $0 != "\n" }
    }

    @Test func `attack 21: texts that a terminal takes for commands`() throws {
        let guest = try GuestFile(devices: [
            ELFBuilder.block(Self.text), ELFBuilder.net("service\(Self.text)"),
        ])
        let shown = "d\\x1b[2J\\x07\\x0a\\x0d\\x7f\\u{9b}\\u{202e}x"
        for reply in [
            pinnace("inspect", guest.path), pinnace("check", guest.path),
            pinnace("run", guest.path),
            // The hint lists the devices that there are.
            pinnace("run", "--block:other=x", guest.path), solo5(guest.path),
            pinnace("check", "--net:other=x", guest.path),
        ] {
            #expect(isHarmless(reply), "\(reply)")
            #expect((reply.output + reply.error).contains(shown), "\(reply)")
        }
        for option in ["--json", "--manifest"] {
            let reply = pinnace("inspect", option, guest.path)
            #expect(isHarmless(reply), "\(reply)")
            let json = try JSONSerialization.jsonObject(with: Data(reply.output.utf8))
            #expect("\(json)".contains(Self.text) || reply.output.contains("\\u009b\\u202ex"))
        }
    }

    @Test func `facts and errors of a module's`() throws {
        let record = HermitRecord()
        record.objection = "it is \(Self.text)"
        let guest = try GuestFile(.markedHermit())
        let inspected = pinnace("inspect", guest.path, modules: [record.module])
        #expect(isHarmless(inspected))
        #expect(inspected.output.split(separator: "\n").count == 5, "\(inspected.output)")
        record.objection = nil
        record.failure = .failed("it is \(Self.text)")
        for command in ["run", "check"] {
            #expect(isHarmless(pinnace(command, guest.path, modules: [record.module])))
        }
    }

    @Test func `names that an operator gives`() {
        for command in ["run", "check", "inspect"] {
            let reply = pinnace(command, "/nowhere/\(Self.text)")
            #expect(isHarmless(reply))
        }
        #expect(isHarmless(pinnace(Self.text)))
        #expect(isHarmless(pinnace("run", "--\(Self.text)")))
    }
}
