/* block-two: what is written to one device does not show on the other. */
#include "guest.h"

#define SECTOR 512

static char buffer[SECTOR];

static int32_t write_text(uint64_t handle, uint64_t offset, const char *text)
{
    memset(buffer, 0, SECTOR);
    memcpy(buffer, text, string_length(text));
    return hypercall_block_write(handle, offset, buffer, SECTOR);
}

static bool has_text(uint64_t handle, uint64_t offset, const char *text)
{
    memset(buffer, 0, SECTOR);
    return hypercall_block_read(handle, offset, buffer, SECTOR) == HVT_RESULT_OK
        && strings_equal(buffer, text);
}

static int check(const void *unused)
{
    (void)unused;
    uint64_t one = device_handle("one", MANIFEST_BLOCK_BASIC);
    uint64_t two = device_handle("two", MANIFEST_BLOCK_BASIC);
    uint64_t one_end = device_entry(one)->device.block.capacity - SECTOR;
    uint64_t two_end = device_entry(two)->device.block.capacity - SECTOR;
    printl("one handle=%lu capacity=%lu", one, one_end + SECTOR);
    printl("two handle=%lu capacity=%lu", two, two_end + SECTOR);
    REQUIRE(one != two, "the same handle");
    REQUIRE(write_text(one, 0, "first of one") == HVT_RESULT_OK, "write");
    REQUIRE(write_text(two, 0, "first of two") == HVT_RESULT_OK, "write");
    REQUIRE(has_text(one, 0, "first of one"), "first of one");
    REQUIRE(has_text(two, 0, "first of two"), "first of two");
    REQUIRE(write_text(two, two_end, "last of two") == HVT_RESULT_OK, "write");
    REQUIRE(write_text(one, one_end, "last of one") == HVT_RESULT_OK, "write");
    REQUIRE(has_text(two, two_end, "last of two"), "last of two");
    REQUIRE(has_text(one, one_end, "last of one"), "last of one");
    return success();
}

int guest_main(const char *cmdline)
{
    return run_in_ring3(check, cmdline);
}
