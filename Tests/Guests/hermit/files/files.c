/* files: everything that a guest can do with files, a case at a time; README.md
 * says what must be in the mapped directory. */
#include "files.h"

#define MOST_PATH 512

static const struct guest_case cases[] = {
    {"create", run_create, 0},
    {"seek", run_seek, 0},
    {"append", run_append, 0},
    {"truncate", run_truncate, 0},
    {"exclusive", run_exclusive, 0},
    {"unlink", run_unlink, 0},
    {"large", run_large, 0},
    {"missing", run_missing, 0},
    {"dots", run_dots, 0},
    {"outside", run_outside, 0},
    {"links", run_links, 0},
    {"special", run_special, 0},
    {"standard", run_standard, 0},
    {"stale", run_stale, 0},
    {"modes", run_modes, 0},
    {"numbers", run_numbers, 0},
    {"directory", run_directory, 0},
    {"entries", run_entries, 0},
    {"make-directory", run_make_directory, 0},
    {"attributes", run_attributes, 0},
    {"scattered", run_scattered, 0},
    {"scattered-hole", run_scattered_hole, 0},
};

/* These need arguments, or another mapping. */
static const struct guest_case others[] = {
    {"elsewhere", run_elsewhere, 0},
    {"read-only", run_read_only, 0},
    {"cat", run_cat, 0},
    {"put", run_put, 0},
    {"remove", run_remove, 0},
};

static const char *arguments;

const char *text_argument(const char *key, const char *otherwise)
{
    static char text[4][MOST_PATH];
    static unsigned next;
    char *copy = text[next++ % COUNT_OF(text)];
    struct word word = argument(arguments, key);
    if (word.start == NULL || word.length >= MOST_PATH)
        return otherwise;
    memcpy(copy, word.start, word.length);
    copy[word.length] = '\0';
    return copy;
}

const char *path_below(const char *directory, const char *name)
{
    static char paths[4][MOST_PATH];
    static unsigned next;
    char *path = paths[next++ % COUNT_OF(paths)];
    size_t length = string_length(directory), rest = string_length(name);
    if (length + rest + 2 > MOST_PATH)
        guest_exit(failure("a path is too long"));
    memcpy(path, directory, length);
    if (length > 0)
        path[length++] = '/';
    memcpy(path + length, name, rest + 1);
    return path;
}

const char *path_of(const char *name)
{
    return path_below(text_argument("dir", is_legacy() ? "" : "/root"), name);
}

int64_t seek_error(int64_t error)
{
    return flavour.interface == UHYVE_INTERFACE_1 ? -1 : -error;
}

bool writes_answer(void)
{
    return flavour.interface != UHYVE_INTERFACE_1;
}

bool has_directories(void)
{
    return flavour.interface == UHYVE_INTERFACE_3;
}

int expect_rest(int32_t fd, const char *text)
{
    char buffer[256];
    size_t length = string_length(text);
    int64_t count = file_read(fd, buffer, sizeof(buffer));
    REQUIRE(count == (int64_t)length, "read result=%ld, not %lu", count, (uint64_t)length);
    REQUIRE(memcmp(buffer, text, length) == 0, "another text");
    return HVT_EXIT_SUCCESS;
}

int make_file(const char *path, const char *text)
{
    int32_t fd = file_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    EXPECT_DESCRIPTOR(fd);
    EXPECT(file_write(fd, text, string_length(text)), (int64_t)string_length(text));
    EXPECT(file_close(fd), 0);
    return HVT_EXIT_SUCCESS;
}

int expect_file(const char *path, const char *text)
{
    int32_t fd = file_open(path, O_RDONLY, 0);
    EXPECT_DESCRIPTOR(fd);
    if (expect_rest(fd, text) != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    EXPECT(file_close(fd), 0);
    return HVT_EXIT_SUCCESS;
}

/* All that need no arguments, in one go. */
static int run_all(void)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        printl("case %s", cases[i].name);
        if (cases[i].run(cases[i].argument) != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
    }
    return HVT_EXIT_SUCCESS;
}

int guest_main(const char *cmdline)
{
    const char *cursor = cmdline;
    struct word name;
    arguments = cmdline;
    if (next_word(&cursor, &name) && word_is(name, "all"))
        return run_all() == HVT_EXIT_SUCCESS ? success() : HVT_EXIT_FAILURE;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (word_is(name, others[i].name))
            return run_case(others, COUNT_OF(others), cmdline);
    }
    int status = run_case(cases, COUNT_OF(cases), cmdline);
    return status == HVT_EXIT_SUCCESS ? success() : status;
}
