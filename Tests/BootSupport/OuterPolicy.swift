import CLinux
import TestSupport

/// A seccomp policy that a tender is started under, as a container's engine has one.
enum OuterPolicy: String, CaseIterable, Sendable {
    /// seccomp(2) fails with EPERM, whatever it is asked.
    case refusesAll
    /// It can be asked, but no filter can be installed.
    case refusesFilters
    /// It raises SIGSYS.
    case signals
    /// It knows nothing of Landlock, and answers with EPERM.
    case refusesLandlock

    /// Does `body` on a thread that is under this policy, as are the processes that it starts.
    func rule<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
        let program = program
        return try Background {
            try program.withUnsafeBytes { instructions in
                // struct sock_fprog: the number of instructions, and where they are.
                let address = UInt(bitPattern: instructions.baseAddress)
                let header =
                    littleEndian(UInt16(instructions.count / 8))
                    + [UInt8](repeating: 0, count: 6) + littleEndian(UInt64(address))
                try attempt { linux_prctl(PR_SET_NO_NEW_PRIVS, 1, 0) }
                try header.withUnsafeBytes { header in
                    let address = UInt(bitPattern: header.baseAddress)
                    try attempt {
                        linux_prctl(PR_SET_SECCOMP, UInt(SECCOMP_MODE_FILTER), address)
                    }
                }
            }
            return try body()
        }.join()
    }

    /// Instructions of the kernel's packet filter.
    private var program: [UInt8] {
        // landlock_create_ruleset(2) has the same number on all machines.
        let call = self == .refusesLandlock ? 444 : UInt32(SYS_seccomp)
        let isCall = [Self.load(offset: 0), Self.ifNot(call, skip: length)]
        let isFilter =
            self == .refusesFilters
            ? [Self.load(offset: 16), Self.ifNot(UInt32(SECCOMP_SET_MODE_FILTER), skip: 1)] : []
        return (isCall + isFilter + [Self.end(action), Self.end(UInt32(SECCOMP_RET_ALLOW))])
            .flatMap { $0 }
    }

    private var length: UInt8 { self == .refusesFilters ? 3 : 1 }

    private var action: UInt32 {
        self == .signals
            ? UInt32(SECCOMP_RET_TRAP) : UInt32(SECCOMP_RET_ERRNO) | UInt32(EPERM)
    }

    /// Of struct seccomp_data, where the call's number is first and its arguments follow at 16.
    static func load(offset: UInt32) -> [UInt8] { instruction(0x20, offset) }

    static func ifNot(_ value: UInt32, skip: UInt8) -> [UInt8] {
        instruction(0x15, value, otherwise: skip)
    }

    static func end(_ action: UInt32) -> [UInt8] { instruction(0x06, action) }

    /// struct sock_filter.
    private static func instruction(_ code: UInt16, _ value: UInt32, otherwise: UInt8 = 0)
        -> [UInt8]
    {
        littleEndian(code) + [0, otherwise] + littleEndian(value)
    }
}
