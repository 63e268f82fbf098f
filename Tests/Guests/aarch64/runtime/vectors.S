/* vectors.S: the exception vectors (VBAR_EL1), and the way back from a function
 * that is probed. */

#define EXCEPTION_STACK_SIZE 8192
#define VECTOR_SIZE 0x80

    .section .text.vectors, "ax"
    .balign 2048
    .globl guest_vectors
guest_vectors:
    .set number, 0
    .rept 16
    .balign VECTOR_SIZE
    mov x0, #number
    b exception_entry
    .set number, number + 1
    .endr

/* On a stack of its own, since the guest's need not be one. */
    .text
exception_entry:
    adrp x1, exception_stack_top
    add x1, x1, :lo12:exception_stack_top
    mov sp, x1
    mrs x1, esr_el1
    mrs x2, elr_el1
    mrs x3, far_el1
    mov x29, xzr
    mov x30, xzr
    b exception_taken

/* bool probe_call(void (*function)(void *), void *argument) */
    .globl probe_call, probe_unwind
probe_call:
    stp x29, x30, [sp, #-96]!
    stp x19, x20, [sp, #16]
    stp x21, x22, [sp, #32]
    stp x23, x24, [sp, #48]
    stp x25, x26, [sp, #64]
    stp x27, x28, [sp, #80]
    mov x9, sp
    adrp x10, probe_stack
    str x9, [x10, :lo12:probe_stack]
    mov x9, x0
    mov x0, x1
    blr x9
    mov w0, wzr
probe_end:
    adrp x10, probe_stack
    str xzr, [x10, :lo12:probe_stack]
    ldp x19, x20, [sp, #16]
    ldp x21, x22, [sp, #32]
    ldp x23, x24, [sp, #48]
    ldp x25, x26, [sp, #64]
    ldp x27, x28, [sp, #80]
    ldp x29, x30, [sp], #96
    ret

/* No ERET: the interrupted state is not wanted back. */
probe_unwind:
    adrp x10, probe_stack
    ldr x9, [x10, :lo12:probe_stack]
    mov sp, x9
    mov w0, #1
    b probe_end

    .bss
    .balign 16
    .globl probe_stack
probe_stack:
    .skip 8
    .balign 16
    .skip EXCEPTION_STACK_SIZE
exception_stack_top:
