/* puts.c: bytes that are not, or not wholly, in memory. */
#include "cases.h"

#define SIZE 16

static int puts_at(uint64_t data, uint64_t length)
{
    hypercall_puts_at(data, length);
    return survived();
}

int run_puts_from_end(uint64_t offset)
{
    return puts_at(boot_info->mem_size + offset, SIZE);
}

/* The text ends where memory ends, or so many bytes later.  guest_start leaves
 * the highest 16 bytes of the stack alone. */
int run_puts_past_end(uint64_t excess)
{
    static const char text[] = "the last bytes!\n";
    void *end = (void *)(boot_info->mem_size - SIZE);
    memcpy(end, text, SIZE);
    return puts_at((uintptr_t)end + excess, SIZE);
}

int run_puts_length(uint64_t length)
{
    static const char text[] = "text\n";
    return puts_at((uintptr_t)text, length);
}

int run_puts_empty(uint64_t offset)
{
    return puts_at(boot_info->mem_size + offset, 0);
}
