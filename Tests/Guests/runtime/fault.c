/* fault.c: a function that is probed ends where it raises an exception. */
#include "guest.h"

#include "exception.h"

static struct fault last_fault;

void fault_note(const struct exception_frame *frame, uint64_t cr2)
{
    last_fault = (struct fault){
        .vector = frame->vector,
        .error_code = frame->error_code,
        .rip = frame->rip,
        .cr2 = cr2,
    };
    if (probe_stack != 0)
        probe_unwind();
}

bool probe(void (*function)(void *), void *argument, struct fault *fault)
{
    bool faulted = probe_call(function, argument);
    if (faulted)
        *fault = last_fault;
    return faulted;
}
