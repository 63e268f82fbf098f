/* page_tables.c: what is mapped, and how. */
#include "boot.h"

#define GIB 0x40000000ULL
#define RECURSIVE_SLOT 511
#define RECURSIVE_TABLE 0xfffffffffffff000ULL
/* Of an entry, the CPU's own marks aside. */
#define FLAGS 0xfff0000000000f9fULL

static int check_mapped(uint64_t address, const char *what)
{
    unsigned level;
    uint64_t entry = page_entry(address, &level), physical;
    REQUIRE(translate(address, &physical), "%s, 0x%lx, is not mapped", what, address);
    REQUIRE(physical == address, "%s, 0x%lx, is mapped to 0x%lx", what, address, physical);
    REQUIRE(level == 2 && (entry & FLAGS) == (PAGE_PRESENT | PAGE_WRITABLE | PAGE_LARGE),
        "%s, 0x%lx, has entry 0x%lx at level %u", what, address, entry, level);
    return HVT_EXIT_SUCCESS;
}

static int check_range(void)
{
    uint64_t physical, mapped = archive_end() > 0 ? archive_end() : boot.image_end;
    uint64_t last = mapped - 1, end = (mapped + LARGE_PAGE_SIZE - 1) & ~(LARGE_PAGE_SIZE - 1);
    if (is_legacy())
        last = (boot.image_start & ~(GIB - 1)) + GIB - 1;
    printl("mapped to 0x%lx", last);
    for (uint64_t page = boot.ram_start; page <= last; page += LARGE_PAGE_SIZE) {
        if (check_mapped(page, "a page") != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
    }
    if (!is_legacy())
        REQUIRE(!translate(end, &physical), "0x%lx, after the image, is mapped", end);
    if (boot.ram_start > 0)
        REQUIRE(!translate(boot.ram_start - 1, &physical), "what is before memory is mapped");
    return check_mapped(page_table_root(), "the root of the page tables");
}

static int check_recursion(void)
{
    const uint64_t *root = (const uint64_t *)page_table_root();
    const uint64_t *again = (const uint64_t *)RECURSIVE_TABLE;
    printl("recursive entry 0x%lx", root[RECURSIVE_SLOT]);
    REQUIRE((root[RECURSIVE_SLOT] & PAGE_ADDRESS) == page_table_root(), "recursive entry");
    REQUIRE((root[RECURSIVE_SLOT] & FLAGS) == (PAGE_PRESENT | PAGE_WRITABLE), "its flags");
    REQUIRE((again[RECURSIVE_SLOT] & PAGE_ADDRESS) == page_table_root(),
        "the root can't be read through itself");
    return HVT_EXIT_SUCCESS;
}

/* Tables must be mapped themselves, and out of the way. */
static int check_tables(void)
{
    const uint64_t *root = (const uint64_t *)page_table_root();
    uint64_t pointers = root[(boot.ram_start >> 39) % 512];
    REQUIRE((pointers & FLAGS) == (PAGE_PRESENT | PAGE_WRITABLE), "entry of the root");
    REQUIRE(is_kept(pointers & PAGE_ADDRESS, PAGE_SIZE), "a page table is in the way");
    uint64_t directory
        = ((const uint64_t *)(pointers & PAGE_ADDRESS))[(boot.ram_start >> 30) % 512];
    REQUIRE((directory & FLAGS) == (PAGE_PRESENT | PAGE_WRITABLE), "entry of a table");
    REQUIRE(is_kept(directory & PAGE_ADDRESS, PAGE_SIZE), "a page directory is in the way");
    return HVT_EXIT_SUCCESS;
}

int check_page_tables(void)
{
    int status = check_range();
    if (status == HVT_EXIT_SUCCESS)
        status = check_recursion();
    return status == HVT_EXIT_SUCCESS ? check_tables() : status;
}
