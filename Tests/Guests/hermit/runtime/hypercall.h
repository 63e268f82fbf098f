/* hypercall.h: what ../../runtime calls instead of the hypercalls of hvt guests,
 * and port access.
 *
 * The Makefile includes it before anything else, and it has the guard of the
 * header whose place it takes.
 */
#ifndef GUEST_HYPERCALL_H
#define GUEST_HYPERCALL_H

/* One image is linked at a fixed address and, from the same objects, at any:
 * nothing but what says so can be replaced from outside. */
#pragma GCC visibility push(hidden)

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* HVT_EXIT_SUCCESS and so on: the statuses that outcome.c returns. */
#include "hvt.h"

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

/* calls.c: to descriptor 1, and the end of the guest. */
void console_write(const char *data, uint64_t length);
_Noreturn void guest_exit(int32_t code);

static inline void hypercall_puts(const char *data, uint64_t length)
{
    console_write(data, length);
}

_Noreturn static inline void hypercall_halt(int32_t code, uint64_t cookie)
{
    (void)cookie;
    guest_exit(code);
}

#endif
