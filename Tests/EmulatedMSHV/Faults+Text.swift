import CLinux
import Linux

// Faults in words, for programs that are started with them: "run:2:EINTR,short:1,invalid:2-4".
extension Faults {
    private static let errors: [String: Int32] = [
        "EINTR": EINTR, "EAGAIN": EAGAIN, "ENOMEM": ENOMEM, "EINVAL": EINVAL, "EIO": EIO,
        "EPERM": EPERM, "EACCES": EACCES, "ENODEV": ENODEV, "ENOTTY": ENOTTY,
    ]

    /// - Parameter text: words with commas between them:
    ///   - CALL:NUMBER:ERROR, as in `failures`
    ///   - memory:NUMBER, short:NUMBER, unknown:NUMBER, as in `memoryLack` and so on
    ///   - invalid:FIRST-LAST, as in `invalidPage`
    ///   - nopages; split
    public init?(_ text: String) {
        self.init()
        for word in text.split(separator: ",") {
            let parts = word.split(separator: ":").map { String($0) }
            let number = parts.dropFirst().first.flatMap { Int($0) }
            switch (parts[0], parts.count, number) {
            case ("nopages", 1, _): hasNoPages = true
            case ("split", 1, _): splitsAddresses = true
            case ("memory", 2, let number?): memoryLack = number
            case ("short", 2, let number?): shortCount = number
            case ("unknown", 2, let number?): unknownMessage = number
            case ("invalid", 2, _):
                let bounds = parts[1].split(separator: "-").compactMap { Int($0) }
                guard bounds.count == 2, bounds[0] <= bounds[1] else { return nil }
                invalidPage = bounds[0]...bounds[1]
            case (let name, 3, let number?):
                guard let call = Call(rawValue: name), let code = Self.errors[parts[2]] else {
                    return nil
                }
                failures.append(Failure(call, number, code))
            default: return nil
            }
        }
    }
}
