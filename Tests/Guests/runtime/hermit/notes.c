/* notes.c: the notes that make an image a Hermit guest; what is not defined is
 * left out. */
#include "hermit_guest.h"

#ifdef ENTRY
static const struct {
    uint32_t name_size, desc_size, type;
    char name[8];
    uint8_t version;
} entry_note __attribute__((used, section(".note.hermit.entry-version"), aligned(4))) = {
    .name_size = sizeof(HERMIT_NOTE_ENTRY_NAME),
    .desc_size = 1,
    .type = HERMIT_NOTE_ENTRY_TYPE,
    .name = HERMIT_NOTE_ENTRY_NAME,
    .version = ENTRY,
};
#else
#define ENTRY 0
#endif

#ifdef INTERFACE
static const struct {
    uint32_t name_size, desc_size, type;
    char name[8];
    uint8_t version[4]; /* big-endian */
} interface_note
    __attribute__((used, section(".note.hermit.uhyve-interface-version"), aligned(4))) = {
    .name_size = sizeof(HERMIT_NOTE_INTERFACE_NAME),
    .desc_size = 4,
    .type = HERMIT_NOTE_INTERFACE_TYPE,
    .name = HERMIT_NOTE_INTERFACE_NAME,
    .version = {0, 0, 0, INTERFACE},
};
#else
#define INTERFACE 1
#endif

#ifdef TAG
static const struct {
    uint32_t name_size, desc_size, type;
    char name[4];
    uint32_t system, major, minor, patch;
} abi_tag __attribute__((used, section(".note.ABI-tag"), aligned(4))) = {
    .name_size = sizeof(HERMIT_NOTE_ABI_TAG_NAME),
    .desc_size = 16,
    .type = HERMIT_NOTE_ABI_TAG_TYPE,
    .name = HERMIT_NOTE_ABI_TAG_NAME,
    .system = HERMIT_NOTE_ABI_TAG_HERMIT,
    .minor = TAG,
};
#else
#define TAG 0
#endif

const struct flavour flavour = {.entry = ENTRY, .interface = INTERFACE, .tag_minor = TAG};

bool is_legacy(void)
{
    return flavour.tag_minor < 10;
}
