/* ring.c: the guest's side of the network ring. */
#include "ring.h"

/* More than any host takes: ours answers before the kick returns, and another one within the time
 * that its thread waits for a processor. */
#define PATIENCE 100000000

/* Waits for the host a moment. */
static inline void relax(void)
{
#if defined(__x86_64__)
    __asm__ volatile("pause" : : : "memory");
#else
    __asm__ volatile("yield" : : : "memory");
#endif
}

static uint8_t buffers[HVT_RING_SLOTS][RING_BUFFER_SIZE];
static uint32_t next_id;

volatile struct hvt_ring *ring_offered(void)
{
    if ((boot_info->host_features & HVT_FEATURE_NET_RING) == 0 || boot_info->net_ring == 0)
        return NULL;
    return (volatile struct hvt_ring *)(uintptr_t)boot_info->net_ring;
}

void ring_map(void)
{
    (void)address_space();
    if (ring_offered())
        address_space_map(boot_info->net_ring, boot_info->net_ring);
}

void ring_submit(uint32_t operation, uint32_t handle, uint64_t data, uint32_t len)
{
    volatile struct hvt_ring *ring = ring_offered();
    volatile struct hvt_ring_entry *entry = &ring->entries[ring->ent_tail % HVT_RING_SLOTS];
    entry->operation = operation;
    entry->handle = handle;
    entry->data = data;
    entry->len = len;
    entry->id = next_id++;
    __atomic_store_n(&ring->ent_tail, ring->ent_tail + 1, __ATOMIC_RELEASE);
}

void ring_kick(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (ring_offered()->needs_kick)
        port_write_long(HVT_RING_KICK_PIO, 0);
}

bool ring_commit(struct hvt_ring_commit *commit)
{
    volatile struct hvt_ring *ring = ring_offered();
    uint32_t head = ring->com_head;
    for (unsigned i = 0; __atomic_load_n(&ring->com_tail, __ATOMIC_ACQUIRE) == head; i++) {
        if (i == PATIENCE)
            return false;
        relax();
    }
    *commit = ring->commits[head % HVT_RING_SLOTS];
    ring->com_head = head + 1;
    return true;
}

int32_t ring_net_write(uint64_t handle, const void *data, uint64_t len)
{
    volatile struct hvt_ring *ring = ring_offered();
    if (!ring || len > RING_BUFFER_SIZE)
        return hypercall_net_write(handle, data, len);
    while (ring->ent_tail - ring->ent_head >= HVT_RING_SLOTS - 1)
        relax();
    uint8_t *buffer = buffers[ring->ent_tail % HVT_RING_SLOTS];
    memcpy(buffer, data, len);
    ring_submit(HVT_RING_NET_WRITE, (uint32_t)handle, (uintptr_t)buffer, (uint32_t)len);
    ring_kick();
    return HVT_RESULT_OK;
}

int32_t ring_net_read(uint64_t handle, void *data, uint64_t *len)
{
    struct hvt_ring_commit commit;
    if (!ring_offered())
        return hypercall_net_read(handle, data, len);
    uint32_t id = next_id;
    ring_submit(HVT_RING_NET_READ, (uint32_t)handle, (uintptr_t)data, (uint32_t)*len);
    ring_kick();
    if (!ring_commit(&commit) || commit.id != id)
        return RESULT_UNANSWERED;
    *len = commit.len;
    return commit.result;
}
