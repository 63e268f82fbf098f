/* fill: stores a pattern in all of memory that is its own, and fails: its core
 * file must hold every word of that.
 *
 * The pattern of a word is its address times PATTERN. What is between the two
 * ranges is the stack. */
#include "guest.h"

#define PATTERN 0x9E3779B97F4A7C15ULL
#define STACK ((uint64_t)0x4000)

static void fill(uint64_t start, uint64_t end)
{
    for (uint64_t address = start; address < end; address += 8)
        *(volatile uint64_t *)address = address * PATTERN;
}

int guest_main(const char *cmdline)
{
    uint64_t size = boot_info->mem_size;
    uint64_t start = (boot_info->kernel_end + 7) & ~7ULL;

    (void)cmdline;
    /* The stack begins 8 bytes below the end. */
    fill(start, size - STACK);
    fill(size - 8, size);
    printl("filled 0x%lx 0x%lx 0x%lx", start, size - STACK, size);
    hypercall_halt(255, 0);
}
