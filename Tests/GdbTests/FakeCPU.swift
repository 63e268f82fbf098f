#if Gdb
    import Architecture
    import Foundation
    import Hypervisor

    /// A vCPU of a guest that does nothing but what it is told, on a thread of its own.
    final class FakeCPU: DebuggedCPU, @unchecked Sendable {
        private let condition = NSCondition()
        private var script: [Exit] = []
        private var isExitRequested = false
        private var hasRun = false
        private var registers = Registers()
        private var floatingRegisters = FloatingPointState()
        private(set) var stops = DebugStops()
        private var exit = DebugExit(address: 0)

        init(root: UInt64) {
            registers.cr0 = 0x8000_0001
            registers.cr3 = root
            registers.efer = 0x500
            registers.rip = 0x1000
            registers.r15 = 15
        }

        /// Has the guest stop for this when it runs.
        func next(_ exits: Exit..., debug: DebugExit? = nil) {
            condition.withLock {
                script += exits
                if let debug { exit = debug }
                condition.broadcast()
            }
        }

        func run() -> Exit {
            condition.withLock {
                while true {
                    if isExitRequested {
                        isExitRequested = false
                        return .interrupted
                    }
                    hasRun = true
                    condition.broadcast()
                    if stops.isStepping {
                        registers.rip += 1
                        exit = DebugExit(address: registers.rip, isStep: true)
                        return .debug
                    }
                    if !script.isEmpty { return script.removeFirst() }
                    condition.wait()
                }
            }
        }

        /// Waits until it runs its guest, if it has not yet.
        func waitForRun() {
            condition.withLock {
                while !hasRun { condition.wait() }
            }
        }

        func requestExit() {
            condition.withLock {
                isExitRequested = true
                condition.broadcast()
            }
        }

        func state() -> Registers { condition.withLock { registers } }
        func setState(_ state: Registers) { condition.withLock { registers = state } }
        func floatingPoint() -> FloatingPointState { floatingRegisters }
        func setFloatingPoint(_ state: FloatingPointState) { floatingRegisters = state }
        func setStops(_ stops: DebugStops) { condition.withLock { self.stops = stops } }
        var debugExit: DebugExit { condition.withLock { exit } }
    }
#endif
