/* processor: reports everything that the processor says of itself, for tests to compare, and
 * looks at what must be so on every host. */
#include "guest.h"

#define MSR_FS_BASE 0xc0000100U
#define BRAND 0x80000002U
#define X2APIC (1U << 21)

struct cpuid {
    uint32_t a, b, c, d;
};

static struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid result;
    __asm__ volatile("cpuid"
                     : "=a"(result.a), "=b"(result.b), "=c"(result.c), "=d"(result.d)
                     : "a"(leaf), "c"(subleaf));
    return result;
}

static bool is_empty(struct cpuid part)
{
    return (part.a | part.b | part.c | part.d) == 0;
}

static void print_leaves(uint32_t first)
{
    /* Later parts of a leaf that has one part only are like the first, or empty. */
    const uint32_t parts = 5;
    uint32_t last = cpuid(first, 0).a;
    if (last < first || last - first > 0x100)
        return;
    for (uint32_t leaf = first; leaf <= last; leaf++)
        for (uint32_t i = 0; i < parts; i++) {
            struct cpuid part = cpuid(leaf, i);
            if (!is_empty(part))
                printl("cpuid %x.%u %x %x %x %x", leaf, i, part.a, part.b, part.c, part.d);
        }
}

static void print_brand(void)
{
    uint32_t brand[13] = {0};
    for (uint32_t i = 0; i < 3; i++) {
        struct cpuid part = cpuid(BRAND + i, 0);
        brand[4 * i] = part.a;
        brand[4 * i + 1] = part.b;
        brand[4 * i + 2] = part.c;
        brand[4 * i + 3] = part.d;
    }
    printl("brand %s", (const char *)brand);
}

/* What the ABI needs: a counter that can be relied on, if the host has one, and a place for
 * thread-local data. */
static int check_abi(void)
{
    uint64_t base = (uintptr_t)guest_data, found;
    __asm__ volatile("wrmsr" : : "c"(MSR_FS_BASE), "a"((uint32_t)base), "d"((uint32_t)(base >> 32)));
    __asm__ volatile("mov %%fs:0, %0" : "=r"(found));
    REQUIRE(found == *(volatile uint64_t *)guest_data, "FS base is elsewhere");
    printl("invariant counter %u", cpuid(0x80000007U, 0).d >> 8 & 1);
    return HVT_EXIT_SUCCESS;
}

static int check_topology(void)
{
    struct cpuid features = cpuid(1, 0);
    REQUIRE(features.b >> 24 == 0, "APIC id %u", features.b >> 24);
    REQUIRE((features.b >> 16 & 0xff) == 1, "%u processors", features.b >> 16 & 0xff);
    REQUIRE((features.c & X2APIC) == 0, "an x2APIC");
    if (cpuid(0, 0).a >= 0xb) {
        struct cpuid threads = cpuid(0xb, 0), cores = cpuid(0xb, 1);
        REQUIRE(threads.a == 0 && threads.b == 1 && threads.d == 0, "threads");
        REQUIRE(cores.a == 0 && cores.b == 1 && cores.d == 0, "cores");
    }
    return HVT_EXIT_SUCCESS;
}

int guest_main(const char *cmdline)
{
    (void)cmdline;
    print_leaves(0);
    print_leaves(0x40000000U);
    print_leaves(0x80000000U);
    print_brand();
    REQUIRE(check_abi() == HVT_EXIT_SUCCESS, "ABI");
    REQUIRE(check_topology() == HVT_EXIT_SUCCESS, "topology");
    return success();
}
