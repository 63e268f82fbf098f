/* virtio_legacy.c: virtio 0.9.5 behind I/O ports, as drivers up to 2022 did it. */
#include "pci.h"
#include "virtio.h"

#define OFFERED 0
#define ACCEPTED 4
#define QUEUE_PAGE 8
#define QUEUE_SIZE 12
#define QUEUE_SELECTOR 14
#define NOTIFY 16
#define STATUS 18
#define ISR 19
#define CONFIGURATION 20

static uint16_t base;

static uint8_t status(void)
{
    return port_read_byte(base + STATUS);
}

static void set_status(uint8_t value)
{
    port_write_byte(base + STATUS, value);
}

static bool begin(struct net_device *device, uint64_t features)
{
    (void)device;
    set_status(0);
    if (status() != 0)
        return false;
    set_status(STATUS_ACKNOWLEDGE);
    set_status(STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    port_write_long(base + ACCEPTED, (uint32_t)features);
    return port_read_long(base + ACCEPTED) == (uint32_t)features;
}

/* Its size is the device's choice. */
static bool add_queue(struct virtqueue *queue)
{
    uint32_t page = (uint32_t)((uintptr_t)queue->descriptors / PAGE_SIZE);
    port_write_word(base + QUEUE_SELECTOR, queue->number);
    if (port_read_word(base + QUEUE_SIZE) != queue->size)
        return false;
    port_write_long(base + QUEUE_PAGE, page);
    return port_read_long(base + QUEUE_PAGE) == page;
}

static void finish(void)
{
    set_status(STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_DRIVER_OK);
}

static void notify(uint16_t queue)
{
    port_write_word(base + NOTIFY, queue);
}

static uint8_t interrupt_status(void)
{
    return port_read_byte(base + ISR);
}

static void read_facts(struct net_facts *facts)
{
    for (unsigned i = 0; i < 6; i++)
        facts->mac[i] = port_read_byte((uint16_t)(base + CONFIGURATION + i));
    facts->features = port_read_long(base + OFFERED);
    facts->link = port_read_word(base + CONFIGURATION + 6);
    if ((facts->features & FEATURE_MTU) != 0)
        facts->mtu = port_read_word(base + CONFIGURATION + 10);
}

bool net_find_legacy(struct net_device *device)
{
    uint32_t identity = pci_read(PCI_IDENTITY), interrupt = pci_read(PCI_INTERRUPT);
    uint32_t address = pci_read(PCI_BAR0);
    printl("pci identity=0x%x class=0x%x interrupt line=%u pin=%u bar=0x%x", identity,
        pci_read(PCI_CLASS) >> 8, interrupt & 0xff, interrupt >> 8 & 0xff, address);
    if (identity != (PCI_DEVICE_NET_LEGACY << 16 | PCI_VENDOR_VIRTIO) || (address & 1) == 0) {
        failure("no legacy virtio-net device");
        return false;
    }
    base = (uint16_t)(address & ~3U);
    *device = (struct net_device){
        .header_size = 10,
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
