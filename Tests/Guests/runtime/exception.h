/* exception.h: what handles an exception and the assembly say to each other. */
#ifndef GUEST_EXCEPTION_H
#define GUEST_EXCEPTION_H

#include <stdbool.h>
#include <stdint.h>

/* What a stub and the CPU have pushed. */
struct exception_frame {
    uint64_t vector;
    uint64_t error_code;
    uint64_t rip;
    uint64_t cs;
    uint64_t rflags;
    uint64_t rsp;
    uint64_t ss;
};

_Noreturn void exception_handle(const struct exception_frame *frame, uint64_t cr2);

/* fault.c: notes the exception; does not return if it is a probe that raised it. */
void fault_note(const struct exception_frame *frame, uint64_t cr2);

/* probe.S: calls the function; true if an exception came. */
bool probe_call(void (*function)(void *), void *argument);
/* Where a probe returns to after an exception; 0: none is running. */
extern uint64_t probe_stack;
_Noreturn void probe_unwind(void);

/* ring3.S: where code in ring 3 traps to end, and what it then wants. */
extern const char ring3_exit[];
_Noreturn void ring3_leave(void);

#endif
