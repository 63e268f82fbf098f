/* places.c: wrong addresses, and what else many cases need. */
#include "hostile.h"

#define FAR_32 0xfffff000ULL
#define FAR_64 (1ULL << 40)
/* Its low half is nothing, either. */
#define NOT_CANONICAL_ADDRESS 0x00008000fffff000ULL

const struct choice places[PLACE_COUNT] = {
    {"beyond", V123, BEYOND},
    {"straddle", V123, STRADDLE},
    {"far", V123, FAR},
    {"wrap", V123, WRAP},
    {"below", V23, BELOW},
    {"not-canonical", V123, NOT_CANONICAL},
};

uint64_t address_of(enum place place)
{
    switch (place) {
    case BEYOND:
        return boot.ram_end;
    case STRADDLE:
        return boot.ram_end - STRADDLE_BYTES;
    case FAR: /* The arguments of version 1 have 32 bits. */
        return flavour.interface == UHYVE_INTERFACE_1 ? FAR_32 : FAR_64;
    case WRAP:
        return UINT64_MAX - 2;
    case BELOW:
        return PAGE_SIZE;
    case NOT_CANONICAL:
        return NOT_CANONICAL_ADDRESS;
    }
    return 0;
}

uint8_t *end_of_memory(uint64_t count)
{
    uint64_t last_page = boot.ram_end - LARGE_PAGE_SIZE, physical;
    if (!translate(boot.ram_end - 1, &physical))
        map_page(last_page, last_page, 2);
    return (uint8_t *)(boot.ram_end - count);
}

const char *known_file(void)
{
    return is_legacy() ? "inside" : "/root/inside";
}

const char *spoiled_file(void)
{
    return is_legacy() ? "spoiled" : "/root/spoiled";
}

int32_t open_known(void)
{
    int32_t fd = file_open(known_file(), O_RDONLY, 0);
    if (fd < 3)
        guest_exit(failure("%s: result=%d", known_file(), fd));
    return fd;
}

int survived_call(int64_t result)
{
    printl("survived result=%ld", result);
    return HVT_EXIT_SUCCESS;
}

int failed_call(int64_t result)
{
    REQUIRE(result < 0, "result=%ld", result);
    return survived_call(result);
}
