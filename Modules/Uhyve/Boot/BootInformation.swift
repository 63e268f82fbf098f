import ABI
import Bytes
import HermitImage
import Tender

/// The boot information of a Hermit guest (hermit_entry's boot_info; abi/hermit.h).
struct BootInformation {
    let layout: HermitLayout
    let notes: HermitNotes
    /// The TLS segment, at its linked address.
    let threadLocal: ELF.ProgramHeader?
    let hasPCI: Bool
    let cpuCount: UInt32
    /// The TSC frequency in kHz.
    let counterFrequency: UInt32
    /// Nanoseconds since the Unix epoch.
    let bootTime: UInt64

    /// Encoded in the layout of the image's entry version.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        var words = [layout.memory.lowerBound, layout.memory.upperBound, serialPort]
        if notes.hasDeviceTreeField { words.append(notes.hasDeviceTree ? layout.deviceTree : 0) }
        words += [layout.image.lowerBound, layout.image.upperBound] + threadLocalWords
        // Smaller fields are padded to 8 bytes with zeros.
        words += [
            UInt64(HERMIT_PLATFORM_UHYVE), hasPCI ? 1 : 0, UInt64(cpuCount),
            UInt64(counterFrequency), bootTime, 0,
        ]
        for word in words { bytes.append(littleEndian: word) }
        return bytes
    }

    private var serialPort: UInt64 {
        UInt64(
            notes.interfaceVersion == UInt32(UHYVE_INTERFACE_1)
                ? UHYVE_V1_UART : UHYVE_V2_SERIAL_WRITE_BUFFER)
    }

    private var threadLocalWords: [UInt64] {
        guard let threadLocal else { return [0, 0, 0, 0] }
        return [
            threadLocal.address &+ layout.bias, threadLocal.fileSize, threadLocal.memorySize,
            threadLocal.alignment,
        ]
    }
}

extension HermitNotes {
    fileprivate var hasDeviceTreeField: Bool { entryVersion > UInt8(HERMIT_ENTRY_VERSION_2) }

    /// Whether the guest gets a device tree. With entry version 3 the field exists, but is 0.
    var hasDeviceTree: Bool { entryVersion > UInt8(HERMIT_ENTRY_VERSION_3) }
}
