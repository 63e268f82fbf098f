/// The user interface of /dev/mshv in Linux 6.15 and later, transcribed from its description: request
/// numbers, and the offsets of what structs hold.
///
/// Not from the back end's header, so that a slip in either shows.
public enum Interface {
    /// Requests (ioctl numbers of magic 0xB8): direction, size of the argument, magic, number.
    public enum Request {
        /// On the device: `Create`. Answers with a descriptor.
        public static let createPartition: UInt = 0x4010_B800
        /// On a partition, without an argument.
        public static let initializePartition: UInt = 0x0000_B800
        /// On a partition: the VP's index. Answers with a descriptor.
        public static let createVP: UInt = 0x4004_B801
        /// On a partition: `Region`.
        public static let setGuestMemory: UInt = 0x4020_B802
        /// On a partition or VP: `Hypercall`.
        public static let hypercall: UInt = 0xC020_B807
        /// On a VP: `Message`, filled in.
        public static let run: UInt = 0x8100_B800
    }

    /// struct mshv_create_partition.
    public enum Create {
        public static let size = 16
        public static let flags = 0
        public static let isolation = 8
        /// Flags that Linux 6.15 knows: LAPIC, X2APIC, GPA_SUPER_PAGES.
        public static let knownFlags: UInt64 = 7
        public static let superPages: UInt64 = 4
    }

    /// struct mshv_user_mem_region.
    public enum Region {
        public static let size = 32
        public static let byteCount = 0
        public static let guestPage = 8
        public static let address = 0x10
        public static let flags = 0x18
        public static let reserved = 0x19..<0x20
        public static let writable: UInt8 = 1
        public static let executable: UInt8 = 2
        public static let unmap: UInt8 = 4
    }

    /// struct mshv_root_hvcall.
    public enum Hypercall {
        public static let size = 32
        public static let code = 0
        public static let repetitions = 2
        public static let inputSize = 4
        public static let outputSize = 6
        public static let status = 8
        public static let reserved = 0xA..<0x10
        public static let input = 0x10
        public static let output = 0x18
        /// In bytes: of the input's header, which begins with the partition's ID, to a whole page.
        public static let inputSizes: ClosedRange<UInt16> = 8...4096
        public static let outputSizes: ClosedRange<UInt16> = 1...4096
    }

    /// The hypercalls that the device passes on.
    public enum Code {
        public static let getProperty: UInt16 = 0x44
        public static let setProperty: UInt16 = 0x45
        public static let installIntercept: UInt16 = 0x4D
        public static let getRegisters: UInt16 = 0x50
        public static let setRegisters: UInt16 = 0x51
        public static let translate: UInt16 = 0x52
        public static let clearInterrupt: UInt16 = 0x56
        public static let registerInterceptResult: UInt16 = 0x91
        public static let assertInterrupt: UInt16 = 0x94
        public static let signalEvent: UInt16 = 0xC0
        public static let postMessage: UInt16 = 0xC1
        public static let getCPUID: UInt16 = 0xF4
        public static let getPropertyEx: UInt16 = 0x101

        public static let passedOn: Set<UInt16> = [
            getProperty, setProperty, installIntercept, getRegisters, setRegisters, translate,
            clearInterrupt, registerInterceptResult, assertInterrupt, signalEvent, postMessage,
            getCPUID, getPropertyEx,
        ]
        /// Those that the hypervisor carries out later, which the device passes on for a partition
        /// only.
        public static let delayed: Set<UInt16> = [setProperty]
    }

    /// Hypercalls' inputs and outputs.
    public enum Layout {
        // Properties: the partition's ID, the code, padding, and a value to set.
        public static let propertyCode = 8
        public static let propertyValue = 0x10
        public static let getPropertySize = 16
        public static let setPropertySize = 24
        // Registers: the partition's ID, the VP's index, and the trust level; then each one's name,
        // or each one's name and value.
        public static let vpIndex = 8
        public static let vtl = 12
        public static let registersHeader = 16
        public static let nameSize = 4
        public static let valueSize = 16
        public static let assignmentSize = 32
        public static let assignedValue = 16
        // The result of CPUID for one leaf.
        public static let resultSize = 60
        public static let resultType = 0xC
        public static let resultTypeCPUID: UInt32 = 2
        public static let resultLeaf = 0x10
        public static let resultSubleaf = 0x14
        public static let resultIsOfSubleaf = 0x18
        /// EAX, EBX, ECX, EDX: each a value, and a mask of the bits of it that count.
        public static let resultRegisters = [0x1C, 0x24, 0x2C, 0x34]
        // What CPUID will tell.
        public static let cpuidHeader = 24
        public static let cpuidQuerySize = 24
        public static let cpuidAnswerSize = 16
    }

    /// What the hypervisor says of a hypercall.
    public enum Status {
        public static let success: UInt16 = 0
        public static let invalidInput: UInt16 = 3
        public static let invalidParameter: UInt16 = 5
        public static let invalidPartitionState: UInt16 = 7
        public static let unknownProperty: UInt16 = 9
        public static let insufficientMemory: UInt16 = 0xB
        public static let invalidVPIndex: UInt16 = 0xE
        public static let invalidRegisterValue: UInt16 = 0x50
    }

    /// A partition's properties.
    public enum Property {
        /// Can be set until the partition is initialised.
        public static let syntheticProcessorFeatures: UInt32 = 0x0001_0001
        public static let timeFreeze: UInt32 = 0x0003_0003
        public static let referenceTime: UInt32 = 0x0003_0005
        /// The TLFS's name (HvPartitionPropertyUnimplementedMsrAction): what the hypervisor does when
        /// the guest accesses an MSR that the hypervisor does not implement.
        public static let unimplementedMSRAction: UInt32 = 0x0005_0017
        /// Read-only, in Hz.
        public static let clockFrequency: UInt32 = 0x0006_0009

        public static let early: Set<UInt32> = [syntheticProcessorFeatures]
        public static let settable: Set<UInt32> = [
            syntheticProcessorFeatures, timeFreeze, referenceTime, unimplementedMSRAction,
        ]
    }

    /// The page by which a VMM sees and changes registers without a system call: page 0 of a VP.
    public enum RegisterPage {
        public static let version = 0
        public static let isValid = 2
        public static let dirty = 4
        /// RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15.
        public static let general = 8
        public static let rip = 0x88
        public static let rflags = 0x90
        /// Past this, Linux 6.15's own description differs from the hypervisor's.
        public static let end = 0x98
        public static let dirtyGeneral: UInt32 = 1
        public static let dirtyRIP: UInt32 = 2
        public static let dirtyRFLAGS: UInt32 = 16
        public static let dirtyPastEnd: UInt32 = 4 | 8
    }
}
