/* paging.c: looks at the tender's page tables, and adds to them. */
#include "hermit_guest.h"

#define LEVELS 4
#define ENTRIES 512
#define MOST_TABLES 96

static uint64_t tables[MOST_TABLES][ENTRIES] __attribute__((aligned(4096)));
static unsigned tables_used;

uint64_t page_table_root(void)
{
    uint64_t root;
    __asm__ volatile("mov %%cr3, %0" : "=r"(root));
    return root & PAGE_ADDRESS;
}

static unsigned shift(unsigned level)
{
    return 12 + 9 * (level - 1);
}

static uint64_t *slot(uint64_t table, uint64_t address, unsigned level)
{
    return (uint64_t *)(table & PAGE_ADDRESS) + (address >> shift(level)) % ENTRIES;
}

uint64_t page_entry(uint64_t address, unsigned *level)
{
    uint64_t entry = page_table_root();
    for (*level = LEVELS;; (*level)--) {
        entry = *slot(entry, address, *level);
        if ((entry & PAGE_PRESENT) == 0 || *level == 1
            || (*level < LEVELS && (entry & PAGE_LARGE) != 0))
            return entry;
    }
}

bool translate(uint64_t address, uint64_t *physical)
{
    unsigned level;
    uint64_t entry = page_entry(address, &level);
    uint64_t offset = (1ULL << shift(level)) - 1;
    if ((entry & PAGE_PRESENT) == 0)
        return false;
    *physical = (entry & PAGE_ADDRESS & ~offset) | (address & offset);
    return true;
}

uint64_t *page_entry_slot(uint64_t address, unsigned level)
{
    uint64_t *entry = slot(page_table_root(), address, LEVELS);
    for (unsigned above = LEVELS; above > level; above--) {
        if ((*entry & PAGE_PRESENT) == 0) {
            if (tables_used == MOST_TABLES)
                guest_exit(failure("no page table is left"));
            *entry = (uintptr_t)tables[tables_used++] | PAGE_WRITABLE | PAGE_PRESENT;
        }
        entry = slot(*entry, address, above - 1);
    }
    return entry;
}

void map_page(uint64_t address, uint64_t physical, unsigned level)
{
    *page_entry_slot(address, level)
        = physical | PAGE_PRESENT | PAGE_WRITABLE | (level > 1 ? PAGE_LARGE : 0);
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}
