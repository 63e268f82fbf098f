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
    return HVT_EXIT_SUCCESS;
}
