/* hostile-ring: a network ring that makes no sense; "service" is 1.
 *
 * Prints what came of it if it goes on afterwards. */
#include "ring.h"

#define SIZE 64
#define NET_HANDLE 1

static uint8_t buffer[2048];
static volatile struct hvt_ring *ring;

static int report(void)
{
    printl("ent_head=%u com_tail=%u", ring->ent_head, ring->com_tail);
    return survived();
}

static int serve(uint32_t operation, uint64_t handle, uint64_t data, uint32_t len)
{
    struct hvt_ring_commit commit = {.result = RESULT_UNANSWERED};
    ring_submit(operation, (uint32_t)handle, data, len);
    ring_kick();
    if (ring->com_tail != ring->com_head && ring_commit(&commit))
        printl("result=%d len=%u", commit.result, commit.len);
    return report();
}

static int run_read_handle(uint64_t handle)
{
    return serve(HVT_RING_NET_READ, handle, UINT64_MAX, SIZE);
}

static int run_write_handle(uint64_t handle)
{
    return serve(HVT_RING_NET_WRITE, handle, UINT64_MAX, SIZE);
}

static int run_read_to(uint64_t address)
{
    return serve(HVT_RING_NET_READ, NET_HANDLE, address, SIZE);
}

static int run_write_from(uint64_t address)
{
    return serve(HVT_RING_NET_WRITE, NET_HANDLE, address, SIZE);
}

static int run_write_length(uint64_t length)
{
    return serve(HVT_RING_NET_WRITE, NET_HANDLE, (uintptr_t)buffer, (uint32_t)length);
}

static int run_read_length(uint64_t length)
{
    return serve(HVT_RING_NET_READ, NET_HANDLE, (uintptr_t)buffer, (uint32_t)length);
}

static int run_operation(uint64_t operation)
{
    return serve((uint32_t)operation, NET_HANDLE, UINT64_MAX, SIZE);
}

/* The whole ring at once, all of it reads, which find nothing. */
static int run_full(uint64_t extra)
{
    for (uint64_t i = 0; i < HVT_RING_SLOTS; i++)
        ring_submit(HVT_RING_NET_READ, NET_HANDLE, (uintptr_t)buffer, 0);
    ring_kick();
    printl("ent_head=%u com_tail=%u", ring->ent_head, ring->com_tail);
    /* There is room for no other commit. */
    for (uint64_t i = 0; i < extra; i++)
        serve(HVT_RING_NET_READ, NET_HANDLE, (uintptr_t)buffer, 0);
    return survived();
}

static int run_tail(uint64_t tail)
{
    ring->ent_tail = (uint32_t)tail;
    ring_kick();
    return report();
}

static int run_com_head(uint64_t head)
{
    ring->com_head = (uint32_t)head;
    ring_submit(HVT_RING_NET_READ, NET_HANDLE, (uintptr_t)buffer, SIZE);
    ring_kick();
    return report();
}

/* What the host has stored, it does not believe. */
static int run_rewritten(uint64_t index)
{
    serve(HVT_RING_NET_READ, NET_HANDLE, (uintptr_t)buffer, 0);
    ring->ent_head = (uint32_t)index;
    ring->com_tail = (uint32_t)index;
    ring->needs_kick = 0;
    ring->com_head = 1;
    ring_submit(HVT_RING_NET_READ, NET_HANDLE, (uintptr_t)buffer, 0);
    port_write_long(HVT_RING_KICK_PIO, 0xdead);
    return report();
}

static int run_kicks(uint64_t count)
{
    while (count-- > 0)
        port_write_long(HVT_RING_KICK_PIO, 0);
    return report();
}

static int run_kick_width(uint64_t width)
{
    if (width == 1)
        port_write_byte(HVT_RING_KICK_PIO, 0);
    else
        port_write_word(HVT_RING_KICK_PIO, 0);
    return survived();
}

static int run_kick_read(uint64_t argument)
{
    (void)argument;
    port_read_long(HVT_RING_KICK_PIO);
    return survived();
}

static const struct guest_case cases[] = {
    {"read-handle-0", run_read_handle, 0},
    {"read-handle-2", run_read_handle, 2},
    {"read-handle-all-ones", run_read_handle, UINT32_MAX},
    {"write-handle-0", run_write_handle, 0},
    {"write-handle-all-ones", run_write_handle, UINT32_MAX},
    {"read-to-text", run_read_to, (uintptr_t)guest_text},
    {"read-to-tables", run_read_to, 0x2000},
    {"read-to-nowhere", run_read_to, 1ULL << 63},
    {"read-wraps", run_read_to, UINT64_MAX - 15},
    {"write-from-tables", run_write_from, 0x2000},
    {"write-from-nowhere", run_write_from, 1ULL << 63},
    {"write-short", run_write_length, 13},
    {"write-huge", run_write_length, UINT32_MAX},
    {"read-nothing", run_read_length, 0},
    {"read-huge", run_read_length, UINT32_MAX},
    {"operation-0", run_operation, 0},
    {"operation-all-ones", run_operation, UINT32_MAX},
    {"full", run_full, 0},
    {"full-and-one", run_full, 1},
    {"tail-1025", run_tail, HVT_RING_SLOTS + 1},
    {"tail-back", run_tail, UINT32_MAX},
    {"com-head-ahead", run_com_head, 1},
    {"com-head-behind", run_com_head, (uint32_t)-HVT_RING_SLOTS},
    {"rewritten", run_rewritten, 0x12345678},
    {"kicks", run_kicks, 1000},
    {"kick-byte", run_kick_width, 1},
    {"kick-word", run_kick_width, 2},
    {"kick-read", run_kick_read, 0},
};

int guest_main(const char *cmdline)
{
    ring = ring_offered();
    REQUIRE(ring, "no ring");
    return run_case(cases, COUNT_OF(cases), cmdline);
}
