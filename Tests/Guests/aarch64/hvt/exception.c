/* exception: traps in the way that the first word says; ends with 255.
 * Only `recover` expects its traps and ends with success. */
#include "guest.h"

#include "processor.h"

/* Above 4 GiB, where no tender maps anything. */
#define UNMAPPED 0x400000000ULL

static void undefined(void *unused)
{
    (void)unused;
    __asm__ volatile("udf #0");
}

static void breakpoint(void *unused)
{
    (void)unused;
    __asm__ volatile("brk #1");
}

static void touch(void *address)
{
    *(volatile uint64_t *)address = 1;
}

static int run_undefined(uint64_t argument)
{
    (void)argument;
    undefined(NULL);
    return survived();
}

static int run_breakpoint(uint64_t argument)
{
    (void)argument;
    breakpoint(NULL);
    return survived();
}

static int run_touch(uint64_t argument)
{
    touch((void *)argument);
    return survived();
}

static int run_recover(uint64_t argument)
{
    struct fault fault;
    (void)argument;
    REQUIRE(probe(undefined, NULL, &fault), "no trap");
    REQUIRE(fault.vector == CLASS_UNDEFINED, "class %lu", fault.vector);
    REQUIRE(probe(breakpoint, NULL, &fault), "no trap");
    REQUIRE(fault.vector == CLASS_BREAKPOINT, "class %lu", fault.vector);
    REQUIRE(probe(touch, (void *)UNMAPPED, &fault), "no trap");
    REQUIRE(fault.vector == CLASS_DATA_ABORT && fault.cr2 == UNMAPPED, "class %lu far 0x%lx",
        fault.vector, fault.cr2);
    uint64_t word = 0;
    REQUIRE(!probe(touch, &word, &fault) && word == 1, "a trap for nothing");
    return success();
}

static const struct guest_case cases[] = {
    {"undefined", run_undefined, 0},
    {"breakpoint", run_breakpoint, 0},
    {"abort", run_touch, UNMAPPED},
    {"not-canonical", run_touch, 0x80000000000000},
    {"recover", run_recover, 0},
};

int guest_main(const char *cmdline)
{
    return run_case(cases, COUNT_OF(cases), cmdline);
}
