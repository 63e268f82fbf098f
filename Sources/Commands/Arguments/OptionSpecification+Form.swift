import Tender

extension OptionSpecification {
    /// As help texts show it.
    var form: String {
        "--\(name)\(takesDevice ? ":NAME" : "")\(valueName.map(valueForm) ?? "")"
    }

    private func valueForm(_ name: String) -> String {
        isValueOptional ? "[=\(name)]" : "=\(name)"
    }
}
