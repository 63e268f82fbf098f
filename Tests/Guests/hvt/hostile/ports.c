/* ports.c: port accesses that are no hypercall, or not quite. */
#include "cases.h"

int run_write_byte(uint64_t port)
{
    port_write_byte((uint16_t)port, 1);
    return survived();
}

int run_write_word(uint64_t port)
{
    port_write_word((uint16_t)port, 1);
    return survived();
}

int run_write_long(uint64_t port)
{
    port_write_long((uint16_t)port, 0);
    return survived();
}

int run_read_byte(uint64_t port)
{
    printl("read 0x%x", (unsigned)port_read_byte((uint16_t)port));
    return survived();
}

int run_read_long(uint64_t port)
{
    printl("read 0x%x", port_read_long((uint16_t)port));
    return survived();
}

/* Two good arguments in one string instruction. */
int run_write_string(uint64_t port)
{
    static const char first[] = "first\n", second[] = "second\n";
    struct hvt_puts puts[] = {
        {.data = (uintptr_t)first, .len = sizeof(first) - 1},
        {.data = (uintptr_t)second, .len = sizeof(second) - 1},
    };
    uint32_t addresses[] = {(uint32_t)(uintptr_t)&puts[0], (uint32_t)(uintptr_t)&puts[1]};
    const uint32_t *source = addresses;
    uint64_t count = COUNT_OF(addresses);
    __asm__ volatile("rep outsl" : "+S"(source), "+c"(count) : "d"((uint16_t)port) : "memory");
    return survived();
}

int run_read_string(uint64_t port)
{
    uint32_t values[4];
    uint32_t *target = values;
    uint64_t count = COUNT_OF(values);
    __asm__ volatile("rep insl" : "+D"(target), "+c"(count) : "d"((uint16_t)port) : "memory");
    return survived();
}

/* With an argument of zeros that every hypercall could read and write. */
int run_hypercall(uint64_t number)
{
    uint64_t argument[8] = {0};
    hypercall((unsigned)number, argument);
    return survived();
}
