/* library.S: that other file. */
    .data
    .globl elsewhere
elsewhere:
    .quad 1
