/* hermit_guest.h: all that a Hermit test guest can use; what it has in common
 * with hvt guests is in guest.h.
 *
 * A guest defines guest_main; the status that it returns is its exit code.  All
 * of it runs in ring 0, on some machines through an emulator (about 1 us for
 * each instruction, general registers only): loops must be short.
 */
#ifndef HERMIT_GUEST_H
#define HERMIT_GUEST_H

#include "guest.h"
#include "hermit.h"
#include "linux_numbers.h"
#include "uhyve.h"

#define PAGE_SIZE 4096ULL
#define LARGE_PAGE_SIZE 0x200000ULL

/* ---- notes.c: what the notes of this image say ---- */

struct flavour {
    uint32_t entry;
    uint32_t interface; /* 1 if there is no note */
    uint32_t tag_minor; /* of Hermit 0.MINOR; 0 if there is no ABI tag */
};
extern const struct flavour flavour;

/* Whether the kernel would be one from before 0.10.0: all of the first GiB is
 * mapped, and the arguments come from hypercalls. */
bool is_legacy(void);

/* ---- enter.c ---- */

/* The layout of entry version 4, whatever the version. */
extern struct hermit_boot_info boot;

/* From the linker. */
extern const char __ehdr_start[], _end[];

/* ---- arguments.c ---- */

#define MOST_WORDS 160

struct words {
    unsigned count;
    const char *at[MOST_WORDS];
};
extern struct words kernel_words;   /* before "--"; with bootargs only */
extern struct words guest_words;    /* argv; with bootargs without a name */
extern struct words guest_variables; /* NAME=VALUE */

/* All words but the guest's own name and "--", with a blank between them: what
 * guest_main gets. */
extern const char *guest_cmdline;

/* ---- device_tree.c ---- */

/* The value of a property of the root ("") or of a node below it, whose name
 * may go on with "@...". */
const uint8_t *device_tree_property(const char *node, const char *property, uint32_t *length);
/* How many nodes there are below a node below the root, by the same names. */
unsigned device_tree_children(const char *node, const char *child);
/* The size that the tree's header tells; 0 if it is no tree. */
uint32_t device_tree_size(void);
uint32_t load_big_32(const uint8_t *bytes);
uint64_t load_big_64(const uint8_t *bytes);

/* ---- calls.c: files by any version of the interface ---- */

/* What a field holds that the tender must fill in. */
#define POISON 0x5a5a5a5a

/* In all of these a negative result is an error. */
int32_t file_open(const char *path, int32_t flags, int32_t mode);
int32_t file_close(int32_t fd);
int64_t file_read(int32_t fd, void *buffer, uint64_t length);
/* By version 1 the result is unknown; `length` is returned. */
int64_t file_write(int32_t fd, const void *data, uint64_t length);
/* By version 1 all errors are -1. */
int64_t file_seek(int32_t fd, int64_t offset, uint32_t whence);
int32_t file_unlink(const char *path);
void serial_write_byte(uint8_t byte);
void serial_write(const void *data, uint64_t length);

/* Version 3. */
int64_t file_entries(int32_t fd, void *buffer, uint64_t length);
int32_t file_stat(const char *path, uint32_t kind, struct uhyve_v3_attr *attr);
int32_t file_fstat(int32_t fd, struct uhyve_v3_attr *attr);
int32_t make_directory(const char *path);

/* ---- The calls as the machine sees them ---- */

/* Version 1: EAX is the argument, and RDI says nothing. */
static inline void call_v1(uint16_t port, uint64_t argument)
{
    __asm__ volatile("outl %0, %1"
        : : "a"((uint32_t)argument), "d"(port), "D"(0xbadbadbadbad0001) : "memory");
}

/* Versions 2 and 3: the other way round. */
static inline void call_v2(uint16_t port, uint64_t argument)
{
    __asm__ volatile("outl %0, %1" : : "a"(0x1234), "d"(port), "D"(argument) : "memory");
}

/* ---- paging.c ---- */

#define PAGE_PRESENT 0x1ULL
#define PAGE_WRITABLE 0x2ULL
#define PAGE_NO_CACHE 0x10ULL
#define PAGE_LARGE 0x80ULL
#define PAGE_ADDRESS 0x000ffffffffff000ULL

uint64_t page_table_root(void);
/* The entry that maps the address (`*level`: 1 for 4 KiB, 2 for 2 MiB, 3 for 1
 * GiB), or the first one on the way that maps nothing. */
uint64_t page_entry(uint64_t address, unsigned *level);
/* Where the tables lead; false if nowhere. */
bool translate(uint64_t address, uint64_t *physical);
/* Maps a page, of 4 KiB at level 1 and so on; makes tables if need be. */
void map_page(uint64_t address, uint64_t physical, unsigned level);
/* An entry of a table: level 4 is the root.  Makes tables above it. */
uint64_t *page_entry_slot(uint64_t address, unsigned level);

/* ---- interrupts.c ---- */

/* For vectors from 32 to 63. */
void interrupt_install(unsigned vector, void (*handler)(void));
void interrupts_load(void);
/* Back to the table that the guest was started with. */
void interrupts_unload(void);
/* Sleeps until an interrupt was handled. */
void wait_for_interrupt(void);

static inline void interrupts_off(void)
{
    __asm__ volatile("cli" : : : "memory");
}

static inline void interrupts_on(void)
{
    __asm__ volatile("sti" : : : "memory");
}

/* ---- cpus.c ---- */

#define MOST_CPUS 16

/* Lets the next CPU begin; what it runs first.  What others run is up to them. */
void cpu_release(void (*run)(unsigned cpu));
unsigned cpus_running(void);
/* What the CPU found in RDI and RSP. */
struct cpu_entry {
    uint64_t boot_info;
    uint64_t stack;
};
extern struct cpu_entry cpu_entries[MOST_CPUS];

static inline void pause_cpu(void)
{
    __asm__ volatile("pause" : : : "memory");
}

/* ---- The CPU ---- */

struct cpuid {
    uint32_t a, b, c, d;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid result;
    __asm__ volatile("cpuid"
        : "=a"(result.a), "=b"(result.b), "=c"(result.c), "=d"(result.d)
        : "a"(leaf), "c"(subleaf));
    return result;
}

static inline uint64_t msr_read(uint32_t number)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
    return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t number, uint64_t value)
{
    __asm__ volatile("wrmsr"
        : : "c"(number), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

static inline uint64_t time_stamp(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

/* Counts of the time stamp counter; good up to an hour. */
static inline uint64_t milliseconds(uint64_t count)
{
    return count * boot.cpu_frequency;
}

#endif
