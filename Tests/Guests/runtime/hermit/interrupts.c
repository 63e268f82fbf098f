/* interrupts.c: the IDT; an exception aborts the guest or ends a probe. */
#include "interrupts.h"

#include "hermit_guest.h"
#include "segments.h"

#define FIRST_INTERRUPT 32
#define INTERRUPT_GATE 0x8e

struct gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t stack;
    uint8_t type;
    uint16_t offset_middle;
    uint32_t offset_high;
    uint32_t reserved;
};

static struct gate idt[VECTORS] __attribute__((aligned(16)));
static void (*handlers[VECTORS])(void);
static volatile uint64_t handled;

static struct __attribute__((packed)) {
    uint16_t limit;
    uint64_t base;
} tender_idt;

void interrupts_unload(void)
{
    __asm__ volatile("lidt %0" : : "m"(tender_idt));
}

void interrupts_load(void)
{
    struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } pointer = {sizeof(idt) - 1, (uintptr_t)idt};
    for (unsigned vector = 0; vector < VECTORS && idt[vector].type == 0; vector++) {
        uint64_t stub = (uintptr_t)interrupt_stubs + vector * STUB_SIZE;
        idt[vector] = (struct gate){
            .offset_low = (uint16_t)stub,
            .selector = SELECTOR_CODE,
            .type = INTERRUPT_GATE,
            .offset_middle = (uint16_t)(stub >> 16),
            .offset_high = (uint32_t)(stub >> 32),
        };
    }
    if (tender_idt.limit == 0)
        __asm__ volatile("sidt %0" : "=m"(tender_idt));
    __asm__ volatile("lidt %0" : : "m"(pointer));
}

void interrupt_install(unsigned vector, void (*handler)(void))
{
    handlers[vector] = handler;
}

void interrupt_handle(const struct exception_frame *frame, uint64_t cr2)
{
    if (frame->vector >= FIRST_INTERRUPT) {
        handled++;
        if (handlers[frame->vector] != NULL)
            handlers[frame->vector]();
        else
            printl("unexpected interrupt %lu", frame->vector);
        return;
    }
    fault_note(frame, cr2);
    printl("ABORT: exception %lu error 0x%lx rip 0x%lx (base 0x%lx) cr2 0x%lx",
        frame->vector, frame->error_code, frame->rip, (uint64_t)(uintptr_t)__ehdr_start, cr2);
    guest_exit(HVT_EXIT_ABORT);
}

/* STI takes effect after the next instruction, so nothing is missed. */
void wait_for_interrupt(void)
{
    uint64_t before = handled;
    while (handled == before)
        __asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}
