/// The offsets of the fields of a record, in bytes; README.md says what they mean.
enum RecordLayout {
    static let size = 96

    static let sequence = 0
    static let start = 8
    static let hostTime = 16
    static let guestTime = 24
    static let number = 32
    static let kind = 36
    static let result = 37
    static let argumentCount = 38
    static let width = 39
    static let address = 40
    static let argument = 48
    /// The most bytes kept of an argument. Only Hermit's Cmdsize has a larger one.
    static let mostArgument = 48
}

/// The offsets of the fields of the header, in bytes from the start of the file.
enum HeaderLayout {
    static let magic = 0
    static let version = 8
    static let recordSize = 12
    static let cpuCount = 16
    static let recordsPerCPU = 20
    static let recordsOffset = 24
    static let startMonotonic = 32
    static let startRealTime = 40
    static let endMonotonic = 48
    static let end = 56
    static let exitStatus = 60
    static let guests = 64
    static let guestsCount = 16
    static let clock = 80
    static let callCount = 84
    static let fieldCount = 88
    static let calls = 96

    static let callSize = 32
    static let callArgumentSize = 4
    static let callFieldCount = 8
    static let callName = 12
    static let callNameCount = 20

    static let fieldSize = 32
    static let fieldOffset = 0
    /// In place of an offset, if the field is the argument itself.
    static let noOffset = UInt32.max
    static let fieldWidth = 4
    /// Two numbers that depend on the field's meaning (README.md).
    static let fieldDetail = 8
    static let fieldDetail2 = 12
    static let fieldMeaning = 16
    static let fieldDirection = 17
    static let fieldName = 18
    static let fieldNameCount = 14
}
