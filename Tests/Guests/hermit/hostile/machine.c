/* machine.c: memory that is not there, and other ends of a machine. */
#include "hostile.h"

/* Neither memory nor a device. */
#define HOLE 0xd0000000ULL
#define FAR_HOLE (1ULL << 38)
/* Where old kernels look for a table of CPUs. */
#define TABLE_LOW 0x9f000ULL
#define TABLE_HIGH 0xf0000ULL

/* An own mapping, since the tender's covers little. */
static volatile uint32_t *at(uint64_t address)
{
    uint64_t page = address & ~(LARGE_PAGE_SIZE - 1);
    map_page(page, page | PAGE_NO_CACHE, 2);
    return (volatile uint32_t *)address;
}

static int run_read(uint64_t address)
{
    return survived_call(*at(address));
}

static int run_write(uint64_t address)
{
    *at(address) = 1;
    return survived_call(0);
}

static int run_execute(uint64_t address)
{
    ((void (*)(void))(uintptr_t)at(address))();
    return survived_call(0);
}

static int run_read_zeros(uint64_t address)
{
    volatile uint32_t *words = at(address);
    for (unsigned i = 0; i < 4; i++)
        REQUIRE(words[i] == 0, "0x%x", words[i]);
    return survived_call(0);
}

static int run_read_end(uint64_t argument)
{
    (void)argument;
    return survived_call(*at(boot.ram_end));
}

/* Half of it is in memory. */
static int run_read_straddling(uint64_t argument)
{
    (void)argument;
    at(boot.ram_end - 2);
    at(boot.ram_end);
    return survived_call(*(volatile uint32_t *)(boot.ram_end - 2));
}

static int run_triple_fault(uint64_t argument)
{
    static const struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } none = {0, 0};
    (void)argument;
    __asm__ volatile("lidt %0\n\tud2" : : "m"(none));
    return survived_call(0);
}

/* An exception before there is a table of the guest's own. */
static int run_unhandled(uint64_t argument)
{
    (void)argument;
    interrupts_unload();
    __asm__ volatile("ud2");
    return survived_call(0);
}

/* Page tables that are not in memory: a triple fault, or KVM looks for them for
 * ever, depending on the machine. */
static int run_lost_tables(uint64_t argument)
{
    (void)argument;
    __asm__ volatile("mov %0, %%cr3" : : "r"(boot.ram_end) : "memory");
    return survived_call(0);
}

static int run_sleep(uint64_t argument)
{
    (void)argument;
    print("sleeping\n");
    for (;;)
        __asm__ volatile("cli\n\thlt");
}

static int run_spin(uint64_t argument)
{
    (void)argument;
    print("spinning\n");
    for (;;)
        pause_cpu();
}

/* An exception of the guest's own is its own business. */
static void divide(void *argument)
{
    uint32_t zero = *(volatile uint32_t *)argument;
    __asm__ volatile("div %0" : : "r"(zero), "a"(1), "d"(0));
}

static int run_exception(uint64_t argument)
{
    uint32_t zero = (uint32_t)argument;
    struct fault fault = {0};
    REQUIRE(probe(divide, &zero, &fault), "no exception");
    REQUIRE(fault.vector == EXCEPTION_DIVIDE, "vector %lu", fault.vector);
    return survived_call((int64_t)fault.vector);
}

/* Registers that have no meaning here raise an exception, or are ignored. */
static void write_msr(void *argument)
{
    msr_write(*(const uint32_t *)argument, UINT64_MAX);
}

static int run_msr(uint64_t number)
{
    uint32_t which = (uint32_t)number;
    struct fault fault = {0};
    bool faulted = probe(write_msr, &which, &fault);
    return survived_call(faulted ? (int64_t)fault.vector : 0);
}

/* Registers that are not for guests. */
static int run_denied_msr(uint64_t number)
{
    uint32_t which = (uint32_t)number;
    struct fault fault = {0};
    REQUIRE(probe(write_msr, &which, &fault), "no exception");
    REQUIRE(fault.vector == EXCEPTION_GENERAL_PROTECTION, "vector %lu", fault.vector);
    return survived_call((int64_t)fault.vector);
}

/* Those that kernels use: each stays as it is. */
static void rewrite_msr(void *argument)
{
    uint32_t which = *(const uint32_t *)argument;
    msr_write(which, msr_read(which));
}

static int run_own_msrs(uint64_t argument)
{
    /* The controller's base, page attributes; EFER, STAR, LSTAR, CSTAR, FMASK; bases of FS, GS,
     * and the kernel's GS. */
    static const uint32_t numbers[] = {
        0x1b, 0x277, 0xc0000080, 0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, 0xc0000100,
        0xc0000101, 0xc0000102,
    };
    (void)argument;
    for (unsigned i = 0; i < COUNT_OF(numbers); i++) {
        uint32_t which = numbers[i];
        struct fault fault = {0};
        REQUIRE(!probe(rewrite_msr, &which, &fault), "register 0x%x", which);
    }
    return survived_call(0);
}

const struct single machine_cases[] = {
    {"hole-read", V123, STOPS, run_read, HOLE},
    {"hole-write", V123, STOPS, run_write, HOLE},
    {"hole-execute", V123, STOPS, run_execute, HOLE},
    {"far-hole-read", V123, STOPS, run_read, FAR_HOLE},
    {"memory-end-read", V123, STOPS, run_read_end, 0},
    {"memory-end-straddle", V123, STOPS, run_read_straddling, 0},
    {"below-memory-write", V23, EITHER, run_write, PAGE_SIZE},
    {"cpu-table-low", V23, SURVIVES, run_read_zeros, TABLE_LOW},
    {"cpu-table-high", V23, SURVIVES, run_read_zeros, TABLE_HIGH},
    {"triple-fault", V123, STOPS, run_triple_fault, 0},
    {"unhandled", V123, STOPS, run_unhandled, 0},
    {"lost-tables", V123, SLEEPS, run_lost_tables, 0},
    {"exception", V123, SURVIVES, run_exception, 0},
    {"msr-unknown", V123, SURVIVES, run_msr, 0x12345678},
    {"msr-kvm-clock", V123, SURVIVES, run_denied_msr, 0x4b564d01},
    {"msr-counter", V123, SURVIVES, run_denied_msr, 0x10},
    {"msr-sysenter", V123, SURVIVES, run_denied_msr, 0x176},
    {"msr-own", V123, SURVIVES, run_own_msrs, 0},
    {"sleep", V123, SLEEPS, run_sleep, 0},
    {"spin", V123, SLEEPS, run_spin, 0},
};
const size_t machine_case_count = COUNT_OF(machine_cases);
