/* exception: traps in the way that the first word says; ends with 255.
 * Only `recover` expects its traps and ends with success. */
#include "guest.h"

/* Above 4 GiB, where no tender maps anything. */
#define UNMAPPED 0x400000000ULL

static void divide_by_zero(void *unused)
{
    (void)unused;
    __asm__ volatile("div %0" : : "r"(0), "a"(1), "d"(0));
}

static void invalid_opcode(void *unused)
{
    (void)unused;
    __asm__ volatile("ud2");
}

static void touch(void *address)
{
    *(volatile uint64_t *)address = 1;
}

static int run_divide(uint64_t argument)
{
    (void)argument;
    divide_by_zero(NULL);
    return survived();
}

static int run_invalid_opcode(uint64_t argument)
{
    (void)argument;
    invalid_opcode(NULL);
    return survived();
}

static int run_touch(uint64_t argument)
{
    touch((void *)argument);
    return survived();
}

static int touch_unmapped(const void *unused)
{
    (void)unused;
    touch((void *)UNMAPPED);
    return survived();
}

static int run_ring3(uint64_t argument)
{
    (void)argument;
    return run_in_ring3(touch_unmapped, NULL);
}

static int run_recover(uint64_t argument)
{
    struct fault fault;
    (void)argument;
    REQUIRE(probe(divide_by_zero, NULL, &fault), "no trap");
    REQUIRE(fault.vector == EXCEPTION_DIVIDE, "vector %lu", fault.vector);
    REQUIRE(probe(invalid_opcode, NULL, &fault), "no trap");
    REQUIRE(fault.vector == EXCEPTION_INVALID_OPCODE, "vector %lu", fault.vector);
    REQUIRE(probe(touch, (void *)UNMAPPED, &fault), "no trap");
    REQUIRE(fault.vector == EXCEPTION_PAGE_FAULT, "vector %lu", fault.vector);
    REQUIRE(fault.cr2 == UNMAPPED && fault.error_code == 2, "cr2 0x%lx error 0x%lx",
        fault.cr2, fault.error_code);
    uint64_t word = 0;
    REQUIRE(!probe(touch, &word, &fault) && word == 1, "a trap for nothing");
    return success();
}

static const struct guest_case cases[] = {
    {"divide", run_divide, 0},
    {"invalid-opcode", run_invalid_opcode, 0},
    {"page-fault", run_touch, UNMAPPED},
    {"general-protection", run_touch, 0x8000000000000000},
    {"ring3", run_ring3, 0},
    {"recover", run_recover, 0},
};

int guest_main(const char *cmdline)
{
    return run_case(cases, COUNT_OF(cases), cmdline);
}
