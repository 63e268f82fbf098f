/* faults: exceptions of every kind, with the interrupt table that the guest was
 * started with. */
#include "guest.h"

#define NOT_CANONICAL 0x800000000000

static int run_read(uint64_t address)
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

static int run_write_msr(uint64_t number)
{
    __asm__ volatile("wrmsr" : : "c"((uint32_t)number), "a"(0), "d"(0));
    return survived();
}

static int run_opcode(uint64_t argument)
{
    (void)argument;
    __asm__ volatile("ud2");
    return survived();
}

static int run_breakpoint(uint64_t argument)
{
    (void)argument;
    __asm__ volatile("int3");
    return survived();
}

static int run_divide(uint64_t zero)
{
    __asm__ volatile("divl %0" : : "r"((uint32_t)zero), "a"(1), "d"(0));
    return survived();
}

/* An exception on a stack that cannot be written to either. */
static int run_stack(uint64_t address)
{
    __asm__ volatile("mov %0, %%rsp; push $0" : : "r"(address) : "memory");
    return survived();
}

static const struct guest_case cases[] = {
    {"read", run_read, 0x7000000000},
    {"read-null", run_read, 8},
    {"write", run_write, 0x7000000000},
    {"write-bootinfo", run_write, HVT_BOOT_INFO_BASE},
    {"fetch", run_fetch, 0x7000000000},
    {"fetch-data", run_fetch, (uintptr_t)guest_data},
    {"protection", run_write_msr, 0x12345678},
    {"not-canonical", run_read, NOT_CANONICAL},
    {"opcode", run_opcode, 0},
    {"breakpoint", run_breakpoint, 0},
    {"divide", run_divide, 0},
    {"stack", run_stack, 0x7000000000},
};

int guest_main(const char *cmdline)
{
    use_tender_vectors();
    return run_case(cases, COUNT_OF(cases), cmdline);
}
