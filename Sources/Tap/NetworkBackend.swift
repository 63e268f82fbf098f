import Linux
import Tender

/// Whatever carries a guest's frames: a tap, or a socket that keeps frames apart. It never waits.
public struct TapAttachment: ~Copyable {
    private let file: FileDescriptor
    /// The largest payload of a frame, in bytes.
    public let mtu: UInt16

    /// - Parameter file: must not wait.
    init(_ file: consuming FileDescriptor, mtu: UInt16) {
        self.file = file
        self.mtu = mtu
    }

    /// Opens what the value of a `net` option names: an interface, or, as `@FD`, a descriptor that
    /// was open before we started.
    public static func open(_ option: OptionValue) throws(ModuleError) -> TapAttachment {
        try InheritedTap.isMeant(by: option)
            ? InheritedTap.attach(option) : NamedTap.attach(option)
    }

    /// The descriptor that the option gives, if it gives one.
    public static func inheritedNumber(_ option: OptionValue) -> Int32? {
        InheritedTap.number(option)
    }

    public consuming func takeFile() -> FileDescriptor { file }
}
