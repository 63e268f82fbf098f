/* bench-net: time of a write of one frame, or of a read that finds none, by
 * hypercall or by the network ring. */
#include "ring.h"

#define DEFAULT_SIZE 60
#define MAX_SIZE 65536
/* For local experiments (RFC 5342); nobody answers. */
#define ETHERTYPE_EXPERIMENT 0x88b5

static uint8_t frame[MAX_SIZE];
static uint64_t handle, size;

static void call_read(void)
{
    uint64_t room = sizeof(frame);
    hypercall_net_read(handle, frame, &room);
}

static void call_write(void)
{
    hypercall_net_write(handle, frame, size);
}

static void call_ring_read(void)
{
    uint64_t room = sizeof(frame);
    ring_net_read(handle, frame, &room);
}

static void call_ring_write(void)
{
    ring_net_write(handle, frame, size);
}

static void prepare_frame(void)
{
    for (unsigned i = 0; i < 6; i++) {
        frame[i] = 0xff;
        frame[6 + i] = device_entry(handle)->device.net.mac[i];
    }
    frame[12] = ETHERTYPE_EXPERIMENT >> 8;
    frame[13] = ETHERTYPE_EXPERIMENT & 0xff;
}

int guest_main(const char *cmdline)
{
    const char *cursor = cmdline;
    struct word word;
    next_word(&cursor, &word);
    handle = device_handle("service", MANIFEST_NET_BASIC);
    size = argument_number(cmdline, "size", DEFAULT_SIZE);
    REQUIRE(size <= MAX_SIZE, "size must be at most %u", MAX_SIZE);
    ring_map();
    if (word_is(word, "ring-read"))
        return benchmark("net-ring-read", call_ring_read, cmdline);
    if (word_is(word, "read"))
        return benchmark("net-read", call_read, cmdline);
    prepare_frame();
    if (word_is(word, "write"))
        return benchmark("net-write", call_write, cmdline);
    if (word_is(word, "ring-write"))
        return benchmark("net-ring-write", call_ring_write, cmdline);
    return failure("read, write, ring-read or ring-write?");
}
