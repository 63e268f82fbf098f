import ABI
import Architecture
import Linux
import Tender

/// A scan of a guest's code for the kick of the network ring: whether the guest knows the ring.
///
/// Compilers load the port, a constant, into DX or EDX right before OUT (see `HypercallScan`). A
/// guest that is taken for one that knows the ring, or not, runs all the same: what it does not use
/// costs it 2 MiB, and what it is not offered it does by hypercalls.
enum KickScan {
    /// - Parameter memory: with the segments loaded.
    static func finds(
        in segments: [Segment], of memory: GuestMemory
    ) throws(TenderError) -> Bool {
        guard let mark = Native.kickMark else { return true }
        for segment in segments where segment.isExecutable {
            let code = try wrapping(TenderError.guest) { () throws(GuestFault) in
                try memory.tenderRange(
                    at: segment.address, count: Int(clamping: segment.fileSize))
            }
            if memory.contains(mark, in: code, where: loadsPort) { return true }
        }
        return false
    }

    /// `mov $imm32, %edx` is BA and four bytes; `mov $imm16, %dx` is 66 BA and two bytes.
    static func loadsPort(_ code: RawSpan, at index: Int) -> Bool {
        func byte(_ offset: Int) -> Int32? {
            let position = index + offset
            guard position >= 0, position < code.byteCount else { return nil }
            // In bounds, as was just checked.
            return Int32(unsafe code.unsafeLoad(fromByteOffset: position, as: UInt8.self))
        }
        guard byte(1) == HVT_RING_KICK_PIO & 0xFF, byte(2) == HVT_RING_KICK_PIO >> 8 else {
            return false
        }
        return byte(-1) == 0x66 || (byte(3) == 0 && byte(4) == 0)
    }
}
