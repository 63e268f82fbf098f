import CLinux
import Linux

/// The guest's file descriptor table.
///
/// The numbers are independent of the host's. As in POSIX, a file gets the lowest free number;
/// 0, 1 and 2 are the console.
struct DescriptorTable {
    private enum Slot {
        case free
        /// For a file that is being opened: nothing is opened, created or truncated before a
        /// number is available for it.
        case reserved
        case taken(OpenFile)
    }

    static let first: Int32 = 3
    /// The limit for files open at a time.
    static let capacity = 256

    private var slots = [Slot](repeating: .free, count: capacity)

    /// - Throws: EMFILE if all are in use.
    mutating func reserve() throws(Errno) -> Int32 {
        for index in slots.indices {
            guard case .free = slots[index] else { continue }
            slots[index] = .reserved
            return Self.first + Int32(index)
        }
        throw Errno(EMFILE)
    }

    /// Assigns a reserved number to `file`; nil frees it.
    mutating func settle(_ number: Int32, _ file: OpenFile?) {
        guard let index = index(number), case .reserved = slots[index] else { return }
        slots[index] = file.map(Slot.taken) ?? .free
    }

    func file(_ number: Int32) throws(Errno) -> OpenFile {
        guard let index = index(number), case .taken(let file) = slots[index] else {
            throw Errno(EBADF)
        }
        return file
    }

    /// - Returns: the open file, which is closed when its last user releases it.
    mutating func remove(_ number: Int32) throws(Errno) -> OpenFile {
        guard let index = index(number), case .taken(let file) = slots[index] else {
            throw Errno(EBADF)
        }
        slots[index] = .free
        return file
    }

    private func index(_ number: Int32) -> Int? {
        let (index, overflow) = number.subtractingReportingOverflow(Self.first)
        guard !overflow, index >= 0, index < slots.count else { return nil }
        return Int(index)
    }
}
