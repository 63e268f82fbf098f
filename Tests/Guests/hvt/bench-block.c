/* bench-block: time of a read or a write of `size` bytes at one place. */
#include "guest.h"

#define DEFAULT_SIZE 512
#define MAX_SIZE 1048576

static uint8_t buffer[MAX_SIZE];
static uint64_t handle, size;

static void call_read(void)
{
    hypercall_block_read(handle, 0, buffer, size);
}

static void call_write(void)
{
    hypercall_block_write(handle, 0, buffer, size);
}

int guest_main(const char *cmdline)
{
    const char *cursor = cmdline;
    struct word word;
    next_word(&cursor, &word);
    handle = device_handle("storage", MANIFEST_BLOCK_BASIC);
    size = argument_number(cmdline, "size", DEFAULT_SIZE);
    REQUIRE(size <= MAX_SIZE, "size must be at most %u", MAX_SIZE);
    REQUIRE(hypercall_block_read(handle, 0, buffer, size) == HVT_RESULT_OK, "cannot read");
    if (word_is(word, "read"))
        return benchmark("block-read", call_read, cmdline);
    if (word_is(word, "write"))
        return benchmark("block-write", call_write, cmdline);
    return failure("read or write?");
}
