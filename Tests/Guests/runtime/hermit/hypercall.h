/* hypercall.h: what the shared runtime calls instead of the hypercalls of hvt
 * guests.
 *
 * The Makefile includes it before anything else.
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
#include "ports.h"

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
