/* timer: sleeps until the local APIC's timer fires: "deadline", "one-shot" or
 * "periodic"; with the word "memory" the APIC is used at its address rather than
 * by MSRs. */
#include "apic.h"

#define VECTOR 48
#define MODE_PERIODIC 0x20000U
#define MODE_DEADLINE 0x40000U
#define MSR_DEADLINE 0x6e0
#define DIVIDE_BY_1 0xb
#define DELAY 50 /* milliseconds */
/* KVM's APIC counts nanoseconds. */
#define COUNT (DELAY * 1000000U)

static volatile unsigned fired;

static void handle(void)
{
    fired++;
    apic_end_of_interrupt();
}

static void start(uint32_t mode)
{
    apic_write(APIC_TIMER_DIVISION, DIVIDE_BY_1);
    apic_write(APIC_TIMER, VECTOR | mode);
    if (mode == MODE_DEADLINE)
        msr_write(MSR_DEADLINE, time_stamp() + milliseconds(DELAY));
    else
        apic_write(APIC_TIMER_COUNT, COUNT);
}

static int sleep_until_fired(const char *name, uint32_t mode, unsigned times)
{
    uint64_t begin = time_stamp();
    fired = 0;
    start(mode);
    while (fired < times)
        wait_for_interrupt();
    uint64_t elapsed = (time_stamp() - begin) / boot.cpu_frequency;
    apic_write(APIC_TIMER_COUNT, 0);
    printl("%s fired %u times", name, fired);
    REQUIRE(elapsed + 1 >= DELAY * times, "it took %lu ms only", elapsed);
    REQUIRE(elapsed < 40 * DELAY * times, "it took %lu ms", elapsed);
    return success();
}

int guest_main(const char *cmdline)
{
    const char *cursor = cmdline;
    struct word mode, word;
    bool by_msrs = true;
    next_word(&cursor, &mode);
    while (next_word(&cursor, &word))
        by_msrs = by_msrs && !word_is(word, "memory");
    interrupts_off();
    interrupt_install(VECTOR, handle);
    apic_enable(by_msrs);
    if (word_is(mode, "one-shot"))
        return sleep_until_fired("one-shot", 0, 1);
    if (word_is(mode, "periodic"))
        return sleep_until_fired("periodic", MODE_PERIODIC, 3);
    return sleep_until_fired("deadline", MODE_DEADLINE, 1);
}
