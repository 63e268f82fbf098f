/* net-ring: answers `ping` on all of its network devices by the network ring,
 * or by hypercalls if no ring is offered.
 * Arguments: DEVICE=ADDRESS for each, count=N; ends after N echoes on each. */
#include "ring.h"

#define FRAME_ROOM 65536
#define HOUR 3600000000000ULL
#define MOST_SIDES 4

struct side {
    const char *name;
    uint64_t handle;
    struct responder responder;
};

static struct side sides[MOST_SIDES];
static unsigned side_count;
static uint8_t frame[FRAME_ROOM];

static int prepare(struct side *side, uint64_t handle, const char *cmdline)
{
    const struct manifest_entry *entry = device_entry(handle);
    side->name = entry->name;
    side->handle = handle;
    memcpy(side->responder.mac, entry->device.net.mac, sizeof(side->responder.mac));
    REQUIRE(responder_set_address(&side->responder, argument(cmdline, side->name)),
        "%s needs an IPv4 address", side->name);
    return HVT_EXIT_SUCCESS;
}

static int answer_all(struct side *side)
{
    for (;;) {
        uint64_t length = FRAME_ROOM;
        int32_t result = ring_net_read(side->handle, frame, &length);
        if (result == HVT_RESULT_AGAIN)
            return HVT_EXIT_SUCCESS;
        REQUIRE(result == HVT_RESULT_OK, "%s: read result=%d", side->name, result);
        length = responder_answer(&side->responder, frame, length);
        if (length > 0)
            REQUIRE(ring_net_write(side->handle, frame, length) == HVT_RESULT_OK,
                "%s: write", side->name);
    }
}

static bool is_done(uint64_t count)
{
    for (unsigned i = 0; i < side_count; i++)
        if (sides[i].responder.echoes < count)
            return false;
    return true;
}

static int serve(const void *cmdline)
{
    uint64_t count = argument_number(cmdline, "count", UINT64_MAX);
    for (uint64_t handle = 1; handle < device_manifest()->entries; handle++)
        if (prepare(&sides[side_count++], handle, cmdline) != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
    print("serving\n");
    while (!is_done(count)) {
        hypercall_poll(HOUR);
        for (unsigned i = 0; i < side_count; i++)
            if (answer_all(&sides[i]) != HVT_EXIT_SUCCESS)
                return HVT_EXIT_FAILURE;
    }
    volatile struct hvt_ring *ring = ring_offered();
    if (ring) {
        REQUIRE(ring->com_tail > 0 && ring->com_tail == ring->com_head, "commits");
        REQUIRE(ring->ent_head == ring->ent_tail, "entries");
    }
    return success();
}

int guest_main(const char *cmdline)
{
    printl("mem_size=%lu MiB ring=%lu MiB", boot_info->mem_size >> 20,
        boot_info->net_ring >> 20);
    ring_map();
    return run_in_ring3(serve, cmdline);
}
