/* directories.c: listing and making them, and what is known of a file. */
#include "files.h"

#define ENTRY_HEADER 19
#define KNOWN(attr, wanted) (((attr).mode & S_IFMT) == (wanted))

int run_directory(uint64_t argument)
{
    char byte;
    (void)argument;
    int32_t fd = file_open(path_of("sub"), O_RDONLY | O_DIRECTORY, 0);
    EXPECT_DESCRIPTOR(fd);
    EXPECT_ERROR(file_read(fd, &byte, 1));
    EXPECT(file_close(fd), 0);
    EXPECT(file_open(path_of("inside"), O_RDONLY | O_DIRECTORY, 0), -ENOTDIR);
    EXPECT(file_open(path_of("sub"), O_RDWR, 0), -EISDIR);
    EXPECT(file_open(path_of("sub"), O_RDONLY | O_CREAT | O_DIRECTORY, 0), -EINVAL);
    return HVT_EXIT_SUCCESS;
}

/* Prints the entries in the buffer; returns whether all is well with them. */
static bool print_entries(const uint8_t *buffer, uint64_t count, unsigned *found)
{
    for (uint64_t at = 0; at < count;) {
        const struct uhyve_v3_dirent *entry = (const struct uhyve_v3_dirent *)(buffer + at);
        const char *name = (const char *)entry + ENTRY_HEADER;
        if (entry->reclen < ENTRY_HEADER + 2 || entry->reclen % 8 != 0
            || entry->reclen > count - at || entry->ino == 0)
            return false;
        /* The file system's order is anybody's guess, so only known names are told. */
        if (strings_equal(name, "inside") && entry->type == DT_REG)
            *found |= 1;
        if (strings_equal(name, "sub") && entry->type == DT_DIR)
            *found |= 2;
        if (strings_equal(name, "link-inside") && entry->type == DT_LNK)
            *found |= 4;
        if (strings_equal(name, "."))
            *found |= 8;
        at += entry->reclen;
    }
    return true;
}

int run_entries(uint64_t argument)
{
    /* Small, so that it takes more than one call. */
    uint8_t buffer[256] __attribute__((aligned(8)));
    unsigned found = 0, calls = 0;
    int64_t count;
    (void)argument;
    if (!has_directories())
        return HVT_EXIT_SUCCESS;
    int32_t fd = file_open(path_of(""), O_RDONLY | O_DIRECTORY, 0);
    EXPECT_DESCRIPTOR(fd);
    EXPECT(file_entries(fd, buffer, 8), -EINVAL);
    while ((count = file_entries(fd, buffer, sizeof(buffer))) > 0) {
        REQUIRE((uint64_t)count <= sizeof(buffer), "%ld bytes of entries", count);
        REQUIRE(print_entries(buffer, (uint64_t)count, &found), "an entry");
        calls++;
    }
    EXPECT(count, 0);
    printl("entries in several calls=%u found=0x%x", (unsigned)(calls > 1), found);
    REQUIRE(found == 15, "not all that there is");
    EXPECT(file_entries(fd, buffer, sizeof(buffer)), 0);
    EXPECT(file_seek(fd, 0, SEEK_SET), 0);
    REQUIRE(file_entries(fd, buffer, sizeof(buffer)) > 0, "nothing after going back");
    EXPECT(file_close(fd), 0);
    EXPECT(file_entries(fd, buffer, sizeof(buffer)), -EBADF);
    EXPECT(file_entries(0, buffer, sizeof(buffer)), -EBADF);
    fd = file_open(path_of("inside"), O_RDONLY, 0);
    EXPECT(file_entries(fd, buffer, sizeof(buffer)), -ENOTDIR);
    EXPECT(file_close(fd), 0);
    return HVT_EXIT_SUCCESS;
}

int run_make_directory(uint64_t argument)
{
    struct uhyve_v3_attr attr;
    (void)argument;
    if (!has_directories())
        return HVT_EXIT_SUCCESS;
    const char *path = path_of("made");
    int32_t result = make_directory(path);
    /* Nothing here removes directories. */
    REQUIRE(result == 0 || result == -EEXIST, "result=%d", result);
    EXPECT(make_directory(path_of("made")), -EEXIST);
    EXPECT(make_directory(path_of("nothing/deeper")), -ENOENT);
    EXPECT(make_directory(path_of("inside/deeper")), -ENOTDIR);
    EXPECT_ERROR(make_directory(path_of("link-root/tmp/made-by-guest")));
    EXPECT(file_stat(path_of("made"), UHYVE_V3_STAT_FOLLOW, &attr), 0);
    REQUIRE(KNOWN(attr, S_IFDIR), "mode 0x%x", attr.mode);
    return make_file(path_of("made/file"), "in it");
}

static int check_file(const struct uhyve_v3_attr *attr)
{
    printl("size=%ld links=%lu blksize=%ld", attr->size, attr->nlink, attr->blksize);
    REQUIRE(KNOWN(*attr, S_IFREG), "mode 0x%x", attr->mode);
    REQUIRE(attr->size == 7 && attr->nlink == 1 && attr->blksize > 0, "attributes");
    REQUIRE(attr->mtime.seconds > 0 && attr->mtime.nanoseconds >= 0
            && attr->mtime.nanoseconds < 1000000000,
        "time");
    return HVT_EXIT_SUCCESS;
}

int run_attributes(uint64_t argument)
{
    /* Nobody writes what is reserved. */
    struct uhyve_v3_attr attr = {0}, again = {0};
    (void)argument;
    if (!has_directories())
        return HVT_EXIT_SUCCESS;
    EXPECT(file_stat(path_of("inside"), UHYVE_V3_STAT_FOLLOW, &attr), 0);
    if (check_file(&attr) != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    EXPECT(file_stat(path_of("link-inside"), UHYVE_V3_STAT_FOLLOW, &again), 0);
    REQUIRE(again.ino == attr.ino, "a link was not followed");
    EXPECT(file_stat(path_of("link-inside"), UHYVE_V3_STAT_NO_FOLLOW, &again), 0);
    REQUIRE((again.mode & S_IFMT) == 0120000, "a link was followed");
    EXPECT(file_stat(path_of("sub"), UHYVE_V3_STAT_FOLLOW, &again), 0);
    REQUIRE(KNOWN(again, S_IFDIR), "mode 0x%x", again.mode);
    EXPECT(file_stat(path_of("nothing"), UHYVE_V3_STAT_FOLLOW, &again), -ENOENT);
    EXPECT_ERROR(file_stat(path_of("link-absolute"), UHYVE_V3_STAT_FOLLOW, &again));
    EXPECT(file_stat("/etc/passwd", UHYVE_V3_STAT_FOLLOW, &again), -ENOENT);
    int32_t fd = file_open(path_of("inside"), O_RDONLY, 0);
    EXPECT_DESCRIPTOR(fd);
    EXPECT(file_fstat(fd, &again), 0);
    REQUIRE(memcmp(&again, &attr, offsetof(struct uhyve_v3_attr, atime)) == 0,
        "one file has two sets of attributes");
    EXPECT(file_close(fd), 0);
    EXPECT(file_fstat(fd, &again), -EBADF);
    EXPECT(file_fstat(1, &again), -EBADF);
    return HVT_EXIT_SUCCESS;
}
