import Linux
import Tender

extension ModuleError {
    public static func notAttached(
        _ option: OptionValue, _ cause: String, hint: String? = nil
    ) -> ModuleError {
        ModuleError(
            "Could not attach interface: \(option.value): \(cause)", option: option, hint: hint)
    }
}

/// Runs `body`; its errno becomes the error that `option` can't be attached.
func attaching<Value: ~Copyable>(
    _ option: OptionValue, hint: (Errno) -> String? = { _ in nil },
    _ body: () throws(Errno) -> Value
) throws(ModuleError) -> Value {
    try wrapping({ ModuleError.notAttached(option, "\($0)", hint: hint($0)) }, body)
}
