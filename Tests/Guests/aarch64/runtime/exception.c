/* exception.c: what happens after an exception: the guest aborts, or a probe ends. */
#include "guest.h"

#include "exception.h"
#include "processor.h"

_Noreturn void exception_taken(
    uint64_t number, uint64_t syndrome, uint64_t address, uint64_t access);

/* In a probe's struct fault the vector is the syndrome's exception class. */
void exception_taken(uint64_t number, uint64_t syndrome, uint64_t address, uint64_t access)
{
    const struct exception_frame frame = {
        .vector = syndrome >> 26,
        .error_code = syndrome,
        .rip = address,
    };
    fault_note(&frame, access);
    printl("ABORT: vector %lu syndrome 0x%lx pc 0x%lx far 0x%lx", number, syndrome, address, access);
    hypercall_halt(HVT_EXIT_ABORT, 0);
}

void use_tender_vectors(void)
{
    WRITE_REGISTER(vbar_el1, tender_vectors);
}
