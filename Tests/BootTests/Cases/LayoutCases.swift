@testable import BootSupport

/// All that a guest finds when it starts, as in the reference tender.
extension BootCase {
    @Cases static var layout: [BootCase] {
        for mebibytes in [2, 4, 512, 4096] {
            BootCase(
                "layout", options: ["--mem=\(mebibytes)"], by: Invocation.hvt,
                expecting: state(mebibytes: mebibytes))
        }
        // Without --mem, 512 MiB.
        BootCase(
            "layout", ["some", "words"], by: Invocation.hvt,
            expecting: state(mebibytes: 512, commandLine: 10))
        BootCase("layout", options: ["--mem=4", "--x-exec-heap"], expecting: state(mebibytes: 4))
        devices
    }

    @Cases private static var devices: [BootCase] {
        BootCase(
            "layout-block", ["x"],
            options: ["--block:storage=disk", "--block-sector-size:storage=4096", "--mem=64"],
            by: Invocation.hvt, preparation: ["truncate -s 1M disk"],
            expecting: state(mebibytes: 64, commandLine: 1, [storage(size: 4096)]))
        BootCase(
            "layout-devices",
            options: [
                "--net-mac:service=2:0:0:0:0:A", "--block:storage=disk", "--net:service=tap0",
            ], by: Invocation.hvt, preparation: ["truncate -s 1M disk"], taps: 1,
            expecting: state(
                mebibytes: 512,
                [storage(size: 512), service(mac: "02:00:00:00:00:0a", mtu: 1500)]))
        // A random address is for one interface alone, and administered locally. No memory is taken
        // for a ring.
        BootCase(
            "layout-devices",
            options: ["--net:service=tap0", "--block:storage=disk", "--mem=4096"],
            by: Invocation.hvt,
            preparation: ["truncate -s 1M disk", "ip link set dev tap0 mtu 9000"], taps: 1,
            expecting: state(
                mebibytes: 4096,
                [
                    storage(size: 512),
                    service(mac: "[0-9a-f][26ae](?::[0-9a-f]{2}){5}", mtu: 9000),
                ]))
    }

    private static func storage(size: Int) -> String {
        """
        entry 1 name="storage" type=0x1 attached=1 tender_private=0x0
        entry 1 capacity=1048576 block_size=\(size)

        """
    }

    private static func service(mac: String, mtu: Int) -> String {
        """
        entry 2 name="service" type=0x2 attached=1 tender_private=0x0
        entry 2 mac=\(mac) mtu=\(mtu)

        """
    }

    /// - Parameters:
    ///   - commandLine: its length.
    ///   - entries: of the manifest, besides the reserved one.
    private static func state(
        mebibytes: Int, commandLine: Int = 0, _ entries: [String] = []
    ) -> ExpectedEnd {
        let size = mebibytes << 20
        // Behind 56 bytes of boot information, and 8 of the manifest's header.
        let commandLineAddress = 0x10040 + 104 * (entries.count + 1)
        let text = """
            boot_info=0x10000
            mem_size=0x\(String(size, radix: 16))
            kernel_end=(0x[0-9a-f]+)
            cpu_cycle_freq=[1-9][0-9]{7,9}
            cmdline=0x\(String(commandLineAddress, radix: 16)) length=\(commandLine)
            manifest=0x10038
            host_features=0x0
            guest_features=0x0
            net_ring=0x0
            text=0x100000 rodata=0x[0-9a-f]+ data=0x[0-9a-f]+ bss=\\1 end=0x[0-9a-f]+
            rax=0x0
            rbx=0x0
            rcx=0x0
            rdx=0x0
            rsi=0x0
            rdi=0x10000
            rbp=0x0
            rsp=0x\(String(size - 8, radix: 16))
            r8=0x0
            r9=0x0
            r10=0x0
            r11=0x0
            r12=0x0
            r13=0x0
            r14=0x0
            r15=0x0
            rflags=0x2
            cs=0x8
            ss=0x10
            ds=0x10
            es=0x10
            fs=0x10
            gs=0x10
            tr=0x0
            ldtr=0x0
            gdt base=0xffff800000000000 limit=0x17
            idt base=0xffff800000000100 limit=0x1ff
            \(controlRegisters)
            manifest version=1 entries=\(entries.count + 1)
            entry 0 name="" type=0x40000000 attached=0 tender_private=0x0
            \(entries.joined())SUCCESS

            """
        return .success(.matching(text))
    }

    /// CR0.ET (0x10) can't be cleared on a real processor; not every emulated one knows. EFER.NXE
    /// (0x800), which the reference does not set, makes data no-execute.
    private static let controlRegisters = """
        cr0=0x800100[23]1
        cr2=0x0
        cr3=0x2000
        cr4=0x620
        efer=0xd00
        """
}
