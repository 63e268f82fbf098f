#if Block
    import CLinux
    import Linux

    /// A directory that vanishes with its last user.
    final class Scratch {
        let directory: String
        private var paths: [String] = []

        init() throws {
            var template = Array("/tmp/pinnace-XXXXXX".utf8CString)
            // mkdtemp fills in the template, which stays alive meanwhile.
            guard mkdtemp(&template) != nil else { throw Errno.current }
            directory = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
        }

        deinit {
            for path in paths { unlink(path) }
            rmdir(directory)
        }

        /// Where a file may be made that vanishes with the directory.
        func path(_ name: String) -> String {
            let path = "\(directory)/\(name)"
            paths.append(path)
            return path
        }

        /// A file whose byte n is n modulo 251, which no power of two divides.
        func file(_ name: String = "disk", size: Int) throws -> String {
            let path = path(name)
            let flags = O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC
            let file = try FileDescriptor(owning: linux_open(path, flags, 0o600))
            let bytes = (0..<size).map { UInt8($0 % 251) }
            guard write(file.number, bytes, size) == size else { throw Errno.current }
            return path
        }
    }

    func contents(of path: String) throws -> [UInt8] {
        let file = try FileDescriptor.open(path, O_RDONLY)
        return try file.read(at: 0, count: Int(file.capacity()))
    }

    /// Whether `condition` comes true soon. Children that other tests start hold a copy of every
    /// open file until they run their program, and thereby its lock.
    func soon(_ condition: () throws -> Bool) rethrows -> Bool {
        for _ in 0..<500 {
            if try condition() { return true }
            usleep(10_000)
        }
        return false
    }
#endif
