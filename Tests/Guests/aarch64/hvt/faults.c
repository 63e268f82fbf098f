/* faults: exceptions of every kind, with the vectors that the guest was started
 * with. */
#include "guest.h"

#include "processor.h"

__attribute__((noinline)) static int run_read(uint64_t address)
{
    printl("read %d", *(volatile uint8_t *)address);
    return survived();
}

static int run_write(uint64_t address)
{
    *(volatile uint8_t *)address = 0;
    return survived();
}

static int run_fetch(uint64_t address)
{
    ((void (*)(void))address)();
    return survived();
}

static int run_undefined(uint64_t argument)
{
    (void)argument;
    __asm__ volatile("udf #0");
    return survived();
}

static int run_breakpoint(uint64_t argument)
{
    (void)argument;
    __asm__ volatile("brk #7");
    return survived();
}

static int run_supervisor_call(uint64_t argument)
{
    (void)argument;
    __asm__ volatile("svc #3");
    return survived();
}

static int run_floating_point(uint64_t argument)
{
    (void)argument;
    WRITE_REGISTER(cpacr_el1, 0);
    __asm__ volatile(".arch_extension fp\n\tfmov d0, xzr");
    return survived();
}

/* An exception where the stack cannot be written to either. */
static int run_stack(uint64_t address)
{
    __asm__ volatile("mov sp, %0\n\tstr xzr, [sp, #-16]!" : : "r"(address) : "memory");
    return survived();
}

static int run_jump(uint64_t address)
{
    __asm__ volatile("br %0" : : "r"(address));
    return survived();
}

/* The vectors are in the other half of the address space. */
static int run_own_tables(uint64_t root)
{
    WRITE_REGISTER(ttbr0_el1, root);
    __asm__ volatile("tlbi vmalle1\n\tdsb sy\n\tisb" : : : "memory");
    return survived();
}

static const struct guest_case cases[] = {
    {"read", run_read, 0x7000000000},
    {"read-null", run_read, 8},
    {"write", run_write, 0x7000000000},
    {"write-bootinfo", run_write, HVT_BOOT_INFO_BASE},
    {"fetch", run_fetch, 0x7000000000},
    {"fetch-data", run_fetch, (uintptr_t)guest_data},
    {"not-canonical", run_read, 0x80000000000000},
    {"undefined", run_undefined, 0},
    {"breakpoint", run_breakpoint, 0},
    {"supervisor-call", run_supervisor_call, 0},
    {"floating-point", run_floating_point, 0},
    {"stack", run_stack, 0x7000000000},
    {"misaligned-pc", run_jump, 0x100002},
    {"own-tables", run_own_tables, (uintptr_t)guest_end},
};

int guest_main(const char *cmdline)
{
    use_tender_vectors();
    return run_case(cases, COUNT_OF(cases), cmdline);
}
