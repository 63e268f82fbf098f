import Linux
import Testing

@testable import Hypervisor

/// What operators read when there is no virtual machine.
struct HypervisorErrorTests {
    private func error(opening device: String) -> HypervisorError? {
        do throws(HypervisorError) {
            _ = try KVM(device: device)
            return nil
        } catch {
            return error
        }
    }

    @Test func deviceThatIsNotThere() {
        #expect(error(opening: "/nothing/kvm") == .unavailable(device: "/nothing/kvm", Errno(2)))
        #expect(
            error(opening: "/nothing/kvm")?.description
                == "/nothing/kvm: could not open: No such file or directory "
                + "(is the kvm module loaded, and virtualization enabled in the firmware?)")
    }

    @Test func deviceThatIsNotKVM() {
        #expect(error(opening: "/dev/null") == .version(found: -1, needed: 12))
    }

    @Test(
        arguments: [
            (
                .unavailable(device: "/dev/kvm", Errno(13)),
                "/dev/kvm: could not open: Permission denied (is this user in group kvm?)"
            ),
            (
                .unavailable(device: "/dev/kvm", Errno(16)),
                "/dev/kvm: could not open: Device or resource busy"
            ),
            (
                .unavailable(device: "/dev/kvm", Errno(1)),
                "/dev/kvm: could not open: Operation not permitted (the device list of a container "
                    + "or unit leaves it out: add the device there, as by --device=/dev/kvm or "
                    + "DeviceAllow=/dev/kvm)"
            ),
            (
                .unavailable(device: "/dev/kvm", Errno(19)),
                "/dev/kvm: could not open: No such device (no driver stands for this device: load "
                    + "kvm_intel or kvm_amd, and enable virtualization in the firmware)"
            ),
            (
                .failed(operation: "run the guest", Errno(11)),
                "KVM: run the guest: Resource temporarily unavailable (too many processes: KVM needs "
                    + "one more; see ulimit -u, and pids.max of the cgroup)"
            ),
            (
                .failed(operation: "create a virtual machine", Errno(16)),
                "KVM: create a virtual machine: Device or resource busy (another hypervisor uses the "
                    + "processor's virtualization)"
            ),
            (.version(found: 11, needed: 12), "KVM: API version is 11, but 12 is needed"),
            (.missing(capability: "user memory"), "KVM: this kernel lacks user memory"),
            (
                .failed(operation: "run the guest", Errno(22)),
                "KVM: run the guest: Invalid argument"
            ),
            (.unstableCounter, "KVM: host TSC is unstable: its frequency cannot be told"),
        ] as [(HypervisorError, String)])
    func describes(_ error: HypervisorError, line: String) {
        #expect(error.description == line)
    }
}
