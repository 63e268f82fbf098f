/* exception.c: what happens after a trap: the guest aborts, or a probe ends. */
#include "guest.h"

#include "exception.h"

/* In memory for good: the tender reads it after HALT. */
static union {
    struct hvt_x86_trap trap;
    uint8_t room[HVT_HALT_COOKIE_SIZE];
} cookie;

void exception_handle(const struct exception_frame *frame, uint64_t cr2)
{
    if (frame->rip == (uintptr_t)ring3_exit)
        ring3_leave();
    fault_note(frame, cr2);

    printl("ABORT: exception %lu error 0x%lx rip 0x%lx cr2 0x%lx",
        frame->vector, frame->error_code, frame->rip, cr2);
    cookie.trap = (struct hvt_x86_trap){
        .cr2 = cr2,
        .error_code = frame->error_code,
        .rip = frame->rip,
        .cs = frame->cs,
        .rflags = frame->rflags,
        .rsp = frame->rsp,
        .ss = frame->ss,
    };
    hypercall_halt(HVT_EXIT_ABORT, (uintptr_t)&cookie);
}

void use_tender_vectors(void)
{
    __asm__ volatile("lidt %0" : : "m"(tender_idt_pointer));
}
