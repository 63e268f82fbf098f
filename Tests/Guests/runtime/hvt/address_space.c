/* address_space.c: identity-mapping page tables of 2 MiB pages that ring 3 may
 * use.
 *
 * Only what guests need is mapped, since the loop below runs in ring 0.
 */
#include "guest.h"

#define PAGE_SHIFT 21
#define PAGE_SIZE (1ULL << PAGE_SHIFT)
#define TABLE_ENTRIES 512
#define LOW_PAGES 32

/* Present, writable, user. */
#define ENTRY_TABLE 0x7ULL
#define ENTRY_PAGE 0x87ULL

typedef uint64_t page_table[TABLE_ENTRIES] __attribute__((aligned(4096)));

static page_table root, pointers, low_directory, stack_directory;

static uint64_t table_entry(const uint64_t *table)
{
    return (uintptr_t)table | ENTRY_TABLE;
}

static void map(uint64_t *directory, uint64_t address, uint64_t physical)
{
    directory[(address >> PAGE_SHIFT) % TABLE_ENTRIES] = physical | ENTRY_PAGE;
}

void address_space_map(uint64_t address, uint64_t physical)
{
    map(low_directory, address, physical);
}

static void map_stack(void)
{
    uint64_t page = (boot_info->mem_size - 1) & ~(PAGE_SIZE - 1);
    uint64_t gib = page >> 30;
    uint64_t *directory = gib == 0 ? low_directory : stack_directory;
    pointers[gib] = table_entry(directory);
    map(directory, page, page);
}

uint64_t address_space(void)
{
    if (root[0] != 0)
        return (uintptr_t)root;
    for (uint64_t page = 0; page < LOW_PAGES; page++) {
        uint64_t address = page << PAGE_SHIFT;
        if (address < boot_info->mem_size)
            map(low_directory, address, address);
    }
    pointers[0] = table_entry(low_directory);
    map_stack();
    root[0] = table_entry(pointers);
    return (uintptr_t)root;
}
