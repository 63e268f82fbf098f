/* tcp.c: see tcp.h. */
#include "tcp.h"

#define IPV4 FRAME_HEADER_SIZE
#define TCP (IPV4 + 20)
#define PROTOCOL_TCP 6
#define OPTION_END 0
#define OPTION_NOTHING 1
#define OPTION_SEGMENT_SIZE 2
#define OPTION_SCALE 3

static uint32_t sum(const uint8_t *bytes, uint64_t count)
{
    return ~internet_checksum(bytes, count) & 0xffff;
}

static unsigned folded(uint32_t value)
{
    while (value >> 16 != 0)
        value = (value & 0xffff) + (value >> 16);
    return value;
}

/* The sum that TCP's checksum includes besides the segment: its addresses, protocol, size. */
static uint32_t pseudo_sum(const uint8_t *ipv4, uint32_t size)
{
    return sum(ipv4 + 12, 8) + PROTOCOL_TCP + size;
}

static void parse_options(struct segment *segment, const uint8_t *options, unsigned count)
{
    for (unsigned i = 0; i < count && options[i] != OPTION_END;) {
        if (options[i] == OPTION_NOTHING) {
            i++;
            continue;
        }
        if (i + 1 >= count || options[i + 1] < 2 || i + options[i + 1] > count)
            return;
        if (options[i] == OPTION_SEGMENT_SIZE && options[i + 1] == 4)
            segment->segment_size = load_16(options + i + 2);
        if (options[i] == OPTION_SCALE && options[i + 1] == 3)
            segment->scale = options[i + 2];
        i += options[i + 1];
    }
}

bool tcp_parse(const uint8_t *frame, uint64_t length, const uint8_t *address, bool verify,
    struct segment *segment, bool *is_wrong)
{
    const uint8_t *ipv4 = frame + IPV4, *tcp = frame + TCP;
    if (length < TCP + 20 || load_16(frame + 12) != 0x0800 || ipv4[0] != 0x45
        || ipv4[9] != PROTOCOL_TCP || memcmp(ipv4 + 16, address, 4) != 0)
        return false;
    uint32_t packet = load_16(ipv4 + 2), header = (uint32_t)(tcp[12] >> 4) * 4;
    if (IPV4 + packet > length || header < 20 || packet < 20 + header)
        return false;
    *is_wrong = verify
        && (sum(ipv4, 20) != 0xffff
            || folded(pseudo_sum(ipv4, packet - 20) + sum(tcp, packet - 20)) != 0xffff);
    *segment = (struct segment){
        .port = load_16(tcp + 2),
        .peer_port = load_16(tcp),
        .sequence = load_32(tcp + 4),
        .acknowledgement = load_32(tcp + 8),
        .flags = tcp[13],
        .window = load_16(tcp + 14),
        .segment_size = 536,
        .count = packet - 20 - header,
        .payload = tcp + header,
    };
    if (segment->flags & TCP_SYN)
        parse_options(segment, tcp + 20, header - 20);
    return true;
}

void tcp_address(struct outgoing *outgoing, const uint8_t *frame)
{
    uint8_t *to = outgoing->frame;
    memset(to, 0, TCP + 20);
    memcpy(to, frame + 6, 6);
    memcpy(to + 6, frame, 6);
    store_16(to + 12, 0x0800);
    to[IPV4] = 0x45;
    to[IPV4 + 6] = 0x40; /* not to be fragmented */
    to[IPV4 + 8] = 64;
    to[IPV4 + 9] = PROTOCOL_TCP;
    memcpy(to + IPV4 + 12, frame + IPV4 + 16, 4);
    memcpy(to + IPV4 + 16, frame + IPV4 + 12, 4);
    memcpy(to + TCP, frame + TCP + 2, 2);
    memcpy(to + TCP + 2, frame + TCP, 2);
}

uint64_t tcp_finish(struct outgoing *outgoing, uint8_t flags, uint32_t sequence,
    uint32_t acknowledgement, unsigned window, uint32_t count, unsigned size, unsigned scale)
{
    uint8_t *ipv4 = outgoing->frame + IPV4, *tcp = outgoing->frame + TCP;
    unsigned header = 20;
    if (flags & TCP_SYN) {
        uint8_t options[8] = {OPTION_SEGMENT_SIZE, 4, 0, 0, OPTION_NOTHING, OPTION_SCALE, 3,
            (uint8_t)scale};
        store_16(options + 2, size);
        memcpy(tcp + header, options, sizeof(options));
        header += sizeof(options);
        outgoing->payload = 0;
    }
    store_32(tcp + 4, sequence);
    store_32(tcp + 8, acknowledgement);
    tcp[12] = (uint8_t)(header / 4 << 4);
    tcp[13] = flags;
    store_16(tcp + 14, window);
    if (count != outgoing->payload || count == 0) {
        outgoing->payload = count;
        outgoing->payload_sum = sum(tcp + header, count);
    }
    store_16(tcp + 16, 0);
    store_16(tcp + 16, ~folded(pseudo_sum(ipv4, header + count) + sum(tcp, header)
        + outgoing->payload_sum) & 0xffff);
    store_16(ipv4 + 2, 20 + header + count);
    store_16(ipv4 + 4, outgoing->id++);
    store_16(ipv4 + 10, 0);
    store_16(ipv4 + 10, internet_checksum(ipv4, 20));
    return TCP + header + count;
}
