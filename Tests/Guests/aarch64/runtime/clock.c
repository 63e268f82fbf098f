/* clock.c: time from the virtual counter. */
#include "guest.h"

#include "processor.h"

#define NSECS_PER_SECOND 1000000000ULL

uint64_t cycles(void)
{
    __asm__ volatile("isb" : : : "memory");
    return READ_REGISTER(cntvct_el0);
}

uint64_t cycles_to_nsecs(uint64_t count)
{
    uint64_t frequency = boot_info->cpu_cycle_freq;
    return count / frequency * NSECS_PER_SECOND
        + count % frequency * NSECS_PER_SECOND / frequency;
}

uint64_t clock_nsecs(void)
{
    return cycles_to_nsecs(cycles());
}
