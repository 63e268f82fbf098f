/* block-readonly: reads the device "storage", which the tender must not let
 * us write; a write is refused, and ends nothing. */
#include "guest.h"

#define SECTOR 512

static uint8_t before[SECTOR], after[SECTOR], other[SECTOR];

static int check(const void *unused)
{
    (void)unused;
    uint64_t handle = device_handle("storage", MANIFEST_BLOCK_BASIC);
    int32_t result = hypercall_block_read(handle, 0, before, SECTOR);
    printl("read result=%d", result);
    REQUIRE(result == HVT_RESULT_OK, "cannot read");
    for (unsigned i = 0; i < SECTOR; i++)
        other[i] = (uint8_t)~before[i];
    result = hypercall_block_write(handle, 0, other, SECTOR);
    printl("write result=%d", result);
    REQUIRE(result == HVT_RESULT_INVALID || result == HVT_RESULT_UNSPECIFIED, "not refused");
    result = hypercall_block_read(handle, 0, after, SECTOR);
    REQUIRE(result == HVT_RESULT_OK, "cannot read again: result=%d", result);
    REQUIRE(memcmp(before, after, SECTOR) == 0, "the device has changed");
    return success();
}

int guest_main(const char *cmdline)
{
    return run_in_ring3(check, cmdline);
}
