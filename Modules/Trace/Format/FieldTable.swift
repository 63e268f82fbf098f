import Bytes
import Tender

/// Encodes and decodes the fields of one call's argument in the header of a trace.
enum FieldTable {
    static func write(_ fields: [HypercallField], to bytes: inout [UInt8], at start: Int) {
        for (index, field) in fields.enumerated() {
            let start = start + index * HeaderLayout.fieldSize
            bytes.put(
                field.offset.map { UInt32(clamping: $0) } ?? HeaderLayout.noOffset,
                at: start + HeaderLayout.fieldOffset)
            bytes.put(UInt32(clamping: field.size), at: start + HeaderLayout.fieldWidth)
            bytes[start + HeaderLayout.fieldMeaning] = field.meaning.code
            bytes[start + HeaderLayout.fieldDirection] = field.direction.rawValue
            bytes.put(
                field.name.utf8.prefix(HeaderLayout.fieldNameCount),
                at: start + HeaderLayout.fieldName)
            let detail: (UInt32, UInt32) =
                switch field.meaning {
                case .buffer(let length):
                    (UInt32(clamping: fields.firstIndex { $0.name == length } ?? fields.count), 0)
                case .outcome(let failure, let code): (failure, UInt32(clamping: code))
                default: (0, 0)
                }
            bytes.put(detail.0, at: start + HeaderLayout.fieldDetail)
            bytes.put(detail.1, at: start + HeaderLayout.fieldDetail2)
        }
    }

    /// - Returns: nil if a field is invalid.
    static func read(_ bytes: [UInt8], at start: Int, count: Int) -> [HypercallField]? {
        let starts = (0..<count).map { start + $0 * HeaderLayout.fieldSize }
        let names = starts.map {
            bytes.text(at: $0 + HeaderLayout.fieldName, most: HeaderLayout.fieldNameCount)
        }
        var fields: [HypercallField] = []
        for (start, name) in zip(starts, names) {
            guard let offset = bytes.word32(at: start + HeaderLayout.fieldOffset),
                let size = bytes.word32(at: start + HeaderLayout.fieldWidth),
                let detail = bytes.word32(at: start + HeaderLayout.fieldDetail),
                let detail2 = bytes.word32(at: start + HeaderLayout.fieldDetail2),
                let direction = HypercallField.Direction(
                    rawValue: bytes[start + HeaderLayout.fieldDirection]),
                let meaning = HypercallField.Meaning(
                    bytes[start + HeaderLayout.fieldMeaning], Int(detail), detail2, names)
            else { return nil }
            fields.append(
                HypercallField(
                    name, at: offset == HeaderLayout.noOffset ? nil : Int(offset), size: Int(size),
                    meaning, direction))
        }
        return fields
    }
}

extension HypercallField.Meaning {
    fileprivate var code: UInt8 {
        switch self {
        case .number: 0
        case .signed: 1
        case .address: 2
        case .buffer: 3
        case .string: 4
        case .array: 5
        case .duration: 6
        case .date: 7
        case .handles: 8
        case .status: 9
        case .openFlags: 10
        case .mode: 11
        case .count: 12
        case .result: 13
        case .countOrError: 14
        case .outcome: 15
        }
    }

    /// - Parameter names: the names of all fields of the call.
    fileprivate init?(_ code: UInt8, _ detail: Int, _ detail2: UInt32, _ names: [String]) {
        switch code {
        case 0: self = .number
        case 1: self = .signed
        case 2: self = .address
        case 3:
            guard detail < names.count else { return nil }
            self = .buffer(length: names[detail])
        case 4: self = .string
        case 5: self = .array
        case 6: self = .duration
        case 7: self = .date
        case 8: self = .handles
        case 9: self = .status
        case 10: self = .openFlags
        case 11: self = .mode
        case 12: self = .count
        case 13: self = .result
        case 14: self = .countOrError
        case 15: self = .outcome(failure: UInt32(truncatingIfNeeded: detail), code: Int(detail2))
        default: return nil
        }
    }
}
