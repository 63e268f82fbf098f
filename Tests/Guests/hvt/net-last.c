/* net-last: leaves frames in the network ring, does not kick, and halts.
 * Argument: count=N frames. */
#include "ring.h"

/* For local experiments (RFC 5342). */
#define ETHERTYPE_EXPERIMENT 0x88b5
#define SIZE 60

static uint8_t frame[SIZE];

int guest_main(const char *cmdline)
{
    uint64_t handle = device_handle("service", MANIFEST_NET_BASIC);
    uint64_t count = argument_number(cmdline, "count", 1);
    for (unsigned i = 0; i < 6; i++) {
        frame[i] = 0xff;
        frame[6 + i] = device_entry(handle)->device.net.mac[i];
    }
    frame[12] = ETHERTYPE_EXPERIMENT >> 8;
    frame[13] = ETHERTYPE_EXPERIMENT & 0xff;
    REQUIRE(ring_offered(), "no ring");
    for (uint64_t i = 0; i < count; i++)
        ring_submit(HVT_RING_NET_WRITE, (uint32_t)handle, (uintptr_t)frame, SIZE);
    /* Only kicks tell that this guest knows the ring. */
    if (count == 0)
        ring_kick();
    return success();
}
