import Foundation

/// What `pinnace manifest --sandbox --json` says about one launch.
struct LaunchRules: Decodable {
    let type: String
    let systemCalls: [Rule]
    /// nil if what the launch itself opens stays open.
    let descriptors: [UInt64]?
    let largestFile: UInt64?

    struct Rule: Decodable {
        let name: String
        let owner: String
        let arguments: [Argument]

        struct Argument: Decodable {
            let index: Int
            let value: UInt64
            let mask: UInt64
            let meaning: String
        }

        /// The rule as a manifest has it, with no values of this launch.
        var form: String {
            let conditions = arguments.map { "argument \($0.index) is \($0.meaning)" }
            return ([name] + conditions).joined(separator: ", ")
        }

        /// - Parameter process: that of the launch; these rules were given by another one.
        func allows(_ call: RawCall, in process: pid_t?) -> Bool {
            call.name == name
                && arguments.allSatisfy { argument in
                    guard call.arguments.indices.contains(argument.index) else { return false }
                    // Another process has other addresses.
                    if argument.meaning.hasPrefix("the address of ") { return true }
                    let isProcess = argument.meaning.hasSuffix("this process")
                    let value = isProcess ? process.map { UInt64($0) } : argument.value
                    return call.arguments[argument.index] & argument.mask == value
                }
        }
    }
}
