/* entry_state.h: what start.S saves of how the tender has left vCPU 0. */
#ifndef HERMIT_ENTRY_STATE_H
#define HERMIT_ENTRY_STATE_H

/* Offsets into struct entry_state. */
#define ENTRY_GDTR 168
#define ENTRY_IDTR 184
#define ENTRY_SELECTORS 200
#define ENTRY_STATE_SIZE 216

#ifndef __ASSEMBLER__

#include "abi.h"

struct entry_state {
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rflags, cr0, cr3, cr4, efer;
    struct __attribute__((packed)) table_pointer {
        uint16_t limit;
        uint64_t base;
        uint16_t reserved[3];
    } gdtr, idtr;
    uint16_t cs, ds, es, ss, fs, gs, task, local;
};
ABI_SIZE(struct entry_state, ENTRY_STATE_SIZE);
ABI_OFFSET(struct entry_state, gdtr, ENTRY_GDTR);
ABI_OFFSET(struct entry_state, idtr, ENTRY_IDTR);
ABI_OFFSET(struct entry_state, cs, ENTRY_SELECTORS);

extern struct entry_state entry_state;

#endif

#endif
