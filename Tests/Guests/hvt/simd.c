/* simd: SSE registers work at entry, and keep their values over hypercalls.
 * The one guest here that is not built for general registers only. */
#include "guest.h"

#define ROUNDS 1000

/* The sum of 1/n for n up to ROUNDS, over many hypercalls: 7.48547... */
static int check_sums(const void *argument)
{
    (void)argument;
    volatile double sum = 0;
    double kept = 0;
    for (unsigned i = 1; i <= ROUNDS; i++) {
        kept += 1.0 / i;
        sum = sum + 1.0 / i;
        hypercall_walltime();
    }
    printl("sum=%lu millionths", (uint64_t)(kept * 1000000));
    REQUIRE(kept == sum, "a register has lost its value");
    REQUIRE((uint64_t)(kept * 1000) == 7485, "wrong sum");
    return success();
}

int guest_main(const char *cmdline)
{
    return run_in_ring3(check_sums, cmdline);
}
