/* mft_abi.h: declares a manifest note, by the names that the sources use
 * which `solo5-elftool gen-manifest` writes.  Solo5's toolchain has a header
 * of this name; either makes the same note.
 *
 * Such a source defines MFT_ENTRIES, the number of its entries, includes this
 * header and then says, with the first entry reserved:
 *
 *     MFT1_NOTE_DECLARE_BEGIN
 *     { .version = MFT_VERSION, .entries = N, .e = { { .name, .type }, ... } }
 *     MFT1_NOTE_DECLARE_END
 */
#ifndef PINNACE_ABI_MFT_ABI_H
#define PINNACE_ABI_MFT_ABI_H

#include "notes.h"

#ifndef MFT_ENTRIES
#error "define MFT_ENTRIES, the number of entries, first"
#endif

#define MFT_VERSION MANIFEST_VERSION
#define MFT_DEV_BLOCK_BASIC MANIFEST_BLOCK_BASIC
#define MFT_DEV_NET_BASIC MANIFEST_NET_BASIC
#define MFT_RESERVED_FIRST MANIFEST_RESERVED_FIRST

ABI_ASSERT(MFT_ENTRIES >= 1 && MFT_ENTRIES <= MANIFEST_MAX_ENTRIES);

/* As struct manifest, which can't be initialised in C99: its array has no
 * size. */
struct mft {
    uint32_t version;
    uint32_t entries;
    struct manifest_entry e[MFT_ENTRIES];
};
ABI_SIZE(struct mft, sizeof(struct manifest) + MFT_ENTRIES * sizeof(struct manifest_entry));
ABI_OFFSET(struct mft, e, offsetof(struct manifest, entry));

struct mft1_note {
    struct note_header header;
    uint32_t padding; /* to NOTE_MANIFEST_ALIGNMENT; counted in desc_size */
    struct mft m;
};
ABI_OFFSET(struct mft1_note, m, 24);

#define MFT1_NOTE_DECLARE_BEGIN                                              \
    static const struct mft1_note mft1_note                                  \
        __attribute__((section(".note.solo5.manifest"), used,                \
            aligned(NOTE_MANIFEST_ALIGNMENT))) = {                           \
        .header = {                                                          \
            .name_size = NOTE_NAME_SIZE,                                     \
            .desc_size = sizeof(struct mft1_note) - sizeof(struct note_header), \
            .type = NOTE_TYPE_MANIFEST,                                      \
            .name = NOTE_NAME,                                               \
        },                                                                   \
        .m =

#define MFT1_NOTE_DECLARE_END \
    }                         \
    ;

#endif
