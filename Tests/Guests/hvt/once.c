/* once: makes each hypercall once and says what came of it, whatever that is.
 * Its block is one of the letter A. */
#include "guest.h"

#define BLOCK_SIZE 512
#define FRAME_SIZE 60
#define FRAME_ROOM 2048
/* For local experiments (RFC 5342); nobody answers. */
#define ETHERTYPE_EXPERIMENT 0x88b5
#define MILLISECOND 1000000ULL

static uint8_t block[BLOCK_SIZE], frame[FRAME_ROOM];

static void use_storage(void)
{
    uint64_t handle = device_handle("storage", MANIFEST_BLOCK_BASIC);
    memset(block, 'A', BLOCK_SIZE);
    printl("block write result=%d", hypercall_block_write(handle, 0, block, BLOCK_SIZE));
    memset(block, 0, BLOCK_SIZE);
    int32_t result = hypercall_block_read(handle, 0, block, BLOCK_SIZE);
    printl("block read result=%d first=%c last=%c", result,
        block[0] == 0 ? '0' : block[0],
        block[BLOCK_SIZE - 1] == 0 ? '0' : block[BLOCK_SIZE - 1]);
}

static void use_service(void)
{
    uint64_t handle = device_handle("service", MANIFEST_NET_BASIC);
    memset(frame, 0xff, 6);
    memcpy(frame + 6, device_entry(handle)->device.net.mac, 6);
    frame[12] = ETHERTYPE_EXPERIMENT >> 8;
    frame[13] = ETHERTYPE_EXPERIMENT & 0xff;
    printl("net write result=%d", hypercall_net_write(handle, frame, FRAME_SIZE));
    uint64_t length = FRAME_ROOM;
    printl("net read result=%d", hypercall_net_read(handle, frame, &length));
    struct hvt_poll poll = hypercall_poll(MILLISECOND);
    printl("poll result=%d", poll.result);
}

int guest_main(const char *cmdline)
{
    (void)cmdline;
    hypercall_walltime();
    use_storage();
    use_service();
    return success();
}
