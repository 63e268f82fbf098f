/// A value of a TOML document.
public enum TOMLValue {
    case string(String)
    case integer(Int64)
    /// As it was written, without underscores, and so exact: no reader here calculates with it.
    case float(String)
    case boolean(Bool)
    // Dates and times as they were written; all their numbers have been checked.
    case dateTime(String)
    case localDateTime(String)
    case localDate(String)
    case localTime(String)
    case array([TOMLValue])
    case table(TOMLTable)

    /// The strings of an array that holds nothing else; nil if it is another value.
    public var strings: [String]? {
        guard case .array(let elements) = self else { return nil }
        var strings: [String] = []
        for element in elements {
            guard case .string(let string) = element else { return nil }
            strings.append(string)
        }
        return strings
    }
}
