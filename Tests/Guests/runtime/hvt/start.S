/* start.S: from the tender's entry state to guest_main.
 *
 * Few instructions on purpose: bench-halt measures how long a start takes.
 * The tender's GDT lies outside of the guest's mapped memory, so ours replaces
 * it; ours uses the same selectors, so no segment needs to be loaded anew.
 */
#include "segments.h"

    .text
    .globl guest_start
guest_start:
    mov %rdi, boot_info(%rip)
    lgdt gdt_pointer(%rip)
    sidt tender_idt_pointer(%rip)
    lidt idt_pointer(%rip)
    mov $SELECTOR_TASK, %eax
    ltr %ax
    mov 24(%rdi), %rdi /* boot_info.cmdline */
    /* RSP was 8 below a multiple of 16, as after a call. */
    sub $8, %rsp
    call guest_main
    mov %eax, %edi
    call guest_halt

    .bss
    .balign 8
    .globl boot_info, tender_idt_pointer
boot_info:
    .skip 8
/* The interrupt table that the guest started with. */
tender_idt_pointer:
    .skip 10
