import Linux
import Tender

/// A device for tests: it keeps what was last written to each of its registers.
final class Scratchpad: BusDevice, @unchecked Sendable {
    struct Write: Equatable {
        var offset: UInt64
        var width: UInt8
        var value: UInt64
    }

    private let lock = Lock()
    private var registers: [UInt64: Write] = [:]
    private var newest: Write?

    init() {}

    var last: Write? { lock.withLock { newest } }

    func read(at offset: UInt64, width: UInt8) -> UInt64 {
        lock.withLock { registers[offset]?.value ?? 0 }
    }

    func write(_ value: UInt64, at offset: UInt64, width: UInt8) {
        lock.withLock {
            newest = Write(offset: offset, width: width, value: value)
            registers[offset] = newest
        }
    }
}
