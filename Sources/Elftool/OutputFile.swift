import CLinux
import Programs

/// Replaces the regular file `path` atomically, so that it stays as it was on failure; a device or a
/// pipe is written to.
func writeOutput(_ contents: [UInt8], to path: FilePath) throws(CommandError) {
    var status = stat()
    // Here and below, an array bridges to a pointer that is valid for the call.
    guard unsafe stat(path.bytes, &status) == 0 else {
        return try replace(path, with: contents)
    }
    guard linux_is_regular(status.st_mode) != 0 else {
        // A device or pipe is written to, not replaced.
        return try writeThrough(contents, to: path)
    }
    // Renaming onto a symbolic link, /dev/stdout for one, would replace the link.
    guard let resolved = unsafe realpath(path.bytes, nil) else {
        throw .system("resolve", path.shown)
    }
    // realpath allocates the name that it returns.
    defer { unsafe free(resolved) }
    try replace(unsafe FilePath(copying: resolved), with: contents)
}

private func writeThrough(_ contents: [UInt8], to path: FilePath) throws(CommandError) {
    let file = unsafe linux_open(path.bytes, O_WRONLY | O_CLOEXEC, 0)
    guard file >= 0 else {
        throw .system("open for writing", path.shown)
    }
    try writeAndClose(contents, to: file, path.shown)
}

private func replace(_ path: FilePath, with contents: [UInt8]) throws(CommandError) {
    let temporary = path.appending(".\(getpid()).tmp")
    let file = unsafe linux_open(
        temporary.bytes, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else {
        throw .system("open for writing", path.shown)
    }
    do throws(CommandError) {
        try writeAndClose(contents, to: file, path.shown)
        guard unsafe rename(temporary.bytes, path.bytes) == 0 else {
            throw .system("replace", path.shown)
        }
    } catch {
        _ = unsafe unlink(temporary.bytes)
        throw error
    }
}

/// Writes and closes the file. Errors of close(2) count: some file systems report a full disk then.
private func writeAndClose(
    _ contents: [UInt8], to file: Int32, _ name: String
) throws(CommandError) {
    do throws(CommandError) {
        try writeAll(contents, to: file, name)
    } catch {
        close(file)
        throw error
    }
    guard close(file) == 0 else {
        throw .system("write", name)
    }
}

private func writeAll(
    _ contents: [UInt8], to file: Int32, _ name: String
) throws(CommandError) {
    var rest = contents[...]
    while !rest.isEmpty {
        // The pointer does not leave the closure, and its count bounds the call.
        let count = unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
        if count >= 0 {
            rest = rest.dropFirst(count)
        } else if linux_errno() != EINTR {
            throw .system("write", name)
        }
    }
}
