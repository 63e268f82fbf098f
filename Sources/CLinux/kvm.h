/* kvm.h: the kernel's KVM interface, with the numbers that Swift cannot import.
 *
 * The run page is read at fixed offsets instead of through struct kvm_run,
 * whose anonymous union Swift would copy whole for every field.
 */
#ifndef PINNACE_KVM_H
#define PINNACE_KVM_H

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <linux/kvm.h>
#include <stddef.h>
#if defined(__aarch64__)
#include <sys/ioctl.h>
#endif

static const unsigned long LINUX_KVM_GET_API_VERSION = KVM_GET_API_VERSION;
static const unsigned long LINUX_KVM_CHECK_EXTENSION = KVM_CHECK_EXTENSION;
static const unsigned long LINUX_KVM_GET_VCPU_MMAP_SIZE = KVM_GET_VCPU_MMAP_SIZE;
static const unsigned long LINUX_KVM_CREATE_VM = KVM_CREATE_VM;
static const unsigned long LINUX_KVM_CREATE_VCPU = KVM_CREATE_VCPU;
static const unsigned long LINUX_KVM_SET_USER_MEMORY_REGION = KVM_SET_USER_MEMORY_REGION;
static const unsigned long LINUX_KVM_RUN = KVM_RUN;

#if defined(__x86_64__)
static const unsigned long LINUX_KVM_GET_SUPPORTED_CPUID = KVM_GET_SUPPORTED_CPUID;
static const unsigned long LINUX_KVM_SET_CPUID2 = KVM_SET_CPUID2;
static const unsigned long LINUX_KVM_GET_REGS = KVM_GET_REGS;
static const unsigned long LINUX_KVM_SET_REGS = KVM_SET_REGS;
static const unsigned long LINUX_KVM_GET_SREGS = KVM_GET_SREGS;
static const unsigned long LINUX_KVM_SET_SREGS = KVM_SET_SREGS;
static const unsigned long LINUX_KVM_GET_XSAVE = KVM_GET_XSAVE;
static const unsigned long LINUX_KVM_SET_XSAVE = KVM_SET_XSAVE;
static const unsigned long LINUX_KVM_SET_GUEST_DEBUG = KVM_SET_GUEST_DEBUG;
static const unsigned long LINUX_KVM_GET_TSC_KHZ = KVM_GET_TSC_KHZ;
static const unsigned long LINUX_KVM_CREATE_IRQCHIP = KVM_CREATE_IRQCHIP;
static const unsigned long LINUX_KVM_CREATE_PIT2 = KVM_CREATE_PIT2;
static const unsigned long LINUX_KVM_ENABLE_CAP = KVM_ENABLE_CAP;
static const unsigned long LINUX_KVM_SET_MP_STATE = KVM_SET_MP_STATE;
static const unsigned long LINUX_KVM_SET_MSRS = KVM_SET_MSRS;
static const unsigned long LINUX_KVM_IOEVENTFD = KVM_IOEVENTFD;
static const unsigned long LINUX_KVM_IRQFD = KVM_IRQFD;
static const unsigned long LINUX_KVM_X86_SET_MSR_FILTER = KVM_X86_SET_MSR_FILTER;

/* A struct kvm_msrs with one entry, which in C is an array without a size. */
struct linux_kvm_one_msr {
    __u32 count;
    __u32 pad;
    struct kvm_msr_entry entry;
};
#endif

#if defined(__aarch64__)
static const unsigned long LINUX_KVM_ARM_PREFERRED_TARGET = KVM_ARM_PREFERRED_TARGET;
static const unsigned long LINUX_KVM_ARM_VCPU_INIT = KVM_ARM_VCPU_INIT;
static const unsigned long LINUX_KVM_GET_ONE_REG = KVM_GET_ONE_REG;
static const unsigned long LINUX_KVM_SET_ONE_REG = KVM_SET_ONE_REG;
static const unsigned long LINUX_KVM_ENABLE_CAP = KVM_ENABLE_CAP;
static const unsigned long LINUX_KVM_SET_GUEST_DEBUG = KVM_SET_GUEST_DEBUG;
static const __u32 LINUX_KVM_GUESTDBG_USE_HW = KVM_GUESTDBG_USE_HW;
#endif

/* Newer than Debian 12's headers; see the kernel's Documentation/virt/kvm/api.rst. */
#ifndef KVM_EXIT_MEMORY_FAULT
#define KVM_EXIT_MEMORY_FAULT 39
#endif

enum {
    /* KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES */
    LINUX_KVM_EMULATION_FLAG_BYTES = 1 << 0,
    LINUX_KVM_RUN_IMMEDIATE_EXIT = offsetof(struct kvm_run, immediate_exit),
    LINUX_KVM_RUN_EXIT_REASON = offsetof(struct kvm_run, exit_reason),
    /* exit_reason KVM_EXIT_IO */
    LINUX_KVM_RUN_IO_DIRECTION = offsetof(struct kvm_run, io.direction),
    LINUX_KVM_RUN_IO_SIZE = offsetof(struct kvm_run, io.size),
    LINUX_KVM_RUN_IO_PORT = offsetof(struct kvm_run, io.port),
    LINUX_KVM_RUN_IO_COUNT = offsetof(struct kvm_run, io.count),
    LINUX_KVM_RUN_IO_DATA_OFFSET = offsetof(struct kvm_run, io.data_offset),
    /* KVM_EXIT_MMIO */
    LINUX_KVM_RUN_MMIO_ADDRESS = offsetof(struct kvm_run, mmio.phys_addr),
    LINUX_KVM_RUN_MMIO_DATA = offsetof(struct kvm_run, mmio.data),
    LINUX_KVM_RUN_MMIO_LENGTH = offsetof(struct kvm_run, mmio.len),
    LINUX_KVM_RUN_MMIO_IS_WRITE = offsetof(struct kvm_run, mmio.is_write),
    /* KVM_EXIT_FAIL_ENTRY */
    LINUX_KVM_RUN_FAIL_ENTRY_REASON = offsetof(struct kvm_run, fail_entry.hardware_entry_failure_reason),
    /* KVM_EXIT_INTERNAL_ERROR */
    LINUX_KVM_RUN_INTERNAL_SUBERROR = offsetof(struct kvm_run, internal.suberror),
    LINUX_KVM_RUN_INTERNAL_COUNT = offsetof(struct kvm_run, internal.ndata),
    /* struct emulation_failure, of suberror KVM_INTERNAL_ERROR_EMULATION: flags, a count, bytes */
    LINUX_KVM_RUN_EMULATION_FLAGS = offsetof(struct kvm_run, internal.data),
    LINUX_KVM_RUN_EMULATION_SIZE = offsetof(struct kvm_run, internal.data) + 8,
    LINUX_KVM_RUN_EMULATION_BYTES = offsetof(struct kvm_run, internal.data) + 9,
    /* KVM_EXIT_MEMORY_FAULT: flags, gpa, size, all 64 bits wide */
    LINUX_KVM_RUN_MEMORY_FAULT_FLAGS = offsetof(struct kvm_run, hw),
    LINUX_KVM_RUN_MEMORY_FAULT_ADDRESS = offsetof(struct kvm_run, hw) + 8,
#if defined(__x86_64__)
    /* Which registers an exit is to bring along, which the next run is to take, and where they are. */
    LINUX_KVM_RUN_VALID_REGS = offsetof(struct kvm_run, kvm_valid_regs),
    LINUX_KVM_RUN_DIRTY_REGS = offsetof(struct kvm_run, kvm_dirty_regs),
    LINUX_KVM_RUN_SYNC_REGS = offsetof(struct kvm_run, s.regs.regs),
    LINUX_KVM_RUN_SYNC_RDI = offsetof(struct kvm_run, s.regs.regs.rdi),
    LINUX_KVM_RUN_SYNC_SREGS = offsetof(struct kvm_run, s.regs.sregs),
    /* KVM_EXIT_DEBUG */
    LINUX_KVM_RUN_DEBUG_EXCEPTION = offsetof(struct kvm_run, debug.arch.exception),
    LINUX_KVM_RUN_DEBUG_PC = offsetof(struct kvm_run, debug.arch.pc),
    LINUX_KVM_RUN_DEBUG_DR6 = offsetof(struct kvm_run, debug.arch.dr6),
#elif defined(__aarch64__)
    /* KVM_EXIT_DEBUG */
    LINUX_KVM_RUN_DEBUG_HSR = offsetof(struct kvm_run, debug.arch.hsr),
    LINUX_KVM_RUN_DEBUG_FAR = offsetof(struct kvm_run, debug.arch.far),
#endif
};

#if defined(__x86_64__)
/* Whether this processor has VMX or SVM (CPUID 1, ECX bit 5; 0x80000001, ECX bit 2). */
static inline int linux_has_virtualization(void)
{
    unsigned eax, ebx, ecx, edx;

    if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx >> 5 & 1) != 0)
        return 1;
    return __get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) && (ecx >> 2 & 1) != 0;
}
#endif

#if defined(__aarch64__)
/* CNTFRQ_EL0, the frequency of the virtual counter in Hz. */
static inline __u64 linux_counter_frequency(void)
{
    __u64 frequency;

    __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
    return frequency;
}

/* The register's number says how many bytes there are at `value`. */
static inline int linux_get_register(int vcpu, __u64 number, void *value)
{
    struct kvm_one_reg request = {.id = number, .addr = (__u64)(unsigned long)value};

    return ioctl(vcpu, KVM_GET_ONE_REG, &request);
}

static inline int linux_set_register(int vcpu, __u64 number, const void *value)
{
    struct kvm_one_reg request = {.id = number, .addr = (__u64)(unsigned long)value};

    return ioctl(vcpu, KVM_SET_ONE_REG, &request);
}

/* Arrays, which Swift imports as tuples. The index is below KVM_ARM_MAX_DBG_REGS, 16. */
static inline void linux_set_breakpoint(struct kvm_guest_debug *debug, unsigned index, __u64 address,
                                        __u64 control)
{
    debug->arch.dbg_bvr[index] = address;
    debug->arch.dbg_bcr[index] = control;
}

static inline void linux_set_watchpoint(struct kvm_guest_debug *debug, unsigned index, __u64 address,
                                        __u64 control)
{
    debug->arch.dbg_wvr[index] = address;
    debug->arch.dbg_wcr[index] = control;
}
#endif

#endif
