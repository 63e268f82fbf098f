/* processor.h: what is this processor's. */
#ifndef GUEST_PROCESSOR_H
#define GUEST_PROCESSOR_H

#include <stdint.h>

#define READ_REGISTER(name)                                     \
    ({                                                          \
        uint64_t value_;                                        \
        __asm__ volatile("mrs %0, " #name : "=r"(value_));      \
        value_;                                                 \
    })

#define WRITE_REGISTER(name, value) \
    __asm__ volatile("msr " #name ", %0\n\tisb" : : "r"((uint64_t)(value)) : "memory")

/* `ret`. */
#define RETURN 0xd65f03c0u

/* ESR_EL1: the exception class; what WRITE_REGISTER(vbar_el1) takes. */
#define SYNDROME_CLASS(syndrome) ((syndrome) >> 26 & 0x3f)
#define CLASS_UNDEFINED 0x00
#define CLASS_INSTRUCTION_ABORT 0x21
#define CLASS_DATA_ABORT 0x25
#define CLASS_BREAKPOINT 0x3c

/* The vectors that the guest was started with. */
extern uint64_t tender_vectors;

#endif
