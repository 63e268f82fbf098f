/* registers.c: the device's registers, used in ways that no driver would. */
#include "hostile_net.h"

/* ---- Queues ---- */

int run_queue_size(uint64_t size)
{
    if (begin() != HVT_EXIT_SUCCESS || !device.add_queue(&receive))
        return failure("begin");
    virtio_common->queue_selector = QUEUE_TRANSMIT;
    virtio_common->queue_size = (uint16_t)size;
    virtio_common->descriptors = (uintptr_t)transmit.descriptors;
    virtio_common->available = (uintptr_t)transmit.available;
    virtio_common->used = (uintptr_t)transmit.used;
    virtio_common->queue_enable = 1;
    device.finish();
    device.notify(QUEUE_TRANSMIT);
    needs_reset();
    return survived_reset();
}

/* One of the three parts, beyond memory, across its end, wrapping or unaligned. */
int run_queue_place(uint64_t which)
{
    uint64_t places[] = {boot.ram_end, boot.ram_end - 4, UINT64_MAX - 15, boot.image_start + 1};
    if (begin() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    uint64_t place = which == 12 ? (uintptr_t)transmit.descriptors : places[which % 4];
    /* The straddling ones must be aligned as they should be. */
    if (which == 1)
        place = boot.ram_end - 16;
    if (which / 4 == 0)
        transmit.descriptors = (volatile struct descriptor *)place;
    else if (which / 4 == 1)
        transmit.available = (volatile struct available_ring *)place;
    else
        transmit.used = (volatile struct used_ring *)place;
    REQUIRE(device.add_queue(&receive) && device.add_queue(&transmit), "queues");
    device.finish();
    device.notify(QUEUE_TRANSMIT);
    return broken();
}

/* ---- Status and features ---- */

/* From the very beginning. */
int run_steps(uint64_t status)
{
    device.set_status(0);
    device.set_status((uint8_t)status);
    printl("status 0x%x after 0x%lx", device.status(), status);
    device.set_status(STATUS_ACKNOWLEDGE);
    device.notify(QUEUE_TRANSMIT);
    return survived_reset();
}

int run_features(uint64_t features)
{
    REQUIRE(!device.begin(&device, features), "such features were accepted");
    REQUIRE((device.status() & STATUS_DRIVER_OK) == 0, "status");
    return survived_reset();
}

/* What was agreed upon stays. */
int run_late_writes(uint64_t argument)
{
    (void)argument;
    if (begin() != HVT_EXIT_SUCCESS || finish() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    virtio_common->queue_selector = QUEUE_TRANSMIT;
    virtio_common->queue_size = 128;
    virtio_common->descriptors = boot.ram_end;
    virtio_common->available = boot.ram_end;
    virtio_common->used = boot.ram_end;
    virtio_common->queue_enable = 0;
    virtio_common->accepted_selector = 0;
    virtio_common->accepted = UINT32_MAX;
    REQUIRE(virtio_common->queue_size == QUEUE_SIZE, "the size has changed");
    describe_frame(0);
    queue_offer(&transmit, 0);
    device.notify(QUEUE_TRANSMIT);
    REQUIRE(!needs_reset(), "it is broken");
    REQUIRE(queue_has_used(&transmit), "the frame was not sent");
    return survived_reset();
}

int run_no_queues(uint64_t argument)
{
    (void)argument;
    if (begin() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    device.finish();
    device.notify(QUEUE_TRANSMIT);
    device.notify(QUEUE_RECEIVE);
    needs_reset();
    return survived_reset();
}

int run_resets(uint64_t argument)
{
    (void)argument;
    for (unsigned i = 0; i < 10; i++) {
        if (begin() != HVT_EXIT_SUCCESS || finish() != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
        describe_frame(0);
        queue_offer(&transmit, 0);
        device.notify(QUEUE_TRANSMIT);
        device.set_status(0);
    }
    return survived_reset();
}

/* ---- Notifications ---- */

int run_early_notify(uint64_t argument)
{
    (void)argument;
    device.set_status(0);
    for (uint16_t queue = 0; queue < 4; queue++)
        device.notify(queue);
    if (begin() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    device.notify(QUEUE_TRANSMIT);
    return survived_reset();
}

/* Of queues that there are not, and in all widths. */
int run_odd_notify(uint64_t argument)
{
    volatile uint8_t *base;
    (void)argument;
    if (begin() != HVT_EXIT_SUCCESS || finish() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    base = (volatile uint8_t *)((uintptr_t)virtio_common & ~0xffULL) + 0xd0;
    for (unsigned offset = 0; offset < 8; offset++) {
        base[offset] = 0xff;
        *(volatile uint16_t *)(base + offset) = 0xffff;
        *(volatile uint32_t *)(base + offset) = UINT32_MAX;
    }
    *(volatile uint64_t *)base = UINT64_MAX;
    REQUIRE(!needs_reset(), "it is broken");
    return survived_reset();
}

/* ---- Configuration space, BAR, ports ---- */

/* Whatever is written there. */
int run_configuration(uint64_t argument)
{
    uint32_t bar = pci_read(PCI_BAR0);
    (void)argument;
    for (unsigned offset = 0; offset < 256; offset += 4) {
        uint32_t before = pci_read(offset);
        pci_write(offset, UINT32_MAX);
        pci_write(offset, 0);
        pci_write(offset, before);
    }
    pci_write(PCI_BAR0, 0xd0000000);
    pci_write(PCI_BAR0, bar);
    REQUIRE(pci_read(PCI_BAR0) == bar, "the BAR is 0x%x", pci_read(PCI_BAR0));
    REQUIRE(pci_read(PCI_IDENTITY) == (PCI_DEVICE_NET << 16 | PCI_VENDOR_VIRTIO), "identity");
    return survived_reset();
}

static volatile uint8_t *bar_end(void)
{
    return (volatile uint8_t *)((uintptr_t)virtio_common & ~0xffULL) + LARGE_PAGE_SIZE;
}

/* In all widths, aligned or not, up to the last byte. */
int run_bar_reads(uint64_t argument)
{
    volatile uint8_t *start = (volatile uint8_t *)((uintptr_t)virtio_common & ~0xffULL);
    uint64_t sum = 0;
    (void)argument;
    for (unsigned offset = 0; offset < 0x104; offset += 3) {
        sum += start[offset] + *(volatile uint16_t *)(start + offset);
        sum += *(volatile uint32_t *)(start + offset) + *(volatile uint64_t *)(start + offset);
    }
    sum += bar_end()[-1] + *(volatile uint64_t *)(bar_end() - 8);
    printl("read something: %s", sum > 0 ? "yes" : "no");
    return survived_reset();
}

int run_bar_writes(uint64_t argument)
{
    volatile uint8_t *start = (volatile uint8_t *)((uintptr_t)virtio_common & ~0xffULL);
    (void)argument;
    for (unsigned offset = 0; offset < 0x104; offset += 3) {
        start[offset] = 0xff;
        *(volatile uint16_t *)(start + offset) = 0xa5a5;
        *(volatile uint32_t *)(start + offset) = UINT32_MAX;
        *(volatile uint64_t *)(start + offset) = 0x123456789abcdef0;
    }
    bar_end()[-1] = 0xff;
    return survived_reset();
}

/* Configuration mechanism 1 in all widths and beside the register. */
int run_ports(uint64_t argument)
{
    uint32_t sum = 0;
    (void)argument;
    for (unsigned port = PCI_ADDRESS_PORT; port < PCI_ADDRESS_PORT + 8; port++) {
        port_write_byte((uint16_t)port, 0x80);
        port_write_word((uint16_t)port, 0xfffe);
        port_write_long((uint16_t)port, 0xfffffffe);
        sum += port_read_byte((uint16_t)port) + port_read_word((uint16_t)port)
            + port_read_long((uint16_t)port);
    }
    printl("read something: %s", sum > 0 ? "yes" : "no");
    REQUIRE(pci_read(PCI_IDENTITY) == (PCI_DEVICE_NET << 16 | PCI_VENDOR_VIRTIO), "identity");
    return survived_reset();
}
