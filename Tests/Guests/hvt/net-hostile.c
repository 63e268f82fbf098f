/* net-hostile: offers frames to "service" that no network takes; the tender
 * may drop them, and must live. */
#include "guest.h"

#define MAX_FRAME 65536

static uint8_t frame[MAX_FRAME];

static void write_frame(uint64_t handle, uint64_t length)
{
    int32_t result = hypercall_net_write(handle, frame, length);
    printl("write length=%lu result=%d", length, result);
}

static void read_frame(uint64_t handle, uint64_t room)
{
    uint64_t length = room;
    int32_t result = hypercall_net_read(handle, frame, &length);
    printl("read room=%lu result=%d", room, result);
}

int guest_main(const char *cmdline)
{
    uint64_t handle = device_handle("service", MANIFEST_NET_BASIC);
    uint64_t largest = device_entry(handle)->device.net.mtu + FRAME_HEADER_SIZE;
    const uint64_t lengths[] = {0, 1, 13, 14, largest, largest + 1, 65535, MAX_FRAME};
    (void)cmdline;
    for (unsigned i = 0; i < COUNT_OF(lengths); i++)
        write_frame(handle, lengths[i]);
    read_frame(handle, 0);
    read_frame(handle, 1);
    return success();
}
