/* stores.c: accesses to the window of hypercalls that are none, or not quite. */
#include "processor.h"

#include "hostile.h"

int run_store_byte(uint64_t address)
{
    *(volatile uint8_t *)address = 1;
    return survived();
}

int run_store_half(uint64_t address)
{
    *(volatile uint16_t *)address = 1;
    return survived();
}

int run_store_word(uint64_t address)
{
    store_word(address, 0);
    return survived();
}

int run_store_long(uint64_t address)
{
    *(volatile uint64_t *)address = 1;
    return survived();
}

int run_load(uint64_t address)
{
    printl("read 0x%x", *(volatile uint32_t *)address);
    return survived();
}

/* The processor tells the host nothing of what these transfer. */
int run_store_pair(uint64_t address)
{
    __asm__ volatile("stp wzr, wzr, [%0]" : : "r"(address) : "memory");
    return survived();
}

int run_store_writeback(uint64_t address)
{
    __asm__ volatile("str wzr, [%0], #8" : "+r"(address) : : "memory");
    return survived();
}

int run_store_vector(uint64_t address)
{
    __asm__ volatile(".arch_extension fp\n\tstr s0, [%0]" : : "r"(address) : "memory");
    return survived();
}

int run_exclusive(uint64_t address)
{
    uint32_t value;
    __asm__ volatile("ldxr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return survived();
}

/* With an argument of zeros that every hypercall could read and write. */
int run_hypercall(uint64_t number)
{
    uint64_t argument[8] = {0};
    hypercall((unsigned)number, argument);
    return survived();
}
