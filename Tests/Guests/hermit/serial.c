/* serial: bytes and buffers for the console; with the word "binary", each of
 * the 256 bytes by either way and nothing else. */
#include "hermit_guest.h"

static int binary(void)
{
    uint8_t all[256];
    for (unsigned i = 0; i < sizeof(all); i++) {
        all[i] = (uint8_t)i;
        serial_write_byte((uint8_t)i);
    }
    serial_write(all, sizeof(all));
    return HVT_EXIT_SUCCESS;
}

static void write_bytes(const char *text)
{
    for (; *text != '\0'; text++)
        serial_write_byte((uint8_t)*text);
}

/* What has another width counts, too: its low byte. */
static void write_wide(void)
{
    if (flavour.interface != UHYVE_INTERFACE_1)
        return;
    port_write_word(UHYVE_V1_UART, 0x4100 | 'w');
    port_write_long(UHYVE_V1_UART, 0x42434400 | 'l');
    port_write_byte(UHYVE_V1_UART, '\n');
}

int guest_main(const char *cmdline)
{
    static char large[8192];
    struct word word;
    if (next_word(&cmdline, &word) && word_is(word, "binary"))
        return binary();
    write_bytes("byte by byte\n");
    write_wide();
    serial_write("a buffer\n", 9);
    serial_write("not this", 0);
    /* More than a page, and than a pipe takes at once from some. */
    for (size_t i = 0; i < sizeof(large) / 8; i++)
        ((uint64_t *)large)[i] = 0x4141414141414141;
    large[sizeof(large) - 1] = '\n';
    serial_write(large, sizeof(large));
    print("by descriptor 1\n");
    file_write(2, "by descriptor 2\n", 16);
    return success();
}
