/* hvt_ring.h: the ring that carries network frames without an exit for each.
 *
 * One ring serves all network devices.  The guest fills entries, the host
 * answers each NET_READ, and no NET_WRITE, with one commit.  Indices run
 * freely; the slot is the index modulo the ring's size.  The whole ring lies
 * in memory that the guest can write: the host trusts none of it.
 *
 * After moving ent_tail the guest issues a full memory barrier and, if
 * needs_kick is set, stores any 32-bit value to the kick address.
 */
#ifndef PINNACE_ABI_HVT_RING_H
#define PINNACE_ABI_HVT_RING_H

#include "abi.h"

#define HVT_RING_KICK_PIO 0x600            /* x86_64 */
#define HVT_RING_KICK_MMIO 0x100000100ULL  /* aarch64 */

#define HVT_RING_SLOTS 1024u

/* Bytes set aside for the ring at the end of guest memory. */
#define HVT_RING_RESERVATION 0x200000

#define HVT_RING_NET_WRITE 1
#define HVT_RING_NET_READ 2

struct hvt_ring_entry {
    uint32_t operation;
    uint32_t handle;
    uint64_t data; /* guest address */
    uint32_t len;
    uint32_t id;
    uint64_t reserved;
};
ABI_SIZE(struct hvt_ring_entry, 32);
ABI_OFFSET(struct hvt_ring_entry, data, 8);
ABI_OFFSET(struct hvt_ring_entry, len, 16);
ABI_OFFSET(struct hvt_ring_entry, id, 20);

struct hvt_ring_commit {
    uint32_t id;
    int32_t result;
    uint32_t len;
    uint32_t reserved;
};
ABI_SIZE(struct hvt_ring_commit, 16);

struct hvt_ring {
    /* Written by the guest. */
    uint32_t ent_tail;
    uint32_t com_head;
    uint8_t pad0[56];
    /* Written by the host, on a cache line of its own. */
    uint32_t ent_head;
    uint32_t com_tail;
    uint32_t needs_kick;
    uint8_t pad1[52];
    struct hvt_ring_entry entries[HVT_RING_SLOTS];
    struct hvt_ring_commit commits[HVT_RING_SLOTS];
};
ABI_SIZE(struct hvt_ring, 49280);
#define HVT_RING_ENT_TAIL_OFFSET 0
#define HVT_RING_COM_HEAD_OFFSET 4
#define HVT_RING_ENT_HEAD_OFFSET 64
#define HVT_RING_COM_TAIL_OFFSET 68
#define HVT_RING_NEEDS_KICK_OFFSET 72
#define HVT_RING_ENTRIES_OFFSET 128
#define HVT_RING_COMMITS_OFFSET 32896
ABI_OFFSET(struct hvt_ring, ent_tail, HVT_RING_ENT_TAIL_OFFSET);
ABI_OFFSET(struct hvt_ring, com_head, HVT_RING_COM_HEAD_OFFSET);
ABI_OFFSET(struct hvt_ring, ent_head, HVT_RING_ENT_HEAD_OFFSET);
ABI_OFFSET(struct hvt_ring, com_tail, HVT_RING_COM_TAIL_OFFSET);
ABI_OFFSET(struct hvt_ring, needs_kick, HVT_RING_NEEDS_KICK_OFFSET);
ABI_OFFSET(struct hvt_ring, entries, HVT_RING_ENTRIES_OFFSET);
ABI_OFFSET(struct hvt_ring, commits, HVT_RING_COMMITS_OFFSET);

#endif
