/* guest.h: all that a test guest can use.
 *
 * A guest defines guest_main; the status that it returns is halted with.
 * Ring 0 runs through an instruction emulator on some machines (about 1 us for
 * each instruction, and no SSE): long loops belong into run_in_ring3.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdarg.h>

#include "hypercall.h"
#include "notes.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

int guest_main(const char *cmdline);

/* What the tender passed in RDI. */
extern const struct hvt_boot_info *boot_info;

/* The interrupt table that the guest was started with, as LIDT wants it.  It is
 * the runtime's own that handles exceptions, unless a guest goes back. */
extern const struct tender_idt_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed)) tender_idt_pointer;

/* Where the parts of this guest lie; from the linker script. */
extern char guest_text[], guest_rodata[], guest_data[], guest_bss[], guest_end[];

/* ---- console.c: each call is one PUTS ---- */

void print(const char *text);
/* One line: %s, %c, %d, %u, %x, %p, with `l` for 64 bits and a zero-padded
 * width (%02x).  What exceeds PRINT_LIMIT bytes is cut off. */
#define PRINT_LIMIT 512
__attribute__((format(printf, 1, 2))) void printl(const char *format, ...);
void vprintl(const char *prefix, const char *format, va_list arguments);

/* ---- outcome.c: how a guest says that it ends ---- */

/* Prints SUCCESS; returns HVT_EXIT_SUCCESS. */
int success(void);
/* Prints "FAILURE: ..."; returns HVT_EXIT_FAILURE. */
__attribute__((format(printf, 1, 2))) int failure(const char *format, ...);
/* Prints "survived" (and the hypercall's result); returns HVT_EXIT_SUCCESS. */
int survived(void);
int survived_with(int32_t result);

/* Returns from the function with a failure unless the condition holds. */
#define REQUIRE(condition, ...)              \
    do {                                     \
        if (!(condition))                    \
            return failure(__VA_ARGS__);     \
    } while (0)

/* ---- cases.c: guests that do one of many things ---- */

struct guest_case {
    const char *name;
    int (*run)(uint64_t argument);
    uint64_t argument;
};

/* Prints "case NAME" and runs the case that the first word names. */
int run_case(const struct guest_case *cases, size_t count, const char *cmdline);

/* ---- memory.c ---- */

/* The compiler emits calls of these. */
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *left, const void *right, size_t size);

size_t string_length(const char *text);
bool strings_equal(const char *left, const char *right);

/* ---- words.c: the command line ---- */

struct word {
    const char *start; /* NULL: there is none */
    size_t length;
};

/* Takes the next blank-separated word; false when there is none. */
bool next_word(const char **cursor, struct word *word);
bool word_is(struct word word, const char *text);
/* Decimal or 0x-hexadecimal, with an optional sign. */
bool word_number(struct word word, uint64_t *number);
/* VALUE of the first word "KEY=VALUE". */
struct word argument(const char *cmdline, const char *key);
uint64_t argument_number(const char *cmdline, const char *key, uint64_t otherwise);

/* ---- devices.c: the manifest ---- */

const struct manifest *device_manifest(void);
/* The handle of an attached device; the guest fails without it. */
uint64_t device_handle(const char *name, uint32_t type);
const struct manifest_entry *device_entry(uint64_t handle);

/* ---- clock.c ---- */

uint64_t cycles(void);
/* Monotonic, from an arbitrary start. */
uint64_t clock_nsecs(void);
uint64_t cycles_to_nsecs(uint64_t count);

/* ---- exception.c: anything unexpected aborts the guest with 255 ---- */

#define EXCEPTION_DIVIDE 0
#define EXCEPTION_INVALID_OPCODE 6
#define EXCEPTION_DOUBLE_FAULT 8
#define EXCEPTION_GENERAL_PROTECTION 13
#define EXCEPTION_PAGE_FAULT 14

/* From here on, the handlers that the guest was started with: the tender's. */
void use_tender_vectors(void);

struct fault {
    uint64_t vector;
    uint64_t error_code;
    uint64_t rip;
    uint64_t cr2;
};

/* Runs the function in ring 0; true and *fault if it raised an exception. */
bool probe(void (*function)(void *), void *argument, struct fault *fault);

/* ---- ring3.c ---- */

/* Runs the function in ring 3, on a stack of its own, where code is quick and
 * may use SSE; returns what it returned.  There the lowest 64 MiB and the
 * 2 MiB with the ring-0 stack are mapped, all of it writable. */
int run_in_ring3(int (*function)(const void *), const void *argument);

/* ---- address_space.c: page tables of the guest's own ---- */

/* For CR3.  What the tender's tables forbid, these do not. */
uint64_t address_space(void);
/* Maps one 2 MiB page in the lowest GiB. */
void address_space_map(uint64_t address, uint64_t physical);

static inline void load_address_space(uint64_t root)
{
    __asm__ volatile("mov %0, %%cr3" : : "r"(root) : "memory");
}

/* ---- responder.c: enough of a network stack for `ping` ---- */

#define FRAME_HEADER_SIZE 14

struct responder {
    uint8_t mac[6];
    uint8_t address[4]; /* IPv4 */
    uint64_t echoes;    /* answered so far */
};

/* Reads "10.0.0.2"; false if it is no address. */
bool responder_set_address(struct responder *responder, struct word text);
/* Turns an ARP or echo request for us into its answer, in place; returns the
 * answer's length, or 0 if the frame deserves none. */
uint64_t responder_answer(struct responder *responder, uint8_t *frame, uint64_t length);
/* Sum of 16-bit words in ones' complement (RFC 1071), inverted. */
unsigned internet_checksum(const uint8_t *bytes, uint64_t length);

/* Integers in network byte order. */
static inline unsigned load_16(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

static inline uint32_t load_32(const uint8_t *bytes)
{
    return (uint32_t)load_16(bytes) << 16 | load_16(bytes + 2);
}

static inline void store_16(uint8_t *bytes, unsigned value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static inline void store_32(uint8_t *bytes, uint32_t value)
{
    store_16(bytes, value >> 16);
    store_16(bytes + 2, value & 0xffff);
}

/* ---- benchmark.c ---- */

/* In ring 3: calls the function `count` times (from the command line, or a
 * default), and prints "NAME: N ns per call". */
int benchmark(const char *name, void (*call)(void), const char *cmdline);

#endif
