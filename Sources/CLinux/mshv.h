/* mshv.h: the kernel's interface to the Microsoft Hypervisor, /dev/mshv, and
 * the hypervisor's own structures that pass through it.
 *
 * Debian's headers have neither.  The ioctls are those of linux/mshv.h since
 * Linux 6.15; registers, hypercalls and messages are those of the kernel's
 * include/hyperv, which follow Microsoft's "Hypervisor Top Level Functional
 * Specification" (TLFS).  Only what is used is here.
 */
#ifndef PINNACE_MSHV_H
#define PINNACE_MSHV_H

#include <linux/ioctl.h>
#include <stddef.h>
#include <stdint.h>

#define LINUX_MSHV_AT(type, member, offset) \
    _Static_assert(offsetof(struct type, member) == (offset), #type "." #member)
#define LINUX_MSHV_SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type)

/* MSHV_CREATE_PARTITION.  Kernels refuse flags that they do not know. */
struct linux_mshv_create_partition {
    uint64_t flags;
    uint64_t isolation;
};
LINUX_MSHV_SIZE(linux_mshv_create_partition, 16);
LINUX_MSHV_AT(linux_mshv_create_partition, isolation, 8);

/* MSHV_SET_GUEST_MEMORY. */
struct linux_mshv_region {
    uint64_t size;
    uint64_t guest_page;
    uint64_t address;
    uint8_t flags;
    uint8_t reserved[7];
};
LINUX_MSHV_SIZE(linux_mshv_region, 32);
LINUX_MSHV_AT(linux_mshv_region, guest_page, 8);
LINUX_MSHV_AT(linux_mshv_region, address, 0x10);
LINUX_MSHV_AT(linux_mshv_region, flags, 0x18);

/* MSHV_ROOT_HVCALL. */
struct linux_mshv_hypercall {
    uint16_t code;
    /* In: how many elements there are; out: how many were done. */
    uint16_t reps;
    uint16_t in_size;
    uint16_t out_size;
    /* The hypervisor's. */
    uint16_t status;
    uint8_t reserved[6];
    uint64_t in;
    uint64_t out;
};
LINUX_MSHV_SIZE(linux_mshv_hypercall, 32);
LINUX_MSHV_AT(linux_mshv_hypercall, reps, 2);
LINUX_MSHV_AT(linux_mshv_hypercall, in_size, 4);
LINUX_MSHV_AT(linux_mshv_hypercall, out_size, 6);
LINUX_MSHV_AT(linux_mshv_hypercall, status, 8);
LINUX_MSHV_AT(linux_mshv_hypercall, in, 0x10);
LINUX_MSHV_AT(linux_mshv_hypercall, out, 0x18);

/* MSHV_RUN_VP fills in this many bytes. */
#define LINUX_MSHV_MESSAGE_SIZE 256
struct linux_mshv_message {
    uint8_t bytes[LINUX_MSHV_MESSAGE_SIZE];
};

#define LINUX_MSHV_IOCTL(name, value, expected) \
    static const unsigned long LINUX_MSHV_##name = (value); \
    _Static_assert((value) == (expected), #name)

LINUX_MSHV_IOCTL(CREATE_PARTITION, _IOW(0xB8, 0, struct linux_mshv_create_partition), 0x4010b800);
LINUX_MSHV_IOCTL(INITIALIZE_PARTITION, _IO(0xB8, 0), 0x0000b800);
LINUX_MSHV_IOCTL(CREATE_VP, _IOW(0xB8, 1, uint32_t), 0x4004b801);
LINUX_MSHV_IOCTL(SET_GUEST_MEMORY, _IOW(0xB8, 2, struct linux_mshv_region), 0x4020b802);
LINUX_MSHV_IOCTL(ROOT_HVCALL, _IOWR(0xB8, 7, struct linux_mshv_hypercall), 0xc020b807);
LINUX_MSHV_IOCTL(RUN_VP, _IOR(0xB8, 0, struct linux_mshv_message), 0x8100b800);

enum {
    /* linux_mshv_region.flags; reading is always allowed. */
    LINUX_MSHV_WRITABLE = 1 << 0,
    LINUX_MSHV_EXECUTABLE = 1 << 1,
    /* The page of a VP's descriptor that is the register page. */
    LINUX_MSHV_REGISTER_PAGE = 0,
};

/* The input of HVCALL_GET_PARTITION_PROPERTY is its first 16 bytes, of HVCALL_SET_... all of it.  The
 * kernel fills in the partition in every input. */
struct linux_hv_property {
    uint64_t partition;
    uint32_t code;
    uint32_t padding;
    uint64_t value;
};
LINUX_MSHV_SIZE(linux_hv_property, 24);
LINUX_MSHV_AT(linux_hv_property, code, 8);
LINUX_MSHV_AT(linux_hv_property, value, 16);

/* HVCALL_GET_VP_REGISTERS and HVCALL_SET_VP_REGISTERS begin with this; 32-bit names follow, or
 * assignments. */
struct linux_hv_registers {
    uint64_t partition;
    uint32_t vp;
    uint8_t vtl;
    uint8_t padding[3];
};
LINUX_MSHV_SIZE(linux_hv_registers, 16);
LINUX_MSHV_AT(linux_hv_registers, vp, 8);

/* A value of any register: 64-bit ones are the low half. */
struct linux_hv_value {
    uint64_t low;
    uint64_t high;
};
LINUX_MSHV_SIZE(linux_hv_value, 16);

struct linux_hv_assignment {
    uint32_t name;
    uint32_t padding;
    uint64_t more_padding;
    struct linux_hv_value value;
};
LINUX_MSHV_SIZE(linux_hv_assignment, 32);
LINUX_MSHV_AT(linux_hv_assignment, value, 16);

/* Of a register, the bits in the mask. */
struct linux_hv_bits {
    uint32_t value;
    uint32_t mask;
};

/* HVCALL_REGISTER_INTERCEPT_RESULT, for CPUID: what these registers are to hold. */
struct linux_hv_cpuid_result {
    uint64_t partition;
    uint32_t vp;
    uint32_t type;
    uint32_t leaf;
    uint32_t subleaf;
    uint8_t is_subleaf_specific;
    uint8_t always_overrides;
    uint16_t padding;
    struct linux_hv_bits eax;
    struct linux_hv_bits ebx;
    struct linux_hv_bits ecx;
    struct linux_hv_bits edx;
};
LINUX_MSHV_SIZE(linux_hv_cpuid_result, 64);
LINUX_MSHV_AT(linux_hv_cpuid_result, type, 0xc);
LINUX_MSHV_AT(linux_hv_cpuid_result, leaf, 0x10);
LINUX_MSHV_AT(linux_hv_cpuid_result, is_subleaf_specific, 0x18);
LINUX_MSHV_AT(linux_hv_cpuid_result, always_overrides, 0x19);
LINUX_MSHV_AT(linux_hv_cpuid_result, eax, 0x1c);
LINUX_MSHV_AT(linux_hv_cpuid_result, ebx, 0x24);
LINUX_MSHV_AT(linux_hv_cpuid_result, ecx, 0x2c);
LINUX_MSHV_AT(linux_hv_cpuid_result, edx, 0x34);

enum {
    /* It has no padding at its end, which the struct has. */
    LINUX_HV_CPUID_RESULT_SIZE = 60,
    /* HV_INTERCEPT_TYPE_X64_CPUID */
    LINUX_HV_INTERCEPT_CPUID = 2,

    LINUX_HVCALL_GET_PARTITION_PROPERTY = 0x44,
    LINUX_HVCALL_SET_PARTITION_PROPERTY = 0x45,
    LINUX_HVCALL_GET_VP_REGISTERS = 0x50,
    LINUX_HVCALL_SET_VP_REGISTERS = 0x51,
    LINUX_HVCALL_REGISTER_INTERCEPT_RESULT = 0x91,

    /* HV_PARTITION_PROPERTY_..._SYNTHETIC_PROC_FEATURES and ..._PROCESSOR_CLOCK_FREQUENCY */
    LINUX_HV_SYNTHETIC_FEATURES = 0x00010001,
    LINUX_HV_CLOCK_FREQUENCY = 0x00060009,

    /* HV_REGISTER_... and HV_X64_REGISTER_...; general ones in the order of their numbers in
     * instructions. */
    LINUX_HV_RAX = 0x00020000,
    LINUX_HV_RIP = 0x00020010,
    LINUX_HV_RFLAGS = 0x00020011,
    LINUX_HV_FP_CONTROL = 0x00030018,
    LINUX_HV_XMM_CONTROL = 0x00030019,
    LINUX_HV_CR0 = 0x00040000,
    LINUX_HV_CR2 = 0x00040001,
    LINUX_HV_CR3 = 0x00040002,
    LINUX_HV_CR4 = 0x00040003,
    LINUX_HV_CR8 = 0x00040004,
    LINUX_HV_ES = 0x00060000,
    LINUX_HV_CS = 0x00060001,
    LINUX_HV_SS = 0x00060002,
    LINUX_HV_DS = 0x00060003,
    LINUX_HV_FS = 0x00060004,
    LINUX_HV_GS = 0x00060005,
    LINUX_HV_LDTR = 0x00060006,
    LINUX_HV_TR = 0x00060007,
    LINUX_HV_IDTR = 0x00070000,
    LINUX_HV_GDTR = 0x00070001,
    LINUX_HV_EFER = 0x00080001,
    LINUX_HV_APIC_BASE = 0x00080003,
};

/* A message: why a VP stopped (TLFS, "Intercept Messages"). */
struct linux_hv_message {
    uint32_t type;
    uint8_t payload_size;
    uint8_t flags;
    uint16_t reserved;
    uint64_t sender;
    /* All but a few types go on like this. */
    uint32_t vp;
    /* The low four bits are the instruction's length, the others CR8. */
    uint8_t length;
    uint8_t access;
    uint16_t execution;
    struct linux_hv_value cs;
    uint64_t rip;
    uint64_t rflags;
    union {
        struct {
            uint16_t number;
            /* The low three bits are the width in bytes. */
            uint8_t info;
            uint8_t instruction_size;
            uint32_t reserved;
            uint64_t rax;
        } port;
        struct {
            uint32_t cache_type;
            uint8_t instruction_size;
            uint8_t info;
            uint8_t tpr;
            uint8_t reserved;
            uint64_t gva;
            uint64_t gpa;
        } memory;
    };
};
LINUX_MSHV_AT(linux_hv_message, vp, 0x10);
LINUX_MSHV_AT(linux_hv_message, length, 0x14);
LINUX_MSHV_AT(linux_hv_message, access, 0x15);
LINUX_MSHV_AT(linux_hv_message, execution, 0x16);
LINUX_MSHV_AT(linux_hv_message, cs, 0x18);
LINUX_MSHV_AT(linux_hv_message, rip, 0x28);
LINUX_MSHV_AT(linux_hv_message, rflags, 0x30);
LINUX_MSHV_AT(linux_hv_message, port.number, 0x38);
LINUX_MSHV_AT(linux_hv_message, port.info, 0x3a);
LINUX_MSHV_AT(linux_hv_message, port.rax, 0x40);
LINUX_MSHV_AT(linux_hv_message, memory.info, 0x3d);
LINUX_MSHV_AT(linux_hv_message, memory.gva, 0x40);
LINUX_MSHV_AT(linux_hv_message, memory.gpa, 0x48);

/* The register page, up to where kernels differ. */
struct linux_hv_register_page {
    uint16_t version;
    uint8_t is_valid;
    uint8_t reserved;
    /* By classes of registers. */
    uint32_t dirty;
    uint64_t general[16];
    uint64_t rip;
    uint64_t rflags;
};
LINUX_MSHV_SIZE(linux_hv_register_page, 0x98);
LINUX_MSHV_AT(linux_hv_register_page, is_valid, 2);
LINUX_MSHV_AT(linux_hv_register_page, dirty, 4);
LINUX_MSHV_AT(linux_hv_register_page, rip, 0x88);

/* Read at fixed offsets, as the fields of struct kvm_run are. */
enum {
    LINUX_HV_MESSAGE_TYPE = offsetof(struct linux_hv_message, type),
    LINUX_HV_MESSAGE_LENGTH = offsetof(struct linux_hv_message, length),
    LINUX_HV_MESSAGE_ACCESS = offsetof(struct linux_hv_message, access),
    LINUX_HV_MESSAGE_RIP = offsetof(struct linux_hv_message, rip),
    LINUX_HV_MESSAGE_PORT = offsetof(struct linux_hv_message, port.number),
    LINUX_HV_MESSAGE_PORT_INFO = offsetof(struct linux_hv_message, port.info),
    LINUX_HV_MESSAGE_PORT_RAX = offsetof(struct linux_hv_message, port.rax),
    LINUX_HV_MESSAGE_MEMORY_INFO = offsetof(struct linux_hv_message, memory.info),
    LINUX_HV_MESSAGE_GVA = offsetof(struct linux_hv_message, memory.gva),
    LINUX_HV_MESSAGE_GPA = offsetof(struct linux_hv_message, memory.gpa),
    LINUX_HV_PAGE_IS_VALID = offsetof(struct linux_hv_register_page, is_valid),
    LINUX_HV_PAGE_DIRTY = offsetof(struct linux_hv_register_page, dirty),
    LINUX_HV_PAGE_RIP = offsetof(struct linux_hv_register_page, rip),
    /* linux_hv_register_page.dirty */
    LINUX_HV_DIRTY_RIP = 1 << 1,
    /* linux_hv_message.access: what the guest did. */
    LINUX_HV_ACCESS_WRITE = 1,
    /* linux_hv_message.port.info: an INS or OUTS instruction. */
    LINUX_HV_PORT_STRING = 1 << 3,
    /* linux_hv_message.memory.info */
    LINUX_HV_GVA_VALID = 1 << 0,
};

/* HVMSG_..., which Swift takes for 32-bit numbers. */
enum {
    LINUX_HV_UNMAPPED_GPA = 0x80000000,
    LINUX_HV_GPA_INTERCEPT = 0x80000001,
    LINUX_HV_INVALID_REGISTER = 0x80000020,
    LINUX_HV_UNRECOVERABLE = 0x80000021,
    LINUX_HV_PORT_INTERCEPT = 0x80010000,
    LINUX_HV_HALT = 0x80010007,
};

#if defined(__x86_64__)
#include <cpuid.h>

static inline uint64_t linux_counter(void) { return __builtin_ia32_rdtsc(); }

/* The first four letters of the processor's vendor (CPUID 0, EBX). */
static inline uint32_t linux_processor_vendor(void)
{
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;

    return __get_cpuid(0, &eax, &ebx, &ecx, &edx) ? ebx : 0;
}
#endif

#undef LINUX_MSHV_AT
#undef LINUX_MSHV_SIZE
#undef LINUX_MSHV_IOCTL

#endif
