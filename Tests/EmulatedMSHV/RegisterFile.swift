import CLinux

/// A VP's registers, under the names that the hypervisor has for them, over KVM's structs.
struct RegisterFile {
    var general: kvm_regs
    var system: kvm_sregs
    /// Whether `set` changed anything in `system`.
    private(set) var hasSystemChanges = false

    init(_ general: kvm_regs, _ system: kvm_sregs) {
        self.general = general
        self.system = system
    }

    /// CPL, protected mode, alignment mask and long mode, as in messages.
    var executionState: UInt16 {
        let isProtected: UInt16 = system.cr0 & 1 != 0 ? 4 : 0
        let checksAlignment: UInt16 = system.cr0 & 1 << 18 != 0 ? 8 : 0
        let isLong: UInt16 = system.efer & 1 << 10 != 0 ? 16 : 0
        return UInt16(system.cs.dpl) & 3 | isProtected | checksAlignment | isLong
    }

    /// In the order of their numbers.
    static var general: [WritableKeyPath<kvm_regs, UInt64>] {
        [
            \.rax, \.rcx, \.rdx, \.rbx, \.rsp, \.rbp, \.rsi, \.rdi, \.r8, \.r9, \.r10, \.r11,
            \.r12, \.r13, \.r14, \.r15,
        ]
    }

    private enum Place {
        case general(WritableKeyPath<kvm_regs, UInt64>)
        case system(WritableKeyPath<kvm_sregs, UInt64>)
        case segment(WritableKeyPath<kvm_sregs, kvm_segment>)
        case table(WritableKeyPath<kvm_sregs, kvm_dtable>)
    }

    static let rip: UInt32 = 0x20010

    private static func place(_ name: UInt32) -> Place? {
        switch name {
        case 0x20000...0x2000F: .general(general[Int(name - 0x20000)])
        case rip: .general(\.rip)
        case 0x20011: .general(\.rflags)
        // Plain and, as newer VMMs write them, intermediate ones.
        case 0x40000, 0x41000: .system(\.cr0)
        case 0x40002, 0x41002: .system(\.cr3)
        case 0x40003, 0x41003: .system(\.cr4)
        case 0x40001: .system(\.cr2)
        case 0x40004: .system(\.cr8)
        case 0x80001: .system(\.efer)
        case 0x80003: .system(\.apic_base)
        case 0x60000: .segment(\.es)
        case 0x60001: .segment(\.cs)
        case 0x60002: .segment(\.ss)
        case 0x60003: .segment(\.ds)
        case 0x60004: .segment(\.fs)
        case 0x60005: .segment(\.gs)
        case 0x60006: .segment(\.ldt)
        case 0x60007: .segment(\.tr)
        case 0x70000: .table(\.idt)
        case 0x70001: .table(\.gdt)
        default: nil
        }
    }

    /// MSRs that have names, by them (Intel SDM volume 4).
    static func msr(_ name: UInt32) -> UInt32? {
        switch name {
        // IA32_TIME_STAMP_COUNTER.
        case 0x80000: 0x10
        // IA32_KERNEL_GS_BASE, IA32_PAT.
        case 0x80002: 0xC000_0102
        case 0x80004: 0x277
        // IA32_SYSENTER_CS, IA32_SYSENTER_EIP, IA32_SYSENTER_ESP.
        case 0x80005: 0x174
        case 0x80006: 0x176
        case 0x80007: 0x175
        // IA32_STAR, IA32_LSTAR, IA32_CSTAR, IA32_FMASK.
        case 0x80008...0x8000B: 0xC000_0081 + (name - 0x80008)
        default: nil
        }
    }

    /// The register's value; nil if there is no such register.
    func get(_ name: UInt32) -> Wide? {
        switch Self.place(name) {
        case .general(let path): Wide(low: general[keyPath: path])
        case .system(let path): Wide(low: system[keyPath: path])
        case .segment(let path): SegmentValue(system[keyPath: path]).wide
        case .table(let path): TableValue(system[keyPath: path]).wide
        case nil: nil
        }
    }

    /// Returns false if there is no such register.
    mutating func set(_ name: UInt32, _ value: Wide) -> Bool {
        guard let place = Self.place(name) else { return false }
        if case .general(let path) = place {
            general[keyPath: path] = value.low
            return true
        }
        hasSystemChanges = true
        switch place {
        case .general: break
        case .system(let path): system[keyPath: path] = value.low
        case .segment(let path): system[keyPath: path] = SegmentValue(value).segment
        case .table(let path): system[keyPath: path] = TableValue(value).table
        }
        return true
    }
}

/// A segment register: base, limit, selector, attributes.
struct SegmentValue: WideValue {
    let wide: Wide

    init(_ wide: Wide) { self.wide = wide }

    init(_ segment: kvm_segment) {
        // Type, S, DPL, P; AVL, L, D/B, G.
        var attributes = UInt64(segment.type & 0xF) | UInt64(segment.s & 1) << 4
        attributes |= UInt64(segment.dpl & 3) << 5 | UInt64(segment.present & 1) << 7
        attributes |= UInt64(segment.avl & 1) << 12 | UInt64(segment.l & 1) << 13
        attributes |= UInt64(segment.db & 1) << 14 | UInt64(segment.g & 1) << 15
        wide = Wide(
            low: segment.base,
            high: UInt64(segment.limit) | UInt64(segment.selector) << 32 | attributes << 48)
    }

    var segment: kvm_segment {
        func bits(_ first: UInt64, _ count: UInt64 = 1) -> UInt8 {
            UInt8(truncatingIfNeeded: wide.high >> (48 + first) & (1 << count - 1))
        }
        var segment = kvm_segment()
        segment.base = wide.low
        segment.limit = UInt32(truncatingIfNeeded: wide.high)
        segment.selector = UInt16(truncatingIfNeeded: wide.high >> 32)
        segment.type = bits(0, 4)
        segment.s = bits(4)
        segment.dpl = bits(5, 2)
        segment.present = bits(7)
        segment.avl = bits(12)
        segment.l = bits(13)
        segment.db = bits(14)
        segment.g = bits(15)
        segment.unusable = segment.present == 0 ? 1 : 0
        return segment
    }
}

/// A descriptor table register: 6 bytes of padding, limit, base.
struct TableValue: WideValue {
    let wide: Wide

    init(_ wide: Wide) { self.wide = wide }

    init(_ table: kvm_dtable) { wide = Wide(low: UInt64(table.limit) << 48, high: table.base) }

    var table: kvm_dtable {
        var table = kvm_dtable()
        table.limit = UInt16(truncatingIfNeeded: wide.low >> 48)
        table.base = wide.high
        return table
    }
}
