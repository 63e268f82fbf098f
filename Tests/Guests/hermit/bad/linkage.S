/* linkage.S: makes a procedure linkage table, whose relocations are in a table
 * of their own (DT_JMPREL). */
    .section .text.kept, "axR", @progbits
    .globl replaceable
    .type replaceable, @function
replaceable:
    call replaceable@plt
    ret
