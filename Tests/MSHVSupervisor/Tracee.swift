import CEmulation
import CLinux
import Linux

/// A program that has just begun, stopped before its first instruction, which can be made to make
/// system calls (ptrace(2)).
struct Tracee {
    let id: Int32
    private let start: user_regs_struct
    private let text: Int

    /// Waits for a process to execute a program.
    ///
    /// - Parameter attached: called when that can be noticed.
    init(_ id: Int32, attached: () -> Void) throws(Errno) {
        self.id = id
        try Self.attempt(EMULATION_SEIZE, id, data: UInt(EMULATION_TRACE_EXEC))
        attached()
        while try Self.wait(id) >> 8 != Int32(EMULATION_EXECUTED) {
            // A signal, which it gets nothing of.
            try Self.attempt(EMULATION_CONTINUE, id)
        }
        // To the end of execve(2), where registers can be changed.
        try Self.attempt(EMULATION_TO_CALL, id)
        _ = try Self.wait(id)
        start = try Self.registers(id)
        linux_set_errno(0)
        text = emulation_peek(id, UInt(start.rip))
        guard text != -1 || linux_errno() == 0 else { throw Errno.current }
        // syscall; int3
        let call = text & ~0xFF_FFFF | 0xCC_050F
        try Self.attempt(EMULATION_POKE, id, UInt(start.rip), data: UInt(bitPattern: call))
    }

    /// Makes a system call.
    ///
    /// - Parameters:
    ///   - place: where there is code that makes it, up to a breakpoint; nil for the program's beginning.
    ///   - r12: that register's value.
    func call(
        _ number: Int, _ arguments: UInt..., at place: UInt? = nil, r12: UInt = 0
    ) throws(Errno) -> Int {
        func argument(_ index: Int) -> UInt64 {
            index < arguments.count ? UInt64(arguments[index]) : 0
        }
        var registers = start
        registers.rip = place.map { UInt64($0) } ?? start.rip
        registers.orig_rax = .max
        registers.rax = UInt64(number)
        registers.rdi = argument(0)
        registers.rsi = argument(1)
        registers.rdx = argument(2)
        registers.r10 = argument(3)
        registers.r8 = argument(4)
        registers.r9 = argument(5)
        registers.r12 = UInt64(r12)
        try Self.set(registers, id)
        try Self.attempt(EMULATION_CONTINUE, id)
        guard try Self.wait(id) >> 8 == SIGTRAP else { throw Errno(EPROTO) }
        let result = Int(truncatingIfNeeded: try Self.registers(id).rax)
        guard result >= 0 || result < -4095 else { throw Errno(Int32(-result)) }
        return result
    }

    /// Lets it begin, as if nothing had been.
    func release() throws(Errno) {
        try Self.attempt(EMULATION_POKE, id, UInt(start.rip), data: UInt(bitPattern: text))
        try Self.set(start, id)
        try Self.attempt(EMULATION_DETACH, id)
    }

    private static func wait(_ id: Int32) throws(Errno) -> Int32 {
        var status: Int32 = 0
        // __WALL: it is no child.
        guard waitpid(id, &status, 0x4000_0000) == id else { throw Errno.current }
        // It has ended.
        guard status & 0xFF == 0x7F else { throw Errno(ESRCH) }
        return status
    }

    private static func attempt(
        _ request: some BinaryInteger, _ id: Int32, _ address: UInt = 0, data: UInt = 0
    ) throws(Errno) {
        let data = UnsafeMutableRawPointer(bitPattern: data)
        guard emulation_trace(Int32(request), id, address, data) != -1 else {
            throw Errno.current
        }
    }

    private static func registers(_ id: Int32) throws(Errno) -> user_regs_struct {
        var registers = user_regs_struct()
        guard emulation_trace(Int32(EMULATION_GET_REGISTERS), id, 0, &registers) != -1
        else { throw Errno.current }
        return registers
    }

    private static func set(_ registers: user_regs_struct, _ id: Int32) throws(Errno) {
        var registers = registers
        guard emulation_trace(Int32(EMULATION_SET_REGISTERS), id, 0, &registers) != -1
        else { throw Errno.current }
    }
}
