import CLinux

/// The environment that this process was started with.
public enum Environment {
    /// Each reads NAME=VALUE.
    public static var all: [[UInt8]] {
        var variables: [[UInt8]] = []
        // An array of NUL-terminated strings that ends with a null pointer. No code of ours changes it.
        guard var next = unsafe linux_environment() else { return [] }
        while let string = unsafe next.pointee {
            let bytes = unsafe UnsafeRawBufferPointer(start: string, count: strlen(string))
            variables.append(unsafe Array(bytes))
            unsafe next += 1
        }
        return variables
    }
}
