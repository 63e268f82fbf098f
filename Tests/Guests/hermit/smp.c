/* smp: the vCPUs come online one after the other, and then all count at once.
 * The last word of the first line is how many there are. */
#include "entry_state.h"
#include "hermit_guest.h"

#define ROUNDS 500

static volatile uint64_t shared;
static volatile uint64_t counts[MOST_CPUS];
static volatile uint32_t bad_number, finished;
static volatile uint32_t go;

static uint32_t apic_number(void)
{
    return cpuid(1, 0).b >> 24;
}

/* One package of cores with a thread each, as the leaf of the topology says, if there is one. */
__attribute__((noinline)) static bool is_topology_right(unsigned cpu)
{
    struct cpuid features = cpuid(1, 0), threads = cpuid(0xb, 0), cores = cpuid(0xb, 1);
    if ((features.b >> 16 & 0xff) != boot.cpu_count)
        return false;
    if (cpuid(0, 0).a < 0xb)
        return true;
    return threads.a == 0 && threads.b == 1 && threads.d == cpu && cores.d == cpu
        && cores.b == boot.cpu_count && 1U << cores.a >= boot.cpu_count
        && (cores.a == 0 || 1U << (cores.a - 1) < boot.cpu_count);
}

static void count(unsigned cpu)
{
    while (!go)
        pause_cpu();
    for (unsigned i = 0; i < ROUNDS; i++) {
        __atomic_fetch_add(&shared, 1, __ATOMIC_SEQ_CST);
        counts[cpu]++;
    }
    __atomic_fetch_add(&finished, 1, __ATOMIC_SEQ_CST);
}

static void run(unsigned cpu)
{
    printl("cpu %u online", cpu);
    if (apic_number() != cpu || !is_topology_right(cpu))
        bad_number = 1;
    if (cpu + 1 < boot.cpu_count)
        cpu_release(run);
    else
        go = 1;
    count(cpu);
}

static int check_entries(void)
{
    for (unsigned cpu = 1; cpu < boot.cpu_count; cpu++)
        REQUIRE(cpu_entries[cpu].boot_info == entry_state.rdi
                && cpu_entries[cpu].stack == entry_state.rsp,
            "cpu %u has started in another state than cpu 0", cpu);
    return HVT_EXIT_SUCCESS;
}

int guest_main(const char *cmdline)
{
    (void)cmdline;
    REQUIRE(boot.cpu_count <= MOST_CPUS, "too many CPUs");
    printl("cpus %lu", boot.cpu_count);
    run(0);
    while (finished < boot.cpu_count)
        pause_cpu();
    printl("counted %lu", shared);
    REQUIRE(!bad_number, "the number of an APIC is not that of its CPU");
    REQUIRE(shared == ROUNDS * boot.cpu_count, "counts were lost");
    REQUIRE(check_entries() == HVT_EXIT_SUCCESS, "entry state");
    return success();
}
