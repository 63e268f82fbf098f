/* capture.S: fills in entry_state before anything has changed it. */

    .text
    .globl layout_start
layout_start:
    /* Where X1 and X2 were is kept last. */
    msr tpidr_el1, x1
    adrp x1, entry_state
    add x1, x1, :lo12:entry_state
    str x0, [x1]
    .irp number, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    str x\number, [x1, #8 * \number]
    .endr
    mov x2, sp
    str x2, [x1, #8 * 31]
    mrs x2, tpidr_el1
    str x2, [x1, #8]
    b guest_start

    .bss
    .balign 8
    .globl entry_state
entry_state:
    .skip 256
