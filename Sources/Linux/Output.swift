import CLinux

/// Text for one of the standard streams.
public enum Output {
    /// write(2). Returns the number of bytes written.
    public static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws(Errno) -> Int
    {
        // The bytes stay valid inside this closure, as below.
        try retrying {
            unsafe bytes.withUnsafeBytes {
                unsafe CLinux.write(descriptor, $0.baseAddress, $0.count)
            }
        }
    }

    /// send(2) without waiting, for a descriptor that is a socket.
    public static func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws(Errno) -> Int {
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        return try retrying {
            unsafe bytes.withUnsafeBytes {
                unsafe CLinux.send(descriptor, $0.baseAddress, $0.count, flags)
            }
        }
    }

    /// Writes all of `text` to `descriptor`; to standard error with patience (`StandardError`).
    ///
    /// A failure can't be reported anywhere, but the caller may want to end with a status
    /// that says so.
    @discardableResult
    public static func write(_ text: String, to descriptor: Int32) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            if descriptor == STDERR_FILENO { return unsafe StandardError.write(rest) }
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
