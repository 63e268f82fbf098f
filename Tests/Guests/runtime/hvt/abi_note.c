/* abi_note.c: says for which target, and for which version of its ABI, the
 * guest was built. */
#include "hvt.h"
#include "notes.h"

__attribute__((used, section(".note.solo5.abi"), aligned(NOTE_ABI_ALIGNMENT)))
const struct abi_note abi_note = {
    .header = {
        .name_size = NOTE_NAME_SIZE,
        .desc_size = sizeof(struct abi_info),
        .type = NOTE_TYPE_ABI,
        .name = NOTE_NAME,
    },
    .info = {.target = ABI_TARGET_HVT, .version = ABI_VERSION},
};
