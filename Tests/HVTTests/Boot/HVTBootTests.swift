import Architecture
import Foundation
import Hypervisor
import Linux
import TestSupport
import Testing

@testable import HVT
@testable import Tender

/// Registers, descriptors and protections at a guest's start (solo5-hvt specification, 2.4, 3).
struct HVTBootTests {
    // MARK: Registers

    @Test func registersAreAsSpecified() throws {
        let boot = HVTBoot(memory: try GuestMemory(count: 512 * mebibyte))
        let state = boot.state(entry: 0x10_0ABC)
        #expect(state.entry == 0x10_0ABC)
        #expect(state.stackPointer == 512 * mebibyte - 8)
        #expect(state.arguments == (0x1_0000, 0))
        #expect(state.cr0 == 0x8001_0021)
        #expect(state.cr3 == 0x2000)
        #expect(state.cr4 == 0x620)
        // As the reference has it, with NXE (bit 11) added: pages are executable only by choice.
        #expect(state.efer == 0x500 | 1 << 11)
        #expect(state.gdtBase == 0x1000 && state.gdtLimit == 23)
        #expect(state.code == BootState.Segment(selector: 0x08, type: 9, long: true))
        #expect(state.data == BootState.Segment(selector: 0x10, type: 3, long: false))
        #expect(state.threadLocal == BootState.Segment(selector: 0x10, type: 3, long: false))
    }

    @Test(arguments: [2 * mebibyte, 4096 * mebibyte])
    func stackBeginsAtTheEndOfMemory(_ size: UInt64) throws {
        let boot = HVTBoot(memory: try GuestMemory(count: size))
        #expect(boot.state(entry: 0x10_0000).stackPointer == size - 8)
    }

    @Test func descriptorsAreAsSpecified() throws {
        let memory = try GuestMemory(count: 2 * mebibyte)
        try HVTBoot(memory: memory).placeDescriptorTable()
        let walk = PageWalk(memory: memory)
        let words = try (0..<4).map { try walk.entry(0x1000, UInt64($0)) }
        #expect(words == [0, 0x00AF_9900_0000_FFFF, 0x00CF_9300_0000_FFFF, 0])
    }

    // MARK: Protection

    /// Memory with segments of each kind: nothing, read, write, both, code.
    private func protected() throws -> GuestMemory {
        let memory = try GuestMemory(count: 2 * mebibyte)
        let kinds = [
            (false, false, false), (true, false, false), (false, true, false),
            (true, true, false), (true, false, true),
        ]
        try HVTBoot(memory: memory).protect(
            kinds.enumerated().map { index, kind in
                let start = 0x10_0000 + UInt64(index) * 0x2000
                return Segment(
                    start: start, end: start + 0x1000, address: start, fileOffset: 0, fileSize: 1,
                    isReadable: kind.0, isWritable: kind.1, isExecutable: kind.2)
            })
        return memory
    }

    static let pages: [(UInt64, readable: Bool, writable: Bool)] = [
        (0, false, false), (0xF000, false, false), (0x1_0000, true, false),
        (0xF_F000, true, false), (0x10_0000, false, false), (0x10_1000, true, true),
        (0x10_2000, true, false), (0x10_3000, true, true), (0x10_4000, false, true),
        (0x10_6000, true, true), (0x10_8000, true, false), (0x10_9000, true, true),
        (0x1F_F000, true, true),
    ]

    @Test(arguments: pages)
    func hypercallsKeepToPermissions(
        _ page: UInt64, readable: Bool, writable: Bool
    ) throws {
        let memory = try protected()
        for (access, isAllowed) in [(GuestMemory.Access.read, readable), (.write, writable)] {
            for (address, count) in [(page, 0x1000), (page, 1), (page + 0xFFF, 1)] {
                let range = try? memory.range(
                    at: GuestAddress(address), count: UInt64(count), for: access)
                #expect((range != nil) == isAllowed)
            }
        }
    }

    /// The same holds for the mapping itself, and thereby for the guest's own accesses, but below
    /// the image, where the tender keeps page tables and the guest's page tables lead nowhere.
    @Test(arguments: pages)
    func mappingKeepsToPermissions(_ page: UInt64, readable: Bool, writable: Bool) throws {
        let memory = try protected()
        let range = try memory.tenderRange(at: page, count: 0x1000)
        let (reader, writer) = try Descriptor.pipe()
        let isTenders = page < 0x10_0000
        // A page for writing can be read, too: no processor knows better.
        if isTenders || readable || writable {
            #expect(try memory.write(range, to: writer.number) == 0x1000)
        } else {
            #expect(throws: Errno(EFAULT)) { try memory.write(range, to: writer.number) }
            try writer.write([1])
        }
        if isTenders || writable {
            #expect(try memory.read(into: range, from: reader.number) > 0)
        } else {
            #expect(throws: Errno(EFAULT)) { try memory.read(into: range, from: reader.number) }
        }
    }
}
