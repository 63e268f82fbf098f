/* layout: reports everything that the tender has prepared, for tests to
 * compare: boot information, manifest, registers at entry. */
#include "guest.h"

#include "entry.h"

ABI_OFFSET(struct entry_state, rflags, 128);
ABI_OFFSET(struct entry_state, selectors, 136);
ABI_OFFSET(struct entry_state, idt, 162);

#define MSR_EFER 0xc0000080

#define READ_CONTROL(name)                                           \
    static uint64_t read_##name(void)                                \
    {                                                                \
        uint64_t value;                                              \
        __asm__ volatile("mov %%" #name ", %0" : "=r"(value));       \
        return value;                                                \
    }
READ_CONTROL(cr0)
READ_CONTROL(cr2)
READ_CONTROL(cr3)
READ_CONTROL(cr4)

static uint64_t read_msr(uint32_t number)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
    return (uint64_t)high << 32 | low;
}

static void print_boot_info(const char *cmdline)
{
    printl("boot_info=%p", (const void *)boot_info);
    printl("mem_size=0x%lx", boot_info->mem_size);
    printl("kernel_end=0x%lx", boot_info->kernel_end);
    printl("cpu_cycle_freq=%lu", boot_info->cpu_cycle_freq);
    printl("cmdline=0x%lx length=%lu", boot_info->cmdline, string_length(cmdline));
    printl("manifest=0x%lx", boot_info->manifest);
    printl("host_features=0x%x", boot_info->host_features);
    printl("guest_features=0x%x", boot_info->guest_features);
    printl("net_ring=0x%lx", boot_info->net_ring);
    printl("text=%p rodata=%p data=%p bss=%p end=%p",
        guest_text, guest_rodata, guest_data, guest_bss, guest_end);
}

static void print_entry_state(void)
{
    static const char *const registers[ENTRY_REGISTERS] = {
        "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp",
        "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    };
    static const char *const selectors[] = {"cs", "ss", "ds", "es", "fs", "gs", "tr", "ldtr"};
    for (unsigned i = 0; i < ENTRY_REGISTERS; i++)
        printl("%s=0x%lx", registers[i], entry_state.registers[i]);
    printl("rflags=0x%lx", entry_state.rflags);
    for (unsigned i = 0; i < COUNT_OF(selectors); i++)
        printl("%s=0x%x", selectors[i], entry_state.selectors[i]);
    printl("gdt base=0x%lx limit=0x%x", entry_state.gdt.base, entry_state.gdt.limit);
    printl("idt base=0x%lx limit=0x%x", entry_state.idt.base, entry_state.idt.limit);
    printl("cr0=0x%lx", read_cr0());
    printl("cr2=0x%lx", read_cr2());
    printl("cr3=0x%lx", read_cr3());
    printl("cr4=0x%lx", read_cr4());
    printl("efer=0x%lx", read_msr(MSR_EFER));
}

static void print_entry(uint64_t handle)
{
    const struct manifest_entry *entry = device_entry(handle);
    const uint8_t *mac = entry->device.net.mac;
    printl("entry %lu name=\"%s\" type=0x%x attached=%u tender_private=0x%lx",
        handle, entry->name, entry->type, (unsigned)entry->attached, entry->tender_private);
    if (entry->type == MANIFEST_BLOCK_BASIC)
        printl("entry %lu capacity=%lu block_size=%u",
            handle, entry->device.block.capacity, (unsigned)entry->device.block.block_size);
    if (entry->type == MANIFEST_NET_BASIC)
        printl("entry %lu mac=%02x:%02x:%02x:%02x:%02x:%02x mtu=%u",
            handle, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
            (unsigned)entry->device.net.mtu);
}

static void print_manifest(void)
{
    const struct manifest *manifest = device_manifest();
    printl("manifest version=%u entries=%u", manifest->version, manifest->entries);
    for (uint64_t handle = 0; handle < manifest->entries; handle++)
        print_entry(handle);
}

static int check(void)
{
    REQUIRE((uintptr_t)boot_info == HVT_BOOT_INFO_BASE, "boot_info is elsewhere");
    REQUIRE(boot_info->cpu_cycle_freq != 0, "cpu_cycle_freq is 0");
    REQUIRE(boot_info->guest_features == 0, "guest_features is not 0");
    REQUIRE((boot_info->host_features != 0) == (boot_info->net_ring != 0),
        "host_features and net_ring contradict each other");
    REQUIRE(device_manifest()->version == MANIFEST_VERSION, "manifest version");
    for (uint64_t handle = 0; handle < device_manifest()->entries; handle++)
        REQUIRE(device_entry(handle)->tender_private == 0, "tender_private of %lu", handle);
    return success();
}

int guest_main(const char *cmdline)
{
    print_boot_info(cmdline);
    print_entry_state();
    print_manifest();
    return check();
}
