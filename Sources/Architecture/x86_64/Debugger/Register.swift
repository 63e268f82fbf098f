extension X86_64 {
    /// The registers by their numbers in gdb's remote protocol: gdb's standard ones for x86-64,
    /// then system registers.
    enum Register {
        static let general = [
            "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12",
            "r13", "r14", "r15", "rip",
        ]
        static let segments = ["cs", "ss", "ds", "es", "fs", "gs"]
        static let floatingControl = [
            "fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop",
        ]
        static let system = ["cr0", "cr2", "cr3", "cr4", "efer"]

        // The number of the first register of each group.
        static let flags = 17
        static let firstSegment = 18
        static let firstStack = 24
        static let firstFloatingControl = 32
        static let firstVector = 40
        static let vectorControl = 56
        static let fsBase = 57
        static let gsBase = 58
        static let firstSystem = 59
        static let count = 64
        /// The number of registers that a debugger can change.
        static let changeableCount = firstSystem
    }
}
