/* hello: the least that a guest can do; pieces of one line by several PUTS. */
#include "guest.h"

int guest_main(const char *cmdline)
{
    print("Hello, World\n");
    print("hello: cmdline=\"");
    /* From where the tender has put it: memory that we cannot write. */
    print(cmdline);
    print("\"\n");
    return success();
}
