import CLinux

/// The name of a file as the command line gives it; `-` is a standard stream.
struct FilePath {
    static let standardStream = FilePath(text: "-")

    /// NUL-terminated, and not always valid UTF-8.
    let bytes: [CChar]

    init(text: String) {
        bytes = text.utf8.map { CChar(bitPattern: $0) } + [0]
    }

    /// Copies a NUL-terminated string.
    init(copying pointer: UnsafePointer<CChar>) {
        let length = unsafe strlen(pointer) + 1
        bytes = unsafe Array(UnsafeBufferPointer(start: pointer, count: length))
    }

    var isStandardStream: Bool { shown.utf8.elementsEqual("-".utf8) }

    /// The name as messages show it.
    var shown: String {
        String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// This name with `suffix` behind it, thus in the same folder.
    func appending(_ suffix: String) -> FilePath {
        FilePath(bytes: bytes.dropLast() + FilePath(text: suffix).bytes)
    }

    private init(bytes: [CChar]) {
        self.bytes = bytes
    }

    /// The error for `action` on this file, with the reason that errno gives.
    fileprivate func failure(_ action: String) -> ManifestError {
        let reason =
            if let text = unsafe linux_error_text(linux_errno()) {
                // strerror's text stays until its next call, and there is one thread.
                unsafe String(cString: text)
            } else {
                "unknown error"
            }
        return .command("cannot \(action) \(shown): \(reason)")
    }
}

// MARK: Reading

/// Far above the largest manifest there can be, so that an endless source ends too.
private let maximumSourceSize = 1 << 20

/// All of the file `path`, or of standard input.
func readSource(_ path: FilePath) throws(ManifestError) -> [UInt8] {
    if path.isStandardStream {
        return try readAll(STDIN_FILENO, path)
    }
    let file = unsafe linux_open(path.bytes, O_RDONLY | O_CLOEXEC, 0)
    guard file >= 0 else {
        throw path.failure("open")
    }
    defer { close(file) }
    return try readAll(file, path)
}

private func readAll(_ file: Int32, _ path: FilePath) throws(ManifestError) -> [UInt8] {
    var contents: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        // The pointer is used for this call alone.
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe read(file, $0.baseAddress, $0.count)
        }
        if count == 0 { return contents }
        if count > 0 {
            contents.append(contentsOf: buffer[..<count])
        } else if linux_errno() != EINTR {
            throw path.failure("read")
        }
        if contents.count > maximumSourceSize {
            throw .command("\(path.shown) is larger than \(maximumSourceSize) bytes")
        }
    }
}

// MARK: Writing

/// Makes `contents` the whole of the file `path`, which on failure stays as it was; or writes them
/// to standard output.
func writeOutput(_ contents: [UInt8], to path: FilePath) throws(ManifestError) {
    if path.isStandardStream {
        return try writeAll(contents, to: STDOUT_FILENO, path)
    }
    var status = stat()
    guard unsafe stat(path.bytes, &status) == 0 else {
        return try replace(path, with: contents)
    }
    guard status.st_mode & mode_t(S_IFMT) == mode_t(S_IFREG) else {
        // A device or pipe is to be written to, not to be replaced.
        return try writeThrough(contents, to: path)
    }
    // Renaming onto a symbolic link, /dev/stdout for one, would replace the link.
    guard let resolved = unsafe realpath(path.bytes, nil) else {
        throw path.failure("resolve")
    }
    defer { unsafe free(resolved) }
    try replace(unsafe FilePath(copying: resolved), with: contents)
}

private func writeThrough(_ contents: [UInt8], to path: FilePath) throws(ManifestError) {
    let file = unsafe linux_open(path.bytes, O_WRONLY | O_CLOEXEC, 0)
    guard file >= 0 else {
        throw path.failure("open")
    }
    try writeAndClose(contents, to: file, path)
}

private func replace(_ path: FilePath, with contents: [UInt8]) throws(ManifestError) {
    let temporary = path.appending(".\(getpid()).tmp")
    let file = unsafe linux_open(
        temporary.bytes, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else {
        throw temporary.failure("create")
    }
    do throws(ManifestError) {
        try writeAndClose(contents, to: file, path)
        guard unsafe rename(temporary.bytes, path.bytes) == 0 else {
            throw path.failure("replace")
        }
    } catch {
        _ = unsafe unlink(temporary.bytes)
        throw error
    }
}

/// Closing counts: some file systems report a full disk only then.
private func writeAndClose(
    _ contents: [UInt8], to file: Int32, _ path: FilePath
) throws(ManifestError) {
    do throws(ManifestError) {
        try writeAll(contents, to: file, path)
    } catch {
        close(file)
        throw error
    }
    guard close(file) == 0 else {
        throw path.failure("write")
    }
}

private func writeAll(
    _ contents: [UInt8], to file: Int32, _ path: FilePath
) throws(ManifestError) {
    var rest = contents[...]
    while !rest.isEmpty {
        // The pointer is used for this call alone.
        let count = unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
        if count >= 0 {
            rest = rest.dropFirst(count)
        } else if linux_errno() != EINTR {
            throw path.failure("write")
        }
    }
}

/// Writes `line` to standard error; where that fails there is nobody left to tell.
func reportError(_ line: String) {
    try? writeAll(Array((line + "\n").utf8), to: STDERR_FILENO, .standardStream)
}
