/* time: the wall clock makes sense, and polls take the time that was asked. */
#include "guest.h"

/* 2017-01-01 00:00 UTC */
#define THE_PAST 1483228800000000000ULL

#define SLEEPS 5
#define DEFAULT_SLEEP 1000000000ULL
/* For a machine that is busy. */
#define SLACK 200000000ULL

static int check_clocks(void)
{
    uint64_t wall = hypercall_walltime();
    uint64_t start = clock_nsecs();
    uint64_t end = clock_nsecs();
    printl("walltime=%lu", wall);
    REQUIRE(wall > THE_PAST && wall != UNANSWERED, "the wall clock is wrong");
    REQUIRE(end > start, "the monotonic clock stands still");
    REQUIRE(hypercall_walltime() > wall, "the wall clock stands still");
    return HVT_EXIT_SUCCESS;
}

static int check_sleep(uint64_t nsecs)
{
    uint64_t wall = hypercall_walltime();
    uint64_t start = clock_nsecs();
    hypercall_poll(nsecs);
    uint64_t elapsed = clock_nsecs() - start;
    uint64_t wall_elapsed = hypercall_walltime() - wall;
    printl("sleep=%lu elapsed=%lu walltime=%lu", nsecs, elapsed, wall_elapsed);
    /* The two clocks of the host may differ by a little. */
    REQUIRE(elapsed >= nsecs - nsecs / 1000, "too short");
    REQUIRE(elapsed <= nsecs + nsecs / 5 + SLACK, "too long");
    return HVT_EXIT_SUCCESS;
}

int guest_main(const char *cmdline)
{
    uint64_t nsecs = argument_number(cmdline, "sleep", DEFAULT_SLEEP);
    if (check_clocks() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    for (unsigned i = 0; i < SLEEPS; i++) {
        if (check_sleep(nsecs) != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
    }
    return success();
}
