/* net-two: answers `ping` on "left" and on "right", and checks that poll names
 * exactly the devices that have a frame.
 * Arguments: left=ADDRESS right=ADDRESS count=N; ends after N echoes on each. */
#include "guest.h"

#define FRAME_ROOM 65536
#define HOUR 3600000000000ULL
#define SIDES 2

struct side {
    const char *name;
    uint64_t handle;
    struct responder responder;
};

static struct side sides[SIDES] = {{.name = "left"}, {.name = "right"}};
static uint8_t frame[FRAME_ROOM];

static int prepare(struct side *side, const char *cmdline)
{
    side->handle = device_handle(side->name, MANIFEST_NET_BASIC);
    memcpy(side->responder.mac, device_entry(side->handle)->device.net.mac, 6);
    REQUIRE(responder_set_address(&side->responder, argument(cmdline, side->name)),
        "%s needs an IPv4 address", side->name);
    return HVT_EXIT_SUCCESS;
}

/* Takes one frame, so that poll must report whether there are more. */
static int answer_one(struct side *side)
{
    uint64_t length = FRAME_ROOM;
    int32_t result = hypercall_net_read(side->handle, frame, &length);
    REQUIRE(result == HVT_RESULT_OK, "%s: ready, but read result=%d", side->name, result);
    length = responder_answer(&side->responder, frame, length);
    if (length > 0) {
        result = hypercall_net_write(side->handle, frame, length);
        REQUIRE(result == HVT_RESULT_OK, "%s: write result=%d", side->name, result);
    }
    return HVT_EXIT_SUCCESS;
}

static int answer_ready(const struct hvt_poll *poll)
{
    uint64_t rest = poll->ready_set;
    int32_t ready = 0;
    for (unsigned i = 0; i < SIDES; i++) {
        uint64_t bit = 1ULL << sides[i].handle;
        if ((poll->ready_set & bit) == 0)
            continue;
        rest &= ~bit;
        ready++;
        if (answer_one(&sides[i]) != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
    }
    REQUIRE(rest == 0, "ready_set=0x%lx names no device of ours", poll->ready_set);
    REQUIRE(ready == poll->result, "ready_set=0x%lx but result=%d",
        poll->ready_set, poll->result);
    return HVT_EXIT_SUCCESS;
}

static int serve(const void *cmdline)
{
    uint64_t count = argument_number(cmdline, "count", UINT64_MAX);
    for (unsigned i = 0; i < SIDES; i++) {
        if (prepare(&sides[i], cmdline) != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
        printl("%s handle=%lu", sides[i].name, sides[i].handle);
    }
    print("serving\n");
    while (sides[0].responder.echoes < count || sides[1].responder.echoes < count) {
        struct hvt_poll poll = hypercall_poll(HOUR);
        if (answer_ready(&poll) != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
    }
    for (unsigned i = 0; i < SIDES; i++)
        printl("%s echoes=%lu", sides[i].name, sides[i].responder.echoes);
    return success();
}

int guest_main(const char *cmdline)
{
    return run_in_ring3(serve, cmdline);
}
