/* exit: ends with the status in the first word, on vCPU 0 or on cpu=N. */
#include "hermit_guest.h"

static uint64_t code;
static uint64_t last_cpu;

static void end_or_go_on(unsigned cpu)
{
    if (cpu == last_cpu)
        guest_exit((int32_t)code);
    cpu_release(end_or_go_on);
}

int guest_main(const char *cmdline)
{
    const char *cursor = cmdline;
    struct word word;
    REQUIRE(next_word(&cursor, &word) && word_number(word, &code),
        "the first argument must be a number");
    last_cpu = argument_number(cmdline, "cpu", 0);
    REQUIRE(last_cpu < boot.cpu_count, "there are %lu vCPUs", boot.cpu_count);
    printl("exit %ld", code);
    end_or_go_on(0);
    for (;;)
        pause_cpu();
}
