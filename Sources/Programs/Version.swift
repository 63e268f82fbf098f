import CLinux

/// The version of this program.
package let version = "0.1.0"

/// The version with the profile and the commit that this binary was built from, as far as they are
/// known: "0.1.0 (full, 1a2b3c4d5e6f)".
package var buildVersion: String {
    var bytes: [UInt8] = []
    for index in 0..<UInt32(LINUX_BUILD_SIZE) {
        let byte = UInt8(bitPattern: linux_build_byte(index))
        // Filled up with NULs.
        if byte == 0 || byte == UInt8(ascii: "\n") { break }
        bytes.append(byte)
    }
    return bytes.isEmpty ? version : "\(version) (\(String(decoding: bytes, as: UTF8.self)))"
}
