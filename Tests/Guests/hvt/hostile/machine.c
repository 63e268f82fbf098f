/* machine.c: what a guest can do to its own vCPU. */
#include "cases.h"

struct table_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

extern uint64_t idt[];

static void load_idt(const struct table_pointer *pointer)
{
    __asm__ volatile("lidt %0" : : "m"(*pointer));
}

int run_halt_instruction(uint64_t argument)
{
    (void)argument;
    __asm__ volatile("hlt");
    return survived();
}

int run_spin(uint64_t argument)
{
    (void)argument;
    for (;;)
        __asm__ volatile("cli; pause");
}

/* The exception, and the ones that follow from it, find no gate. */
int run_triple_fault(uint64_t argument)
{
    struct table_pointer none = {.limit = 0, .base = 0};
    (void)argument;
    load_idt(&none);
    __asm__ volatile("ud2");
    return survived();
}

/* The only gate is that for the double fault; we abort as after any other. */
int run_double_fault(uint64_t argument)
{
    static uint64_t gates[2 * (EXCEPTION_DOUBLE_FAULT + 1)] __attribute__((aligned(16)));
    struct table_pointer pointer = {.limit = sizeof(gates) - 1, .base = (uintptr_t)gates};
    (void)argument;
    for (unsigned i = 0; i < 2; i++)
        gates[2 * EXCEPTION_DOUBLE_FAULT + i] = idt[2 * EXCEPTION_DOUBLE_FAULT + i];
    load_idt(&pointer);
    __asm__ volatile("ud2");
    return survived();
}

/* Empty page tables end in a triple fault.  With page tables where there is no
 * memory, the vCPU may as well spin in the host's kernel until a signal comes. */
int run_load_root(uint64_t root)
{
    load_address_space(root);
    return survived();
}

/* How it ends when a stack has grown down to the guest's own text: what lies
 * there cannot be written. */
int run_stack_overflow(uint64_t argument)
{
    (void)argument;
    __asm__ volatile("mov %0, %%rsp; push $0" : : "r"(guest_data) : "memory");
    __builtin_unreachable();
}

/* Where gate `vector` of the tender's interrupt table leads. */
int run_tender_stub(uint64_t vector)
{
    const uint16_t *gate = (const uint16_t *)(tender_idt_pointer.base + 16 * vector);
    uint64_t stub = gate[0] | (uint64_t)gate[3] << 16 | (uint64_t)gate[4] << 32
        | (uint64_t)gate[5] << 48;
    ((void (*)(void))stub)();
    return survived();
}

int run_write(uint64_t address)
{
    *(volatile uint8_t *)address = 0;
    return survived();
}

int run_tender_write(uint64_t offset)
{
    return run_write(tender_idt_pointer.base + offset);
}

/* The tender's task state and stack lie in the page after its table. */
int run_tender_task(uint64_t argument)
{
    volatile uint8_t *page = (uint8_t *)((tender_idt_pointer.base | 4095) + 1);

    (void)argument;
    for (unsigned i = 0; i < 4096; i++)
        page[i] = 0xff;
    return survived();
}

int run_read_msr(uint64_t number)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"((uint32_t)number));
    printl("read %x%08x", high, low);
    return survived();
}

int run_write_msr(uint64_t number)
{
    __asm__ volatile("wrmsr" : : "c"((uint32_t)number), "a"(0), "d"(0));
    return survived();
}
