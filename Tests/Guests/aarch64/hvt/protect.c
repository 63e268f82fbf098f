/* protect: does what memory protection should stop, one thing for each case.
 *
 * SUCCESS: an abort stopped it.  FAILURE: nothing did, or another exception.
 * Where the tender's host protects memory, it ends us instead. */
#include "guest.h"

#include "processor.h"

#define LOW_PAGE 0x20000
#define PAGE_TABLES 0x2000
#define BEYOND_4G 0x400000000ULL
#define UNMAPPED 8
/* The tender's own pages in the upper half: vectors, and what they load from. */
#define TENDER_DEVICE (tender_vectors + 0x1000)

static uint32_t data_code[] = {RETURN};
static const uint32_t rodata_code[] = {RETURN};

static int attempt(void (*function)(void *), uint64_t address)
{
    struct fault fault;
    REQUIRE(probe(function, (void *)address, &fault), "allowed");
    printl("class 0x%lx syndrome=0x%lx pc=0x%lx far=0x%lx",
        fault.vector, fault.error_code, fault.rip, fault.cr2);
    REQUIRE(fault.vector == CLASS_DATA_ABORT || fault.vector == CLASS_INSTRUCTION_ABORT,
        "not an abort");
    REQUIRE(fault.cr2 == address, "about another address");
    return success();
}

static void do_read(void *address)
{
    (void)*(volatile uint32_t *)address;
}

static void do_write(void *address)
{
    *(volatile uint32_t *)address = RETURN;
}

static void do_execute(void *address)
{
    ((void (*)(void))(uintptr_t)address)();
}

static int run_read(uint64_t address)
{
    return attempt(do_read, address);
}

static int run_write(uint64_t address)
{
    return attempt(do_write, address);
}

static int run_execute(uint64_t address)
{
    return attempt(do_execute, address);
}

static int run_execute_stack(uint64_t argument)
{
    volatile uint32_t code[] = {RETURN};
    (void)argument;
    return attempt(do_execute, (uintptr_t)code);
}

static int run_execute_heap(uint64_t argument)
{
    uint32_t *heap = (uint32_t *)guest_end;
    (void)argument;
    *heap = RETURN;
    return attempt(do_execute, (uintptr_t)heap);
}

static int run_beyond_memory(uint64_t argument)
{
    (void)argument;
    return attempt(do_read, boot_info->mem_size);
}

static int run_write_vectors(uint64_t argument)
{
    (void)argument;
    return attempt(do_write, tender_vectors);
}

static int run_execute_device(uint64_t argument)
{
    (void)argument;
    return attempt(do_execute, TENDER_DEVICE);
}

static const struct guest_case cases[] = {
    {"write-text", run_write, (uintptr_t)guest_text},
    {"write-rodata", run_write, (uintptr_t)rodata_code},
    {"exec-rodata", run_execute, (uintptr_t)rodata_code},
    {"exec-data", run_execute, (uintptr_t)data_code},
    {"exec-heap", run_execute_heap, 0},
    {"exec-stack", run_execute_stack, 0},
    {"read-zero", run_read, UNMAPPED},
    {"write-zero", run_write, UNMAPPED},
    {"exec-zero", run_execute, UNMAPPED},
    {"read-pagetables", run_read, PAGE_TABLES},
    {"write-pagetables", run_write, PAGE_TABLES},
    {"write-bootinfo", run_write, HVT_BOOT_INFO_BASE},
    {"write-low", run_write, LOW_PAGE},
    {"exec-low", run_execute, LOW_PAGE},
    {"beyond-memory", run_beyond_memory, 0},
    {"beyond-4g", run_read, BEYOND_4G},
    {"exec-hypercalls", run_execute, HVT_HYPERCALL_MMIO_BASE},
    {"write-vectors", run_write_vectors, 0},
    {"exec-device", run_execute_device, 0},
};

int guest_main(const char *cmdline)
{
    return run_case(cases, COUNT_OF(cases), cmdline);
}
