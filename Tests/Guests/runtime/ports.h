/* ports.h: port access. */
#ifndef GUEST_PORTS_H
#define GUEST_PORTS_H

#include <stdint.h>

static inline void port_write_byte(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "d"(port) : "memory");
}

static inline void port_write_word(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "d"(port) : "memory");
}

static inline void port_write_long(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "d"(port) : "memory");
}

static inline uint8_t port_read_byte(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "d"(port) : "memory");
    return value;
}

static inline uint16_t port_read_word(uint16_t port)
{
    uint16_t value;
    __asm__ volatile("inw %1, %0" : "=a"(value) : "d"(port) : "memory");
    return value;
}

static inline uint32_t port_read_long(uint16_t port)
{
    uint32_t value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "d"(port) : "memory");
    return value;
}

#endif
