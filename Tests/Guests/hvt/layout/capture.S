/* capture.S: fills in entry_state before anything has changed it. */

    .text
    .globl layout_start
layout_start:
    mov %rax, entry_state + 0
    mov %rbx, entry_state + 8
    mov %rcx, entry_state + 16
    mov %rdx, entry_state + 24
    mov %rsi, entry_state + 32
    mov %rdi, entry_state + 40
    mov %rbp, entry_state + 48
    mov %rsp, entry_state + 56
    mov %r8, entry_state + 64
    mov %r9, entry_state + 72
    mov %r10, entry_state + 80
    mov %r11, entry_state + 88
    mov %r12, entry_state + 96
    mov %r13, entry_state + 104
    mov %r14, entry_state + 112
    mov %r15, entry_state + 120
    pushfq
    pop %rax
    mov %rax, entry_state + 128
    mov $entry_state + 136, %eax
    mov %cs, 0(%rax)
    mov %ss, 2(%rax)
    mov %ds, 4(%rax)
    mov %es, 6(%rax)
    mov %fs, 8(%rax)
    mov %gs, 10(%rax)
    str 12(%rax)
    sldt 14(%rax)
    sgdt 16(%rax)
    sidt 26(%rax)
    jmp guest_start

    .bss
    .balign 8
    .globl entry_state
entry_state:
    .skip 176
