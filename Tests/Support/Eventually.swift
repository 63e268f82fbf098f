import Foundation

/// What a test waited for in vain.
public struct NeverCame: Error, CustomStringConvertible {
    public let description: String

    public init(_ what: String) {
        description = "\(what): never came"
    }
}

/// Waits until `isThere`. It is asked often; a test that fails ends, instead of hanging.
///
/// - Parameter timeout: in seconds. Only to be reached when something is wrong.
public func eventually(
    _ what: @autoclosure () -> String, timeout: Double = 120, _ isThere: () throws -> Bool
) throws {
    let clock = ContinuousClock()
    let start = clock.now
    while try !isThere() {
        if (clock.now - start) / .seconds(1) > timeout { throw NeverCame(what()) }
        usleep(1000)
    }
}
