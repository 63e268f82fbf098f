/* net-echo: answers `ping` at the address in the first word, on a virtio-net
 * device: its legacy face before entry version 4, otherwise the modern one.
 * count=N ends it after N echoes.  wait=poll looks at the ring all the time
 * instead of waiting for interrupts.  line=level takes the line as one, and has
 * the first interrupt last until one more frame has come: that is said again
 * after its end, or the guest waits for ever. */
#include "apic.h"
#include "virtio.h"

#define BUFFERS 16
#define BUFFER_SIZE 2048
#define MODERN_SIZE 16
#define VECTOR 43

static struct net_device device;
static struct virtqueue receive, transmit;
static uint8_t receive_pages[QUEUE_PAGES * PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t transmit_pages[QUEUE_PAGES * PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t buffers[BUFFERS][BUFFER_SIZE] __attribute__((aligned(16)));
static uint64_t interrupts;
static bool is_level;

static bool has_legacy_face(void)
{
    return flavour.entry < HERMIT_ENTRY_VERSION_4;
}

static void handle(void)
{
    interrupts++;
    device.interrupt_status();
    if (is_level && interrupts == 1) {
        uint16_t before = receive.used->index;
        while (receive.used->index == before)
            pause_cpu();
        /* The device is between two registers' accesses in one piece: after this one, it has said
         * what it had to say about that frame. */
        device.status();
        receive.available->flags = AVAILABLE_NO_INTERRUPT;
    }
    apic_end_of_interrupt();
}

static void offer(uint16_t number)
{
    queue_describe(&receive, number, buffers[number], BUFFER_SIZE, DESCRIPTOR_WRITABLE);
    queue_offer(&receive, number);
}

static int start(bool polls)
{
    uint64_t features = FEATURE_MAC | FEATURE_STATUS | FEATURE_VERSION_1;
    uint16_t size = has_legacy_face() ? QUEUE_MOST : MODERN_SIZE;
    const uint8_t *mac = device.facts.mac;
    printl("features=0x%lx mac=%02x:%02x:%02x:%02x:%02x:%02x link=%u mtu=%u",
        device.facts.features, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
        device.facts.link, device.facts.mtu);
    REQUIRE(device.begin(&device, features & device.facts.features), "features");
    queue_place(&receive, QUEUE_RECEIVE, size, receive_pages);
    queue_place(&transmit, QUEUE_TRANSMIT, size, transmit_pages);
    REQUIRE(device.add_queue(&receive) && device.add_queue(&transmit), "queues");
    transmit.available->flags = AVAILABLE_NO_INTERRUPT;
    if (polls) {
        receive.available->flags = AVAILABLE_NO_INTERRUPT;
    } else {
        interrupts_off();
        interrupt_install(VECTOR, handle);
        apic_enable(true);
        line_enable(device.interrupt_line, VECTOR, is_level);
    }
    device.finish();
    for (uint16_t i = 0; i < BUFFERS; i++)
        offer(i);
    device.notify(QUEUE_RECEIVE);
    return HVT_EXIT_SUCCESS;
}

/* Out of the buffer in which the answer is, behind an empty header. */
static void send(const uint8_t *buffer, uint64_t length)
{
    queue_describe(&transmit, 0, buffer, (uint32_t)(device.header_size + length), 0);
    queue_offer(&transmit, 0);
    device.notify(QUEUE_TRANSMIT);
    while (!queue_has_used(&transmit))
        pause_cpu();
    queue_take(&transmit);
}

static int answer(struct responder *responder)
{
    struct used_element used = queue_take(&receive);
    REQUIRE(used.head < BUFFERS, "buffer %u", used.head);
    REQUIRE(used.length > device.header_size && used.length <= BUFFER_SIZE, "length %u",
        used.length);
    uint8_t *buffer = buffers[used.head];
    uint64_t length = responder_answer(
        responder, buffer + device.header_size, used.length - device.header_size);
    if (length > 0) {
        memset(buffer, 0, device.header_size);
        send(buffer, length);
    }
    offer((uint16_t)used.head);
    device.notify(QUEUE_RECEIVE);
    return HVT_EXIT_SUCCESS;
}

static void wait_for_frame(bool polls)
{
    while (!queue_has_used(&receive)) {
        if (polls)
            pause_cpu();
        else
            wait_for_interrupt();
    }
}

int guest_main(const char *cmdline)
{
    const char *cursor = cmdline;
    struct word address;
    struct responder responder = {.echoes = 0};
    uint64_t count = argument_number(cmdline, "count", UINT64_MAX);
    bool polls = word_is(argument(cmdline, "wait"), "poll");
    is_level = word_is(argument(cmdline, "line"), "level");
    REQUIRE(next_word(&cursor, &address) && responder_set_address(&responder, address),
        "the first argument must be an IPv4 address");
    if (!(has_legacy_face() ? net_find_legacy(&device) : net_find_modern(&device)))
        return HVT_EXIT_FAILURE;
    memcpy(responder.mac, device.facts.mac, sizeof(responder.mac));
    if (start(polls) != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    print("serving\n");
    if (is_level) {
        while (interrupts < 2)
            wait_for_interrupt();
        receive.available->flags = 0;
        print("told again\n");
    }
    while (responder.echoes < count) {
        wait_for_frame(polls);
        if (answer(&responder) != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
    }
    printl("echoes=%lu interrupts=%s", responder.echoes, interrupts > 0 ? "yes" : "no");
    return success();
}
