/* interrupts.h: what interrupts.c and its assembly say to each other. */
#ifndef HERMIT_INTERRUPTS_H
#define HERMIT_INTERRUPTS_H

#define VECTORS 64
#define STUB_SIZE 16

#ifndef __ASSEMBLER__

#include "exception.h"

extern const char interrupt_stubs[];

void interrupt_handle(const struct exception_frame *frame, uint64_t cr2);

#endif

#endif
