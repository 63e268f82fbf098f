/* apic.h: the interrupt controllers. */
#ifndef HERMIT_APIC_H
#define HERMIT_APIC_H

#include "hermit_guest.h"

/* Registers of the local APIC, as offsets into its page. */
#define APIC_ID 0x20
#define APIC_TASK_PRIORITY 0x80
#define APIC_END_OF_INTERRUPT 0xb0
#define APIC_SPURIOUS 0xf0
#define APIC_TIMER 0x320
#define APIC_TIMER_COUNT 0x380
#define APIC_TIMER_NOW 0x390
#define APIC_TIMER_DIVISION 0x3e0

/* By MSRs if it can be (x2APIC) and should be, otherwise at its address. */
void apic_enable(bool by_msrs);
uint32_t apic_read(unsigned offset);
void apic_write(unsigned offset, uint32_t value);
static inline void apic_end_of_interrupt(void)
{
    apic_write(APIC_END_OF_INTERRUPT, 0);
}

/* Sends a line of the I/O APIC to CPU 0, by its edges or as the level that it is. */
void line_enable(unsigned line, unsigned vector, bool is_level);

#endif
