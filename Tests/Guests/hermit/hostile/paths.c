/* paths.c: paths that are none, and flags. */
#include "hostile.h"

enum call { OPEN, CREATE, UNLINK, STAT, MAKE_DIRECTORY };
enum { UNTERMINATED = 100, LONG, LONG_NAME, DEEP, NOT_UTF_8, OVERLONG_SLASH, CONTROL };

static char text[2 * PAGE_SIZE];

static int64_t call(enum call call, const char *path)
{
    static struct uhyve_v3_attr attr;
    volatile struct uhyve_v3_mkdir directory = {.path = (uintptr_t)path, .len = UINT64_MAX};
    switch (call) {
    case OPEN:
        return file_open(path, O_RDONLY, 0);
    case CREATE:
        return file_open(path, O_RDWR | O_CREAT, 0644);
    case UNLINK:
        return file_unlink(path);
    case STAT:
        return file_stat(path, UHYVE_V3_STAT_FOLLOW, &attr);
    case MAKE_DIRECTORY:
        /* Where the path is cannot be measured here. */
        call_v2(UHYVE_V3_MKDIR, (uintptr_t)&directory);
        return directory.result.tag == UHYVE_V3_RESULT_ERROR ? -directory.result.error : 0;
    }
    return 0;
}

static const char *start(void)
{
    return is_legacy() ? "" : "/root/";
}

/* The mapped directory, and then `count` times the piece. */
static const char *repeated(const char *piece, size_t count)
{
    size_t length = string_length(start()), size = string_length(piece);
    memcpy(text, start(), length);
    for (size_t i = 0; i < count; i++, length += size)
        memcpy(text + length, piece, size);
    text[length] = '\0';
    return text;
}

static const char *path_with(uint64_t defect)
{
    switch (defect) {
    case UNTERMINATED: {
        uint8_t *end = end_of_memory(LARGE_PAGE_SIZE / 512);
        memset(end, 'a', LARGE_PAGE_SIZE / 512);
        return (const char *)boot.ram_end - 100;
    }
    case LONG:
        return repeated("a", 5000);
    case LONG_NAME:
        return repeated("b", 256);
    case DEEP:
        return repeated("c/", 2040);
    case NOT_UTF_8:
        return repeated("\xff\xfe", 1);
    case OVERLONG_SLASH:
        return repeated("..\xc0\xaf", 8);
    default:
        return (const char *)address_of((enum place)defect);
    }
}

static int run_path(uint64_t kind, uint64_t defect)
{
    return failed_call(call((enum call)kind, path_with(defect)));
}

static const struct choice calls[] = {
    {"open", V123, OPEN},
    {"create", V123, CREATE},
    {"unlink", V123, UNLINK},
    {"stat", V3, STAT},
    {"mkdir", V3, MAKE_DIRECTORY},
};

static const struct choice defects[] = {
    {"beyond", V123, BEYOND},
    {"far", V123, FAR},
    {"wrap", V123, WRAP},
    {"below", V23, BELOW},
    {"not-canonical", V123, NOT_CANONICAL},
    {"unterminated", V123, UNTERMINATED},
    {"long", V123, LONG},
    {"long-name", V123, LONG_NAME},
    {"deep", V123, DEEP},
    {"not-utf8", V123, NOT_UTF_8},
    {"overlong-slash", V123, OVERLONG_SLASH},
};

const struct subject path_subject = {
    .name = "path",
    .outcome = SURVIVES,
    .run = run_path,
    .calls = calls,
    .call_count = COUNT_OF(calls),
    .defects = defects,
    .defect_count = COUNT_OF(defects),
};

/* ---- Flags ---- */

#define O_NONBLOCK 04000
#define O_ASYNC 020000
#define O_DIRECT 040000
#define O_NOFOLLOW 0400000
#define O_PATH 010000000
#define O_TMPFILE 020200000

/* Flags that are none of the interface's may do nothing; what is opened must
 * still be a file. */
static int run_flags(uint64_t must_fail, uint64_t flags)
{
    char byte;
    int32_t fd = file_open(known_file(), (int32_t)flags, -1);
    if (must_fail && flags == UINT32_MAX)
        return failed_call(fd);
    if (fd >= 0) {
        REQUIRE(fd > 2, "descriptor %d", fd);
        int64_t count = file_read(fd, &byte, 1);
        REQUIRE(count == 1, "a file that can't be read: %ld", count);
        REQUIRE(file_close(fd) == 0, "close");
    }
    return survived_call(fd);
}

static const struct choice opening[] = {{"open", V123, 1}};
static const struct choice flags[] = {
    {"all", V123, UINT32_MAX},
    {"most", V123, 0x7ffffffc & ~(O_CREAT | O_TRUNC | O_DIRECTORY)},
    {"sign", V123, 0x80000000},
    {"path", V123, O_PATH},
    {"async", V123, O_ASYNC | O_NONBLOCK},
    {"direct", V123, O_DIRECT},
    {"no-follow", V123, O_NOFOLLOW},
    {"exclusive-alone", V123, O_EXCL},
};

const struct subject flags_subject = {
    .name = "flags",
    .outcome = SURVIVES,
    .run = run_flags,
    .calls = opening,
    .call_count = COUNT_OF(opening),
    .defects = flags,
    .defect_count = COUNT_OF(flags),
};
