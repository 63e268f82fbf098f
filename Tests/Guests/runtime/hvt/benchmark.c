/* benchmark.c: measures how long a hypercall takes. */
#include "guest.h"

#define DEFAULT_COUNT 100000

struct measurement {
    void (*call)(void);
    uint64_t count;
};

static uint64_t elapsed;

static int measure(const void *argument)
{
    const struct measurement *measurement = argument;
    uint64_t start = cycles();
    for (uint64_t i = 0; i < measurement->count; i++)
        measurement->call();
    elapsed = cycles() - start;
    return HVT_EXIT_SUCCESS;
}

int benchmark(const char *name, void (*call)(void), const char *cmdline)
{
    struct measurement measurement = {
        .call = call,
        .count = argument_number(cmdline, "count", DEFAULT_COUNT),
    };
    REQUIRE(measurement.count > 0, "count must not be 0");
    run_in_ring3(measure, &measurement);
    printl("%s: %lu ns per call", name, cycles_to_nsecs(elapsed) / measurement.count);
    return success();
}
