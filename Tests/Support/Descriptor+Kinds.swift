import Foundation

// Descriptors that Foundation's headers have no functions for.
extension Descriptor {
    /// A terminal: what it shows is read from the first, and programs write to the second.
    public static func terminal() throws -> (screen: Descriptor, line: Descriptor) {
        let screen = try Descriptor(opening: "/dev/ptmx", O_RDWR | O_NOCTTY)
        var number: Int32 = 0
        // TIOCSPTLCK and TIOCGPTN, ioctl_tty(2): unlocks the other end, and tells its number.
        try attempt { ioctl(screen.number, 0x4004_5431, &number) }
        try attempt { ioctl(screen.number, 0x8004_5430, &number) }
        return (screen, try Descriptor(opening: "/dev/pts/\(number)", O_RDWR | O_NOCTTY))
    }

    /// An eventfd(2): it adds up the words that are written to it. Linux does not open one twice.
    public static func event() throws -> Descriptor {
        typealias Function = @convention(c) (UInt32, Int32) -> Int32
        guard let symbol = dlsym(nil, "eventfd") else { throw SystemCallError(code: ENOSYS) }
        let function = unsafeBitCast(symbol, to: Function.self)
        return Descriptor(owning: try attempt { function(0, O_CLOEXEC) })
    }
}
