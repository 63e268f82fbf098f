/* structs.c: hypercall arguments, and halt cookies, in places where the tender
 * must not read or write. */
#include "cases.h"

int run_walltime_at(uint64_t address)
{
    hypercall_at(HVT_HYPERCALL_WALLTIME, address);
    return survived();
}

int run_walltime_from_end(uint64_t offset)
{
    return run_walltime_at(boot_info->mem_size + offset);
}

int run_puts_struct_at(uint64_t address)
{
    hypercall_at(HVT_HYPERCALL_PUTS, address);
    return survived();
}

/* What lies at the address is the timeout: it should be a small number. */
int run_poll_at(uint64_t address)
{
    hypercall_at(HVT_HYPERCALL_POLL, address);
    return survived();
}

int run_poll_from_end(uint64_t offset)
{
    return run_poll_at(boot_info->mem_size + offset);
}

int run_halt_from_end(uint64_t offset)
{
    hypercall_at(HVT_HYPERCALL_HALT, boot_info->mem_size + offset);
    return survived();
}

int run_cookie_from_end(uint64_t offset)
{
    hypercall_halt(HVT_EXIT_SUCCESS, boot_info->mem_size + offset);
}
