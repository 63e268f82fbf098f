import JSON

/// The C source that defines the manifest note for `manifest`.
///
/// It defines its own struct, since C99 can't initialise a flexible array member; the assertions
/// check that struct against the layout that tenders read: the content begins 24 bytes into the
/// note.
func noteSource(for manifest: ApplicationManifest) -> String {
    var entries = "        { .name = \"\", .type = MANIFEST_RESERVED_FIRST },\n"
    for device in manifest.devices {
        let type =
            switch device.type {
            case .block: "MANIFEST_BLOCK_BASIC"
            case .net: "MANIFEST_NET_BASIC"
            }
        entries += "        { .name = \"\(device.name.shown)\", .type = \(type) },\n"
    }
    let count = manifest.devices.count + 1
    return """
        /* Written by manifest-note; change the manifest instead. */
        #include "notes.h"

        struct manifest_note {
            struct note_header header;
            uint32_t padding; /* to NOTE_MANIFEST_ALIGNMENT; counted in desc_size */
            uint32_t version;
            uint32_t entries;
            struct manifest_entry entry[\(count)];
        };
        ABI_SIZE(struct manifest_note,
            24 + sizeof(struct manifest) + \(count) * sizeof(struct manifest_entry));
        ABI_OFFSET(struct manifest_note, version, 24);
        ABI_OFFSET(struct manifest_note, entry, 24 + offsetof(struct manifest, entry));

        static const struct manifest_note manifest_note
            __attribute__((section(".note.solo5.manifest"), used,
                aligned(NOTE_MANIFEST_ALIGNMENT))) = {
            .header = {
                .name_size = NOTE_NAME_SIZE,
                .desc_size = sizeof(struct manifest_note) - sizeof(struct note_header),
                .type = NOTE_TYPE_MANIFEST,
                .name = NOTE_NAME,
            },
            .version = MANIFEST_VERSION,
            .entries = \(count),
            .entry = {
        \(entries)    },
        };

        """
}
