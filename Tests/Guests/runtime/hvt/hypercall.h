/* hypercall.h: every hypercall as an inline function.
 *
 * All of it works in ring 0 and in ring 3, which may use these ports here.
 * OUT fields are poisoned before the call, so that a tender which forgets one
 * is noticed.
 */
#ifndef GUEST_HYPERCALL_H
#define GUEST_HYPERCALL_H

#include <stdbool.h>

#include "hvt.h"
#include "ports.h"

/* What `result` holds when the tender did not answer. */
#define RESULT_UNANSWERED (-1)
#define UNANSWERED 0xdeadbeefdeadbeefULL

/* The call as the machine sees it: any number, any address. */
static inline void hypercall_at(unsigned number, uint64_t address)
{
    port_write_long((uint16_t)(HVT_HYPERCALL_PIO_BASE + number), (uint32_t)address);
}

static inline void hypercall(unsigned number, volatile void *argument)
{
    hypercall_at(number, (uintptr_t)argument);
}

static inline uint64_t hypercall_walltime(void)
{
    volatile struct hvt_walltime argument = {.nsecs = UNANSWERED};
    hypercall(HVT_HYPERCALL_WALLTIME, &argument);
    return argument.nsecs;
}

/* Addresses are integers in the calls below where hostile guests pass ones
 * that no pointer can have. */
static inline void hypercall_puts_at(uint64_t data, uint64_t len)
{
    volatile struct hvt_puts argument = {.data = data, .len = len};
    hypercall(HVT_HYPERCALL_PUTS, &argument);
}

static inline void hypercall_puts(const char *data, uint64_t len)
{
    hypercall_puts_at((uintptr_t)data, len);
}

static inline struct hvt_poll hypercall_poll(uint64_t timeout_nsecs)
{
    volatile struct hvt_poll argument = {
        .timeout_nsecs = timeout_nsecs,
        .ready_set = UNANSWERED,
        .result = RESULT_UNANSWERED,
    };
    hypercall(HVT_HYPERCALL_POLL, &argument);
    return argument;
}

static inline int32_t hypercall_block_at(
    unsigned number, uint64_t handle, uint64_t offset, uint64_t data, uint64_t len)
{
    volatile struct hvt_block_io argument = {
        .handle = handle,
        .offset = offset,
        .data = data,
        .len = len,
        .result = RESULT_UNANSWERED,
    };
    hypercall(number, &argument);
    return argument.result;
}

static inline int32_t hypercall_block_write(
    uint64_t handle, uint64_t offset, const void *data, uint64_t len)
{
    return hypercall_block_at(HVT_HYPERCALL_BLOCK_WRITE, handle, offset, (uintptr_t)data, len);
}

static inline int32_t hypercall_block_read(
    uint64_t handle, uint64_t offset, void *data, uint64_t len)
{
    return hypercall_block_at(HVT_HYPERCALL_BLOCK_READ, handle, offset, (uintptr_t)data, len);
}

static inline int32_t hypercall_net_at(
    unsigned number, uint64_t handle, uint64_t data, uint64_t *len)
{
    volatile struct hvt_net_io argument = {
        .handle = handle,
        .data = data,
        .len = *len,
        .result = RESULT_UNANSWERED,
    };
    hypercall(number, &argument);
    *len = argument.len;
    return argument.result;
}

static inline int32_t hypercall_net_write(uint64_t handle, const void *data, uint64_t len)
{
    return hypercall_net_at(HVT_HYPERCALL_NET_WRITE, handle, (uintptr_t)data, &len);
}

/* `len`: in, the room at `data`; out, the length of the frame. */
static inline int32_t hypercall_net_read(uint64_t handle, void *data, uint64_t *len)
{
    return hypercall_net_at(HVT_HYPERCALL_NET_READ, handle, (uintptr_t)data, len);
}

_Noreturn static inline void hypercall_halt(int32_t exit_status, uint64_t cookie)
{
    volatile struct hvt_halt argument = {.cookie = cookie, .exit_status = exit_status};
    for (;;)
        hypercall(HVT_HYPERCALL_HALT, &argument);
}

#endif
