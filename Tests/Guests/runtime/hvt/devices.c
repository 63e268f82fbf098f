/* devices.c: finds devices in the manifest that the tender filled in. */
#include "guest.h"

const struct manifest *device_manifest(void)
{
    return (const struct manifest *)(uintptr_t)boot_info->manifest;
}

const struct manifest_entry *device_entry(uint64_t handle)
{
    return &device_manifest()->entry[handle];
}

uint64_t device_handle(const char *name, uint32_t type)
{
    for (uint64_t handle = 1; handle < device_manifest()->entries; handle++) {
        const struct manifest_entry *entry = device_entry(handle);
        if (entry->type == type && entry->attached == 1 && strings_equal(entry->name, name))
            return handle;
    }
    hypercall_halt(failure("device %s is not attached", name), 0);
}
