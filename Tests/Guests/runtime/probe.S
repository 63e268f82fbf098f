/* probe.S: calls a function from which an exception leads back here. */
#include "context.h"

    .text
    .globl probe_call, probe_unwind
probe_call:
    save_context
    mov %rsp, probe_stack(%rip)
    mov %rdi, %rax
    mov %rsi, %rdi
    sub $8, %rsp
    call *%rax
    add $8, %rsp
    xor %eax, %eax
probe_end:
    movq $0, probe_stack(%rip)
    restore_context
    ret

/* No IRET: the interrupted state is not wanted back. */
probe_unwind:
    mov probe_stack(%rip), %rsp
    mov $1, %eax
    jmp probe_end

    .bss
    .balign 8
    .globl probe_stack
probe_stack:
    .skip 8
