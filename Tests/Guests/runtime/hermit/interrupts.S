/* interrupts.S: one stub for each vector, and what they have in common. */
#include "interrupts.h"

/* Stub n, 16 bytes long, pushes what the CPU did not: an error code and n. */
.macro stub number, has_error_code
    .balign STUB_SIZE
    .if \has_error_code == 0
    push $0
    .endif
    push $\number
    jmp interrupt_entry
.endm

    .text
    .balign STUB_SIZE
    .globl interrupt_stubs
    .hidden interrupt_stubs
interrupt_stubs:
    .set number, 0
    .rept VECTORS
    .if number < 32
    stub number, ((0x60227d00 >> number) & 1)
    .else
    stub number, 0
    .endif
    .set number, number + 1
    .endr

interrupt_entry:
    push %rax
    push %rcx
    push %rdx
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %r11
    push %rbp
    mov %rsp, %rbp
    lea 80(%rsp), %rdi
    mov %cr2, %rsi
    and $-16, %rsp
    cld
    call interrupt_handle
    mov %rbp, %rsp
    pop %rbp
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rdi
    pop %rsi
    pop %rdx
    pop %rcx
    pop %rax
    add $16, %rsp
    iretq
