/* http: answers requests by HTTP at the address in the first word, on port 80
 * of "service"; also `ping`, and datagrams of UDP by the same datagram.  With
 * count=N it ends when N connections have been closed, otherwise never.
 *
 * It keeps no connections: what it answers follows from each segment alone, so
 * that a request must fit into one, and what is lost is asked for again. */
#include "guest.h"

#define FRAME_ROOM 65536
#define HOUR 3600000000000ULL

#define IPV4 FRAME_HEADER_SIZE
#define IPV4_SIZE 20
#define TRANSPORT (IPV4 + IPV4_SIZE)
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define PORT 80

#define TCP_SIZE 20
#define FIN 1
#define SYN 2
#define RST 4
#define PSH 8
#define ACK 16
#define FIRST_SEQUENCE 1000
#define WINDOW 8192

static const char response[] =
    "HTTP/1.0 200 OK\r\n"
    "Content-Type: text/plain\r\n"
    "Content-Length: 20\r\n"
    "Connection: close\r\n"
    "\r\n"
    "Hello from a guest.\n";

static uint8_t frame[FRAME_ROOM];
static uint64_t requests, closed;
/* The client's port of the connection that was closed last. */
static unsigned closed_port;

static void swap(uint8_t *left, uint8_t *right, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = left[i];
        left[i] = right[i];
        right[i] = byte;
    }
}

/* Back to where it came from, with the same checksums. */
static void turn_round(void)
{
    swap(frame, frame + 6, 6);
    swap(frame + IPV4 + 12, frame + IPV4 + 16, 4);
    swap(frame + TRANSPORT, frame + TRANSPORT + 2, 2);
}

/* Completes a segment whose ports, numbers and payload are there. */
static uint64_t finish(uint8_t flags, uint64_t payload)
{
    uint8_t *ipv4 = frame + IPV4, *tcp = frame + TRANSPORT;
    unsigned length = (unsigned)(TCP_SIZE + payload);
    tcp[12] = TCP_SIZE / 4 << 4;
    tcp[13] = flags;
    store_16(tcp + 14, WINDOW);
    store_32(tcp + 16, 0);
    /* In the place of these fields, what the checksum of TCP includes. */
    ipv4[8] = 0;
    store_16(ipv4 + 10, length);
    store_16(tcp + 16, internet_checksum(ipv4 + 8, 12 + length));
    store_16(ipv4 + 2, IPV4_SIZE + length);
    ipv4[8] = 64;
    store_16(ipv4 + 10, 0);
    store_16(ipv4 + 10, internet_checksum(ipv4, IPV4_SIZE));
    return IPV4 + IPV4_SIZE + length;
}

/* The packet's size includes its header. */
static uint64_t answer_tcp(uint64_t packet)
{
    uint8_t *tcp = frame + TRANSPORT;
    uint64_t header = (uint64_t)(tcp[12] >> 4) * 4;
    if (packet < IPV4_SIZE + TCP_SIZE || packet < IPV4_SIZE + header || header < TCP_SIZE
        || load_16(tcp + 2) != PORT || tcp[13] & RST)
        return 0;
    uint64_t payload = packet - IPV4_SIZE - header;
    uint8_t asked = tcp[13], flags = ACK;
    uint32_t next = load_32(tcp + 4) + (uint32_t)payload;
    uint32_t own = load_32(tcp + 8);
    uint64_t count = 0;
    /* All that is answered, and the end of it, has arrived: the same is said again when the client
     * closes its side. */
    if (asked & ACK && own == FIRST_SEQUENCE + sizeof(response) + 1 && load_16(tcp) != closed_port) {
        closed_port = load_16(tcp);
        closed++;
    }
    if (asked & SYN) {
        flags |= SYN;
        own = FIRST_SEQUENCE;
        next++;
    } else if (payload > 0) {
        flags |= PSH | FIN;
        count = sizeof(response) - 1;
        memcpy(tcp + TCP_SIZE, response, count);
        requests++;
    } else if (!(asked & FIN)) {
        return 0;
    }
    if (asked & FIN)
        next++;
    turn_round();
    store_32(tcp + 4, own);
    store_32(tcp + 8, next);
    return finish(flags, count);
}

static uint64_t answer(struct responder *responder, uint64_t length)
{
    const uint8_t *ipv4 = frame + IPV4;
    if (length < TRANSPORT + 8 || load_16(frame + 12) != 0x0800 || ipv4[0] != 0x45
        || memcmp(ipv4 + 16, responder->address, 4) != 0)
        return responder_answer(responder, frame, length);
    uint64_t packet = load_16(ipv4 + 2);
    if (packet < IPV4_SIZE + 8 || IPV4 + packet > length)
        return 0;
    switch (ipv4[9]) {
    case PROTOCOL_TCP:
        return answer_tcp(packet);
    case PROTOCOL_UDP:
        turn_round();
        return IPV4 + packet;
    default:
        return responder_answer(responder, frame, length);
    }
}

static int answer_all(uint64_t handle, struct responder *responder)
{
    for (;;) {
        uint64_t length = FRAME_ROOM;
        int32_t result = hypercall_net_read(handle, frame, &length);
        if (result == HVT_RESULT_AGAIN)
            return HVT_EXIT_SUCCESS;
        REQUIRE(result == HVT_RESULT_OK, "read result=%d", result);
        length = answer(responder, length);
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
    memcpy(responder.mac, device_entry(handle)->device.net.mac, sizeof(responder.mac));
    REQUIRE(next_word(&cursor, &address) && responder_set_address(&responder, address),
        "the first argument must be an IPv4 address");
    print("serving\n");
    while (closed < count) {
        hypercall_poll(HOUR);
        if (answer_all(handle, &responder) != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
    }
    printl("requests=%s", requests > 0 ? "yes" : "no");
    return success();
}

int guest_main(const char *cmdline)
{
    return run_in_ring3(serve, cmdline);
}
