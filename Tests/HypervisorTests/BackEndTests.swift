import CLinux
import Rules
import Testing

@testable import Hypervisor

/// What KVM says of itself.
@Suite("KVM's own names, numbers and system calls") struct BackEndTests {
    private let backEnd = KVMVCPU.backEnd

    /// The numbers are those of the x86_64 interface, which never change.
    @Test(
        arguments: [
            (.runVCPU, [("KVM_RUN", 0xAE80)]),
            (.readRegisters, [("KVM_GET_REGS", 0x8090_AE81), ("KVM_GET_SREGS", 0x8138_AE83)]),
            (.readTranslation, [("KVM_GET_SREGS", 0x8138_AE83)]),
            (
                .debugVCPU,
                [
                    ("KVM_SET_GUEST_DEBUG", 0x4048_AE9B), ("KVM_GET_XSAVE", 0x9000_AEA4),
                    ("KVM_SET_XSAVE", 0x5000_AEA5),
                ]
            ),
        ] as [(Operation, [(String, UInt64)])])
    func calls(operation: Operation, expected: [(String, UInt64)]) {
        let stated = [Operation.Use(operation)].systemCalls(backEnd.operations)
        #expect(stated.map { $0.name } == expected.map { _ in "ioctl" })
        for (call, (name, request)) in zip(stated, expected) {
            guard call.conditions.count == 2, case .descriptor(0, let vcpu) = call.conditions[0],
                case .equals(1, let value, let meaning) = call.conditions[1]
            else {
                Issue.record("the descriptor or the request is not pinned")
                continue
            }
            #expect(vcpu == (operation == .readRegisters ? .plainVCPU : .vcpu))
            #expect(value == request && meaning == name)
        }
    }

    @Test(
        arguments: [
            (.portRead(port: 1, width: 1), 2), (.debug, 4), (.halt, 5),
            (.mmioRead(address: 0, width: 1), 6), (.shutdown, 8), (.entryFailure(reason: 1), 9),
            (.interrupted, 10), (.internalError(suberror: 1), 0x11),
            (.memoryFault(address: 0), 0x27),
            (.unknown(reason: 99), 99),
        ] as [(Exit, Int)])
    func exits(exit: Exit, number: Int) {
        #expect(backEnd.code(exit) == "exit_reason=0x" + String(number, radix: 16))
    }
}
