import Testing

@testable import Tender
@testable import TenderSupport

/// Who serves which hypercall.
struct DispatchTableTests {
    private let memory: GuestMemory

    init() throws {
        memory = try GuestMemory(count: 0x1000)
    }

    private func halting(_ status: Int32) -> HypercallHandler {
        { (argument, _) throws(GuestFault) in .halt(Halt(exitStatus: status, cookie: argument)) }
    }

    @Test(arguments: [-1, 0, 1, 8, 15, 16, .max, .min])
    func servesNothingAtFirst(_ number: Int) {
        #expect(throws: GuestFault.hypercall(number: number)) {
            try DispatchTable().serve(number, argument: GuestAddress(0), memory: memory)
        }
    }

    @Test(arguments: [0, 1, 8, 15] as [Int32])
    func servesWhatIsRegistered(_ number: Int32) throws {
        var table = DispatchTable()
        try table.register(number, of: "a", halting(5))
        for other in 0..<DispatchTable.count {
            guard other == Int(number) else {
                #expect(throws: GuestFault.hypercall(number: other)) {
                    try table.serve(other, argument: GuestAddress(0x123), memory: memory)
                }
                continue
            }
            #expect(
                try table.serve(other, argument: GuestAddress(0x123), memory: memory)
                    == .halt(Halt(exitStatus: 5, cookie: GuestAddress(0x123))))
        }
    }

    @Test func aSecondHandlerIsRefused() throws {
        var table = DispatchTable()
        try table.register(1, of: "walltime", halting(1))
        let error = #expect(throws: ModuleError.self) {
            try table.register(1, of: "clock", halting(2))
        }
        #expect(error?.option == nil && error?.hint == nil)
        #expect(
            error?.text
                == "modules walltime and clock both serve hypercall 1: build with one of them")
        #expect(
            try table.serve(1, argument: GuestAddress(0), memory: memory)
                == .halt(Halt(exitStatus: 1, cookie: GuestAddress(0))))
    }

    @Test(arguments: [-1, 16, 1000, .max, .min] as [Int32])
    func hasRoomForSome(_ number: Int32) {
        var table = DispatchTable()
        let error = #expect(throws: ModuleError.self) {
            try table.register(number, of: "clock", halting(1))
        }
        #expect(error?.option == nil && error?.hint == nil)
        #expect(
            error?.text
                == "module clock serves hypercall \(number), and there are 0 to 15: "
                + "give it another number")
        #expect(throws: GuestFault.hypercall(number: Int(number))) {
            try table.serve(Int(number), argument: GuestAddress(0), memory: memory)
        }
    }
}
