/* cpuid.c: what the CPU is said to be. */
#include "boot.h"

#define HYPERVISOR 0x80000000U
#define TSC_DEADLINE 0x01000000U
#define MSR 0x20U
#define BRAND 0x80000002U
#define PERFORMANCE 0xa
#define MSR_MISC_ENABLE 0x1a0

int check_cpuid(void)
{
    uint32_t brand[13] = {0};
    for (uint32_t i = 0; i < 3; i++) {
        struct cpuid part = cpuid(BRAND + i, 0);
        memcpy(brand + 4 * i, &part, sizeof(part));
    }
    struct cpuid features = cpuid(1, 0);
    printl("brand %s", (const char *)brand);
    printl("cpuid 1: ebx=0x%x ecx=0x%x edx=0x%x", features.b, features.c, features.d);
    printl("misc_enable=0x%lx", msr_read(MSR_MISC_ENABLE));
    REQUIRE((features.c & HYPERVISOR) != 0, "no hypervisor");
    REQUIRE((features.c & TSC_DEADLINE) != 0, "no TSC deadline");
    REQUIRE((features.d & MSR) != 0, "no MSRs");
    REQUIRE(features.b >> 24 == 0, "APIC number of vCPU 0");
    if (cpuid(0, 0).a >= PERFORMANCE)
        REQUIRE(cpuid(PERFORMANCE, 0).a == 0, "performance counters");
    REQUIRE((msr_read(MSR_MISC_ENABLE) & 1) == 1, "fast strings");
    return HVT_EXIT_SUCCESS;
}
