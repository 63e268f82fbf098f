/* bench-tcp: a TCP server for measurements, at the address in the first word, on
 * three ports of "service":
 *
 *   7  answers each request, of one segment, by as many bytes
 *   9  takes all that comes
 *  19  sends, when asked by one segment, as many bytes as its first 8 say (little endian)
 *
 * mode=ring: frames go by the network ring, if it is offered.  verify=1: ends with a
 * failure at a wrong checksum.  count=N: ends when N connections have been closed.
 *
 * Ports 9 and 19 have one connection at a time. */
#include "ring.h"
#include "tcp.h"

#define FRAME_ROOM 65536
/* In nanoseconds: before what is not acknowledged is sent again. */
#define RETRANSMISSION 200000000ULL
#define HOUR 3600000000000ULL
/* The most segments before what has come is looked at, and before it is acknowledged. */
#define TURN 32
#define FIRST_SEQUENCE 1000
#define SCALE 5
#define WINDOW (1 << 20)

enum { PORT_ECHO = 7, PORT_DISCARD = 9, PORT_GENERATE = 19 };

static uint8_t frame[FRAME_ROOM];
static struct responder responder;
static uint64_t handle, closed, received;
static bool by_ring, verifies;
static unsigned closed_port;

static struct outgoing echo;

/* Port 9. */
static struct outgoing sink;
static uint32_t expected;
static unsigned unanswered;

/* Port 19: sequence numbers of what is acknowledged, sent, and to be sent. */
static struct outgoing source;
static uint32_t acknowledged, next, end, source_expected, peer_window;
static unsigned peer_scale, segment_size, repetitions;
static bool is_sending;

static bool send(const uint8_t *bytes, uint64_t count)
{
    return (by_ring ? ring_net_write(handle, bytes, count)
                    : hypercall_net_write(handle, bytes, count))
        == HVT_RESULT_OK;
}

static unsigned most_payload(void)
{
    return device_entry(handle)->device.net.mtu - 40u;
}

static void answer(struct outgoing *outgoing, uint8_t flags, uint32_t sequence,
    uint32_t acknowledgement, uint32_t count)
{
    send(outgoing->frame, tcp_finish(outgoing, flags, sequence, acknowledgement,
        flags & TCP_SYN ? WINDOW >> 5 : WINDOW >> SCALE, count, most_payload(), SCALE));
}

/* Once for each connection, though its end may be told twice. */
static void count_closed(const struct segment *segment)
{
    if (segment->peer_port == closed_port)
        return;
    closed_port = segment->peer_port;
    closed++;
}

static void serve_echo(const struct segment *segment)
{
    uint32_t after = segment->sequence + segment->count;
    if (segment->count == 0 && !(segment->flags & (TCP_SYN | TCP_FIN)))
        return;
    tcp_address(&echo, frame);
    if (segment->flags & TCP_SYN) {
        answer(&echo, TCP_SYN | TCP_ACK, FIRST_SEQUENCE, after + 1, 0);
    } else if (segment->flags & TCP_FIN) {
        answer(&echo, TCP_FIN | TCP_ACK, segment->acknowledgement, after + 1, 0);
        count_closed(segment);
    } else {
        memcpy(echo.frame + FRAME_HEADER_SIZE + 40, segment->payload, segment->count);
        echo.payload = 0;
        answer(&echo, TCP_PSH | TCP_ACK, segment->acknowledgement, after, segment->count);
    }
}

static void answer_sink(void)
{
    if (unanswered > 0)
        answer(&sink, TCP_ACK, FIRST_SEQUENCE + 1, expected, 0);
    unanswered = 0;
}

static void serve_sink(const struct segment *segment)
{
    if (segment->flags & TCP_SYN) {
        tcp_address(&sink, frame);
        expected = segment->sequence + 1;
        answer(&sink, TCP_SYN | TCP_ACK, FIRST_SEQUENCE, expected, 0);
        return;
    }
    if (segment->count == 0 && !(segment->flags & TCP_FIN))
        return;
    unanswered++;
    if (segment->sequence != expected) {
        answer_sink(); /* tells of a gap */
        return;
    }
    expected += segment->count;
    received += segment->count;
    if (segment->flags & TCP_FIN) {
        expected++;
        unanswered = 0;
        answer(&sink, TCP_FIN | TCP_ACK, FIRST_SEQUENCE + 1, expected, 0);
        count_closed(segment);
    } else if (unanswered >= TURN) {
        answer_sink();
    }
}

static void serve_source(const struct segment *segment)
{
    if (segment->flags & TCP_SYN) {
        tcp_address(&source, frame);
        is_sending = false;
        peer_scale = segment->scale;
        segment_size = segment->segment_size < most_payload() ? segment->segment_size
                                                              : most_payload();
        source_expected = segment->sequence + 1;
        acknowledged = next = end = FIRST_SEQUENCE + 1;
        answer(&source, TCP_SYN | TCP_ACK, FIRST_SEQUENCE, source_expected, 0);
        return;
    }
    if (segment->flags & TCP_FIN) {
        answer(&source, TCP_FIN | TCP_ACK, segment->acknowledgement,
            segment->sequence + segment->count + 1, 0);
        count_closed(segment);
        is_sending = false;
        return;
    }
    if (segment->count >= 8 && !is_sending) {
        uint64_t count;
        /* Also over the options of what was answered first. */
        memset(source.frame + FRAME_HEADER_SIZE + 40, 'x', most_payload());
        source.payload = 0;
        memcpy(&count, segment->payload, sizeof(count));
        source_expected = segment->sequence + segment->count;
        end = acknowledged + (uint32_t)count;
        is_sending = true;
    }
    peer_window = segment->window << peer_scale;
    uint32_t step = segment->acknowledgement - acknowledged;
    if (step > 0 && step <= next - acknowledged) {
        acknowledged += step;
        repetitions = 0;
    } else if (step == 0 && next != acknowledged && segment->count == 0 && ++repetitions == 3) {
        next = acknowledged; /* lost: all over again from there */
    }
}

/* Sends what the peer's window allows, up to a turn; false if that is nothing. */
static bool generate(void)
{
    unsigned sent = 0;
    while (is_sending && next != end && sent < TURN) {
        uint32_t count = end - next < segment_size ? end - next : segment_size;
        if (next + count - acknowledged > peer_window)
            break;
        answer(&source, count == end - next ? TCP_PSH | TCP_ACK : TCP_ACK, next,
            source_expected, count);
        next += count;
        sent++;
    }
    return sent > 0;
}

/* Serves what has come; false at an end. */
static bool serve_arrived(bool *any)
{
    *any = false;
    for (unsigned i = 0; i < TURN; i++) {
        struct segment segment;
        bool is_wrong = false;
        uint64_t length = FRAME_ROOM;
        int32_t result = by_ring ? ring_net_read(handle, frame, &length)
                                 : hypercall_net_read(handle, frame, &length);
        if (result == HVT_RESULT_AGAIN)
            return true;
        if (result != HVT_RESULT_OK)
            return false;
        *any = true;
        if (!tcp_parse(frame, length, responder.address, verifies, &segment, &is_wrong)) {
            length = responder_answer(&responder, frame, length);
            if (length > 0)
                send(frame, length);
        } else if (is_wrong) {
            print("a wrong checksum\n");
            return false;
        } else if (segment.flags & TCP_RST) {
            is_sending = is_sending && segment.port != PORT_GENERATE;
            count_closed(&segment);
        } else if (segment.port == PORT_ECHO) {
            serve_echo(&segment);
        } else if (segment.port == PORT_DISCARD) {
            serve_sink(&segment);
        } else if (segment.port == PORT_GENERATE) {
            serve_source(&segment);
        }
    }
    return true;
}

static int serve(const void *cmdline)
{
    const char *cursor = cmdline;
    struct word address;
    handle = device_handle("service", MANIFEST_NET_BASIC);
    uint64_t count = argument_number(cmdline, "count", UINT64_MAX);
    by_ring = word_is(argument(cmdline, "mode"), "ring");
    verifies = argument_number(cmdline, "verify", 0) != 0;
    memcpy(responder.mac, device_entry(handle)->device.net.mac, sizeof(responder.mac));
    REQUIRE(next_word(&cursor, &address) && responder_set_address(&responder, address),
        "the first argument must be an IPv4 address");
    print("serving\n");
    while (closed < count) {
        bool any;
        REQUIRE(serve_arrived(&any), "a frame");
        if (!any)
            answer_sink();
        if (generate() || any)
            continue;
        bool waits = is_sending && next != acknowledged;
        if (hypercall_poll(waits ? RETRANSMISSION : HOUR).ready_set == 0 && waits)
            next = acknowledged;
    }
    printl("received=%lu", received);
    return success();
}

int guest_main(const char *cmdline)
{
    ring_map();
    return run_in_ring3(serve, cmdline);
}
