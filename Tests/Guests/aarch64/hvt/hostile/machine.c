/* machine.c: what a guest can do to its own vCPU. */
#include "processor.h"

#include "hostile.h"

int run_wait(uint64_t argument)
{
    (void)argument;
    for (;;)
        __asm__ volatile("wfi");
}

/* No vectors of anybody's: each exception raises the next one. */
int run_no_vectors(uint64_t argument)
{
    (void)argument;
    WRITE_REGISTER(vbar_el1, 0);
    __asm__ volatile("udf #0");
    return survived();
}

int run_hypervisor_call(uint64_t function)
{
    register uint64_t x0 __asm__("x0") = function;
    __asm__ volatile("hvc #0" : "+r"(x0) : : "memory");
    printl("hvc returns 0x%lx", x0);
    return survived();
}

int run_secure_call(uint64_t function)
{
    register uint64_t x0 __asm__("x0") = function;
    __asm__ volatile("smc #0" : "+r"(x0) : : "memory");
    printl("smc returns 0x%lx", x0);
    return survived();
}

/* The vectors and all they need are the tender's: this is a report too. */
int run_tender_vector(uint64_t number)
{
    ((void (*)(void))(tender_vectors + 0x80 * number))();
    return survived();
}

int run_tender_load(uint64_t argument)
{
    (void)argument;
    printl("read 0x%x", *(volatile uint32_t *)(tender_vectors + 0x1000));
    return survived();
}

/* Without page tables the guest reaches all of its memory: what the host itself
 * protects stays protected. */
static void turn_paging_off(void)
{
    WRITE_REGISTER(sctlr_el1, READ_REGISTER(sctlr_el1) & ~1ULL);
}

int run_unpaged_write(uint64_t address)
{
    turn_paging_off();
    *(volatile uint32_t *)address = 1;
    return survived();
}

int run_unpaged_read(uint64_t address)
{
    turn_paging_off();
    printl("read 0x%x", *(volatile uint32_t *)address);
    return survived();
}
