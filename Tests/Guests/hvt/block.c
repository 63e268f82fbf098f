/* block: writes a pattern and reads it back, and tries the limits of the
 * device "storage".  Leaves the pattern in every sector that it wrote: each
 * aligned 64-bit word holds its own offset, xored with SALT. */
#include "guest.h"

#define SALT 0x5a17ed0ddba11ca7ULL
#define BUFFER_SIZE 65536
#define SECTORS 8
#define GUARD 0xee

static uint64_t words[BUFFER_SIZE / 8];
static uint8_t *const bytes = (uint8_t *)words;
static uint64_t handle, capacity, block_size;

static void fill(uint64_t offset, uint64_t size)
{
    for (uint64_t i = 0; i < size / 8; i++)
        words[i] = (offset + 8 * i) ^ SALT;
}

static bool is_filled(uint64_t offset, uint64_t size)
{
    for (uint64_t i = 0; i < size / 8; i++) {
        if (words[i] != ((offset + 8 * i) ^ SALT))
            return false;
    }
    return true;
}

static int check_transfer(uint64_t offset, uint64_t size)
{
    printl("transfer offset=%lu size=%lu", offset, size);
    fill(offset, size);
    int32_t result = hypercall_block_write(handle, offset, bytes, size);
    REQUIRE(result == HVT_RESULT_OK, "write result=%d", result);
    memset(bytes, GUARD, size + 8);
    result = hypercall_block_read(handle, offset, bytes, size);
    REQUIRE(result == HVT_RESULT_OK, "read result=%d", result);
    REQUIRE(is_filled(offset, size), "read something else");
    REQUIRE(bytes[size] == GUARD, "read too much");
    return HVT_EXIT_SUCCESS;
}

/* The tender knows bytes only; blocks are for the guest to keep to. */
static int check_unaligned(void)
{
    print("unaligned\n");
    fill(0, 2 * block_size);
    int32_t result = hypercall_block_write(handle, 3, bytes + 3, block_size + 5);
    REQUIRE(result == HVT_RESULT_OK, "write result=%d", result);
    memset(bytes, GUARD, 2 * block_size);
    result = hypercall_block_read(handle, 1, bytes + 1, 2 * block_size - 1);
    REQUIRE(result == HVT_RESULT_OK, "read result=%d", result);
    REQUIRE(bytes[0] == GUARD, "read too much");
    REQUIRE(bytes[1] == (uint8_t)(SALT >> 8), "read something else");
    return HVT_EXIT_SUCCESS;
}

static int check_limit(const char *what, uint64_t offset, uint64_t size, int32_t expected)
{
    bytes[0] = GUARD;
    int32_t write = hypercall_block_write(handle, offset, bytes, size);
    int32_t read = hypercall_block_read(handle, offset, bytes, size);
    printl("%s offset=%lu size=%lu write=%d read=%d", what, offset, size, write, read);
    REQUIRE(write == expected && read == expected, "%s: not %d", what, expected);
    REQUIRE(bytes[0] == GUARD, "%s: read into the buffer", what);
    return HVT_EXIT_SUCCESS;
}

static const struct {
    const char *what;
    /* Relative to the capacity, or to 0. */
    bool from_capacity;
    int64_t offset;
    uint64_t size;
    int32_t expected;
} limits[] = {
    {"nothing at the start", false, 0, 0, HVT_RESULT_OK},
    {"nothing at the last byte", true, -1, 0, HVT_RESULT_OK},
    {"nothing at the end", true, 0, 0, HVT_RESULT_INVALID},
    {"at the end", true, 0, 512, HVT_RESULT_INVALID},
    {"one byte past the end", true, -511, 512, HVT_RESULT_INVALID},
    {"beyond the end", true, 4096, 512, HVT_RESULT_INVALID},
    {"offset overflows with size", false, -512, 512, HVT_RESULT_INVALID},
    {"offset overflows past 0", false, -512, 1024, HVT_RESULT_INVALID},
    {"size beyond SSIZE_MAX", false, 0, 1ULL << 63, HVT_RESULT_INVALID},
    {"size of all ones", false, 512, UINT64_MAX, HVT_RESULT_INVALID},
};

static int check_limits(void)
{
    for (unsigned i = 0; i < COUNT_OF(limits); i++) {
        uint64_t offset = (uint64_t)limits[i].offset + (limits[i].from_capacity ? capacity : 0);
        if (check_limit(limits[i].what, offset, limits[i].size, limits[i].expected) != 0)
            return HVT_EXIT_FAILURE;
    }
    return HVT_EXIT_SUCCESS;
}

static int check(const void *unused)
{
    (void)unused;
    uint64_t several = SECTORS * block_size;
    if (several > capacity || several > BUFFER_SIZE / 2)
        several = block_size;
    if (check_transfer(0, block_size) != 0
        || check_transfer(capacity - block_size, block_size) != 0
        || check_transfer(capacity - several, several) != 0
        || check_transfer(0, several) != 0)
        return HVT_EXIT_FAILURE;
    if (capacity >= 2 * block_size && check_unaligned() != 0)
        return HVT_EXIT_FAILURE;
    return check_limits() == 0 ? success() : HVT_EXIT_FAILURE;
}

int guest_main(const char *cmdline)
{
    handle = device_handle("storage", MANIFEST_BLOCK_BASIC);
    capacity = device_entry(handle)->device.block.capacity;
    block_size = device_entry(handle)->device.block.block_size;
    printl("storage handle=%lu capacity=%lu block_size=%lu", handle, capacity, block_size);
    REQUIRE(block_size >= 512 && block_size <= BUFFER_SIZE / 2, "block size");
    REQUIRE(capacity >= block_size && capacity % block_size == 0, "capacity");
    return run_in_ring3(check, cmdline);
}
