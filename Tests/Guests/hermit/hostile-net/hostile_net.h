/* hostile_net.h: what the cases of this guest share. */
#ifndef HOSTILE_NET_H
#define HOSTILE_NET_H

#include "pci.h"
#include "virtio.h"

#define QUEUE_SIZE 16

extern struct net_device device;
extern struct virtqueue receive, transmit;
extern uint8_t buffer[PAGE_SIZE];

/* Up to the features, and with both queues placed, but not yet told. */
int begin(void);
/* The rest of a normal start. */
int finish(void);
/* Descriptor `head` of the transmit queue becomes an empty frame. */
void describe_frame(uint16_t head);
/* Whether the device wants to be reset, now or soon. */
bool needs_reset(void);
/* Waits until it does, and reports; the device must work again afterwards. */
int broken(void);
/* The same for what the device may put up with. */
int survived_reset(void);

/* registers.c */
int run_queue_size(uint64_t size);
int run_queue_place(uint64_t which);
int run_steps(uint64_t status);
int run_features(uint64_t features);
int run_late_writes(uint64_t argument);
int run_early_notify(uint64_t argument);
int run_odd_notify(uint64_t argument);
int run_no_queues(uint64_t argument);
int run_configuration(uint64_t argument);
int run_bar_reads(uint64_t argument);
int run_bar_writes(uint64_t argument);
int run_ports(uint64_t argument);
int run_resets(uint64_t argument);

/* rings.c */
enum { BEYOND, STRADDLE, WRAP, FAR };
int run_index(uint64_t index);
int run_head(uint64_t head);
int run_next(uint64_t next);
int run_loop(uint64_t argument);
int run_address(uint64_t which);
int run_length(uint64_t length);
int run_flags(uint64_t flags);
int run_large(uint64_t argument);
int run_receive_flags(uint64_t flags);
int run_wrap(uint64_t argument);
int run_spinning(uint64_t argument);

#endif
