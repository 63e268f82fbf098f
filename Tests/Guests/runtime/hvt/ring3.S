/* ring3.S: the way into ring 3 and back.
 *
 * Back is an exception at ring3_exit, which exception.c knows: some machines
 * have no software interrupts for ring 3.
 */
#include "context.h"
#include "segments.h"

/* Nothing but the bit that is always set. */
#define RFLAGS_RING3 0x2

/* int ring3_enter(function, argument, address space, top of stack) */
    .text
    .globl ring3_enter, ring3_exit, ring3_leave
ring3_enter:
    save_context
    mov %cr3, %rax
    push %rax
    mov %rsp, ring3_return(%rip)
    mov %rdx, %cr3
    push $SELECTOR_RING3_DATA
    push %rcx
    push $RFLAGS_RING3
    push $SELECTOR_RING3_CODE
    push $ring3_trampoline
    iretq

ring3_trampoline:
    mov %rdi, %rax
    mov %rsi, %rdi
    call *%rax
    mov %eax, ring3_result(%rip)
ring3_exit:
    ud2

/* The exception has nulled SS. */
ring3_leave:
    mov ring3_return(%rip), %rsp
    mov $SELECTOR_DATA, %eax
    mov %eax, %ss
    pop %rax
    mov %rax, %cr3
    mov ring3_result(%rip), %eax
    restore_context
    ret

    .bss
    .balign 8
ring3_return:
    .skip 8
ring3_result:
    .skip 4
