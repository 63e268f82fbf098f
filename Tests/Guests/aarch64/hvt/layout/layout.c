/* layout: reports everything that the tender has prepared, for tests to
 * compare: boot information, manifest, registers at entry. */
#include "guest.h"

#include "processor.h"

/* X0 to X30, SP. */
extern const uint64_t entry_state[32];

static void print_boot_info(const char *cmdline)
{
    printl("boot_info=%p", (const void *)boot_info);
    printl("mem_size=0x%lx", boot_info->mem_size);
    printl("kernel_end=0x%lx", boot_info->kernel_end);
    printl("cpu_cycle_freq=%lu", boot_info->cpu_cycle_freq);
    printl("cmdline=0x%lx length=%lu", boot_info->cmdline, string_length(cmdline));
    printl("manifest=0x%lx", boot_info->manifest);
    printl("host_features=0x%x", boot_info->host_features);
    printl("net_ring=0x%lx", boot_info->net_ring);
}

static void print_entry_state(void)
{
    uint64_t others = 0;
    for (unsigned i = 1; i < 31; i++)
        others |= entry_state[i];
    printl("x0=0x%lx others=0x%lx sp=0x%lx", entry_state[0], others, entry_state[31]);
    printl("level=0x%lx masks=0x%lx sp_select=%lu",
        READ_REGISTER(currentel), READ_REGISTER(daif), READ_REGISTER(spsel));
    printl("sctlr=0x%lx", READ_REGISTER(sctlr_el1));
    printl("cpacr=0x%lx", READ_REGISTER(cpacr_el1));
    printl("mair=0x%lx", READ_REGISTER(mair_el1));
    printl("tcr=0x%lx", READ_REGISTER(tcr_el1));
    printl("ttbr0=0x%lx", READ_REGISTER(ttbr0_el1));
    printl("ttbr1=0x%lx", READ_REGISTER(ttbr1_el1));
    printl("vbar=0x%lx", tender_vectors);
    printl("cntfrq %s", READ_REGISTER(cntfrq_el0) == boot_info->cpu_cycle_freq ? "agrees" : "differs");
}

static void print_entry(uint64_t handle)
{
    const struct manifest_entry *entry = device_entry(handle);
    printl("entry %lu name=\"%s\" type=0x%x attached=%u",
        handle, entry->name, entry->type, (unsigned)entry->attached);
    if (entry->type == MANIFEST_BLOCK_BASIC)
        printl("entry %lu capacity=%lu block_size=%u",
            handle, entry->device.block.capacity, (unsigned)entry->device.block.block_size);
}

int guest_main(const char *cmdline)
{
    print_boot_info(cmdline);
    print_entry_state();
    for (uint64_t handle = 0; handle < device_manifest()->entries; handle++)
        print_entry(handle);
    REQUIRE((uintptr_t)boot_info == HVT_BOOT_INFO_BASE, "boot_info is elsewhere");
    REQUIRE(device_manifest()->version == MANIFEST_VERSION, "manifest version");
    return success();
}
