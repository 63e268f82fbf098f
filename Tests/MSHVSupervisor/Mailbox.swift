import CEmulation
import CLinux
import Linux

/// A page of code and some room, which the program's address space and the supervisor share.
///
/// The code is that of a process which makes the system calls that it finds in the mailbox, one after
/// the other: KVM answers to it, since its address space is the program's.
final class Mailbox: @unchecked Sendable {
    static let size = 0x10000
    /// The code's offset, and that of the room.
    static let code = 0x1000
    static let room = 0x2000

    let descriptor: Int32
    private let base: UnsafeMutableRawPointer

    init() throws(Errno) {
        // Not close-on-exec: the program inherits it, and loses it before it begins.
        let number = memfd_create("with-mshv", 0)
        guard number >= 0, ftruncate(number, off_t(Self.size)) == 0 else { throw Errno.current }
        descriptor = number
        let mapped = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let mapped, mapped != linux_map_failed() else { throw Errno.current }
        base = mapped
        (base + Self.code).copyMemory(from: Self.program, byteCount: Self.program.count)
    }

    /// Whom a word of the mailbox tells to act.
    enum Turn: UInt32 {
        case idle = 0
        case call = 1
        case answer = 2
    }

    var turn: UInt32 {
        get { base.load(as: UInt32.self) }
        set { base.storeBytes(of: newValue, as: UInt32.self) }
    }

    /// Posts a system call.
    func post(_ number: Int, _ arguments: [UInt]) {
        base.storeBytes(of: number, toByteOffset: 8, as: Int.self)
        for index in 0..<6 {
            let argument = index < arguments.count ? arguments[index] : 0
            base.storeBytes(of: argument, toByteOffset: 16 + index * 8, as: UInt.self)
        }
        linux_fence()
        turn = Turn.call.rawValue
        linux_fence()
        _ = emulation_call(
            Int(SYS_futex), UInt(bitPattern: base), UInt(FUTEX_WAKE), 1, 0, 0, 0)
    }

    /// Waits for the answer, but not for more than a millisecond.
    ///
    /// - Returns: nil if there is none yet.
    func answer() -> Int? {
        linux_fence()
        if turn != Turn.answer.rawValue {
            var time = timespec(tv_sec: 0, tv_nsec: 1_000_000)
            _ = withUnsafeMutablePointer(to: &time) {
                emulation_call(
                    Int(SYS_futex), UInt(bitPattern: base), UInt(FUTEX_WAIT),
                    UInt(Turn.call.rawValue), UInt(bitPattern: $0), 0, 0)
            }
        }
        linux_fence()
        guard turn == Turn.answer.rawValue else { return nil }
        turn = Turn.idle.rawValue
        return base.load(fromByteOffset: 64, as: Int.self)
    }

    /// The room, for what system calls read and write.
    var bytes: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: base + Self.room, count: Self.size - Self.room)
    }

    /// The first bytes of the room.
    func start(_ count: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(count))
    }

    /// The code, for x86_64. R12 holds the mailbox's address; no stack is needed.
    private static let program: [UInt8] = [
        // The system call by which it comes to be: clone. The parent ends at a breakpoint.
        0x0F, 0x05,  // syscall
        0x85, 0xC0,  // test eax, eax
        0x74, 0x01,  // jz wait
        0xCC,  // int3
        // wait: until it is its turn.
        0x41, 0x8B, 0x04, 0x24,  // mov eax, [r12]
        0x83, 0xF8, 0x01,  // cmp eax, 1
        0x74, 0x13,  // je call
        0x89, 0xC2,  // mov edx, eax
        0xB8, 0xCA, 0, 0, 0,  // mov eax, SYS_futex
        0x4C, 0x89, 0xE7,  // mov rdi, r12
        0x31, 0xF6,  // xor esi, esi (FUTEX_WAIT)
        0x45, 0x31, 0xD2,  // xor r10d, r10d
        0x0F, 0x05,  // syscall
        0xEB, 0xE4,  // jmp wait
        // call:
        0x49, 0x8B, 0x44, 0x24, 8,  // mov rax, [r12 + 8]
        0x49, 0x8B, 0x7C, 0x24, 16,  // mov rdi, [r12 + 16]
        0x49, 0x8B, 0x74, 0x24, 24,  // mov rsi, [r12 + 24]
        0x49, 0x8B, 0x54, 0x24, 32,  // mov rdx, [r12 + 32]
        0x4D, 0x8B, 0x54, 0x24, 40,  // mov r10, [r12 + 40]
        0x4D, 0x8B, 0x44, 0x24, 48,  // mov r8, [r12 + 48]
        0x4D, 0x8B, 0x4C, 0x24, 56,  // mov r9, [r12 + 56]
        0x0F, 0x05,  // syscall
        0x49, 0x89, 0x44, 0x24, 64,  // mov [r12 + 64], rax
        0x41, 0xC7, 0x04, 0x24, 2, 0, 0, 0,  // mov dword [r12], 2
        0xB8, 0xCA, 0, 0, 0,  // mov eax, SYS_futex
        0x4C, 0x89, 0xE7,  // mov rdi, r12
        0xBE, 1, 0, 0, 0,  // mov esi, FUTEX_WAKE
        0xBA, 1, 0, 0, 0,  // mov edx, 1
        0x0F, 0x05,  // syscall
        0xEB, 0x9C,  // jmp wait
    ]
}
