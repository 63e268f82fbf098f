/* tcp.h: frames of TCP over IPv4, without a connection's state. */
#ifndef BENCH_TCP_H
#define BENCH_TCP_H

#include "guest.h"

#define TCP_FIN 1
#define TCP_SYN 2
#define TCP_RST 4
#define TCP_PSH 8
#define TCP_ACK 16

/* A segment that has arrived. */
struct segment {
    unsigned port;        /* ours */
    unsigned peer_port;
    uint32_t sequence, acknowledgement;
    uint8_t flags;
    uint32_t window;      /* not scaled */
    unsigned scale;       /* of a SYN: what to shift windows by */
    unsigned segment_size; /* of a SYN: the most bytes that the peer takes in one */
    uint32_t count;       /* bytes of payload */
    const uint8_t *payload;
};

/* What a frame with these bytes holds, if it is TCP for this address.  Its checksums are looked at
 * if `verify` says so: *is_wrong tells of bad ones. */
bool tcp_parse(const uint8_t *frame, uint64_t length, const uint8_t *address, bool verify,
    struct segment *segment, bool *is_wrong);

/* A frame's headers, and its payload after them. */
struct outgoing {
    uint8_t frame[65536];
    unsigned headers;   /* bytes before the payload */
    uint32_t payload;   /* bytes that payload_sum is of */
    uint32_t payload_sum;
    uint16_t id;
};

/* Addresses the answers to this frame. */
void tcp_address(struct outgoing *outgoing, const uint8_t *frame);

/* Completes a frame with `count` bytes of the payload that is there; returns its length.  A SYN
 * says that we take segments of `size` bytes, and shift windows by `scale`. */
uint64_t tcp_finish(struct outgoing *outgoing, uint8_t flags, uint32_t sequence,
    uint32_t acknowledgement, unsigned window, uint32_t count, unsigned size, unsigned scale);

#endif
