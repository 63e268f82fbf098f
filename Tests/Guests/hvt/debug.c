/* debug: something to look at with a debugger, compiled for that.
 *
 * What its cases compute depends on `step`, which a debugger may change. */
#include "guest.h"

static volatile uint64_t step = 1;
static volatile uint64_t total;
static volatile uint64_t spins;
static volatile uint64_t watched;

static uint64_t add(uint64_t left, uint64_t right)
{
    uint64_t sum = left + right;
    return sum;
}

static int run_count(uint64_t rounds)
{
    for (uint64_t round = 0; round < rounds; round++)
        total = add(total, step);
    printl("total %lu", total);
    return success();
}

/* Runs for ever, unless a debugger sets `step` to 0. */
static int run_spin(uint64_t argument)
{
    (void)argument;
    print("spinning\n");
    while (step)
        spins++;
    return success();
}

/* Waits for ever in a hypercall. */
static int run_wait(uint64_t argument)
{
    print("waiting\n");
    hypercall_poll(argument);
    return success();
}

/* With no exception handler, any exception is the guest's end. */
static int run_crash(uint64_t address)
{
    use_tender_vectors();
    *(volatile uint8_t *)address = 0;
    return failure("survived");
}

/* In a general register and in a vector register, at the symbol `computed`. */
static inline void hold_in_registers(uint64_t value)
{
#ifdef __aarch64__
    __asm__ volatile(".arch_extension fp\n\t"
                     "mov x20, %0\n\t"
                     "fmov d5, %0\n\t"
                     ".globl computed\ncomputed:\n\t"
                     "nop" : : "r"(value) : "x20");
#else
    __asm__ volatile("mov %0, %%r12\n\t"
                     "movq %0, %%xmm5\n\t"
                     ".globl computed\ncomputed:\n\t"
                     "nop" : : "r"(value) : "r12");
#endif
}

static int compute(const void *argument)
{
    const uint64_t *rounds = argument;

    for (uint64_t round = 1; round <= *rounds; round++)
        watched = round * 16;
    hold_in_registers(watched);
    return 0;
}

/* The same in ring 3, which runs on the processor itself everywhere. */
static int run_ring3(uint64_t rounds)
{
    run_in_ring3(compute, &rounds);
    printl("watched %lu", watched);
    return success();
}

static const struct guest_case cases[] = {
    {"count", run_count, 10},
    {"spin", run_spin, 0},
    {"wait", run_wait, UINT64_MAX},
    {"crash", run_crash, 0x7000000000},
    {"ring3", run_ring3, 3},
};

int guest_main(const char *cmdline)
{
    return run_case(cases, COUNT_OF(cases), cmdline);
}
