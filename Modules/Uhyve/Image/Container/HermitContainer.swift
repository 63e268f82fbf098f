import Bytes
import GuestArchive
import Linux
import TOML
import Tender

/// A "Hermit image": a kernel, its hermit.toml and its files in a gzip'd tar archive.
package struct HermitContainer {
    package let archive: Archive
    package let configuration: HermitConfiguration
    package let kernel: ImageFile

    private static let configurationName = "hermit.toml"
    private static let largestConfiguration = TOMLTable.largestText

    /// Whether the file is gzip'd, which among guests only Hermit images are.
    package static func isOne(_ file: ImageFile) throws(ImageError) -> Bool {
        try file.read(at: 0, count: 4, "the file's first 4 bytes").starts(with: [0x1F, 0x8B, 0x08])
    }

    package init(_ file: ImageFile) throws(ImageError) {
        archive = try Archive(file)
        func refusal(_ why: String) -> ImageError {
            file.failure(.refused(why: printable(why)))
        }
        let name = Self.configurationName
        guard let member = archive.member(GuestPath(names: [Array(name.utf8)])) else {
            throw refusal("it is an archive without \(name): not a Hermit image")
        }
        guard member.size <= UInt64(Self.largestConfiguration) else {
            throw refusal("\(name): more than \(Self.largestConfiguration) bytes")
        }
        let text: [UInt8]
        do throws(Errno) {
            text = try archive.bytes(of: member, count: Self.largestConfiguration)
        } catch {
            throw refusal("\(name): Could not read: \(error)")
        }
        do throws(TextError) {
            configuration = try HermitConfiguration(text)
        } catch {
            throw refusal("\(name), line \(error.line): \(error.text)")
        }
        guard let path = try? GuestPath(Array(configuration.kernel.utf8)),
            let member = archive.member(path)
        else { throw refusal("\(name): the kernel '\(configuration.kernel)' is not there") }
        kernel = try Inflater.storing(file) { [archive, configuration] () throws(Errno) in
            try archive.image(member, path: "\(file.path): \(printable(configuration.kernel))")
        }
    }
}
