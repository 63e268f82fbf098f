/* stdin: copies descriptor 0 to descriptor 1, SIZE bytes at a time (4096, or
 * size=N), and tells at the end how many there were. */
#include "hermit_guest.h"

static char buffer[65536];

int guest_main(const char *cmdline)
{
    uint64_t size = argument_number(cmdline, "size", 4096), total = 0;
    REQUIRE(size > 0 && size <= sizeof(buffer), "size");
    for (;;) {
        int64_t count = file_read(0, buffer, size);
        REQUIRE(count >= 0 && (uint64_t)count <= size, "read result=%ld", count);
        if (count == 0)
            break;
        file_write(1, buffer, (uint64_t)count);
        total += (uint64_t)count;
    }
    printl("read %lu bytes", total);
    return success();
}
