/* poll: without devices it is a sleep: nothing is ever ready.
 * With the argument `forever` it waits for a signal to end the tender. */
#include "guest.h"

static int check_timeout(uint64_t nsecs)
{
    uint64_t start = clock_nsecs();
    struct hvt_poll poll = hypercall_poll(nsecs);
    uint64_t elapsed = clock_nsecs() - start;
    printl("timeout=%lu ready_set=0x%lx result=%d elapsed=%lu",
        nsecs, poll.ready_set, poll.result, elapsed);
    REQUIRE(poll.timeout_nsecs == nsecs, "timeout_nsecs was changed");
    REQUIRE(poll.ready_set == 0 && poll.result == 0, "something is ready");
    REQUIRE(elapsed >= nsecs - nsecs / 1000, "too early");
    return HVT_EXIT_SUCCESS;
}

int guest_main(const char *cmdline)
{
    static const uint64_t timeouts[] = {0, 1, 999, 1000000, 50000000};
    struct word word;
    if (next_word(&cmdline, &word) && word_is(word, "forever")) {
        print("waiting\n");
        hypercall_poll(UINT64_MAX);
        return failure("forever has ended");
    }
    for (unsigned i = 0; i < COUNT_OF(timeouts); i++) {
        if (check_timeout(timeouts[i]) != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
    }
    return success();
}
