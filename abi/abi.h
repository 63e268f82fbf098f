/* abi.h: what the headers beside this one share.
 *
 * All of them are freestanding C99, read by guests and by the tender alike.
 * Integers are little-endian, structs have natural alignment unless they are
 * marked as packed, and every size and offset that the other side relies on is
 * asserted.
 */
#ifndef PINNACE_ABI_H
#define PINNACE_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ABI_ASSERT(condition) static_assert(condition, #condition)
#else
/* An extension of both compilers in C99; __extension__ keeps -pedantic quiet. */
#define ABI_ASSERT(condition) __extension__ _Static_assert(condition, #condition)
#endif

#define ABI_SIZE(type, size) ABI_ASSERT(sizeof(type) == (size))
#define ABI_OFFSET(type, field, offset) ABI_ASSERT(offsetof(type, field) == (offset))

#endif
