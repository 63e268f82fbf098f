/* exit: halts with the status that the first word says.
 *
 * cookie=ADDRESS is passed on; so is cookie=end, the highest good address, and
 * cookie=past-end, the lowest bad one. */
#include "guest.h"

static uint64_t cookie_address(const char *cmdline)
{
    uint64_t end = boot_info->mem_size - HVT_HALT_COOKIE_SIZE;
    struct word word = argument(cmdline, "cookie");
    uint64_t address = 0;
    if (word_is(word, "end"))
        return end;
    if (word_is(word, "past-end"))
        return end + 1;
    word_number(word, &address);
    return address;
}

int guest_main(const char *cmdline)
{
    const char *cursor = cmdline;
    struct word word;
    uint64_t status;
    next_word(&cursor, &word);
    REQUIRE(word_number(word, &status), "the first argument must be a status");
    uint64_t cookie = cookie_address(cmdline);
    printl("exit status=%d cookie=0x%lx", (int32_t)status, cookie);
    hypercall_halt((int32_t)status, cookie);
}
