import CLinux
import Foundation
import Linux

/// A partition: its memory, VPs and properties. The machine of KVM's is made with it.
final class Partition: EmulatedMSHV.Object, @unchecked Sendable {
    private let file: FileDescriptor
    let state: EmulationState
    let guest: KVMGuest
    private(set) var isInitialized = false
    private(set) var vps: [UInt32: VP] = [:]
    var properties: [UInt32: UInt64] = [:]
    private(set) var memory = GuestRegions()

    var fileNumber: Int32 { file.number }

    init(_ state: EmulationState) throws(Errno) {
        self.state = state
        file = try FileDescriptor.inMemory(named: "mshv_partition")
        guest = try KVMGuest(of: state.process)
    }

    func ioctl(_ request: UInt, _ argument: UInt) throws(Errno) -> EmulatedMSHV.Answer {
        typealias Request = Interface.Request
        switch request {
        case Request.initializePartition:
            try state.count(.initializePartition)
            // A second time changes nothing.
            isInitialized = true
        case Request.createVP: return try createVP(argument)
        case Request.setGuestMemory: try setGuestMemory(argument)
        case Request.hypercall:
            try HypercallRequest(state, argument).perform(on: self, fromVP: false)
        default: throw Errno(ENOTTY)
        }
        return .value(0)
    }

    private func createVP(_ argument: UInt) throws(Errno) -> EmulatedMSHV.Answer {
        try state.count(.createVP)
        let index: UInt32 = try state.load(argument, count: 4).get(0)
        guard isInitialized else { throw Errno(EINVAL) }
        guard vps[index] == nil else { throw Errno(EEXIST) }
        let vp = try VP(index, of: self)
        vps[index] = vp
        return .opened(vp)
    }

    private func setGuestMemory(_ argument: UInt) throws(Errno) {
        try state.count(.setGuestMemory)
        let request = try state.load(argument, count: Interface.Region.size)
        let region = try GuestRegions.Region(request)
        if request.get(Interface.Region.flags, as: UInt8.self) & Interface.Region.unmap != 0 {
            let slot = try memory.remove(region)
            try guest.setMemory(
                slot: slot, at: region.gpa, address: region.address, count: 0, isReadOnly: false)
            return
        }
        try memory.check(region)
        guard AddressSpace.isWritable(region.address, region.count, of: state.process.id) else {
            // The kernel pins the pages for writing.
            throw Errno(EFAULT)
        }
        // KVM can withhold writing, if this one has the capability, but not execution.
        let isReadOnly = !region.isWritable && guest.hasReadOnlyMemory
        try guest.setMemory(
            slot: memory.nextSlot, at: region.gpa, address: region.address, count: region.count,
            isReadOnly: isReadOnly)
        memory.add(region)
    }

    /// Bytes of the guest's memory; fewer where it ends.
    func load(_ gpa: UInt64, count: Int) -> [UInt8] {
        guard let place = memory.place(gpa) else { return [] }
        let count = min(count, Int(clamping: place.room))
        return state.process.load(place.address, count: count)?.all ?? []
    }
}

/// The ranges of a guest's memory.
struct GuestRegions {
    struct Region: Equatable {
        let gpa: UInt64
        let address: UInt
        let count: UInt64
        let isWritable: Bool

        /// - Parameter request: struct mshv_user_mem_region.
        init(_ request: Bytes) throws(Errno) {
            typealias Region = Interface.Region
            let (page, overflow) = request.get(Region.guestPage, as: UInt64.self)
                .multipliedReportingOverflow(by: 4096)
            gpa = page
            address = UInt(request.get(Region.address, as: UInt64.self))
            count = request.get(Region.byteCount)
            let flags: UInt8 = request.get(Region.flags)
            isWritable = flags & Region.writable != 0
            let known = Region.writable | Region.executable | Region.unmap
            guard !overflow, count > 0, count % 4096 == 0, address % 4096 == 0, flags & ~known == 0,
                request.all[Region.reserved].allSatisfy({ $0 == 0 }),
                !gpa.addingReportingOverflow(count).overflow,
                !UInt64(address).addingReportingOverflow(count).overflow
            else { throw Errno(EINVAL) }
        }

        func contains(_ address: UInt64) -> Bool { address >= gpa && address - gpa < count }

        func overlaps(_ other: Region) -> Bool {
            gpa < other.gpa + other.count && other.gpa < gpa + count
                || UInt64(address) < UInt64(other.address) + other.count
                    && UInt64(other.address) < UInt64(address) + count
        }
    }

    private var slots: [(slot: UInt32, region: Region)] = []
    private(set) var nextSlot: UInt32 = 0

    /// Neither in the guest's memory nor in the VMM's may one overlap another.
    func check(_ region: Region) throws(Errno) {
        if slots.contains(where: { $0.region.overlaps(region) }) { throw Errno(EEXIST) }
    }

    mutating func add(_ region: Region) {
        slots.append((nextSlot, region))
        nextSlot += 1
    }

    /// - Returns: the number of the slot that is no longer used.
    mutating func remove(_ region: Region) throws(Errno) -> UInt32 {
        let index = slots.firstIndex {
            $0.region.gpa == region.gpa && $0.region.address == region.address
                && $0.region.count == region.count
        }
        guard let index else { throw Errno(EINVAL) }
        return slots.remove(at: index).slot
    }

    func region(of gpa: UInt64) -> Region? { slots.first { $0.region.contains(gpa) }?.region }

    func place(_ gpa: UInt64) -> (address: UInt, room: UInt64)? {
        guard let region = region(of: gpa) else { return nil }
        return (region.address + UInt(gpa - region.gpa), region.count - (gpa - region.gpa))
    }
}

/// What the kernel tells of a process's memory.
enum AddressSpace {
    /// Whether all of it is mapped for writing (proc(5), maps).
    static func isWritable(_ address: UInt, _ count: UInt64, of process: Int32) -> Bool {
        // Foundation takes the first page of such a file for the whole.
        guard let maps = fopen("/proc/\(process)/maps", "r") else { return true }
        defer { fclose(maps) }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 128)
        var next = UInt64(address)
        let end = next + count
        while fgets(&buffer, Int32(buffer.count), maps) != nil {
            let line = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            let fields = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 2)
            let bounds = fields[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            guard bounds.count == 2, bounds[1] > next else { continue }
            guard bounds[0] <= next, fields[1].dropFirst().first == "w" else { return false }
            next = bounds[1]
            if next >= end { return true }
        }
        return false
    }
}
