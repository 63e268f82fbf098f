/* virtio.h: a split virtqueue from the driver's side, and the network device's
 * two faces. */
#ifndef HERMIT_VIRTIO_H
#define HERMIT_VIRTIO_H

#include "hermit_guest.h"

/* ---- virtqueue.c ---- */

#define QUEUE_MOST 256
#define QUEUE_PAGES 3

#define DESCRIPTOR_NEXT 1
#define DESCRIPTOR_WRITABLE 2
#define DESCRIPTOR_INDIRECT 4
#define AVAILABLE_NO_INTERRUPT 1

struct descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags, next;
};

struct available_ring {
    uint16_t flags, index, entries[];
};

struct used_element {
    uint32_t head, length;
};

struct used_ring {
    uint16_t flags, index;
    struct used_element entries[];
};

struct virtqueue {
    uint16_t number, size;
    uint16_t seen; /* used entries taken so far */
    volatile struct descriptor *descriptors;
    volatile struct available_ring *available;
    volatile struct used_ring *used;
};

/* Lays the queue out as the legacy interface wants it, in three pages. */
void queue_place(struct virtqueue *queue, uint16_t number, uint16_t size, void *pages);
/* Makes descriptor `head` available, as it is. */
void queue_offer(struct virtqueue *queue, uint16_t head);
void queue_describe(struct virtqueue *queue, uint16_t head, const void *data, uint32_t length,
    uint16_t flags);
bool queue_has_used(const struct virtqueue *queue);
/* The next entry that the device has used; there must be one. */
struct used_element queue_take(struct virtqueue *queue);

/* ---- virtio_modern.c, virtio_legacy.c ---- */

#define STATUS_ACKNOWLEDGE 1
#define STATUS_DRIVER 2
#define STATUS_DRIVER_OK 4
#define STATUS_FEATURES_OK 8
#define STATUS_NEEDS_RESET 0x40
#define STATUS_FAILED 0x80

#define FEATURE_MTU (1ULL << 3)
#define FEATURE_MAC (1ULL << 5)
#define FEATURE_STATUS (1ULL << 16)
#define FEATURE_VERSION_1 (1ULL << 32)

#define QUEUE_RECEIVE 0
#define QUEUE_TRANSMIT 1

struct net_facts {
    uint8_t mac[6];
    uint16_t link;
    uint16_t mtu; /* 0: not told */
    uint64_t features;
};

/* What both faces can do. */
struct net_device {
    unsigned header_size;
    unsigned interrupt_line;
    struct net_facts facts;
    /* Steps up to the features; then queues; then the last. */
    bool (*begin)(struct net_device *device, uint64_t features);
    bool (*add_queue)(struct virtqueue *queue);
    void (*finish)(void);
    void (*notify)(uint16_t queue);
    uint8_t (*interrupt_status)(void);
    uint8_t (*status)(void);
    void (*set_status)(uint8_t status);
};

/* Finds the device; false, after a FAILURE line, if it is not as it should be. */
bool net_find_modern(struct net_device *device);
bool net_find_legacy(struct net_device *device);

/* The registers of the modern face (virtio 4.1.4.3). */
struct virtio_common {
    uint32_t offered_selector, offered, accepted_selector, accepted;
    uint16_t configuration_vector, queue_count;
    uint8_t status, generation;
    uint16_t queue_selector, queue_size, queue_vector, queue_enable, queue_notify_offset;
    uint64_t descriptors, available, used;
};
extern volatile struct virtio_common *virtio_common;

#endif
