/* hvt.h: the contract between an hvt guest and its tender.
 *
 * A guest is one statically linked ELF executable that runs in one virtual
 * machine with one vCPU, no interrupts, and memory from address 0 that is
 * mapped where it is (virtual address = physical address).  It asks for
 * everything else by hypercall.
 *
 * ABI version 1 (guests of 2019 to 2022) and version 2 (since 2023) differ in
 * how guests lay out their ELF segments, and in nothing that is said here:
 * the fields after boot_info.manifest came later, within version 2.
 */
#ifndef PINNACE_ABI_HVT_H
#define PINNACE_ABI_HVT_H

#include "abi.h"

#define HVT_ABI_VERSION_1 1
#define HVT_ABI_VERSION_2 2

/* Memory.  The lowest address that a guest may be linked at; below it the
 * tender keeps what the machine needs to start. */
#define HVT_GUEST_MIN_BASE 0x100000
/* Where the boot information lies; its address is also the first argument
 * (RDI on x86_64, X0 on aarch64) of the guest's entry point. */
#define HVT_BOOT_INFO_BASE 0x10000
/* The most memory that a guest can have. */
#define HVT_MAX_MEMORY 0x100000000ULL
/* Bytes kept for the command line, its final NUL included. */
#define HVT_CMDLINE_SIZE 8192

/* ---- Hypercalls ----
 *
 * Hypercall n is a 32-bit store of the address of its argument:
 *   x86_64:  OUT to port HVT_HYPERCALL_PIO_BASE + n
 *   aarch64: store to HVT_HYPERCALL_MMIO_BASE + 8 * n
 * The argument is one of the structs below, anywhere in memory below 4 GiB.
 * Fields marked OUT are written by the tender.
 */
#define HVT_HYPERCALL_PIO_BASE 0x500
#define HVT_HYPERCALL_MMIO_BASE 0x100000000ULL
#define HVT_HYPERCALL_MMIO_STRIDE 8

#define HVT_HYPERCALL_WALLTIME 1
#define HVT_HYPERCALL_PUTS 2
#define HVT_HYPERCALL_POLL 3
#define HVT_HYPERCALL_BLOCK_WRITE 4
#define HVT_HYPERCALL_BLOCK_READ 5
#define HVT_HYPERCALL_NET_WRITE 6
#define HVT_HYPERCALL_NET_READ 7
#define HVT_HYPERCALL_HALT 8
/* One more than the highest hypercall number. */
#define HVT_HYPERCALL_COUNT 9

/* What a hypercall's `result` says. */
#define HVT_RESULT_OK 0
#define HVT_RESULT_AGAIN 1        /* nothing to read now; not an error */
#define HVT_RESULT_INVALID 2      /* the arguments make no sense */
#define HVT_RESULT_UNSPECIFIED 3  /* it failed for a reason of the host's */

/* WALLTIME: the time of day. */
struct hvt_walltime {
    uint64_t nsecs; /* OUT: nanoseconds since the Unix epoch */
};
ABI_SIZE(struct hvt_walltime, 8);

/* PUTS: bytes for the console. */
struct hvt_puts {
    uint64_t data; /* address of the bytes */
    uint64_t len;
};
ABI_SIZE(struct hvt_puts, 16);
ABI_OFFSET(struct hvt_puts, len, 8);

/* POLL: waits until a network device has a frame, or until time has passed.
 * A bit in ready_set promises that the next NET_READ finds a frame. */
struct hvt_poll {
    uint64_t timeout_nsecs;
    uint64_t ready_set; /* OUT: bit h set: the device with handle h is readable */
    int32_t result;     /* OUT: how many bits are set in ready_set */
    uint32_t reserved;
};
ABI_SIZE(struct hvt_poll, 24);
#define HVT_POLL_READY_SET_OFFSET 8
#define HVT_POLL_RESULT_OFFSET 16
ABI_OFFSET(struct hvt_poll, ready_set, HVT_POLL_READY_SET_OFFSET);
ABI_OFFSET(struct hvt_poll, result, HVT_POLL_RESULT_OFFSET);

/* BLOCK_WRITE and BLOCK_READ.  A handle, here and below, is the device's
 * index in the application manifest. */
struct hvt_block_io {
    uint64_t handle;
    uint64_t offset; /* in bytes from the start of the device */
    uint64_t data;   /* address of the bytes */
    uint64_t len;    /* in bytes */
    int32_t result;  /* OUT: HVT_RESULT_* */
    uint32_t reserved;
};
ABI_SIZE(struct hvt_block_io, 40);
ABI_OFFSET(struct hvt_block_io, offset, 8);
ABI_OFFSET(struct hvt_block_io, data, 16);
ABI_OFFSET(struct hvt_block_io, len, 24);
#define HVT_BLOCK_IO_RESULT_OFFSET 32
ABI_OFFSET(struct hvt_block_io, result, HVT_BLOCK_IO_RESULT_OFFSET);

/* NET_WRITE and NET_READ: one Ethernet frame without its checksum. */
struct hvt_net_io {
    uint64_t handle;
    uint64_t data;  /* address of the frame, or of the buffer for one */
    uint64_t len;   /* in bytes; NET_READ, OUT: the frame's length */
    int32_t result; /* OUT: HVT_RESULT_* */
    uint32_t reserved;
};
ABI_SIZE(struct hvt_net_io, 32);
ABI_OFFSET(struct hvt_net_io, data, 8);
#define HVT_NET_IO_LEN_OFFSET 16
#define HVT_NET_IO_RESULT_OFFSET 24
ABI_OFFSET(struct hvt_net_io, len, HVT_NET_IO_LEN_OFFSET);
ABI_OFFSET(struct hvt_net_io, result, HVT_NET_IO_RESULT_OFFSET);

/* HALT: the guest has ended; it does not run again. */
struct hvt_halt {
    uint64_t cookie;     /* address of HVT_HALT_COOKIE_SIZE bytes, or 0 */
    int32_t exit_status; /* the low 8 bits become the tender's status */
    uint32_t reserved;
};
ABI_SIZE(struct hvt_halt, 16);
ABI_OFFSET(struct hvt_halt, exit_status, 8);

#define HVT_HALT_COOKIE_SIZE 512

#define HVT_EXIT_SUCCESS 0
#define HVT_EXIT_FAILURE 1
#define HVT_EXIT_ABORT 255 /* the guest trapped, or gave up */

/* What the halt cookie of an x86_64 guest points to after a trap. */
struct hvt_x86_trap {
    uint64_t cr2;
    uint64_t error_code;
    uint64_t rip;
    uint64_t cs;
    uint64_t rflags;
    uint64_t rsp;
    uint64_t ss;
};
ABI_SIZE(struct hvt_x86_trap, 56);

/* ---- Boot information ---- */

/* host_features: the shared ring of hvt_ring.h is offered. */
#define HVT_FEATURE_NET_RING (1u << 0)

struct hvt_boot_info {
    uint64_t mem_size;       /* bytes of memory, from address 0 */
    uint64_t kernel_end;     /* end of the last loaded segment */
    uint64_t cpu_cycle_freq; /* of the time stamp counter, in Hz */
    uint64_t cmdline;        /* address of a NUL-terminated string */
    uint64_t manifest;       /* address of a struct manifest (notes.h) */
    /* The rest is not known to guests built before 2026: a guest takes the
     * ring only if the bit in host_features is set and net_ring is not 0. */
    uint32_t host_features;
    uint32_t guest_features; /* always 0: a guest cannot write to this page */
    uint64_t net_ring;       /* address of a struct hvt_ring, or 0 */
};
ABI_SIZE(struct hvt_boot_info, 56);
ABI_OFFSET(struct hvt_boot_info, kernel_end, 8);
ABI_OFFSET(struct hvt_boot_info, cpu_cycle_freq, 16);
ABI_OFFSET(struct hvt_boot_info, cmdline, 24);
ABI_OFFSET(struct hvt_boot_info, manifest, 32);
ABI_OFFSET(struct hvt_boot_info, host_features, 40);
ABI_OFFSET(struct hvt_boot_info, guest_features, 44);
ABI_OFFSET(struct hvt_boot_info, net_ring, 48);

#endif
