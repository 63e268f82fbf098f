/* apic.c: local APIC, I/O APIC, and no 8259. */
#include "apic.h"

#define MSR_APIC_BASE 0x1b
#define APIC_BASE_ENABLED 0x800ULL
#define APIC_BASE_X2APIC 0x400ULL
#define MSR_X2APIC 0x800
#define CPUID_X2APIC 0x200000
#define APIC_ADDRESS 0xfee00000ULL
#define SPURIOUS_VECTOR 63
#define SPURIOUS_ENABLE 0x100

#define IO_APIC_ADDRESS 0xfec00000ULL
#define IO_APIC_SELECT 0x00
#define IO_APIC_WINDOW 0x10
#define IO_APIC_ENTRIES 0x10

/* As PCI has it. */
#define LEVEL_ACTIVE_LOW 0xa000

#define PIC_MASKS 0x21
#define PIC_2_MASKS 0xa1

static bool has_msrs;

static void ignore(void)
{
}

void apic_enable(bool by_msrs)
{
    uint64_t base = msr_read(MSR_APIC_BASE) | APIC_BASE_ENABLED;
    has_msrs = by_msrs && (cpuid(1, 0).c & CPUID_X2APIC) != 0;
    port_write_byte(PIC_MASKS, 0xff);
    port_write_byte(PIC_2_MASKS, 0xff);
    if (has_msrs) {
        msr_write(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
    } else {
        msr_write(MSR_APIC_BASE, base);
        map_page(APIC_ADDRESS, APIC_ADDRESS | PAGE_NO_CACHE, 2);
    }
    interrupt_install(SPURIOUS_VECTOR, ignore);
    apic_write(APIC_TASK_PRIORITY, 0);
    apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | SPURIOUS_VECTOR);
}

uint32_t apic_read(unsigned offset)
{
    if (has_msrs)
        return (uint32_t)msr_read(MSR_X2APIC + offset / 16);
    return *(volatile uint32_t *)(APIC_ADDRESS + offset);
}

void apic_write(unsigned offset, uint32_t value)
{
    if (has_msrs)
        msr_write(MSR_X2APIC + offset / 16, value);
    else
        *(volatile uint32_t *)(APIC_ADDRESS + offset) = value;
}

static void io_apic_write(uint32_t number, uint32_t value)
{
    *(volatile uint32_t *)(IO_APIC_ADDRESS + IO_APIC_SELECT) = number;
    *(volatile uint32_t *)(IO_APIC_ADDRESS + IO_APIC_WINDOW) = value;
}

void line_enable(unsigned line, unsigned vector, bool is_level)
{
    map_page(IO_APIC_ADDRESS, IO_APIC_ADDRESS | PAGE_NO_CACHE, 2);
    io_apic_write(IO_APIC_ENTRIES + 2 * line + 1, 0);
    io_apic_write(IO_APIC_ENTRIES + 2 * line, vector | (is_level ? LEVEL_ACTIVE_LOW : 0));
}
