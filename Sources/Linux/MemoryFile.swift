import CLinux

// Files that are in memory only, and gone with their last descriptor.
extension FileDescriptor {
    /// Makes an empty one, whose name is for those who look at this process.
    public static func inMemory(named name: String) throws(Errno) -> FileDescriptor {
        let flags = UInt32(MFD_CLOEXEC | MFD_ALLOW_SEALING)
        // The C string lives as long as the call.
        return try FileDescriptor(owning: checked(unsafe memfd_create(name, flags)))
    }

    /// Appends all of `bytes`.
    public borrowing func append(_ bytes: ArraySlice<UInt8>) throws(Errno) {
        var rest = bytes
        while !rest.isEmpty { rest = rest.dropFirst(try Output.write(rest, to: number)) }
    }

    /// Seals it (F_ADD_SEALS): from now on no descriptor can change it.
    public borrowing func seal() throws(Errno) {
        let seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE
        _ = try checked(linux_fcntl(number, F_ADD_SEALS, Int(seals)))
    }
}
