/// A debugger's request, parsed from a packet.
enum Request: Equatable {
    case features(stopReasons: Bool)
    case noAcknowledgements
    case stopReason
    case readRegisters
    case writeRegisters([UInt8])
    case readRegister(Int)
    case writeRegister(Int, [UInt8])
    case readMemory(address: UInt64, count: Int)
    case writeMemory(address: UInt64, [UInt8])
    case insert(Breakpoint)
    case remove(Breakpoint)
    case resume([Resumption])
    case resumptions
    /// `Hg` (registers and memory) if `isGeneral`, otherwise `Hc` (the old resume packets).
    case select(ThreadNumber, isGeneral: Bool)
    case isAlive(ThreadNumber)
    case firstThreads
    case moreThreads
    case currentThread
    case threadInformation(ThreadNumber)
    case isAttached
    case offsets
    case description(offset: Int, count: Int)
    case command([UInt8])
    case detach
    case kill
    /// A packet that is not supported; it gets the empty reply.
    case unknown
    case malformed

    /// A breakpoint or watchpoint of packets `Z` and `z`.
    struct Breakpoint: Equatable {
        enum Kind: UInt8 {
            case software, hardware, write, read, access
        }

        let kind: Kind
        let address: UInt64
        let length: UInt64
    }

    enum ThreadNumber: Equatable {
        case all
        case any
        /// Counted from 1.
        case one(Int)
    }

    struct Resumption: Equatable {
        enum Kind {
            case run, step, stay
        }

        let kind: Kind
        let threads: ThreadNumber
    }
}

extension Request {
    /// The most bytes of memory in one packet; each takes two digits.
    static let mostMemory = PacketReader.mostBytes / 2 - 32

    init(_ content: [UInt8]) {
        var scanner = PacketScanner(content)
        guard let letter = scanner.byte() else {
            self = .unknown
            return
        }
        self =
            switch letter {
            case UInt8(ascii: "?"): .stopReason
            case UInt8(ascii: "g"): .readRegisters
            case UInt8(ascii: "G"):
                Hex.bytes(scanner.rest).map { .writeRegisters($0) } ?? .malformed
            case UInt8(ascii: "p"): Self.register(&scanner)
            case UInt8(ascii: "P"): Self.newRegister(&scanner)
            case UInt8(ascii: "m"): Self.memory(&scanner)
            case UInt8(ascii: "M"): Self.newMemory(&scanner, isBinary: false)
            case UInt8(ascii: "X"): Self.newMemory(&scanner, isBinary: true)
            case UInt8(ascii: "Z"), UInt8(ascii: "z"):
                Self.breakpoint(&scanner, isNew: letter == UInt8(ascii: "Z"))
            case UInt8(ascii: "c"), UInt8(ascii: "s"), UInt8(ascii: "C"), UInt8(ascii: "S"):
                Self.oldResumption(letter, &scanner)
            case UInt8(ascii: "H"): Self.selection(&scanner)
            case UInt8(ascii: "T"):
                Self.thread(&scanner).map { .isAlive($0) } ?? .malformed
            case UInt8(ascii: "D"): .detach
            case UInt8(ascii: "k"): .kill
            case UInt8(ascii: "q"): Self.query(&scanner)
            case UInt8(ascii: "Q"): scanner.skip("StartNoAckMode") ? .noAcknowledgements : .unknown
            case UInt8(ascii: "v"): Self.word(&scanner)
            default: .unknown
            }
    }

    private static func query(_ scanner: inout PacketScanner) -> Request {
        if scanner.skip("Supported") {
            var understandsReasons = false
            _ = scanner.skip(":")
            while !scanner.isAtEnd {
                let feature = scanner.field(until: ";")
                if feature.elementsEqual("swbreak+".utf8) { understandsReasons = true }
            }
            return .features(stopReasons: understandsReasons)
        }
        if scanner.skip("Xfer:features:read:target.xml:") {
            guard let offset = scanner.count(upTo: .max), scanner.skip(","),
                let count = scanner.count(upTo: .max), scanner.isAtEnd
            else { return .malformed }
            return .description(offset: offset, count: count)
        }
        if scanner.skip("ThreadExtraInfo,") {
            return thread(&scanner).map { .threadInformation($0) } ?? .malformed
        }
        if scanner.skip("Rcmd,") {
            return Hex.bytes(scanner.rest).map { .command($0) } ?? .malformed
        }
        if scanner.skip("fThreadInfo") { return .firstThreads }
        if scanner.skip("sThreadInfo") { return .moreThreads }
        if scanner.skip("Attached") { return .isAttached }
        if scanner.skip("Offsets") { return .offsets }
        if scanner.skip("C"), scanner.isAtEnd { return .currentThread }
        return .unknown
    }

    private static func word(_ scanner: inout PacketScanner) -> Request {
        if scanner.skip("Kill") { return .kill }
        guard scanner.skip("Cont") else { return .unknown }
        if scanner.skip("?") { return .resumptions }
        var resumptions: [Resumption] = []
        while scanner.skip(";") {
            guard let letter = scanner.byte(), let kind = resumption(letter, &scanner) else {
                return .malformed
            }
            var threads = ThreadNumber.all
            if scanner.skip(":") {
                guard let thread = thread(&scanner, isLast: false) else { return .malformed }
                threads = thread
            }
            resumptions.append(Resumption(kind: kind, threads: threads))
        }
        return scanner.isAtEnd && !resumptions.isEmpty ? .resume(resumptions) : .malformed
    }

    /// The guest has no signals: their numbers are parsed and ignored.
    private static func resumption(
        _ letter: UInt8, _ scanner: inout PacketScanner
    ) -> Resumption.Kind? {
        switch letter {
        case UInt8(ascii: "c"): return .run
        case UInt8(ascii: "s"): return .step
        case UInt8(ascii: "t"): return .stay
        case UInt8(ascii: "C"): return scanner.count(upTo: 0xFF) == nil ? nil : .run
        case UInt8(ascii: "S"): return scanner.count(upTo: 0xFF) == nil ? nil : .step
        default: return nil
        }
    }

    private static func oldResumption(_ letter: UInt8, _ scanner: inout PacketScanner) -> Request {
        guard let kind = resumption(letter, &scanner) else { return .malformed }
        // The form with an address to resume at is obsolete; current debuggers do not send it.
        guard scanner.isAtEnd else { return .unknown }
        return kind == .step
            ? .resume([Resumption(kind: .step, threads: .any)])
            : .resume([Resumption(kind: .run, threads: .all)])
    }

    private static func selection(_ scanner: inout PacketScanner) -> Request {
        guard let letter = scanner.byte() else { return .malformed }
        guard let thread = thread(&scanner) else { return .malformed }
        return .select(thread, isGeneral: letter == UInt8(ascii: "g"))
    }

    private static func thread(
        _ scanner: inout PacketScanner, isLast: Bool = true
    ) -> ThreadNumber? {
        if scanner.skip("-1") { return isLast && !scanner.isAtEnd ? nil : .all }
        guard let number = scanner.count(upTo: Int(Int32.max)), !isLast || scanner.isAtEnd else {
            return nil
        }
        return number == 0 ? .any : .one(number)
    }

    private static func register(_ scanner: inout PacketScanner) -> Request {
        guard let number = scanner.count(upTo: Int(Int32.max)), scanner.isAtEnd else {
            return .malformed
        }
        return .readRegister(number)
    }

    private static func newRegister(_ scanner: inout PacketScanner) -> Request {
        guard let number = scanner.count(upTo: Int(Int32.max)), scanner.skip("="),
            let bytes = Hex.bytes(scanner.rest)
        else { return .malformed }
        return .writeRegister(number, bytes)
    }

    private static func memory(_ scanner: inout PacketScanner) -> Request {
        guard let address = scanner.number(), scanner.skip(","),
            let count = scanner.number(), scanner.isAtEnd
        else { return .malformed }
        // Fewer bytes than requested are a valid reply.
        return .readMemory(address: address, count: Int(min(count, UInt64(mostMemory))))
    }

    private static func newMemory(_ scanner: inout PacketScanner, isBinary: Bool) -> Request {
        guard let address = scanner.number(), scanner.skip(","),
            let count = scanner.count(upTo: PacketReader.mostBytes), scanner.skip(":")
        else { return .malformed }
        guard let bytes = isBinary ? Array(scanner.rest) : Hex.bytes(scanner.rest),
            bytes.count == count
        else { return .malformed }
        return .writeMemory(address: address, bytes)
    }

    private static func breakpoint(_ scanner: inout PacketScanner, isNew: Bool) -> Request {
        guard let number = scanner.count(upTo: 0xFF) else { return .malformed }
        guard let kind = Breakpoint.Kind(rawValue: UInt8(number)) else { return .unknown }
        guard scanner.skip(","), let address = scanner.number(), scanner.skip(","),
            let length = scanner.number()
        else { return .malformed }
        // Conditions and commands may follow only if qSupported offers them.
        guard scanner.isAtEnd else { return .malformed }
        let breakpoint = Breakpoint(kind: kind, address: address, length: length)
        return isNew ? .insert(breakpoint) : .remove(breakpoint)
    }
}
