/* notes.h: the two ELF notes that make an executable a Solo5 guest.
 *
 * Each lies in a PT_NOTE segment of its own.  The ABI note says for which
 * target the guest was built; the manifest note says which devices it needs.
 * The tender copies the manifest into guest memory with its gaps filled in.
 */
#ifndef PINNACE_ABI_NOTES_H
#define PINNACE_ABI_NOTES_H

#include "abi.h"

#define NOTE_NAME "Solo5"
#define NOTE_NAME_SIZE 6 /* with its NUL */

/* What every note begins with. */
struct note_header {
    uint32_t name_size;
    uint32_t desc_size;
    uint32_t type;
    char name[8]; /* padded to 4 bytes */
};
ABI_SIZE(struct note_header, 20);

/* ---- The ABI note: type "ABI1" ---- */

#define NOTE_TYPE_ABI 0x31494241
#define NOTE_ABI_ALIGNMENT 4
#define NOTE_ABI_MAX_DESC 32

#define ABI_TARGET_HVT 1
#define ABI_TARGET_SPT 2
#define ABI_TARGET_VIRTIO 3
#define ABI_TARGET_MUEN 4
#define ABI_TARGET_GENODE 5
#define ABI_TARGET_XEN 6

struct abi_info {
    uint32_t target;
    uint32_t version;
    uint32_t reserved0;
    uint32_t reserved1;
};
ABI_SIZE(struct abi_info, 16);

struct abi_note {
    struct note_header header;
    struct abi_info info;
};
ABI_SIZE(struct abi_note, 36);

/* ---- The manifest note: type "MFT1" ---- */

#define NOTE_TYPE_MANIFEST 0x3154464d
#define NOTE_MANIFEST_ALIGNMENT 8
#define NOTE_MANIFEST_MAX_DESC 6668

#define MANIFEST_VERSION 1
#define MANIFEST_MAX_ENTRIES 64 /* the reserved first entry included */
#define MANIFEST_NAME_SIZE 68   /* with its NUL */

#define MANIFEST_BLOCK_BASIC 1
#define MANIFEST_NET_BASIC 2
/* The type of entry 0, which is no device. */
#define MANIFEST_RESERVED_FIRST 0x40000000

struct manifest_block {
    uint64_t capacity;   /* in bytes; filled in by the tender */
    uint16_t block_size; /* in bytes; 0: the tender's choice */
};
ABI_SIZE(struct manifest_block, 16);

struct manifest_net {
    uint8_t mac[6]; /* all 0: the tender's choice */
    uint16_t mtu;   /* without the 14 bytes of the Ethernet header */
};
ABI_SIZE(struct manifest_net, 8);

struct manifest_entry {
    char name[MANIFEST_NAME_SIZE]; /* NUL-terminated */
    uint32_t type;
    union {
        struct manifest_block block;
        struct manifest_net net;
    } device;
    uint64_t tender_private; /* 0 in the guest's copy */
    uint8_t attached;        /* 1 in the guest's copy if it can be used */
    uint8_t pad[7];
};
ABI_SIZE(struct manifest_entry, 104);
ABI_OFFSET(struct manifest_entry, type, 68);
ABI_OFFSET(struct manifest_entry, device, 72);
ABI_OFFSET(struct manifest_entry, device.block.block_size, 80);
ABI_OFFSET(struct manifest_entry, device.net.mtu, 78);
ABI_OFFSET(struct manifest_entry, tender_private, 88);
ABI_OFFSET(struct manifest_entry, attached, 96);

struct manifest {
    uint32_t version;
    uint32_t entries;
    struct manifest_entry entry[];
};
ABI_SIZE(struct manifest, 8);
ABI_OFFSET(struct manifest, entry, 8);

#endif
