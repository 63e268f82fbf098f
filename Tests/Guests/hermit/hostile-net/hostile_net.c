/* hostile-net: misuses the network device, one defect at a time (--net); with
 * "all", one after the other.  The device may stop until it is reset, and
 * nothing else. */
#include "hostile_net.h"

#define PATIENCE 200 /* milliseconds */

struct net_device device;
struct virtqueue receive, transmit;
uint8_t buffer[PAGE_SIZE];

static uint8_t receive_pages[QUEUE_PAGES * PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t transmit_pages[QUEUE_PAGES * PAGE_SIZE] __attribute__((aligned(4096)));

static const struct guest_case cases[] = {
    {"queue-size-0", run_queue_size, 0},
    {"queue-size-3", run_queue_size, 3},
    {"queue-size-512", run_queue_size, 512},
    {"queue-size-65535", run_queue_size, 65535},
    {"descriptors-beyond", run_queue_place, 0},
    {"descriptors-straddle", run_queue_place, 1},
    {"descriptors-wrap", run_queue_place, 2},
    {"descriptors-odd", run_queue_place, 3},
    {"available-beyond", run_queue_place, 4},
    {"available-straddle", run_queue_place, 5},
    {"available-wrap", run_queue_place, 6},
    {"available-odd", run_queue_place, 7},
    {"used-beyond", run_queue_place, 8},
    {"used-straddle", run_queue_place, 9},
    {"used-wrap", run_queue_place, 10},
    {"used-odd", run_queue_place, 11},
    {"used-on-descriptors", run_queue_place, 12},
    {"step-driver-ok", run_steps, STATUS_DRIVER_OK},
    {"step-features", run_steps, STATUS_FEATURES_OK},
    {"step-all", run_steps, 0xf},
    {"step-unknown", run_steps, 0x30},
    {"step-failed", run_steps, STATUS_FAILED},
    {"features-unknown", run_features, UINT64_MAX},
    {"features-not-offered", run_features, FEATURE_VERSION_1 | 1ULL << 28},
    {"features-legacy", run_features, FEATURE_MAC},
    {"late-writes", run_late_writes, 0},
    {"early-notify", run_early_notify, 0},
    {"odd-notify", run_odd_notify, 0},
    {"no-queues", run_no_queues, 0},
    {"configuration", run_configuration, 0},
    {"bar-reads", run_bar_reads, 0},
    {"bar-writes", run_bar_writes, 0},
    {"ports", run_ports, 0},
    {"resets", run_resets, 0},
    {"index-jump", run_index, 1000},
    {"index-one-too-far", run_index, QUEUE_SIZE + 1},
    {"index-back", run_index, 65535},
    {"head-size", run_head, QUEUE_SIZE},
    {"head-most", run_head, 65535},
    {"next-size", run_next, QUEUE_SIZE},
    {"next-most", run_next, 65535},
    {"loop", run_loop, 0},
    {"address-beyond", run_address, BEYOND},
    {"address-straddle", run_address, STRADDLE},
    {"address-wrap", run_address, WRAP},
    {"address-far", run_address, FAR},
    {"length-0", run_length, 0},
    {"length-header", run_length, 11},
    {"length-most", run_length, UINT32_MAX},
    {"flags-writable", run_flags, DESCRIPTOR_WRITABLE},
    {"flags-indirect", run_flags, DESCRIPTOR_INDIRECT},
    {"flags-all", run_flags, 0xffff},
    {"large-frame", run_large, 0},
    {"receive-readable", run_receive_flags, 0},
    {"receive-indirect", run_receive_flags, DESCRIPTOR_INDIRECT | DESCRIPTOR_WRITABLE},
    {"wrap-around", run_wrap, 0},
    {"spinning", run_spinning, 0},
};

int begin(void)
{
    REQUIRE(device.begin(&device, FEATURE_VERSION_1 | FEATURE_MAC), "features");
    memset(receive_pages, 0, sizeof(receive_pages));
    memset(transmit_pages, 0, sizeof(transmit_pages));
    queue_place(&receive, QUEUE_RECEIVE, QUEUE_SIZE, receive_pages);
    queue_place(&transmit, QUEUE_TRANSMIT, QUEUE_SIZE, transmit_pages);
    return HVT_EXIT_SUCCESS;
}

int finish(void)
{
    REQUIRE(device.add_queue(&receive) && device.add_queue(&transmit), "queues");
    device.finish();
    REQUIRE((device.status() & STATUS_DRIVER_OK) != 0, "status 0x%x", device.status());
    return HVT_EXIT_SUCCESS;
}

void describe_frame(uint16_t head)
{
    queue_describe(&transmit, head, buffer, device.header_size + 60, 0);
}

bool needs_reset(void)
{
    uint64_t end = time_stamp() + milliseconds(PATIENCE);
    while (time_stamp() < end) {
        if ((device.status() & STATUS_NEEDS_RESET) != 0)
            return true;
    }
    return false;
}

/* A frame must get through, to wherever. */
static int works(void)
{
    uint64_t end;
    if (begin() != HVT_EXIT_SUCCESS || finish() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    describe_frame(0);
    queue_offer(&transmit, 0);
    device.notify(QUEUE_TRANSMIT);
    end = time_stamp() + milliseconds(10 * PATIENCE);
    while (!queue_has_used(&transmit)) {
        REQUIRE(time_stamp() < end, "nothing is sent any more");
        pause_cpu();
    }
    REQUIRE((device.status() & STATUS_NEEDS_RESET) == 0, "it is broken again");
    return HVT_EXIT_SUCCESS;
}

int survived_reset(void)
{
    printl("survived status=0x%x", device.status());
    device.set_status(0);
    REQUIRE(device.status() == 0, "no reset");
    return works();
}

int broken(void)
{
    REQUIRE(needs_reset(), "status 0x%x", device.status());
    return survived_reset();
}

int guest_main(const char *cmdline)
{
    const char *cursor = cmdline;
    struct word name;
    if (!net_find_modern(&device))
        return HVT_EXIT_FAILURE;
    if (!next_word(&cursor, &name) || !word_is(name, "all")) {
        int status = run_case(cases, COUNT_OF(cases), cmdline);
        return status == HVT_EXIT_SUCCESS ? success() : status;
    }
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        printl("case %s", cases[i].name);
        if (cases[i].run(cases[i].argument) != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
    }
    return success();
}
