import Foundation

/// A file that exists only in memory, for output: unlike with a pipe, nobody has to read it
/// meanwhile, and nobody is woken up by a write to it.
final class MemoryFile {
    let descriptor: Int32

    init() throws {
        // What memfd_create does, which Swift does not see. Close-on-exec by itself.
        let name = "/pinnace-bench-\(getpid())"
        descriptor = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { throw systemFailure("shm_open") }
        shm_unlink(name)
    }

    /// All that was written.
    var contents: String {
        var status = stat()
        fstat(descriptor, &status)
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    deinit {
        close(descriptor)
    }
}

/// A temporary folder.
struct ScratchFolder {
    let path: String

    init() throws {
        let pattern = FileManager.default.temporaryDirectory.path + "/pinnace-bench-XXXXXX"
        var name = Array(pattern.utf8CString)
        guard mkdtemp(&name) != nil else { throw systemFailure(pattern) }
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Makes a file and returns its path.
    func file(_ name: String, _ contents: Data) throws -> String {
        let file = "\(path)/\(name)"
        try contents.write(to: URL(fileURLWithPath: file))
        return file
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// All of a file of the kernel's, which has no size before it is read.
func kernelFile(_ path: String) throws -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemFailure(path) }
    defer { close(descriptor) }
    var contents: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(descriptor, &part, part.count)
        guard count >= 0 else { throw systemFailure(path) }
        if count == 0 { return String(decoding: contents, as: UTF8.self) }
        contents += part[..<count]
    }
}

/// What the last system call failed with.
func systemFailure(_ what: String) -> Failure {
    Failure(description: "\(what): \(String(cString: strerror(errno)))")
}
