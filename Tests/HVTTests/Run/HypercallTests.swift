import Hypervisor
import Testing

@testable import HVT
@testable import Tender
@testable import TenderSupport

/// Which exits are hypercalls.
struct HypercallTests {
    @Test(arguments: 0..<16)
    func knowsNumbers(_ number: Int) {
        let hypercall = Hypercall(.hypercall(number, 0xFFFF_FFF0))
        #expect(hypercall?.number == number)
        // Not extended by its sign.
        #expect(hypercall?.argument == GuestAddress(0xFFFF_FFF0))
    }

    static let others: [Exit] = [
        .halt, .shutdown, .debug, .interrupted, .memoryFault(address: 0x500),
        .memoryFault(address: nil), .entryFailure(reason: 0x501), .internalError(suberror: 0x501),
        .unknown(reason: 2), .portString(port: 0x501),
    ]

    @Test("attack 14: exits that are no hypercalls", arguments: others)
    func knowsOtherExits(_ exit: Exit) {
        #expect(Hypercall(exit) == nil)
    }

    #if arch(x86_64)
        @Test(arguments: [0, 0x4FF, 0x510, 0x600, 0x8501, .max] as [UInt16])
        func knowsOtherPorts(_ port: UInt16) {
            #expect(Hypercall(.portWrite(port: port, width: 4, value: 0x1000)) == nil)
        }

        @Test(arguments: [0, 1, 2, 3, 8] as [UInt8])
        func knowsOtherWidths(_ width: UInt8) {
            #expect(Hypercall(.portWrite(port: 0x501, width: width, value: 0x1000)) == nil)
        }

        @Test func readsAreNoHypercalls() {
            #expect(Hypercall(.portRead(port: 0x501, width: 4)) == nil)
        }

        @Test func storesAreNoHypercalls() {
            #expect(Hypercall(.mmioWrite(address: 0x1_0000_0008, width: 4, value: 0)) == nil)
        }
    #endif
}
