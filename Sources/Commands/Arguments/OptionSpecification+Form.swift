import Tender

extension OptionSpecification {
    /// The option as help texts show it: `--name:NAME=VALUE`.
    var form: String {
        "--\(name)\(takesDevice ? ":NAME" : "")\(valueName.map(valueForm) ?? "")"
    }

    private func valueForm(_ name: String) -> String {
        isValueOptional ? "[=\(name)]" : "=\(name)"
    }
}
