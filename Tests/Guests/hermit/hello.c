/* hello: every way to the console once, and what the image says it is. */
#include "hermit_guest.h"

int guest_main(const char *cmdline)
{
    static const char buffered[] = "hello by serial buffer\n";
    print("hello by descriptor 1\n");
    serial_write(buffered, sizeof(buffered) - 1);
    for (const char *next = "hello by serial byte\n"; *next != '\0'; next++)
        serial_write_byte((uint8_t)*next);
    printl("entry=%u interface=%u tag=0.%u.0",
        flavour.entry, flavour.interface, flavour.tag_minor);
    printl("arguments: %s", cmdline);
    return success();
}
