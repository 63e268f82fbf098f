/* cpus.c: lets one vCPU after the other begin. */
#include "hermit_guest.h"

#define STACK_SIZE 16384

/* start.S waits for the first to become its vCPU's number, then takes the other. */
volatile uint32_t cpus_online;
char *volatile next_stack;

static char stacks[MOST_CPUS][STACK_SIZE] __attribute__((aligned(16)));
static void (*volatile next_run)(unsigned cpu);
struct cpu_entry cpu_entries[MOST_CPUS];

_Noreturn void cpu_enter(unsigned cpu, uint64_t boot_info, uint64_t stack);

void cpu_release(void (*run)(unsigned cpu))
{
    next_run = run;
    next_stack = stacks[cpus_online] + STACK_SIZE;
    cpus_online++;
}

unsigned cpus_running(void)
{
    return cpus_online;
}

void cpu_enter(unsigned cpu, uint64_t boot_info, uint64_t stack)
{
    interrupts_load();
    cpu_entries[cpu] = (struct cpu_entry){boot_info, stack};
    next_run(cpu);
    for (;;)
        __asm__ volatile("cli\n\thlt");
}
