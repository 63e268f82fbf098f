/* needed.S: uses what another file would have to bring (DT_NEEDED). */
    .section .data.kept, "awR", @progbits
    .quad elsewhere
