import CLinux
import GuestArchive
import Linux
import Tender

/// What the operator lets the guest see, and where: `HOST:GUEST` or `HOST:GUEST:ro`.
package struct FileMapping {
    /// For messages.
    let option: OptionValue
    /// The path of a directory or of a file.
    let host: String
    /// The guest sees it here, be it written with a slash at the beginning or without.
    let guest: GuestPath
    let isReadOnly: Bool

    package static func parse(_ option: OptionValue) throws(ModuleError) -> FileMapping {
        let colon = UInt8(ascii: ":")
        let parts = option.value.utf8.split(separator: colon, omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count) else {
            throw ModuleError(
                "not HOST:GUEST or HOST:GUEST:ro", option: option,
                hint: parts.count > 3 ? "neither path can contain a colon" : nil)
        }
        guard parts.count == 2 || parts[2].elementsEqual("ro".utf8) else {
            throw ModuleError(
                "only 'ro', for read-only, can follow the second colon", option: option)
        }
        guard !parts[0].isEmpty else {
            throw ModuleError("no file or directory of the host before the colon", option: option)
        }
        guard !parts[1].isEmpty else {
            throw ModuleError("no path in the guest after the colon", option: option)
        }
        let guest: GuestPath
        do throws(Errno) {
            guest = try GuestPath(Array(parts[1]))
        } catch {
            throw ModuleError("bad path in the guest: \(error)", option: option)
        }
        return FileMapping(
            option: option, host: String(decoding: parts[0], as: UTF8.self), guest: guest,
            isReadOnly: parts.count == 3)
    }

    /// - Returns: the same for kernels that leave out the name of the directory, /root, at which
    ///   they mount what is mapped: `/root/x` and `x` are one.
    func relativeToRoot() -> FileMapping {
        let mountPoint = GuestPath(names: [Array("root".utf8)])
        guard let rest = guest.rest(below: mountPoint) else { return self }
        return FileMapping(
            option: option, host: host, guest: GuestPath(names: rest), isReadOnly: isReadOnly)
    }
}
