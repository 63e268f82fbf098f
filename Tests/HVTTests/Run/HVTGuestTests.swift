import Hypervisor
import Linux
import TestSupport
import Testing

@testable import HVT
@testable import Tender
@testable import TenderSupport

/// A guest from its file to its end, in a machine that only takes notes.
struct HVTGuestTests {
    private struct PaperMachine: Machine, ~Copyable {
        let vcpu: ScriptedVCPU
        let mapped: Notes = Notes()

        final class Notes {
            var all: [(count: Int, address: UInt64)] = []
        }

        borrowing func map(
            _ memory: borrowing MemoryMapping, count: Int, at guestAddress: UInt64,
            parts: @autoclosure () -> [MemoryPart]
        ) throws(HypervisorError) {
            mapped.all.append((count, guestAddress))
        }

        borrowing func makeVCPU(_ index: UInt32) throws(HypervisorError) -> ScriptedVCPU { vcpu }
    }

    private func plan(_ elf: ELFBuilder = .guest(text: [0x90, 0xF4])) throws -> HVTPlan {
        let directory = try TemporaryDirectory()
        let image = try HVTImage(path: elf.write(to: directory))
        return try HVTPlan(
            image: image, memorySize: MemorySize(asked: 4 * mebibyte),
            commandLine: Array("hello".utf8))
    }

    private func launch() throws -> Launch {
        var launch = Launch(
            options: [],
            devices: ApplicationManifest(devices: [ManifestEntry(name: "net", type: .net)]))
        try launch.serve(8) { (argument, _) throws(GuestFault) in
            .halt(Halt(exitStatus: 3, cookie: argument))
        }
        return launch
    }

    @Test func preparesMemoryAndVCPU() throws {
        let vcpu = ScriptedVCPU()
        vcpu.frequency = .success(0x1234_5678)
        let machine = PaperMachine(vcpu: vcpu)
        let mapped = machine.mapped
        let guest = try HVTGuest(plan(), launch: launch(), in: machine)
        #expect(mapped.all.count == 1)
        #expect(mapped.all.first?.count == Int(4 * mebibyte) && mapped.all.first?.address == 0)
        #expect(vcpu.bootState?.entry == 0x10_0000)
        #expect(vcpu.bootState?.stackPointer == 4 * mebibyte - 8)

        let memory = guest.memory
        #expect(try memory.load(UInt16.self, at: GuestAddress(0x10_0000)) == 0xF490)
        let information = try (0..<5).map {
            try memory.load(UInt64.self, at: GuestAddress(0x1_0000 + UInt64($0) * 8))
        }
        // The end of the last segment that has bytes; the BSS behind it does not count.
        #expect(information == [4 * mebibyte, 0x10_4000, 0x1234_5678, 0x1_0110, 0x1_0038])
        let line = try memory.range(at: GuestAddress(0x1_0110), count: 6, for: .read)
        #expect(memory.bytes(in: line) == Array("hello".utf8) + [0])

        let walk = PageWalk(memory: memory)
        let executable = try stride(from: 0, to: 4 * mebibyte, by: 0x1000)
            .filter { try walk.page(at: $0)?.isExecutable == true }
        #expect(executable == [0x10_0000])
        #expect(try walk.entry(0x1000, 1) == 0x00AF_9900_0000_FFFF)
        // Text and read-only data are closed to hypercalls' results; data and BSS are open.
        for (page, isWritable): (UInt64, Bool) in [
            (0x10_0000, false), (0x10_1000, false), (0x10_2000, true), (0x10_4000, true),
            (0x1_0000, false),
        ] {
            let range = try? memory.range(at: GuestAddress(page), count: 1, for: .write)
            #expect((range != nil) == isWritable)
        }
    }

    /// What runs has no more need of the file.
    @Test func closesTheImage() throws {
        let plan = try plan()
        _ = try HVTGuest(plan, launch: launch(), in: PaperMachine(vcpu: ScriptedVCPU()))
        #expect(throws: ImageError(path: plan.image.path, problem: .read(Errno(9)))) {
            try plan.image.bytes(of: plan.segments[0], from: 0, count: 1)
        }
    }

    /// Takes note of how a guest ended.
    private final class Witness: Observer {
        let notes: PaperMachine.Notes
        let number: Int
        private(set) var ends: [GuestEnd] = []

        init(_ notes: PaperMachine.Notes, number: Int) {
            self.notes = notes
            self.number = number
        }

        func ended(_ end: GuestEnd) {
            ends.append(end)
            guard case .halt(let halt) = end else { return }
            notes.all.append((Int(halt.exitStatus) * 10 + number, halt.cookie.value))
        }
    }

    @Test func observersLearnOfAHaltInOrder() throws {
        let vcpu = ScriptedVCPU(.interrupted, .hypercall(8, 0x1000))
        var launch = try launch()
        let notes = PaperMachine.Notes()
        for number in 1...2 { launch.observation.add(Witness(notes, number: number)) }
        let guest = try HVTGuest(plan(), launch: launch, in: PaperMachine(vcpu: vcpu))
        #expect(try guest.run() == Halt(exitStatus: 3, cookie: GuestAddress(0x1000)))
        #expect(notes.all.map { $0.count } == [31, 32])
        #expect(notes.all.map { $0.address } == [0x1000, 0x1000])
    }

    @Test func aFaultIsNoHalt() throws {
        var launch = try launch()
        let notes = PaperMachine.Notes()
        let witness = Witness(notes, number: 1)
        launch.observation.add(witness)
        let guest = try HVTGuest(
            plan(), launch: launch, in: PaperMachine(vcpu: ScriptedVCPU(.shutdown)))
        #expect(throws: TenderError.self) { try guest.run() }
        #expect(notes.all.isEmpty)
        #expect(witness.ends == [.fault(cpu: 0)])
    }

    @Test func needsTheCounterFrequency() throws {
        let vcpu = ScriptedVCPU()
        let error = HypervisorError("an unstable counter")
        vcpu.frequency = .failure(error)
        #expect(throws: TenderError.hypervisor(error)) {
            _ = try HVTGuest(plan(), launch: launch(), in: PaperMachine(vcpu: vcpu))
        }
    }

    @Test func planNamesTheFile() throws {
        var elf = ELFBuilder.guest()
        elf.header.entry = 4 * mebibyte
        #expect {
            _ = try plan(elf)
        } throws: { error in
            guard case TenderError.image(let image)? = error as? TenderError else { return false }
            return image.problem == .entry(4 * mebibyte) && image.path.hasSuffix("guest.hvt")
        }
    }
}
