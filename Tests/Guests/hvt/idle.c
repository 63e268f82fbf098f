/* idle: waits for ever in long polls. */
#include "guest.h"

#define HOUR 3600000000000ULL

int guest_main(const char *cmdline)
{
    (void)cmdline;
    print("idle\n");
    for (;;)
        hypercall_poll(HOUR);
}
