/* ports.h: what a hypercall is here.  The x86_64 ports of hypercalls, and of the
 * network ring's kick, stand for the addresses that are stored to instead. */
#ifndef GUEST_PORTS_H
#define GUEST_PORTS_H

#include "hvt.h"
#include "hvt_ring.h"

/* One plain store of 32 bits: others tell the tender's host nothing of what they
 * store. */
static inline void store_word(uint64_t address, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}

static inline void port_write_long(uint16_t port, uint32_t value)
{
    if (port == HVT_RING_KICK_PIO)
        store_word(HVT_RING_KICK_MMIO, value);
    else
        store_word(HVT_HYPERCALL_MMIO_BASE
                + (uint64_t)(port - HVT_HYPERCALL_PIO_BASE) * HVT_HYPERCALL_MMIO_STRIDE,
            value);
}

#endif
