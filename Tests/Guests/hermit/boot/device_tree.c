/* device_tree.c: the flattened device tree. */
#include "boot.h"

#define LARGEST_TREE 16384

static bool is_number(const char *node, const char *property, uint32_t number)
{
    uint32_t length;
    const uint8_t *value = device_tree_property(node, property, &length);
    return value != NULL && length == 4 && load_big_32(value) == number;
}

static bool is_text(const char *node, const char *property, const char *text)
{
    uint32_t length;
    const uint8_t *value = device_tree_property(node, property, &length);
    return value != NULL && length == string_length(text) + 1
        && memcmp(value, text, length) == 0;
}

static int check_nodes(void)
{
    uint32_t length;
    REQUIRE(is_text("", "compatible", "hermit,uhyve"), "compatible");
    REQUIRE(is_number("", "#address-cells", 2) && is_number("", "#size-cells", 2), "cells");
    REQUIRE(is_text("memory", "device_type", "memory"), "memory");
    const uint8_t *reg = device_tree_property("memory", "reg", &length);
    REQUIRE(reg != NULL && length == 16, "reg of memory");
    REQUIRE(load_big_64(reg) == boot.ram_start
            && load_big_64(reg + 8) == boot.ram_end - boot.ram_start,
        "memory is 0x%lx 0x%lx", load_big_64(reg), load_big_64(reg + 8));
    REQUIRE(is_number("hermit,tsc", "khz", boot.cpu_frequency), "frequency");
    unsigned cpus = device_tree_children("cpus", "cpu");
    REQUIRE(cpus == boot.cpu_count, "%u nodes for CPUs", cpus);
    REQUIRE(is_number("cpus", "#address-cells", 1) && is_number("cpus", "#size-cells", 0),
        "cells of CPUs");
    return HVT_EXIT_SUCCESS;
}

static void print_mounts(void)
{
    uint32_t length;
    const uint8_t *mounts = device_tree_property("uhyve,mounts", "mounts", &length);
    if (mounts == NULL)
        print("no mounts\n");
    for (uint32_t i = 0; mounts != NULL && i < length;) {
        printl("mount %s", (const char *)mounts + i);
        i += (uint32_t)string_length((const char *)mounts + i) + 1;
    }
}

uint64_t archive_end(void)
{
    uint32_t length;
    const uint8_t *end = device_tree_property("chosen", "linux,initrd-end", &length);
    return end != NULL && length == 8 ? load_big_64(end) : 0;
}

/* A tar archive after the image, which the table of reserved memory leaves out. */
static int check_archive(void)
{
    const uint8_t *tree = (const uint8_t *)boot.device_tree;
    const uint8_t *reserved = tree + load_big_32(tree + 16);
    uint64_t end = archive_end();
    uint32_t length;
    const uint8_t *value = device_tree_property("chosen", "linux,initrd-start", &length);
    if (value == NULL && end == 0) {
        REQUIRE(load_big_64(reserved + 8) == 0, "memory is reserved");
        return HVT_EXIT_SUCCESS;
    }
    REQUIRE(value != NULL && length == 8, "the archive has no start");
    uint64_t start = load_big_64(value);
    REQUIRE(start >= boot.image_end && start % PAGE_SIZE == 0 && end > start + 512
            && end < boot.ram_end, "an archive at 0x%lx to 0x%lx", start, end);
    REQUIRE(load_big_64(reserved) == start && load_big_64(reserved + 8) >= end - start
            && load_big_64(reserved + 24) == 0, "reserved memory");
    REQUIRE(memcmp((const char *)start + 257, "ustar", 5) == 0, "no tar archive");
    printl("archive that begins with %s", (const char *)start);
    return HVT_EXIT_SUCCESS;
}

int check_device_tree(void)
{
    uint32_t length;
    printl("device_tree=0x%lx size=%u", boot.device_tree, device_tree_size());
    /* Nothing but bootargs needs it, so those kernels can do without. */
    if (is_legacy() && boot.device_tree == 0)
        return HVT_EXIT_SUCCESS;
    REQUIRE(flavour.entry > HERMIT_ENTRY_VERSION_2, "where would it come from?");
    REQUIRE(device_tree_size() > 0 && device_tree_size() < LARGEST_TREE, "no device tree");
    REQUIRE(is_kept(boot.device_tree, device_tree_size()), "the device tree is in the way");
    if (check_nodes() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    const char *bootargs = (const char *)device_tree_property("chosen", "bootargs", &length);
    if (bootargs == NULL) {
        print("no bootargs\n");
    } else {
        REQUIRE(length == string_length(bootargs) + 1, "bootargs do not end");
        printl("bootargs %s", bootargs);
    }
    print_mounts();
    return check_archive();
}
