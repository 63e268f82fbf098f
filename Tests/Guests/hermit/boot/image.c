/* image.c: where the image lies, by its own program headers, and its BSS. */
#include "boot.h"

#define PT_LOAD 1
#define PT_TLS 7
#define ET_EXEC 2

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, program_headers, section_headers;
    uint32_t flags;
    uint16_t size, program_header_size, program_header_count;
};

struct program_header {
    uint32_t type, flags;
    uint64_t offset, address, physical, filesz, memsz, align;
};

/* Zeros because nobody has written them, be it the file or the tender. */
static uint64_t zeros[512];
/* Not zero, so that the segment has a part in the file, too. */
static volatile uint32_t data = 0xdada;

static int check_tls(const struct program_header *header, uint64_t load_base)
{
    struct hermit_tls tls = {0, 0, 0, 0};
    if (header != NULL)
        tls = (struct hermit_tls){
            header->address + load_base, header->filesz, header->memsz, header->align};
    printl("tls=0x%lx filesz=%lu memsz=%lu align=%lu", boot.tls.start, boot.tls.filesz,
        boot.tls.memsz, boot.tls.align);
    REQUIRE(memcmp(&tls, &boot.tls, sizeof(tls)) == 0, "thread-local storage");
    return HVT_EXIT_SUCCESS;
}

static int check_zeros(void)
{
    for (size_t i = 0; i < COUNT_OF(zeros); i++)
        REQUIRE(zeros[i] == 0, "the BSS has 0x%lx in it", zeros[i]);
    REQUIRE(data == 0xdada, "data");
    return HVT_EXIT_SUCCESS;
}

int check_image(void)
{
    const struct elf_header *elf = (const struct elf_header *)__ehdr_start;
    const struct program_header *header = (const struct program_header *)
        (__ehdr_start + elf->program_headers);
    const struct program_header *tls = NULL;
    uint64_t base = (uintptr_t)__ehdr_start, end = 0;
    uint64_t load_base = elf->type == ET_EXEC ? 0 : base;
    for (unsigned i = 0; i < elf->program_header_count; i++) {
        if (header[i].type == PT_LOAD)
            end = load_base + header[i].address + header[i].memsz;
        if (header[i].type == PT_TLS)
            tls = &header[i];
    }
    printl("image=0x%lx-0x%lx type=%u", boot.image_start, boot.image_end, elf->type);
    REQUIRE(boot.image_start == base, "the image is at 0x%lx", base);
    REQUIRE(boot.image_end == end, "the image ends at 0x%lx", end);
    REQUIRE(end <= boot.ram_end, "the image exceeds memory");
    int status = check_tls(tls, load_base);
    return status == HVT_EXIT_SUCCESS ? check_zeros() : status;
}
