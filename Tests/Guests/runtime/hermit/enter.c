/* enter.c: from the entry state to guest_main. */
#include "hermit_guest.h"

struct hermit_boot_info boot;

_Noreturn void guest_enter(const void *information);
void arguments_find(void);

static void copy_boot_info(const void *information)
{
    if (flavour.entry > HERMIT_ENTRY_VERSION_2) {
        memcpy(&boot, information, sizeof(boot));
        return;
    }
    /* The same without the device tree. */
    size_t before = offsetof(struct hermit_boot_info_2, image_start);
    memcpy(&boot, information, before);
    memcpy(&boot.image_start, (const uint8_t *)information + before,
        sizeof(struct hermit_boot_info_2) - before);
}

void guest_enter(const void *information)
{
    interrupts_load();
    copy_boot_info(information);
    arguments_find();
    guest_exit(guest_main(guest_cmdline));
}
