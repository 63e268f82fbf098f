import Foundation

/// A system call that a test itself needs has failed.
public struct SystemCallError: Error, CustomStringConvertible {
    public let code: Int32

    public var description: String { String(cString: strerror(code)) }
}

/// The result of a system call that says -1 when it fails.
@discardableResult
public func attempt<Value: SignedInteger>(_ call: () -> Value) throws -> Value {
    let result = call()
    guard result != -1 else { throw SystemCallError(code: errno) }
    return result
}
