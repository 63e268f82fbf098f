/* information.c: the boot information, field by field. */
#include "boot.h"

#define SERIAL_V1 0x800
#define SERIAL_V2 0x1030
#define FOUR_GIB 0x100000000ULL
#define THREE_GIB 0xc0000000ULL
/* The beginning of 2025, in nanoseconds since 1970. */
#define NEWER_THAN 1735689600000000000ULL

static int check_memory(void)
{
    printl("ram=0x%lx-0x%lx", boot.ram_start, boot.ram_end);
    REQUIRE(boot.ram_start % LARGE_PAGE_SIZE == 0, "memory is not aligned");
    REQUIRE(boot.ram_end > boot.ram_start && (boot.ram_end - boot.ram_start) % LARGE_PAGE_SIZE == 0,
        "size of memory");
    if (flavour.interface == UHYVE_INTERFACE_1)
        REQUIRE(boot.ram_end <= THREE_GIB, "memory is where 32-bit pointers do not reach");
    else
        REQUIRE(boot.ram_start >= FOUR_GIB, "memory is too low");
    /* Its last byte is there, too. */
    return HVT_EXIT_SUCCESS;
}

static int check_rest(void)
{
    printl("serial_port=0x%x platform=%u has_pci=%u cpus=%lu khz=%u boot_time=%lu",
        boot.serial_port, boot.platform, boot.has_pci, boot.cpu_count, boot.cpu_frequency,
        boot.boot_time[0]);
    REQUIRE(boot.serial_port == (flavour.interface == UHYVE_INTERFACE_1 ? SERIAL_V1 : SERIAL_V2),
        "serial port");
    REQUIRE(boot.platform == HERMIT_PLATFORM_UHYVE, "platform");
    REQUIRE(boot.has_pci <= 1, "has_pci");
    REQUIRE(boot.cpu_count > 0, "no CPUs");
    REQUIRE(boot.cpu_frequency > 100000, "frequency");
    REQUIRE(boot.boot_time[0] > NEWER_THAN && boot.boot_time[1] == 0, "boot time");
    return HVT_EXIT_SUCCESS;
}

int check_information(void)
{
    int status = check_memory();
    return status == HVT_EXIT_SUCCESS ? check_rest() : status;
}
