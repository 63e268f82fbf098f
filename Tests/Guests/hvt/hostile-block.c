/* hostile-block: block hypercalls with handles, ranges and buffers that make
 * no sense, on the device "storage" with handle 1.
 *
 * Prints the result if it goes on afterwards.  A bad handle or range has to be
 * answered; a bad buffer may end the guest. */
#include "guest.h"

#define SECTOR 512
#define PAGE_TABLES 0x2000
#define LOW_PAGE 0x20000
#define HANDLE 1

static const uint8_t rodata[SECTOR];

static int read_to(uint64_t address)
{
    return survived_with(
        hypercall_block_at(HVT_HYPERCALL_BLOCK_READ, HANDLE, 0, address, SECTOR));
}

static int write_from(uint64_t address)
{
    return survived_with(
        hypercall_block_at(HVT_HYPERCALL_BLOCK_WRITE, HANDLE, 0, address, SECTOR));
}

static int run_read_from_end(uint64_t offset)
{
    return read_to(boot_info->mem_size + offset);
}

static int run_write_from_end(uint64_t offset)
{
    return write_from(boot_info->mem_size + offset);
}

static int run_handle(uint64_t handle)
{
    uint8_t buffer[SECTOR];
    int32_t write = hypercall_block_write(handle, 0, rodata, SECTOR);
    int32_t read = hypercall_block_read(handle, 0, buffer, SECTOR);
    printl("write=%d", write);
    return survived_with(read);
}

static int run_length(uint64_t length)
{
    uint8_t buffer[SECTOR];
    return survived_with(hypercall_block_read(HANDLE, 0, buffer, length));
}

/* A bad range is answered even if the buffer is bad, too. */
static int run_both_bad(uint64_t offset)
{
    return survived_with(hypercall_block_at(
        HVT_HYPERCALL_BLOCK_READ, HANDLE, offset, boot_info->mem_size, SECTOR));
}

/* What is read overwrites the argument, which the tender must not trust twice. */
static int run_read_over_struct(uint64_t number)
{
    static union {
        struct hvt_block_io argument;
        uint8_t room[SECTOR];
    } both;
    both.argument = (struct hvt_block_io){
        .handle = HANDLE,
        .data = (uintptr_t)&both,
        .len = SECTOR,
        .result = RESULT_UNANSWERED,
    };
    hypercall((unsigned)number, &both);
    return survived_with(*(volatile int32_t *)&both.argument.result);
}

static const struct guest_case cases[] = {
    {"handle-reserved", run_handle, 0},
    {"handle-2", run_handle, 2},
    {"handle-63", run_handle, 63},
    {"handle-64", run_handle, 64},
    {"handle-huge", run_handle, (1ULL << 32) + HANDLE},
    {"handle-all-ones", run_handle, UINT64_MAX},
    {"block-len-ssize", run_length, 1ULL << 63},
    {"block-len-all-ones", run_length, UINT64_MAX},
    {"block-offset-and-data-bad", run_both_bad, UINT64_MAX},
    {"block-data-bad", run_read_from_end, 0x100000},
    {"block-data-far", read_to, 1ULL << 63},
    {"block-data-wrap", read_to, UINT64_MAX - 15},
    {"block-data-straddles-end", run_read_from_end, (uint64_t)-256},
    {"block-write-data-bad", run_write_from_end, 0x100000},
    {"buffer-in-text", read_to, (uintptr_t)guest_text},
    {"buffer-in-rodata", read_to, (uintptr_t)rodata},
    {"buffer-low-zero", read_to, 0},
    {"buffer-low-pagetables", read_to, PAGE_TABLES},
    {"buffer-low-bootinfo", read_to, HVT_BOOT_INFO_BASE},
    {"buffer-low-page", read_to, LOW_PAGE},
    {"buffer-into-text", read_to, HVT_GUEST_MIN_BASE - SECTOR / 2},
    {"write-from-text", write_from, (uintptr_t)guest_text},
    {"write-from-pagetables", write_from, PAGE_TABLES},
    {"read-over-struct", run_read_over_struct, HVT_HYPERCALL_BLOCK_READ},
};

int guest_main(const char *cmdline)
{
    return run_case(cases, COUNT_OF(cases), cmdline);
}
