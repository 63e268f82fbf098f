/* rings.c: descriptors and rings with anything in them. */
#include "hostile_net.h"

static int start(void)
{
    if (begin() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    for (uint16_t i = 0; i < QUEUE_SIZE; i++)
        describe_frame(i);
    return finish();
}

static void offer(uint16_t head)
{
    queue_offer(&transmit, head);
    device.notify(QUEUE_TRANSMIT);
}

int run_index(uint64_t index)
{
    if (start() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    transmit.available->index = (uint16_t)index;
    device.notify(QUEUE_TRANSMIT);
    return broken();
}

int run_head(uint64_t head)
{
    if (start() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    offer((uint16_t)head);
    return broken();
}

int run_next(uint64_t next)
{
    if (start() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    transmit.descriptors[0].flags = DESCRIPTOR_NEXT;
    transmit.descriptors[0].next = (uint16_t)next;
    offer(0);
    return broken();
}

/* Two descriptors, each of which is followed by the other. */
int run_loop(uint64_t argument)
{
    (void)argument;
    if (start() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    for (uint16_t i = 0; i < 2; i++) {
        transmit.descriptors[i].flags = DESCRIPTOR_NEXT;
        transmit.descriptors[i].next = (uint16_t)(1 - i);
    }
    offer(0);
    return broken();
}

int run_address(uint64_t which)
{
    static const uint64_t far = 1ULL << 50;
    if (start() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    transmit.descriptors[0].address = which == BEYOND ? boot.ram_end
        : which == STRADDLE                           ? boot.ram_end - 20
        : which == WRAP                               ? UINT64_MAX - 20
                                                      : far;
    offer(0);
    return broken();
}

int run_length(uint64_t length)
{
    if (start() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    transmit.descriptors[0].length = (uint32_t)length;
    offer(0);
    return broken();
}

int run_flags(uint64_t flags)
{
    if (start() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    transmit.descriptors[0].flags = (uint16_t)flags;
    offer(0);
    return broken();
}

/* Larger than any frame: all descriptors, with all of memory from the image on. */
int run_large(uint64_t argument)
{
    (void)argument;
    if (start() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    for (uint16_t i = 0; i < QUEUE_SIZE; i++) {
        transmit.descriptors[i].address = boot.image_start;
        transmit.descriptors[i].length = (uint32_t)(boot.ram_end - boot.image_start);
        transmit.descriptors[i].flags = i + 1 < QUEUE_SIZE ? DESCRIPTOR_NEXT : 0;
        transmit.descriptors[i].next = (uint16_t)(i + 1);
    }
    offer(0);
    return broken();
}

/* Noticed as soon as there is something to be received, if ever. */
int run_receive_flags(uint64_t flags)
{
    if (start() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    for (uint16_t i = 0; i < QUEUE_SIZE; i++) {
        queue_describe(&receive, i, buffer, sizeof(buffer), (uint16_t)flags);
        queue_offer(&receive, i);
    }
    device.notify(QUEUE_RECEIVE);
    needs_reset();
    return survived_reset();
}

/* More frames than an index can count: nothing is wrong with that. */
int run_wrap(uint64_t argument)
{
    uint64_t sent = 0;
    (void)argument;
    if (start() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    /* Empty frames are dropped, and given back. */
    for (uint16_t i = 0; i < QUEUE_SIZE; i++)
        transmit.descriptors[i].length = device.header_size;
    for (unsigned round = 0; round < 5; round++) {
        uint64_t end = time_stamp() + milliseconds(5000);
        for (uint16_t i = 0; i < QUEUE_SIZE; i++)
            queue_offer(&transmit, i);
        device.notify(QUEUE_TRANSMIT);
        while (transmit.used->index != transmit.available->index)
            REQUIRE(time_stamp() < end, "frame %u was not given back", transmit.used->index);
        sent += QUEUE_SIZE;
    }
    REQUIRE((device.status() & STATUS_NEEDS_RESET) == 0, "status");
    printl("sent %lu", sent);
    return survived_reset();
}

/* The guest never stops notifying, and changes what it has made available. */
int run_spinning(uint64_t argument)
{
    (void)argument;
    if (start() != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    for (unsigned i = 0; i < 300; i++) {
        uint16_t slot = i % QUEUE_SIZE;
        transmit.descriptors[slot].address = i % 3 == 0 ? boot.ram_end : (uintptr_t)buffer;
        queue_offer(&transmit, slot);
        device.notify(QUEUE_TRANSMIT);
        transmit.descriptors[slot].length = i * 7777;
        transmit.descriptors[slot].flags = (uint16_t)i;
    }
    needs_reset();
    return survived_reset();
}
