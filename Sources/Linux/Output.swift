import CLinux

/// Text for one of the standard streams.
public enum Output {
    /// Writes all of `text` to `descriptor`.
    ///
    /// There is nobody to tell when that fails, but the caller may want to end with a status
    /// that says so.
    @discardableResult
    public static func write(_ text: String, to descriptor: Int32) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            // The bytes stay valid inside this closure.
            while let start = rest.baseAddress, unsafe !rest.isEmpty {
                let size = rest.count
                guard let count = try? retrying({ unsafe CLinux.write(descriptor, start, size) })
                else { return false }
                unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
            return true
        }
    }
}
