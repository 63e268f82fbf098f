import Commands
import CommandsSupport
import Foundation
import Tender
import TestSupport
import Testing

@testable import Commands
@testable import Manifests

@Suite struct HermitMarkTests {
    private func mark(_ builder: ELFBuilder) throws -> HermitMark? {
        let guest = try GuestFile(builder)
        return HermitMark(try ImageFile(path: guest.path))
    }

    @Test func `the note tells a Hermit guest, and another one its time`() throws {
        #expect(try mark(.markedHermit())?.isBefore0_10 == false)
        #expect(try mark(.markedHermit(hasTag: false))?.isBefore0_10 == true)
    }

    @Test func `the version of the interface is another sign of a new kernel`() throws {
        var builder = ELFBuilder.markedHermit(hasTag: false)
        builder.parts.append(.note(name: "UHYVEIF", type: 0x5A00, [0, 0, 0, 1]))
        #expect(try mark(builder)?.isBefore0_10 == true)
        builder.parts.append(.note(name: "UHYVEIF", type: 0x5B00, [0, 0, 0, 1]))
        #expect(try mark(builder)?.isBefore0_10 == false)
    }

    @Test func `it may be loadable anywhere`() throws {
        var builder = ELFBuilder.markedHermit()
        builder.header.type = 3
        #expect(try mark(builder) != nil)
    }

    @Test func `other guests have other notes`() throws {
        #expect(try mark(.guest()) == nil)
        var builder = ELFBuilder.markedHermit()
        builder.parts.remove(at: 2)
        #expect(try mark(builder) == nil)
        // Another system's tag.
        builder = .markedHermit(hasTag: false)
        builder.parts.append(
            .note(name: "GNU", type: 1, [0, 3, 2, 0].flatMap { littleEndian(UInt32($0)) }))
        #expect(try mark(builder)?.isBefore0_10 == true)
    }

    @Test(arguments: [
        ([0x1F, 0x8B, 0x08, 0], true), ([0x1F, 0x8B, 0x08], true), ([0x1F, 0x8B], false),
        ([0x1F, 0x8B, 0x09, 0], false), ([], false),
    ])
    func `gzip'd data is no Hermit guest by its first bytes alone`(
        bytes: [UInt8], isCompressed: Bool
    ) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(bytes, to: "image")
        let file = try ImageFile(path: path)
        #expect(HermitMark(file) == nil)
        #expect(HermitMark.isCompressed(file) == isCompressed)
        // As a build says it that can't look into it.
        let registry = Registry.over([]).knowingAbsentKinds
        let error = #expect(throws: ImageError.self) { try registry.image(path: path) }
        let text = error?.description ?? ""
        #expect(text.contains("gzip'd data, not an executable") == isCompressed, "\(text)")
        #expect(text.contains("built without module uhyve (trait Uhyve)") == isCompressed)
        #expect(!text.contains("this is a Hermit"))
    }

    @Test(arguments: [(UInt16(62), "x86_64"), (183, "aarch64")])
    func `without its module a guest's processor is told, and whether a module would help`(
        machine: UInt16, name: String
    ) throws {
        var builder = ELFBuilder.markedHermit()
        builder.header.machine = machine
        let guest = try GuestFile(builder)
        let image = try Registry.over([]).knowingAbsentKinds.image(path: guest.path)
        let description = try image.inspect([])
        #expect(description.report.text.contains("architecture  \(name)\n"))
        let missing = try image.missing(from: [], isThorough: false)
        if name == "x86_64" && ELFBuilder.Header.hostMachine == machine {
            #expect(description.objection == nil)
            #expect(missing.count == 1 && missing[0].contains("without module uhyve"), "\(missing)")
        } else {
            let objection = try #require(description.objection)
            #expect(objection.contains("a Hermit guest for") && objection.contains(name))
            #expect(missing == ["\(guest.path): \(objection)"])
        }
    }

    @Test func `notes that overlap by the thousand cost little`() throws {
        var builder = ELFBuilder.markedHermit()
        let note = builder.parts[2]
        builder.parts += (0..<2000).map { _ in
            var copy = note
            copy.offset = 0
            copy.fileSize = 1 << 15
            copy.bytes = []
            return copy
        }
        #expect(try mark(builder) != nil)
    }
}
