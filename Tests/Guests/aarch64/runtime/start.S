/* start.S: from the tender's entry state to guest_main. */

    .text
    .globl guest_start
guest_start:
    adrp x1, boot_info
    str x0, [x1, :lo12:boot_info]
    mrs x2, vbar_el1
    adrp x1, tender_vectors
    str x2, [x1, :lo12:tender_vectors]
    adrp x2, guest_vectors
    add x2, x2, :lo12:guest_vectors
    msr vbar_el1, x2
    isb
    ldr x0, [x0, #24] /* boot_info.cmdline */
    /* No caller. */
    mov x29, xzr
    mov x30, xzr
    bl guest_main
    bl guest_halt

    .bss
    .balign 8
    .globl boot_info, tender_vectors
boot_info:
    .skip 8
tender_vectors:
    .skip 8
