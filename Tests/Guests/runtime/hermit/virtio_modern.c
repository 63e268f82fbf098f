/* virtio_modern.c: virtio 1.x behind BAR 0, found by its capabilities. */
#include "pci.h"
#include "virtio.h"

#define CAPABILITY_VENDOR 0x09
#define TYPE_COMMON 1
#define TYPE_NOTIFY 2
#define TYPE_ISR 3
#define TYPE_DEVICE 4

volatile struct virtio_common *virtio_common;

static uint64_t bar;
static uint64_t offsets[5];
static uint32_t notify_stride;

static bool find_capabilities(void)
{
    unsigned at = pci_read(PCI_CAPABILITIES) & 0xff;
    for (unsigned most = 16; at != 0 && most > 0; most--) {
        uint32_t header = pci_read(at);
        unsigned type = header >> 24;
        if ((header & 0xff) == CAPABILITY_VENDOR && type < COUNT_OF(offsets)
            && (pci_read(at + 4) & 0xff) == 0) {
            offsets[type] = pci_read(at + 8);
            printl("capability type=%u offset=0x%lx length=%u", type, offsets[type],
                pci_read(at + 12));
            if (type == TYPE_NOTIFY)
                notify_stride = pci_read(at + 16);
        }
        at = header >> 8 & 0xff;
    }
    return offsets[TYPE_COMMON] != 0 && offsets[TYPE_NOTIFY] != 0 && offsets[TYPE_ISR] != 0
        && offsets[TYPE_DEVICE] != 0;
}

/* The address, and the size as firmware would find it out. */
static void find_bar(void)
{
    uint32_t low = pci_read(PCI_BAR0), high = pci_read(PCI_BAR1);
    pci_write(PCI_BAR0, UINT32_MAX);
    uint32_t size = ~(pci_read(PCI_BAR0) & ~0xfU) + 1;
    pci_write(PCI_BAR0, low);
    bar = (uint64_t)high << 32 | (low & ~0xfU);
    printl("bar=0x%lx flags=0x%x size=0x%x", bar, low & 0xf, size);
    for (uint64_t offset = 0; offset < size; offset += LARGE_PAGE_SIZE)
        map_page(bar + offset, (bar + offset) | PAGE_NO_CACHE, 2);
}

static volatile void *registers(unsigned type)
{
    return (volatile void *)(bar + offsets[type]);
}

static uint8_t status(void)
{
    return virtio_common->status;
}

static void set_status(uint8_t value)
{
    virtio_common->status = value;
}

static uint64_t offered(void)
{
    virtio_common->offered_selector = 0;
    uint64_t low = virtio_common->offered;
    virtio_common->offered_selector = 1;
    return (uint64_t)virtio_common->offered << 32 | low;
}

static bool begin(struct net_device *device, uint64_t features)
{
    (void)device;
    set_status(0);
    if (status() != 0)
        return false;
    set_status(STATUS_ACKNOWLEDGE);
    set_status(STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    virtio_common->accepted_selector = 0;
    virtio_common->accepted = (uint32_t)features;
    virtio_common->accepted_selector = 1;
    virtio_common->accepted = (uint32_t)(features >> 32);
    set_status(STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
    return (status() & STATUS_FEATURES_OK) != 0;
}

static bool add_queue(struct virtqueue *queue)
{
    virtio_common->queue_selector = queue->number;
    if (virtio_common->queue_size < queue->size)
        return false;
    virtio_common->queue_size = queue->size;
    virtio_common->descriptors = (uintptr_t)queue->descriptors;
    virtio_common->available = (uintptr_t)queue->available;
    virtio_common->used = (uintptr_t)queue->used;
    virtio_common->queue_enable = 1;
    return virtio_common->queue_enable == 1 && virtio_common->queue_size == queue->size;
}

static void finish(void)
{
    set_status(STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
}

static void notify(uint16_t queue)
{
    virtio_common->queue_selector = queue;
    uint64_t offset = virtio_common->queue_notify_offset * (uint64_t)notify_stride;
    *(volatile uint16_t *)((uintptr_t)registers(TYPE_NOTIFY) + offset) = queue;
}

static uint8_t interrupt_status(void)
{
    return *(volatile uint8_t *)registers(TYPE_ISR);
}

static void read_facts(struct net_facts *facts)
{
    volatile uint8_t *bytes = registers(TYPE_DEVICE);
    for (unsigned i = 0; i < 6; i++)
        facts->mac[i] = bytes[i];
    facts->features = offered();
    facts->link = *(volatile uint16_t *)(bytes + 6);
    if ((facts->features & FEATURE_MTU) != 0)
        facts->mtu = *(volatile uint16_t *)(bytes + 10);
}

bool net_find_modern(struct net_device *device)
{
    uint32_t identity = pci_read(PCI_IDENTITY), interrupt = pci_read(PCI_INTERRUPT);
    printl("pci identity=0x%x class=0x%x interrupt line=%u pin=%u", identity,
        pci_read(PCI_CLASS) >> 8, interrupt & 0xff, interrupt >> 8 & 0xff);
    if (identity != (PCI_DEVICE_NET << 16 | PCI_VENDOR_VIRTIO)) {
        failure("no virtio-net device");
        return false;
    }
    if (pci_read_at(1, PCI_IDENTITY) != UINT32_MAX) {
        failure("a second device");
        return false;
    }
    find_bar();
    if (!find_capabilities()) {
        failure("a capability is missing");
        return false;
    }
    virtio_common = registers(TYPE_COMMON);
    *device = (struct net_device){
        .header_size = 12,
        .interrupt_line = interrupt & 0xff,
        .begin = begin,
        .add_queue = add_queue,
        .finish = finish,
        .notify = notify,
        .interrupt_status = interrupt_status,
        .status = status,
        .set_status = set_status,
    };
    read_facts(&device->facts);
    return true;
}
