/* hermit.h: what makes an executable a Hermit guest, and what it finds when it
 * starts.
 *
 * A Hermit guest is one statically linked ELF executable, at a fixed address
 * (ET_EXEC) or at any (ET_DYN, which the tender relocates).  It starts in
 * 64-bit mode with every vCPU at its entry point: RDI is the address of its
 * boot information, RSI the number of the vCPU.  How it talks to the tender
 * from then on is in uhyve.h.
 */
#ifndef PINNACE_ABI_HERMIT_H
#define PINNACE_ABI_HERMIT_H

#include "abi.h"

/* ---- Notes ----
 *
 * They lie in PT_NOTE segments, several in each.  The first is there in every
 * Hermit guest; a guest without the second speaks version 1 of the interface.
 */

#define HERMIT_NOTE_ENTRY_NAME "HERMIT"
#define HERMIT_NOTE_ENTRY_TYPE 0x5a00 /* 1 byte: the version of the entry */

#define HERMIT_NOTE_INTERFACE_NAME "UHYVEIF"
#define HERMIT_NOTE_INTERFACE_TYPE 0x5b00 /* a 32-bit number, big-endian */

/* Four 32-bit numbers: an operating system, and the version of Hermit. */
#define HERMIT_NOTE_ABI_TAG_NAME "GNU"
#define HERMIT_NOTE_ABI_TAG_TYPE 1
#define HERMIT_NOTE_ABI_TAG_HERMIT 6

#define HERMIT_ENTRY_VERSION_2 2
#define HERMIT_ENTRY_VERSION_3 3
#define HERMIT_ENTRY_VERSION_4 4

/* ---- Boot information, on x86_64 ---- */

#define HERMIT_PLATFORM_UHYVE 1

/* All words are 0 if the image has no thread-local storage. */
struct hermit_tls {
    uint64_t start;
    uint64_t filesz;
    uint64_t memsz;
    uint64_t align;
};
ABI_SIZE(struct hermit_tls, 32);

/* Of entry versions 3 and 4. */
struct hermit_boot_info {
    uint64_t ram_start;
    uint64_t ram_end;
    uint16_t serial_port; /* where to write bytes for the console, or 0 */
    uint16_t reserved0[3];
    uint64_t device_tree; /* address of a flattened device tree, or 0 */
    uint64_t image_start;
    uint64_t image_end;
    struct hermit_tls tls;
    uint32_t platform;
    uint32_t reserved1;
    uint8_t has_pci;
    uint8_t reserved2[7];
    uint64_t cpu_count;
    uint32_t cpu_frequency; /* of the time stamp counter in kHz, or 0 */
    uint32_t reserved3;
    uint64_t boot_time[2]; /* nanoseconds since the Unix epoch, low half first */
};
ABI_SIZE(struct hermit_boot_info, 128);
ABI_OFFSET(struct hermit_boot_info, ram_end, 8);
ABI_OFFSET(struct hermit_boot_info, serial_port, 16);
ABI_OFFSET(struct hermit_boot_info, device_tree, 24);
ABI_OFFSET(struct hermit_boot_info, image_start, 32);
ABI_OFFSET(struct hermit_boot_info, image_end, 40);
ABI_OFFSET(struct hermit_boot_info, tls, 48);
ABI_OFFSET(struct hermit_boot_info, platform, 80);
ABI_OFFSET(struct hermit_boot_info, has_pci, 88);
ABI_OFFSET(struct hermit_boot_info, cpu_count, 96);
ABI_OFFSET(struct hermit_boot_info, cpu_frequency, 104);
ABI_OFFSET(struct hermit_boot_info, boot_time, 112);

/* Of entry version 2: the same without a device tree. */
struct hermit_boot_info_2 {
    uint64_t ram_start;
    uint64_t ram_end;
    uint16_t serial_port;
    uint16_t reserved0[3];
    uint64_t image_start;
    uint64_t image_end;
    struct hermit_tls tls;
    uint32_t platform;
    uint32_t reserved1;
    uint8_t has_pci;
    uint8_t reserved2[7];
    uint64_t cpu_count;
    uint32_t cpu_frequency;
    uint32_t reserved3;
    uint64_t boot_time[2];
};
ABI_SIZE(struct hermit_boot_info_2, 120);
ABI_OFFSET(struct hermit_boot_info_2, image_start, 24);
ABI_OFFSET(struct hermit_boot_info_2, image_end, 32);
ABI_OFFSET(struct hermit_boot_info_2, tls, 40);
ABI_OFFSET(struct hermit_boot_info_2, platform, 72);
ABI_OFFSET(struct hermit_boot_info_2, has_pci, 80);
ABI_OFFSET(struct hermit_boot_info_2, cpu_count, 88);
ABI_OFFSET(struct hermit_boot_info_2, cpu_frequency, 96);
ABI_OFFSET(struct hermit_boot_info_2, boot_time, 104);

#endif
