/* bench-halt: ends at once; its time is that of a start and an end. */
#include "guest.h"

int guest_main(const char *cmdline)
{
    (void)cmdline;
    return HVT_EXIT_SUCCESS;
}
