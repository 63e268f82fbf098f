/* net-echo: answers `ping` at the address in the first word, on "service".
 * With count=N it ends after N echoes, otherwise never. */
#include "guest.h"

#define FRAME_ROOM 65536
#define HOUR 3600000000000ULL

static uint8_t frame[FRAME_ROOM];

static int answer_all(uint64_t handle, struct responder *responder)
{
    for (;;) {
        uint64_t length = FRAME_ROOM;
        int32_t result = hypercall_net_read(handle, frame, &length);
        if (result == HVT_RESULT_AGAIN)
            return HVT_EXIT_SUCCESS;
        REQUIRE(result == HVT_RESULT_OK, "read result=%d", result);
        length = responder_answer(responder, frame, length);
        if (length > 0) {
            result = hypercall_net_write(handle, frame, length);
            REQUIRE(result == HVT_RESULT_OK, "write result=%d", result);
        }
    }
}

static int serve(const void *cmdline)
{
    const char *cursor = cmdline;
    struct word address;
    struct responder responder = {.echoes = 0};
    uint64_t handle = device_handle("service", MANIFEST_NET_BASIC);
    uint64_t count = argument_number(cmdline, "count", UINT64_MAX);
    const uint8_t *mac = device_entry(handle)->device.net.mac;
    memcpy(responder.mac, mac, sizeof(responder.mac));
    REQUIRE(next_word(&cursor, &address) && responder_set_address(&responder, address),
        "the first argument must be an IPv4 address");
    printl("mac=%02x:%02x:%02x:%02x:%02x:%02x mtu=%u",
        mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
        (unsigned)device_entry(handle)->device.net.mtu);
    print("serving\n");
    while (responder.echoes < count) {
        hypercall_poll(HOUR);
        if (answer_all(handle, &responder) != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
    }
    printl("echoes=%lu", responder.echoes);
    return success();
}

int guest_main(const char *cmdline)
{
    return run_in_ring3(serve, cmdline);
}
