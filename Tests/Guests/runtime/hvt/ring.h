/* ring.h: the guest's side of the network ring, as guests of 2026 have it: by
 * the ring where it is offered, otherwise by hypercalls.
 *
 * All of it works in ring 0, and in ring 3 after ring_map. */
#ifndef GUEST_RING_H
#define GUEST_RING_H

#include "guest.h"
#include "hvt_ring.h"

/* Larger frames go by hypercall. */
#define RING_BUFFER_SIZE 2048

/* NULL: none is offered. */
volatile struct hvt_ring *ring_offered(void);

/* For ring 3; the ring must be in the lowest GiB. */
void ring_map(void);

/* Adds an entry, without a kick. */
void ring_submit(uint32_t operation, uint32_t handle, uint64_t data, uint32_t len);

/* Kicks if the host wants it. */
void ring_kick(void);

/* What the host has answered; waits for it, but not for ever: false. */
bool ring_commit(struct hvt_ring_commit *commit);

/* As hypercall_net_write and hypercall_net_read. */
int32_t ring_net_write(uint64_t handle, const void *data, uint64_t len);
int32_t ring_net_read(uint64_t handle, void *data, uint64_t *len);

#endif
