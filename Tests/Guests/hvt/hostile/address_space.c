/* address_space.c: what is left of the tender's protection when the guest has
 * loaded page tables of its own, which allow everything. */
#include "cases.h"

#define PAGE_SIZE 0x200000
/* Not mapped for anything else. */
#define WINDOW 0x3fe00000ULL

static volatile uint8_t *window_to(uint64_t physical)
{
    load_address_space(address_space());
    address_space_map(WINDOW, physical & ~(uint64_t)(PAGE_SIZE - 1));
    return (volatile uint8_t *)(WINDOW + physical % PAGE_SIZE);
}

int run_hole_read(uint64_t physical)
{
    printl("read 0x%x", (unsigned)*window_to(physical));
    return survived();
}

int run_hole_write(uint64_t physical)
{
    *window_to(physical) = 1;
    return survived();
}

int run_hole_execute(uint64_t physical)
{
    ((void (*)(void))(uintptr_t)window_to(physical))();
    return survived();
}

/* The x87 unit's, which no KVM emulates. */
int run_hole_float(uint64_t physical)
{
    __asm__ volatile("fistpl %0" : "=m"(*(volatile uint32_t *)window_to(physical)));
    return survived();
}

int run_own_read(uint64_t address)
{
    load_address_space(address_space());
    printl("read 0x%x", (unsigned)*(volatile uint8_t *)address);
    return survived();
}

int run_own_write(uint64_t address)
{
    load_address_space(address_space());
    *(volatile uint8_t *)address = *(volatile uint8_t *)address;
    return survived();
}

int run_own_execute(uint64_t address)
{
    load_address_space(address_space());
    ((void (*)(void))(uintptr_t)address)();
    return survived();
}
