/* devices-64: as many devices as a manifest can hold: network devices with
 * handles 32 and 63, block devices otherwise.  Says which are attached, reads
 * the first sector of each, and polls for `poll` nanoseconds. */
#include "guest.h"

#define SECTOR 512

static uint8_t buffer[SECTOR];

static int check_device(uint64_t handle)
{
    const struct manifest_entry *entry = device_entry(handle);
    bool is_block = entry->type == MANIFEST_BLOCK_BASIC;
    uint64_t room = SECTOR;
    int32_t result = is_block ? hypercall_block_read(handle, 0, buffer, SECTOR)
                              : hypercall_net_read(handle, buffer, &room);
    printl("device %lu name=%s type=%s attached=%u result=%d", handle, entry->name,
        is_block ? "BLOCK_BASIC" : "NET_BASIC", (unsigned)entry->attached, result);
    REQUIRE(entry->attached == 1, "device %lu is not attached", handle);
    REQUIRE(result == HVT_RESULT_OK || (!is_block && result == HVT_RESULT_AGAIN),
        "device %lu cannot be read", handle);
    return HVT_EXIT_SUCCESS;
}

static int check(const void *cmdline)
{
    uint32_t entries = device_manifest()->entries;
    REQUIRE(entries == MANIFEST_MAX_ENTRIES, "entries=%u", entries);
    for (uint64_t handle = 1; handle < entries; handle++) {
        if (check_device(handle) != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
    }
    struct hvt_poll poll = hypercall_poll(argument_number(cmdline, "poll", 0));
    printl("ready_set=0x%lx result=%d", poll.ready_set, poll.result);
    return success();
}

int guest_main(const char *cmdline)
{
    return run_in_ring3(check, cmdline);
}
