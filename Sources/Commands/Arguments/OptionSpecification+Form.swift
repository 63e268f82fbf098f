import Tender

extension OptionSpecification {
    /// As help texts show it.
    var form: String {
        "--\(name)\(takesDevice ? ":NAME" : "")\(valueName.map { "=\($0)" } ?? "")"
    }
}
