/// A target description, which describes an architecture's registers to gdb (gdb manual, appendix
/// "Target Descriptions").
protocol TargetDescribing {}

/// Elements of such descriptions.
extension TargetDescribing {
    static func register(
        _ name: String, _ bits: Int, _ type: String, group: String? = nil
    ) -> String {
        let group = group.map { " group=\"\($0)\"" } ?? ""
        return "<reg name=\"\(name)\" bitsize=\"\(bits)\" type=\"\(type)\"\(group)/>\n"
    }

    /// A register of 128 bits seen as each of several vectors, or as one number.
    ///
    /// - Parameter views: of each vector the field's name, the type's, its elements' type, and how
    ///   many there are.
    static func vectorUnion(
        _ name: String, _ views: [(field: String, type: String, element: String, count: Int)]
    ) -> String {
        let types = views.map {
            "<vector id=\"\($0.type)\" type=\"\($0.element)\" count=\"\($0.count)\"/>\n"
        }
        let fields = views.map { "<field name=\"\($0.field)\" type=\"\($0.type)\"/>\n" }
        return types.joined() + "<union id=\"\(name)\">\n" + fields.joined()
            + "<field name=\"uint128\" type=\"uint128\"/>\n</union>\n"
    }
}
