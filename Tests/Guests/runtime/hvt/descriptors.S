/* descriptors.S: GDT, TSS and IDT, built at link time.
 *
 * Descriptors hold addresses in pieces.  No relocation makes those, so the
 * linker script defines the pieces as symbols (*_low, *_middle); everything
 * lies below 16 MiB, which leaves the upper pieces 0.
 */
#include "segments.h"

#define EXCEPTION_STACK_SIZE 8192

    .section .data.descriptors, "aw"
    .balign 16
gdt:
    .quad 0
    .quad 0x00af9b000000ffff /* code */
    .quad 0x00cf93000000ffff /* data */
    .quad 0x00cff3000000ffff /* ring 3 data */
    .quad 0x00affb000000ffff /* ring 3 code */
    .word task_end - task - 1, task_low
    .byte task_middle, 0x89, 0, 0
    .quad 0
gdt_end:

    .balign 16
    .globl task
task:
    .long 0
    .quad exception_stack_top /* RSP0 */
    .quad 0, 0, 0
    .quad exception_stack_top /* IST1 */
    .quad 0, 0, 0, 0, 0, 0, 0
    .word 0
    .word task_ports - task
/* Zeros let ring 3 use the ports below 0x700: some machines ignore IOPL. */
task_ports:
    .skip 0x700 / 8
    .byte 0xff
task_end:

    .section .rodata.descriptors, "a"
    .globl gdt_pointer, idt_pointer
gdt_pointer:
    .word gdt_end - gdt - 1
    .quad gdt
idt_pointer:
    .word idt_end - idt - 1
    .quad idt

/* Every gate takes IST1: an exception may come from a stack that is bad. */
.macro gate number
    .word exception_stubs_low + 16 * \number
    .word SELECTOR_CODE
    .byte 1, 0x8e
    .word exception_stubs_middle
    .quad 0
.endm

    .balign 16
    .globl idt
idt:
    .set number, 0
    .rept VECTOR_COUNT
    gate number
    .set number, number + 1
    .endr
idt_end:

/* Stub n, 16 bytes long, pushes what the CPU did not: an error code and n. */
.macro stub number, has_error_code
    .balign 16
    .if \has_error_code == 0
    push $0
    .endif
    push $\number
    jmp exception_entry
.endm

    .section .text.exception_stubs, "ax"
    .balign 1024
    .globl exception_stubs
exception_stubs:
    .set number, 0
    .rept VECTOR_COUNT
    stub number, ((0x60227d00 >> number) & 1)
    .set number, number + 1
    .endr

    .text
exception_entry:
    cld
    mov %rsp, %rdi
    mov %cr2, %rsi
    and $-16, %rsp
    call exception_handle

    .bss
    .balign 16
    .skip EXCEPTION_STACK_SIZE
exception_stack_top:
