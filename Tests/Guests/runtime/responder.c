/* responder.c: answers ARP requests and ICMP echo requests. */
#include "guest.h"

#define ETHERTYPE 12
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV4 0x0800

/* Offsets into the frame; IPv4 headers with options are not for us. */
#define ARP FRAME_HEADER_SIZE
#define ARP_SIZE 28
#define ARP_REQUEST 1
#define ARP_REPLY 2
#define IPV4 FRAME_HEADER_SIZE
#define ICMP (FRAME_HEADER_SIZE + 20)
#define ICMP_HEADER_SIZE 8
#define PROTOCOL_ICMP 1
#define ECHO_REQUEST 8

bool responder_set_address(struct responder *responder, struct word text)
{
    size_t i = 0;
    for (unsigned part = 0; part < 4; part++) {
        struct word digits = {text.start + i, 0};
        uint64_t number;
        while (i < text.length && text.start[i] != '.') {
            digits.length++;
            i++;
        }
        if (!word_number(digits, &number) || number > 255)
            return false;
        responder->address[part] = (uint8_t)number;
        i++;
    }
    return i == text.length + 1;
}

static void address_frame(struct responder *responder, uint8_t *frame)
{
    memcpy(frame, frame + 6, 6);
    memcpy(frame + 6, responder->mac, 6);
}

static uint64_t answer_arp(struct responder *responder, uint8_t *frame, uint64_t length)
{
    /* Hardware type, protocol type, their sizes, operation. */
    static const uint8_t request[8] = {0, 1, 8, 0, 6, 4, 0, ARP_REQUEST};
    uint8_t *arp = frame + ARP;
    if (length < ARP + ARP_SIZE || memcmp(arp, request, sizeof(request)) != 0
        || memcmp(arp + 24, responder->address, 4) != 0)
        return 0;
    store_16(arp + 6, ARP_REPLY);
    memcpy(arp + 18, arp + 8, 10);
    memcpy(arp + 8, responder->mac, 6);
    memcpy(arp + 14, responder->address, 4);
    address_frame(responder, frame);
    return ARP + ARP_SIZE;
}

unsigned internet_checksum(const uint8_t *bytes, uint64_t length)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i + 1 < length; i += 2)
        sum += load_16(bytes + i);
    if (length % 2 != 0)
        sum += (unsigned)bytes[length - 1] << 8;
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (unsigned)~sum & 0xffff;
}

static uint64_t answer_echo(struct responder *responder, uint8_t *frame, uint64_t length)
{
    uint8_t *ipv4 = frame + IPV4, *icmp = frame + ICMP;
    if (length < ICMP + ICMP_HEADER_SIZE || ipv4[0] != 0x45 || ipv4[9] != PROTOCOL_ICMP
        || memcmp(ipv4 + 16, responder->address, 4) != 0 || icmp[0] != ECHO_REQUEST)
        return 0;
    /* Short frames are padded: the packet knows its own length. */
    uint64_t packet = load_16(ipv4 + 2);
    if (packet < 20 + ICMP_HEADER_SIZE || IPV4 + packet > length)
        return 0;
    /* Swapped addresses leave the header's checksum as it was. */
    memcpy(ipv4 + 16, ipv4 + 12, 4);
    memcpy(ipv4 + 12, responder->address, 4);
    icmp[0] = 0;
    store_16(icmp + 2, 0);
    store_16(icmp + 2, internet_checksum(icmp, packet - 20));
    address_frame(responder, frame);
    responder->echoes++;
    return IPV4 + packet;
}

uint64_t responder_answer(struct responder *responder, uint8_t *frame, uint64_t length)
{
    if (length < FRAME_HEADER_SIZE)
        return 0;
    switch (load_16(frame + ETHERTYPE)) {
    case ETHERTYPE_ARP:
        return answer_arp(responder, frame, length);
    case ETHERTYPE_IPV4:
        return answer_echo(responder, frame, length);
    default:
        return 0;
    }
}
