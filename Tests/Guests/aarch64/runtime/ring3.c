/* ring3.c: no machine emulates this processor's instructions one by one, so that
 * there is no need for another exception level, and for page tables of one's
 * own. */
#include "guest.h"

int run_in_ring3(int (*function)(const void *), const void *argument)
{
    return function(argument);
}

uint64_t address_space(void)
{
    return 0;
}

void address_space_map(uint64_t address, uint64_t physical)
{
    (void)address;
    (void)physical;
}
