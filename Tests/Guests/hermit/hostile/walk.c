/* walk.c: page tables that lead astray, for buffers of version 1; and the
 * addresses of version 1's Cmdval. */
#include "hostile.h"

/* In a root entry that is not used otherwise. */
#define WINDOW 0x6f0000000000ULL
#define LENGTH 64
#define ENTRY (PAGE_PRESENT | PAGE_WRITABLE)

enum call { READ, WRITE };
enum defect {
    NOT_MAPPED, ROOT_OUTSIDE, POINTERS_OUTSIDE, DIRECTORY_OUTSIDE, PAGE_OUTSIDE, LARGE_OUTSIDE,
    HUGE_OUTSIDE, LAST_BYTES, ALL_ONES, LARGE_ROOT, LOOP, TABLE_AT_END,
};

/* Sets the entry at one level and makes whatever tables it takes to get there. */
static uint64_t set(unsigned level, uint64_t entry)
{
    *page_entry_slot(WINDOW, level) = entry;
    return WINDOW;
}

static uint64_t spoil(enum defect defect)
{
    uint64_t outside = boot.ram_end, far = PAGE_ADDRESS;
    *page_entry_slot(WINDOW, 4) = 0;
    switch (defect) {
    case NOT_MAPPED:
        return WINDOW;
    case ROOT_OUTSIDE:
        return set(4, outside | ENTRY);
    case POINTERS_OUTSIDE:
        return set(3, far | ENTRY);
    case DIRECTORY_OUTSIDE:
        return set(2, outside | ENTRY);
    case PAGE_OUTSIDE:
        return set(1, outside | ENTRY);
    case LARGE_OUTSIDE:
        return set(2, outside | ENTRY | PAGE_LARGE);
    case HUGE_OUTSIDE:
        return set(3, (far & ~0x3fffffffULL) | ENTRY | PAGE_LARGE) + 0x3ffffff0;
    case LAST_BYTES: /* of memory, and the next page does not follow. */
        return set(1, (boot.ram_end - PAGE_SIZE) | ENTRY) + PAGE_SIZE - 8;
    case ALL_ONES:
        return set(3, UINT64_MAX);
    case LARGE_ROOT: /* There are no pages of 512 GiB. */
        return set(4, ENTRY | PAGE_LARGE);
    case LOOP: /* The root is a table of every level. */
        return set(4, page_table_root() | ENTRY);
    case TABLE_AT_END:
        return set(4, (boot.ram_end - PAGE_SIZE) | ENTRY);
    }
    return WINDOW;
}

static int run_walk(uint64_t call, uint64_t defect)
{
    int64_t result = 0;
    uint64_t address = spoil((enum defect)defect);
    int32_t fd = open_known();
    /* The loop ends in tables that are still needed, so it is only read from. */
    if (call == READ && defect != LOOP)
        result = file_read(fd, (void *)address, LENGTH);
    else
        file_write(1, (const void *)address, LENGTH);
    file_close(fd);
    *page_entry_slot(WINDOW, 4) = 0;
    if (call == READ && defect == LAST_BYTES)
        REQUIRE(result == -EFAULT || (result > 0 && result <= 8), "result=%ld", result);
    else if (call == READ && defect != LOOP)
        REQUIRE(result == -EFAULT, "result=%ld", result);
    return survived_call(result);
}

static const struct choice calls[] = {{"read", V1, READ}, {"write", V1, WRITE}};
static const struct choice defects[] = {
    {"not-mapped", V1, NOT_MAPPED},
    {"root-outside", V1, ROOT_OUTSIDE},
    {"pointers-outside", V1, POINTERS_OUTSIDE},
    {"directory-outside", V1, DIRECTORY_OUTSIDE},
    {"page-outside", V1, PAGE_OUTSIDE},
    {"large-outside", V1, LARGE_OUTSIDE},
    {"huge-outside", V1, HUGE_OUTSIDE},
    {"last-bytes", V1, LAST_BYTES},
    {"all-ones", V1, ALL_ONES},
    {"large-root", V1, LARGE_ROOT},
    {"loop", V1, LOOP},
    {"table-at-end", V1, TABLE_AT_END},
};

const struct subject walk_subject = {
    .name = "walk",
    .outcome = SURVIVES,
    .run = run_walk,
    .calls = calls,
    .call_count = COUNT_OF(calls),
    .defects = defects,
    .defect_count = COUNT_OF(defects),
};

/* ---- Cmdval: vectors of addresses, and addresses in them ---- */

enum { ARGUMENTS, VARIABLES, FIRST_ARGUMENT, FIRST_VARIABLE };

static int run_values(uint64_t which, uint64_t place)
{
    static char room[4096];
    static uint64_t vectors[2][UHYVE_V1_MOST_ARGUMENTS];
    volatile struct uhyve_v1_cmdval argument = {
        .argv = (uintptr_t)vectors[0], .envp = (uintptr_t)vectors[1]};
    for (size_t i = 0; i < UHYVE_V1_MOST_ARGUMENTS; i++)
        vectors[0][i] = vectors[1][i] = (uintptr_t)room;
    uint64_t bad = address_of((enum place)place);
    if (which == ARGUMENTS)
        argument.argv = bad;
    else if (which == VARIABLES)
        argument.envp = bad;
    else
        vectors[which - FIRST_ARGUMENT][0] = bad;
    call_v1(UHYVE_V1_CMDVAL, (uintptr_t)&argument);
    return survived_call(0);
}

static const struct choice vectors[] = {
    {"arguments", V1, ARGUMENTS},
    {"variables", V1, VARIABLES},
    {"first-argument", V1, FIRST_ARGUMENT},
    {"first-variable", V1, FIRST_VARIABLE},
};

const struct subject values_subject = {
    .name = "values",
    .outcome = EITHER,
    .run = run_values,
    .calls = vectors,
    .call_count = COUNT_OF(vectors),
    .defects = places,
    .defect_count = PLACE_COUNT,
};
