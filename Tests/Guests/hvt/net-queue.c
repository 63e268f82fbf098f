/* net-queue: sends full TCP segments of one flow, one after another, and then does something else.
 * Arguments: count=N segments, at most MOST; push=1 for PSH in each; then=halt, fault or spin. */
#include "guest.h"
#include "hypercall.h"

#define IPV4 FRAME_HEADER_SIZE
#define TCP (IPV4 + 20)
#define SIZE (IPV4 + 1500)
#define PAYLOAD (SIZE - TCP - 20)
#define ACK 16
#define PSH 8

#define MOST 16

static uint8_t frames[MOST][SIZE];

/* Completes a frame of 0s: the segment that begins at this sequence number. */
static void prepare(uint8_t *frame, const uint8_t *mac, unsigned flags, uint32_t sequence)
{
    uint8_t pseudo[12] = {10, 0, 0, 2, 10, 0, 0, 1, 0, 6};
    memset(frame, 0xff, 6);
    memcpy(frame + 6, mac, 6);
    store_16(frame + 12, 0x0800);
    frame[IPV4] = 0x45;
    store_16(frame + IPV4 + 2, SIZE - IPV4);
    frame[IPV4 + 6] = 0x40; /* not to be fragmented */
    frame[IPV4 + 8] = 64;
    frame[IPV4 + 9] = 6; /* TCP */
    memcpy(frame + IPV4 + 12, pseudo, 8);
    store_16(frame + IPV4 + 10, internet_checksum(frame + IPV4, 20));
    store_16(frame + TCP, 4000);
    store_16(frame + TCP + 2, 9);
    store_32(frame + TCP + 4, sequence);
    frame[TCP + 12] = 5 << 4;
    frame[TCP + 13] = (uint8_t)flags;
    store_16(frame + TCP + 14, 1024);
    store_16(pseudo + 10, SIZE - TCP);
    /* The payload is all 0. */
    uint32_t sum = (~internet_checksum(pseudo, 12) & 0xffff)
        + (~internet_checksum(frame + TCP, 20) & 0xffff);
    store_16(frame + TCP + 16, ~(sum % 0xffff) & 0xffff);
}

int guest_main(const char *cmdline)
{
    uint64_t handle = device_handle("service", MANIFEST_NET_BASIC);
    uint64_t count = argument_number(cmdline, "count", 1);
    struct word then = argument(cmdline, "then");
    unsigned flags = argument_number(cmdline, "push", 0) ? ACK | PSH : ACK;
    REQUIRE(count <= MOST, "too many");
    for (uint64_t i = 0; i < count; i++)
        prepare(frames[i], device_entry(handle)->device.net.mac, flags, (uint32_t)(i * PAYLOAD));
    for (uint64_t i = 0; i < count; i++)
        REQUIRE(hypercall_net_write(handle, frames[i], SIZE) == HVT_RESULT_OK, "refused");
    if (word_is(then, "fault"))
        hypercall_net_write(handle, (const void *)(1ull << 40), SIZE);
    while (word_is(then, "spin"))
        __asm__ volatile("pause");
    return 0;
}
