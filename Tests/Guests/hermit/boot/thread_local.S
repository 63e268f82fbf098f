/* thread_local.S: 16 bytes of initialised thread-local storage, and 24 that are
 * 0.  By hand, since not every way to link has a model for it.  R: nothing refers to them. */
    .section .tdata.kept, "awTR", @progbits
    .balign 32
    .quad 0x1111111111111111
    .quad 0x2222222222222222

    .section .tbss.kept, "awTR", @nobits
    .balign 8
    .skip 24
