/* boot: all of the state in which a guest starts. */
#include "boot.h"

static int (*const checks[])(void) = {
    check_registers, check_information, check_image, check_symbols, check_thread_local,
    check_page_tables, check_device_tree, check_cpuid,
};

bool is_kept(uint64_t address, uint64_t size)
{
    return address >= boot.ram_start && address + size <= boot.image_start
        && address + size <= boot.ram_start + LARGE_PAGE_SIZE;
}

int guest_main(const char *cmdline)
{
    (void)cmdline;
    for (size_t i = 0; i < COUNT_OF(checks); i++) {
        int status = checks[i]();
        if (status != HVT_EXIT_SUCCESS)
            return status;
    }
    return success();
}
