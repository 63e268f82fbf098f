/* hostile: misuses the machine and the hypercalls that need no device.
 *
 * Prints "survived" if it goes on afterwards.  The tender may end the guest with
 * a message, but must not itself come to harm. */
#include "hostile.h"

#define CALL(name) (HVT_HYPERCALL_MMIO_BASE + HVT_HYPERCALL_MMIO_STRIDE * HVT_HYPERCALL_##name)
#define PAGE_TABLES 0x2000
#define HOLE (HVT_HYPERCALL_MMIO_BASE + 0x10000000)
/* PSCI: SYSTEM_OFF and SYSTEM_RESET. */
#define SYSTEM_OFF 0x84000008
#define SYSTEM_RESET 0x84000009

static uint64_t data;
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

    {"struct-beyond", run_walltime_from_end, 0},
    {"struct-straddles-end", run_walltime_from_end, FROM_END(-4)},
    {"struct-in-text", run_walltime_at, (uintptr_t)guest_text},
    {"struct-in-rodata", run_walltime_at, (uintptr_t)rodata},
    {"struct-in-bootinfo", run_walltime_at, HVT_BOOT_INFO_BASE},
    {"struct-in-pagetables", run_walltime_at, PAGE_TABLES},
    {"struct-at-zero", run_walltime_at, 0},
    {"halt-struct-beyond", run_halt_from_end, 0},
    {"cookie-bad", run_cookie_from_end, 0x100000},

    {"store-byte", run_store_byte, CALL(PUTS)},
    {"store-half", run_store_half, CALL(PUTS)},
    {"store-long", run_store_long, CALL(PUTS)},
    {"store-between", run_store_word, CALL(PUTS) + 4},
    {"store-unknown", run_store_word, HVT_HYPERCALL_MMIO_BASE + 0x200},
    {"store-kick", run_store_word, 0x100000100},
    {"store-hole", run_store_word, HOLE},
    {"store-pair", run_store_pair, CALL(PUTS)},
    {"store-writeback", run_store_writeback, CALL(PUTS)},
    {"store-vector", run_store_vector, CALL(PUTS)},
    {"exclusive", run_exclusive, CALL(PUTS)},
    {"load", run_load, CALL(PUTS)},
    {"load-hole", run_load, HOLE},
    {"hypercall-0", run_hypercall, 0},
    {"hypercall-4", run_hypercall, HVT_HYPERCALL_BLOCK_WRITE},
    {"hypercall-6", run_hypercall, HVT_HYPERCALL_NET_WRITE},
    {"hypercall-9", run_hypercall, HVT_HYPERCALL_COUNT},
    {"hypercall-15", run_hypercall, 15},

    {"wfi", run_wait, 0},
    {"no-vectors", run_no_vectors, 0},
    {"hvc-off", run_hypervisor_call, SYSTEM_OFF},
    {"hvc-reset", run_hypervisor_call, SYSTEM_RESET},
    {"smc-off", run_secure_call, SYSTEM_OFF},
    {"tender-vector", run_tender_vector, 4},
    {"tender-load", run_tender_load, 0},
    {"unpaged-read-pagetables", run_unpaged_read, PAGE_TABLES},
    {"unpaged-write-data", run_unpaged_write, (uintptr_t)&data},
    {"unpaged-write-text", run_unpaged_write, (uintptr_t)guest_text},
    {"unpaged-write-rodata", run_unpaged_write, (uintptr_t)rodata},
    {"unpaged-read-hole", run_unpaged_read, HOLE},
};

int guest_main(const char *cmdline)
{
    return run_case(cases, COUNT_OF(cases), cmdline);
}
