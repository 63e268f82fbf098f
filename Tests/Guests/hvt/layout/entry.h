/* entry.h: the state of the vCPU at the guest's first instruction. */
#ifndef LAYOUT_ENTRY_H
#define LAYOUT_ENTRY_H

#include <stdint.h>

#define ENTRY_REGISTERS 16

struct table_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

struct entry_state {
    /* RAX, RBX, RCX, RDX, RSI, RDI, RBP, RSP, R8 to R15 */
    uint64_t registers[ENTRY_REGISTERS];
    uint64_t rflags;
    /* CS, SS, DS, ES, FS, GS, TR, LDTR */
    uint16_t selectors[8];
    struct table_pointer gdt;
    struct table_pointer idt;
};

extern const struct entry_state entry_state;

#endif
