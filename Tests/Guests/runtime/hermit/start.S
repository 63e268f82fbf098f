/* start.S: where every vCPU starts, as Hermit's kernel does it.
 *
 * RDI is the boot information, RSI the number of the vCPU, RSP the lowest
 * address of a stack of 32 KiB which is vCPU 0's.
 */
#include "entry_state.h"

#define BOOT_STACK_SIZE 0x8000
#define MSR_EFER 0xc0000080

.macro save register, index
    mov %\register, entry_state + 8 * \index(%rip)
.endm

.macro save_control register, index
    mov %\register, %rax
    save rax, \index
.endm

.macro save_selector register, index
    mov %\register, %eax
    mov %ax, entry_state + ENTRY_SELECTORS + 2 * \index(%rip)
.endm

    .text
    .globl _start
    .hidden _start
_start:
    /* RFLAGS must stay what it was until it is saved. */
    xchg %rsi, %rcx
    jrcxz first_cpu
    jmp other_cpu

first_cpu:
    save rax, 0
    save rbx, 1
    save rsi, 2
    save rdx, 3
    save rcx, 4
    save rdi, 5
    save rbp, 6
    save rsp, 7
    save r8, 8
    save r9, 9
    save r10, 10
    save r11, 11
    save r12, 12
    save r13, 13
    save r14, 14
    save r15, 15
    lea BOOT_STACK_SIZE - 16(%rsp), %rsp
    pushfq
    pop %rax
    save rax, 16
    save_control cr0, 17
    save_control cr3, 18
    save_control cr4, 19
    mov $MSR_EFER, %ecx
    rdmsr
    mov %eax, entry_state + 8 * 20(%rip)
    mov %edx, entry_state + 8 * 20 + 4(%rip)
    sgdt entry_state + ENTRY_GDTR(%rip)
    sidt entry_state + ENTRY_IDTR(%rip)
    save_selector cs, 0
    save_selector ds, 1
    save_selector es, 2
    save_selector ss, 3
    save_selector fs, 4
    save_selector gs, 5
    str %eax
    mov %ax, entry_state + ENTRY_SELECTORS + 2 * 6(%rip)
    sldt %eax
    mov %ax, entry_state + ENTRY_SELECTORS + 2 * 7(%rip)
    call guest_enter

/* The one before this one says when, and gives it a stack. */
other_cpu:
    pause
    cmp %ecx, cpus_online(%rip)
    jne other_cpu
    mov %rdi, %rsi
    mov %rsp, %rdx
    mov %ecx, %edi
    mov next_stack(%rip), %rsp
    call cpu_enter

    .bss
    .balign 8
    .globl entry_state
    .hidden entry_state
entry_state:
    .skip ENTRY_STATE_SIZE
