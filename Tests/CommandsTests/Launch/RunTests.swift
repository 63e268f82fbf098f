#if Halt && arch(x86_64)
    import CommandsSupport
    import Glibc
    import Halt
    import TestSupport
    import Tender
    import Testing

    @testable import Commands

    /// Guests that run for real.
    // Skipped, and said to be, where there is no KVM to run a guest with; CI has one.
    @Suite(.enabled(if: access("/dev/kvm", R_OK | W_OK) == 0, "needs /dev/kvm"))
    struct RunTests {
        /// A guest that halts at once.
        private func guest(status: Int32) throws -> GuestFile {
            // mov $0x100010, %eax; mov $0x508, %edx; out %eax, (%dx); struct hvt_halt
            let code: [UInt8] = [0xB8, 0x10, 0, 0x10, 0, 0xBA, 8, 5, 0, 0, 0xEF, 0, 0, 0, 0, 0]
            let argument = littleEndian(UInt64(0)) + littleEndian(status) + littleEndian(UInt32(0))
            return try GuestFile(code: code + argument)
        }

        private let modules = [RegisteredModule(HaltModule.self)]

        @Test(
            arguments: [(0, 0), (7, 7), (255, 255), (263, 7), (-1, 255), (Int32.min, 0)]
                as [(Int32, Int32)])
        func `the guest's status becomes the program's`(status: Int32, exit: Int32) throws {
            let guest = try guest(status: status)
            #expect(pinnace("run", guest.path, modules: modules) == Reply(status: exit))
            #expect(solo5("--", guest.path, "x", modules: modules) == Reply(status: exit))
        }

        @Test(arguments: ["2", "512", "4096"])
        func `sizes of memory`(size: String) throws {
            let guest = try guest(status: 3)
            #expect(solo5("--mem=\(size)", guest.path, modules: modules) == Reply(status: 3))
        }

        @Test func `a guest without its module fails`() throws {
            let guest = try guest(status: 0)
            let line =
                "Invalid guest hypercall: num=8: "
                + "this pinnace was built without module halt (trait Halt)"
            let modules = [RegisteredModule(FakeNet.self)]
            #expect(
                pinnace("run", guest.path, modules: modules)
                    == Reply(status: 1, error: "pinnace: \(line)\n"))
            #expect(
                solo5(guest.path, modules: modules)
                    == Reply(status: 1, error: "solo5-hvt: \(line)\n"))
        }

        @Test func `two modules for one hypercall, and a number that there is not`() throws {
            let guest = try guest(status: 0)
            for (twin, line) in [
                (
                    RegisteredModule(Twin.self),
                    "modules halt and twin both serve hypercall 8: build with one of them"
                ),
                (
                    RegisteredModule(Distant.self),
                    "module distant serves hypercall 16, and there are 0 to 15: "
                        + "give it another number"
                ),
            ] {
                #expect(
                    pinnace("run", guest.path, modules: modules + [twin])
                        == Reply(status: 1, error: "pinnace: \(line)\n"))
                #expect(
                    solo5(guest.path, modules: modules + [twin])
                        == Reply(status: 1, error: "solo5-hvt: \(line)\n"))
                let check = pinnace("check", guest.path, modules: modules + [twin])
                #expect(check.status == 1)
                #expect(check.output == "\(guest.path): would not run\n  \(line)\n")
            }
        }

        @Test func `check says that it would run`() throws {
            let guest = try guest(status: 0)
            let reply = pinnace("check", "--x-exec-heap", guest.path, modules: modules)
            #expect(reply == Reply(status: 0, output: "\(guest.path): would run\n"))
        }
    }

    private final class Twin: Module {
        static let manifest = ModuleManifest(
            KnownModule(name: "twin", trait: "Twin", guests: "Solo5"), summary: "halts, too")

        func attach(to launch: inout Launch) throws(ModuleError) {
            try launch.serve(8) { (_, _) in .resume }
        }
    }

    private final class Distant: Module {
        static let manifest = ModuleManifest(
            KnownModule(name: "distant", trait: "Distant", guests: "Solo5"), summary: "is far")

        func attach(to launch: inout Launch) throws(ModuleError) {
            try launch.serve(16) { (_, _) in .resume }
        }
    }
#endif
