/* relocation.S: makes a relocation that no tender knows (R_X86_64_TPOFF64). */
    .section .tdata.kept, "awTR", @progbits
    .globl unknown
unknown:
    .quad 1

    .section .text.kept, "axR", @progbits
    mov unknown@gottpoff(%rip), %rax
