/* many-puts: `lines` lines of `size` bytes each, numbered, for tests of order
 * and of consoles that take less than was offered. */
#include "guest.h"

#define DEFAULT_LINES 1000
#define DEFAULT_SIZE 80
#define MAX_SIZE 1048576
#define DIGITS 8

static char line[MAX_SIZE];

/* "00000042qqq...\n": the filling differs from line to line. */
static void fill_line(uint64_t number, uint64_t size)
{
    uint64_t rest = number;
    memset(line, 'a' + (int)(number % 26), size - 1);
    for (unsigned digit = DIGITS; digit > 0; digit--) {
        line[digit - 1] = (char)('0' + rest % 10);
        rest /= 10;
    }
    line[size - 1] = '\n';
}

static int print_lines(const void *argument)
{
    const char *cmdline = argument;
    uint64_t lines = argument_number(cmdline, "lines", DEFAULT_LINES);
    uint64_t size = argument_number(cmdline, "size", DEFAULT_SIZE);
    REQUIRE(size > DIGITS && size <= MAX_SIZE, "size must be 9 to %u", MAX_SIZE);
    for (uint64_t number = 0; number < lines; number++) {
        fill_line(number, size);
        hypercall_puts(line, size);
    }
    return success();
}

int guest_main(const char *cmdline)
{
    return run_in_ring3(print_lines, cmdline);
}
