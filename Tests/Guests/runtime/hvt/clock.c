/* clock.c: time from the time stamp counter. */
#include "guest.h"

#define NSECS_PER_SECOND 1000000000ULL

uint64_t cycles(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

/* The product needs 128 bits, the quotient does not; the compiler would call
 * a library for this. */
uint64_t cycles_to_nsecs(uint64_t count)
{
    uint64_t low, high, nsecs;
    __asm__("mulq %3" : "=a"(low), "=d"(high) : "a"(count), "r"(NSECS_PER_SECOND));
    __asm__("divq %3" : "=a"(nsecs), "+d"(high) : "a"(low), "r"(boot_info->cpu_cycle_freq));
    return nsecs;
}

uint64_t clock_nsecs(void)
{
    return cycles_to_nsecs(cycles());
}
