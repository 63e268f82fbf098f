/* pci.h: the configuration space of 00:00.0, by the ports of mechanism 1. */
#ifndef HERMIT_PCI_H
#define HERMIT_PCI_H

#include "hermit_guest.h"

#define PCI_ADDRESS_PORT 0xcf8
#define PCI_DATA_PORT 0xcfc
#define PCI_ENABLE 0x80000000U

#define PCI_IDENTITY 0x00
#define PCI_COMMAND 0x04
#define PCI_CLASS 0x08
#define PCI_BAR0 0x10
#define PCI_BAR1 0x14
#define PCI_SUBSYSTEM 0x2c
#define PCI_CAPABILITIES 0x34
#define PCI_INTERRUPT 0x3c

#define PCI_VENDOR_VIRTIO 0x1af4
#define PCI_DEVICE_NET_LEGACY 0x1000
#define PCI_DEVICE_NET 0x1041

static inline uint32_t pci_read_at(uint32_t device, unsigned offset)
{
    port_write_long(PCI_ADDRESS_PORT, PCI_ENABLE | device << 11 | (offset & 0xfc));
    return port_read_long(PCI_DATA_PORT);
}

static inline uint32_t pci_read(unsigned offset)
{
    return pci_read_at(0, offset);
}

static inline void pci_write(unsigned offset, uint32_t value)
{
    port_write_long(PCI_ADDRESS_PORT, PCI_ENABLE | (offset & 0xfc));
    port_write_long(PCI_DATA_PORT, value);
}

#endif
