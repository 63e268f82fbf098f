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
