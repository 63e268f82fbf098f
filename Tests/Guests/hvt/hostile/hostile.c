/* hostile: misuses the machine and the hypercalls that need no device.
 *
 * Prints "survived" if it goes on afterwards.  The tender may end the guest with
 * a message, but must not itself come to harm. */
#include "cases.h"

#define HYPERCALL(name) (HVT_HYPERCALL_PIO_BASE + HVT_HYPERCALL_##name)
#define PAGE_TABLES 0x2000
/* What the tender's exception table reports by. */
#define TENDER_PORT 0xf4
#define HOLE 0x200000000ULL
#define RETURN 0xc3

static uint8_t data_code[] = {RETURN};
static const uint64_t rodata[8];

static const struct guest_case cases[] = {
    {"puts-bad-pointer", run_puts_from_end, 0x100000},
    {"puts-far-pointer", run_puts_from_end, 1ULL << 40},
    {"puts-straddles-end", run_puts_from_end, FROM_END(-8)},
    {"puts-end", run_puts_past_end, 0},
    {"puts-past-end", run_puts_past_end, 1},
    {"puts-wrap", run_puts_length, UINT64_MAX},
    {"puts-huge", run_puts_length, 1ULL << 63},
    {"puts-nothing-at-end", run_puts_empty, 0},
    {"puts-nothing-beyond", run_puts_empty, 0x100000},

    {"struct-beyond", run_walltime_from_end, 0},
    {"struct-far", run_walltime_at, 0xfffff000},
    {"struct-straddles-end", run_walltime_from_end, FROM_END(-4)},
    {"struct-straddles-4g", run_walltime_at, 0xfffffffc},
    {"struct-end", run_walltime_from_end, FROM_END(-8)},
    {"struct-in-text", run_walltime_at, (uintptr_t)guest_text},
    {"struct-in-rodata", run_walltime_at, (uintptr_t)rodata},
    {"struct-in-bootinfo", run_walltime_at, HVT_BOOT_INFO_BASE},
    {"struct-in-pagetables", run_walltime_at, PAGE_TABLES},
    {"struct-at-zero", run_walltime_at, 0},
    {"puts-struct-in-rodata", run_puts_struct_at, (uintptr_t)rodata},
    {"puts-struct-at-zero", run_puts_struct_at, 0},
    {"poll-struct-beyond", run_poll_from_end, 0},
    {"poll-struct-straddles-end", run_poll_from_end, FROM_END(-16)},
    {"poll-struct-in-rodata", run_poll_at, (uintptr_t)rodata},
    {"halt-struct-beyond", run_halt_from_end, 0},
    {"cookie-bad", run_cookie_from_end, 0x100000},
    {"cookie-straddles-end", run_cookie_from_end, FROM_END(-256)},

    {"port-byte", run_write_byte, HYPERCALL(PUTS)},
    {"port-word", run_write_word, HYPERCALL(PUTS)},
    {"port-in", run_read_long, HYPERCALL(PUTS)},
    {"port-in-byte", run_read_byte, HYPERCALL(HALT)},
    {"port-string", run_write_string, HYPERCALL(PUTS)},
    {"port-string-in", run_read_string, HYPERCALL(PUTS)},
    {"port-unknown", run_write_long, 0x400},
    {"port-unknown-byte", run_write_byte, 0x3f8},
    {"port-unknown-in", run_read_byte, 0x64},
    {"port-below", run_write_long, HVT_HYPERCALL_PIO_BASE - 1},
    {"port-kick", run_write_long, 0x600},
    {"port-kick-byte", run_write_byte, 0x600},
    {"hypercall-0", run_hypercall, 0},
    {"hypercall-4", run_hypercall, HVT_HYPERCALL_BLOCK_WRITE},
    {"hypercall-5", run_hypercall, HVT_HYPERCALL_BLOCK_READ},
    {"hypercall-6", run_hypercall, HVT_HYPERCALL_NET_WRITE},
    {"hypercall-7", run_hypercall, HVT_HYPERCALL_NET_READ},
    {"hypercall-9", run_hypercall, HVT_HYPERCALL_COUNT},
    {"hypercall-15", run_hypercall, 15},

    {"hlt", run_halt_instruction, 0},
    {"cli-spin", run_spin, 0},
    {"triple-fault", run_triple_fault, 0},
    {"double-fault", run_double_fault, 0},
    {"cr3-garbage", run_load_root, (uintptr_t)guest_end},
    {"cr3-beyond", run_load_root, HOLE},
    {"stack-overflow", run_stack_overflow, 0},
    {"write-to-readonly-cmdline", run_write, HVT_BOOT_INFO_BASE + 0x100},
    {"msr-unknown", run_write_msr, 0x12345678},
    {"tender-port", run_write_byte, TENDER_PORT},
    {"tender-stub", run_tender_stub, EXCEPTION_PAGE_FAULT},
    {"tender-table", run_tender_write, 0},
    {"tender-task", run_tender_task, 0},
    {"msr-counter", run_read_msr, 0x10},
    {"msr-page-attributes", run_read_msr, 0x277},
    {"msr-system-call", run_write_msr, 0xc0000082},
    {"msr-kvm-clock", run_write_msr, 0x4b564d01},

    {"mmio-hole", run_hole_read, HOLE},
    {"mmio-hole-write", run_hole_write, HOLE},
    {"mmio-hole-execute", run_hole_execute, HOLE},
    {"mmio-hole-float", run_hole_float, HOLE},
    {"own-read-pagetables", run_own_read, PAGE_TABLES},
    {"own-write-pagetables", run_own_write, PAGE_TABLES},
    {"own-write-bootinfo", run_own_write, HVT_BOOT_INFO_BASE},
    {"own-write-text", run_own_write, (uintptr_t)guest_text},
    {"own-write-rodata", run_own_write, (uintptr_t)rodata},
    {"own-execute-data", run_own_execute, (uintptr_t)data_code},
};

int guest_main(const char *cmdline)
{
    return run_case(cases, COUNT_OF(cases), cmdline);
}
