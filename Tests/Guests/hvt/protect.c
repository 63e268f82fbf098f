/* protect: does what memory protection should stop, one thing for each case.
 *
 * SUCCESS: a page fault stopped it.  FAILURE: nothing did, or another
 * exception.  Where the tender itself protects memory, it ends us instead. */
#include "guest.h"

#define RETURN 0xc3

#define LOW_PAGE 0x20000
#define PAGE_TABLES 0x2000
#define BEYOND_4G 0x400000000ULL
#define UNMAPPED 8

static uint8_t data_code[] = {RETURN};
static const uint8_t rodata_code[] = {RETURN};

static int report(bool faulted, const struct fault *fault)
{
    REQUIRE(faulted, "allowed");
    printl("exception %lu error=0x%lx rip=0x%lx cr2=0x%lx",
        fault->vector, fault->error_code, fault->rip, fault->cr2);
    REQUIRE(fault->vector == EXCEPTION_PAGE_FAULT, "not a page fault");
    return success();
}

static int attempt(void (*function)(void *), uint64_t address)
{
    struct fault fault;
    return report(probe(function, (void *)address, &fault), &fault);
}

static void do_read(void *address)
{
    (void)*(volatile uint8_t *)address;
}

static void do_write(void *address)
{
    *(volatile uint8_t *)address = RETURN;
}

static void do_execute(void *address)
{
    ((void (*)(void))(uintptr_t)address)();
}

/* Zeros are `add %al, (%rax)`: if they can be executed, the fault is at RAX. */
static void do_execute_zeros(void *address)
{
    __asm__ volatile("call *%0" : : "r"(address), "a"((uint64_t)UNMAPPED) : "memory");
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

static int run_read_text(uint64_t argument)
{
    struct fault fault;
    (void)argument;
    bool faulted = probe(do_read, guest_text, &fault);
    printl("text can%s be read", faulted ? "not" : "");
    return success();
}

static int run_execute_stack(uint64_t argument)
{
    volatile uint8_t code[] = {RETURN};
    (void)argument;
    return attempt(do_execute, (uintptr_t)code);
}

static int run_execute_heap(uint64_t argument)
{
    uint8_t *heap = (uint8_t *)guest_end;
    (void)argument;
    *heap = RETURN;
    return attempt(do_execute, (uintptr_t)heap);
}

static int run_execute_low(uint64_t address)
{
    struct fault fault;
    bool faulted = probe(do_execute_zeros, (void *)address, &fault);
    return report(faulted && fault.cr2 != UNMAPPED, &fault);
}

static int run_beyond_memory(uint64_t argument)
{
    (void)argument;
    return attempt(do_read, boot_info->mem_size);
}

static const struct guest_case cases[] = {
    {"read-text", run_read_text, 0},
    {"write-text", run_write, (uintptr_t)guest_text},
    {"write-rodata", run_write, (uintptr_t)rodata_code},
    {"exec-rodata", run_execute, (uintptr_t)rodata_code},
    {"exec-data", run_execute, (uintptr_t)data_code},
    {"exec-heap", run_execute_heap, 0},
    {"exec-stack", run_execute_stack, 0},
    {"read-zero", run_read, UNMAPPED},
    {"write-zero", run_write, UNMAPPED},
    {"exec-zero", run_execute_low, 0},
    {"read-pagetables", run_read, PAGE_TABLES},
    {"write-pagetables", run_write, PAGE_TABLES},
    {"write-bootinfo", run_write, HVT_BOOT_INFO_BASE},
    {"write-low", run_write, LOW_PAGE},
    {"exec-low", run_execute_low, LOW_PAGE},
    {"beyond-memory", run_beyond_memory, 0},
    {"beyond-4g", run_read, BEYOND_4G},
};

int guest_main(const char *cmdline)
{
    return run_case(cases, COUNT_OF(cases), cmdline);
}
