/* net-poll: takes frames from "service" until there were `count`; a device
 * that poll calls ready must have one, and one that is drained is not ready. */
#include "guest.h"

#define FRAME_ROOM 65536
#define MINUTE 60000000000ULL

static uint8_t frame[FRAME_ROOM];
static uint64_t frames;

/* Reads until there is nothing; how many frames came, or -1. */
static int64_t drain(uint64_t handle)
{
    for (int64_t count = 0;; count++) {
        uint64_t length = FRAME_ROOM;
        int32_t result = hypercall_net_read(handle, frame, &length);
        if (result == HVT_RESULT_AGAIN)
            return count;
        if (result != HVT_RESULT_OK || length == 0 || length > FRAME_ROOM)
            return -1;
    }
}

/* One poll, and what it promises. */
static int check_poll(uint64_t handle, uint64_t timeout)
{
    struct hvt_poll poll = hypercall_poll(timeout);
    if (poll.result == 0) {
        REQUIRE(poll.ready_set == 0, "ready_set=0x%lx but result=0", poll.ready_set);
        return HVT_EXIT_SUCCESS;
    }
    REQUIRE(poll.result == 1 && poll.ready_set == 1ULL << handle,
        "ready_set=0x%lx result=%d", poll.ready_set, poll.result);
    int64_t count = drain(handle);
    REQUIRE(count > 0, "ready, but no frame");
    frames += (uint64_t)count;
    return HVT_EXIT_SUCCESS;
}

static int check(const void *cmdline)
{
    uint64_t handle = device_handle("service", MANIFEST_NET_BASIC);
    uint64_t count = argument_number(cmdline, "count", 10);
    print("waiting\n");
    while (frames < count) {
        /* The second one comes when the device has just been drained. */
        if (check_poll(handle, MINUTE) != HVT_EXIT_SUCCESS
            || check_poll(handle, 0) != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
    }
    print("every ready bit was true\n");
    return success();
}

int guest_main(const char *cmdline)
{
    return run_in_ring3(check, cmdline);
}
