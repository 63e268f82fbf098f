import ABI
import JSON
import Tender

/// The value of a field, typed by how it is shown.
enum Value: Equatable {
    case number(UInt64)
    case signed(Int64)
    /// Shown in hexadecimal.
    case address(UInt64)
    case octal(UInt64)
    /// Nanoseconds.
    case duration(UInt64)
    /// Nanoseconds since the Unix epoch.
    case date(UInt64)
    case set(UInt64)
    case word(String)
    case bytes([UInt8])

    init(_ word: UInt64, _ field: HypercallField) {
        self =
            switch field.meaning {
            case .number, .count, .array: .number(word)
            case .signed, .result, .countOrError: .signed(CallMeasure.signed(word, field.size))
            case .address, .buffer, .string: .address(word)
            case .duration: .duration(word)
            case .date: .date(word)
            case .handles: .set(word)
            case .mode: .octal(word)
            case .status: Self.status(word)
            case .openFlags: Self.openFlags(word)
            case .outcome: .word("ok")
            }
    }

    private static func status(_ word: UInt64) -> Value {
        switch Int64(clamping: word) {
        case Int64(HVT_RESULT_OK): .word("ok")
        case Int64(HVT_RESULT_AGAIN): .word("again")
        case Int64(HVT_RESULT_INVALID): .word("invalid")
        case Int64(HVT_RESULT_UNSPECIFIED): .word("unspecified")
        default: .number(word)
        }
    }

    /// The flags of open(2) by Linux's numbers, which guests pass.
    private static func openFlags(_ word: UInt64) -> Value {
        let access = ["RDONLY", "WRONLY", "RDWR", "3"][Int(word & 3)]
        let names: [(UInt64, String)] = [
            (0o100, "CREAT"), (0o200, "EXCL"), (0o1000, "TRUNC"), (0o2000, "APPEND"),
            (0o200000, "DIRECTORY"),
        ]
        var text = access
        var rest = word & ~3
        for (flag, name) in names where rest & flag != 0 {
            text += "|" + name
            rest &= ~flag
        }
        return .word(rest == 0 ? text : text + "|0" + String(rest, radix: 8))
    }

    /// The numbers of the bits that are set.
    private static func members(_ word: UInt64) -> [UInt64] {
        (0..<64).filter { word >> $0 & 1 == 1 }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// As text for listings.
    var text: String {
        switch self {
        case .number(let value): String(value)
        case .signed(let value): String(value)
        case .address(let value): "0x" + String(value, radix: 16)
        case .octal(let value): "0" + String(value, radix: 8)
        case .duration(let value): Format.duration(value)
        case .date(let value): Format.seconds(value)
        case .set(let value):
            "{" + Self.members(value).map { String($0) }.joined(separator: ",") + "}"
        case .word(let word): word
        case .bytes(let bytes): Self.hexadecimal(bytes)
        }
    }

    /// As JSON: times in nanoseconds, addresses as text, sets as arrays.
    var json: JSON {
        switch self {
        case .number(let value), .duration(let value), .date(let value): .number(value)
        case .signed(let value): .decimal(String(value))
        case .set(let value): .array(Self.members(value).map { .number($0) })
        case .address, .octal, .word, .bytes: .string(text)
        }
    }
}
