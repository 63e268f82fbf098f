/* segments.h: selectors of the guest's GDT, for C and assembly. */
#ifndef GUEST_SEGMENTS_H
#define GUEST_SEGMENTS_H

/* The first two as the tender has them. */
#define SELECTOR_CODE 0x08
#define SELECTOR_DATA 0x10
#define SELECTOR_RING3_DATA 0x1b
#define SELECTOR_RING3_CODE 0x23
#define SELECTOR_TASK 0x28

#define VECTOR_COUNT 32

#endif
