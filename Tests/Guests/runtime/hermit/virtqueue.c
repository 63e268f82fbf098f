/* virtqueue.c: a split virtqueue from the driver's side (virtio 2.7). */
#include "virtio.h"

void queue_place(struct virtqueue *queue, uint16_t number, uint16_t size, void *pages)
{
    uint8_t *start = pages;
    uint64_t available = size * sizeof(struct descriptor);
    uint64_t used = available + 6 + 2 * (uint64_t)size;
    used = (used + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    *queue = (struct virtqueue){
        .number = number,
        .size = size,
        .descriptors = (volatile struct descriptor *)start,
        .available = (volatile struct available_ring *)(start + available),
        .used = (volatile struct used_ring *)(start + used),
    };
}

void queue_describe(struct virtqueue *queue, uint16_t head, const void *data, uint32_t length,
    uint16_t flags)
{
    volatile struct descriptor *descriptor = &queue->descriptors[head];
    descriptor->address = (uintptr_t)data;
    descriptor->length = length;
    descriptor->flags = flags;
    descriptor->next = 0;
}

/* Stores are seen in order on this architecture, as long as the compiler keeps it. */
void queue_offer(struct virtqueue *queue, uint16_t head)
{
    uint16_t index = queue->available->index;
    queue->available->entries[index % queue->size] = head;
    queue->available->index = (uint16_t)(index + 1);
    __asm__ volatile("mfence" : : : "memory");
}

bool queue_has_used(const struct virtqueue *queue)
{
    return queue->used->index != queue->seen;
}

struct used_element queue_take(struct virtqueue *queue)
{
    volatile struct used_element *entry = &queue->used->entries[queue->seen++ % queue->size];
    return (struct used_element){entry->head, entry->length};
}
