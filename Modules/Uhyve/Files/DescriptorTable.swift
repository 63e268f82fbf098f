import CLinux
import Linux

/// The guest's descriptors: which number stands for which open file.
///
/// The numbers are the guest's own and never the host's. As everywhere, a file gets the lowest
/// number that is free; 0, 1 and 2 are the console.
struct DescriptorTable {
    private enum Slot {
        case free
        /// For a file that is just being opened: nothing is opened, created or truncated unless
        /// there is a number to tell the guest.
        case reserved
        case taken(OpenFile)
    }

    static let first: Int32 = 3
    /// How many files can be open at a time.
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

    /// Makes a reserved number stand for `file`; nil gives it back.
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

    /// - Returns: what the number stood for, which is closed as soon as nobody uses it any more.
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
