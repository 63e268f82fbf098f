/* hostile-devices: network hypercalls with handles and buffers that make no
 * sense, and handles of the wrong type; "service" is 1, "storage" is 2.
 *
 * Prints the result if it goes on afterwards.  A bad handle has to be answered;
 * a bad buffer may end the guest. */
#include "guest.h"

#define SIZE 64
#define PAGE_TABLES 0x2000
#define NET_HANDLE 1
#define BLOCK_HANDLE 2

static uint8_t buffer[512];
static const uint8_t rodata[SIZE];

static int net_at(unsigned number, uint64_t address, uint64_t length)
{
    return survived_with(hypercall_net_at(number, NET_HANDLE, address, &length));
}

static int run_read_to(uint64_t address)
{
    return net_at(HVT_HYPERCALL_NET_READ, address, SIZE);
}

static int run_read_from_end(uint64_t offset)
{
    return run_read_to(boot_info->mem_size + offset);
}

static int run_read_length(uint64_t length)
{
    return net_at(HVT_HYPERCALL_NET_READ, (uintptr_t)buffer, length);
}

static int run_write_from(uint64_t address)
{
    return net_at(HVT_HYPERCALL_NET_WRITE, address, SIZE);
}

static int run_write_from_end(uint64_t offset)
{
    return run_write_from(boot_info->mem_size + offset);
}

static int run_write_length(uint64_t length)
{
    return net_at(HVT_HYPERCALL_NET_WRITE, (uintptr_t)buffer, length);
}

static int run_net_handle(uint64_t handle)
{
    uint64_t length = SIZE;
    int32_t write = hypercall_net_write(handle, buffer, SIZE);
    int32_t read = hypercall_net_read(handle, buffer, &length);
    printl("write=%d length=%lu", write, length);
    return survived_with(read);
}

static int run_block_handle(uint64_t handle)
{
    int32_t write = hypercall_block_write(handle, 0, buffer, sizeof(buffer));
    int32_t read = hypercall_block_read(handle, 0, buffer, sizeof(buffer));
    printl("write=%d", write);
    return survived_with(read);
}

static const struct guest_case cases[] = {
    {"handle-reserved", run_net_handle, 0},
    {"handle-3", run_net_handle, 3},
    {"handle-64", run_net_handle, 64},
    {"handle-huge", run_net_handle, (1ULL << 32) + NET_HANDLE},
    {"handle-all-ones", run_net_handle, UINT64_MAX},
    {"handle-wrong-type-net", run_net_handle, BLOCK_HANDLE},
    {"handle-wrong-type-block", run_block_handle, NET_HANDLE},
    {"net-data-bad", run_read_from_end, 0x100000},
    {"net-data-at-end", run_read_from_end, 0},
    {"net-data-straddles-end", run_read_from_end, (uint64_t)-32},
    {"net-write-data-bad", run_write_from_end, 0x100000},
    {"net-write-data-straddles-end", run_write_from_end, (uint64_t)-32},
    {"net-len-huge", run_read_length, 1ULL << 40},
    {"net-len-all-ones", run_read_length, UINT64_MAX},
    {"net-write-len-huge", run_write_length, 1ULL << 40},
    {"net-write-len-all-ones", run_write_length, UINT64_MAX},
    {"buffer-in-text", run_read_to, (uintptr_t)guest_text},
    {"buffer-in-rodata", run_read_to, (uintptr_t)rodata},
    {"buffer-low-zero", run_read_to, 0},
    {"buffer-low-pagetables", run_read_to, PAGE_TABLES},
    {"buffer-low-bootinfo", run_read_to, HVT_BOOT_INFO_BASE},
    {"write-from-pagetables", run_write_from, PAGE_TABLES},
};

int guest_main(const char *cmdline)
{
    return run_case(cases, COUNT_OF(cases), cmdline);
}
