/* contents.c: creating, reading and writing. */
#include "files.h"

#define REQUIRE_SUCCESS(call)                    \
    do {                                         \
        if ((call) != HVT_EXIT_SUCCESS)          \
            return HVT_EXIT_FAILURE;             \
    } while (0)

int run_create(uint64_t argument)
{
    (void)argument;
    const char *path = path_of("created");
    file_unlink(path);
    int32_t fd = file_open(path, O_RDWR | O_CREAT | O_EXCL, 0644);
    EXPECT_DESCRIPTOR(fd);
    EXPECT(file_write(fd, "hello, file\n", 12), 12);
    EXPECT(file_write(fd, "x", 0), 0);
    EXPECT(file_seek(fd, 0, SEEK_SET), 0);
    REQUIRE_SUCCESS(expect_rest(fd, "hello, file\n"));
    REQUIRE_SUCCESS(expect_rest(fd, ""));
    EXPECT(file_close(fd), 0);
    REQUIRE_SUCCESS(expect_file(path, "hello, file\n"));
    return HVT_EXIT_SUCCESS;
}

int run_seek(uint64_t argument)
{
    (void)argument;
    const char *path = path_of("sought");
    REQUIRE_SUCCESS(make_file(path, "0123456789"));
    int32_t fd = file_open(path, O_RDWR, 0);
    EXPECT_DESCRIPTOR(fd);
    EXPECT(file_seek(fd, 4, SEEK_SET), 4);
    REQUIRE_SUCCESS(expect_rest(fd, "456789"));
    EXPECT(file_seek(fd, -3, SEEK_CUR), 7);
    EXPECT(file_seek(fd, 0, SEEK_CUR), 7);
    REQUIRE_SUCCESS(expect_rest(fd, "789"));
    EXPECT(file_seek(fd, -9, SEEK_END), 1);
    EXPECT(file_seek(fd, -2, SEEK_SET), seek_error(EINVAL));
    EXPECT(file_seek(fd, -11, SEEK_END), seek_error(EINVAL));
    EXPECT(file_seek(fd, 0, 99), seek_error(EINVAL));
    EXPECT(file_seek(fd, 0, SEEK_CUR), 1);
    EXPECT(file_seek(fd, 2, SEEK_END), 12);
    EXPECT(file_write(fd, "end", 3), 3);
    EXPECT(file_seek(fd, 10, SEEK_SET), 10);
    char hole[8];
    EXPECT(file_read(fd, hole, sizeof(hole)), 5);
    REQUIRE(memcmp(hole, "\0\0end", 5) == 0, "a hole is not zeros");
    EXPECT(file_seek(fd, 1LL << 40, SEEK_SET), 1LL << 40);
    REQUIRE_SUCCESS(expect_rest(fd, ""));
    EXPECT(file_close(fd), 0);
    return HVT_EXIT_SUCCESS;
}

int run_append(uint64_t argument)
{
    (void)argument;
    const char *path = path_of("appended");
    REQUIRE_SUCCESS(make_file(path, "one"));
    int32_t fd = file_open(path, O_RDWR | O_APPEND, 0);
    EXPECT_DESCRIPTOR(fd);
    EXPECT(file_seek(fd, 0, SEEK_SET), 0);
    EXPECT(file_write(fd, " two", 4), 4);
    EXPECT(file_seek(fd, 0, SEEK_SET), 0);
    EXPECT(file_write(fd, " three", 6), 6);
    EXPECT(file_close(fd), 0);
    return expect_file(path, "one two three");
}

int run_truncate(uint64_t argument)
{
    (void)argument;
    const char *path = path_of("truncated");
    REQUIRE_SUCCESS(make_file(path, "a long text"));
    REQUIRE_SUCCESS(make_file(path, "short"));
    REQUIRE_SUCCESS(expect_file(path, "short"));
    /* Without it what is not written over stays. */
    int32_t fd = file_open(path, O_WRONLY | O_CREAT, 0644);
    EXPECT_DESCRIPTOR(fd);
    EXPECT(file_write(fd, "SH", 2), 2);
    EXPECT(file_close(fd), 0);
    return expect_file(path, "SHort");
}

int run_exclusive(uint64_t argument)
{
    (void)argument;
    const char *path = path_of("exclusive");
    REQUIRE_SUCCESS(make_file(path, "mine"));
    EXPECT(file_open(path, O_RDWR | O_CREAT | O_EXCL, 0644), -EEXIST);
    return expect_file(path, "mine");
}

int run_unlink(uint64_t argument)
{
    (void)argument;
    const char *path = path_of("unlinked");
    REQUIRE_SUCCESS(make_file(path, "soon gone"));
    int32_t fd = file_open(path, O_RDONLY, 0);
    EXPECT_DESCRIPTOR(fd);
    EXPECT(file_unlink(path), 0);
    EXPECT(file_open(path, O_RDONLY, 0), -ENOENT);
    EXPECT(file_unlink(path), -ENOENT);
    REQUIRE_SUCCESS(expect_rest(fd, "soon gone"));
    EXPECT(file_close(fd), 0);
    EXPECT_ERROR(file_unlink(path_of("sub")));
    EXPECT_ERROR(file_unlink(path_of("")));
    return HVT_EXIT_SUCCESS;
}

/* More than a pipe or a page holds, at an odd address. */
int run_large(uint64_t argument)
{
    static uint64_t written[8192], back[8193];
    uint8_t *odd = (uint8_t *)back + 3;
    (void)argument;
    for (uint64_t i = 0; i < COUNT_OF(written); i++)
        written[i] = i * 0x0101010101010101;
    int32_t fd = file_open(path_of("large"), O_RDWR | O_CREAT | O_TRUNC, 0644);
    EXPECT_DESCRIPTOR(fd);
    EXPECT(file_write(fd, written, sizeof(written)), sizeof(written));
    EXPECT(file_seek(fd, 0, SEEK_SET), 0);
    EXPECT(file_read(fd, odd, sizeof(written)), sizeof(written));
    for (uint64_t i = 0; i < COUNT_OF(written); i++) {
        uint64_t word;
        __builtin_memcpy(&word, odd + 8 * i, sizeof(word));
        REQUIRE(word == written[i], "word %lu is 0x%lx", i, word);
    }
    EXPECT(file_close(fd), 0);
    EXPECT(file_unlink(path_of("large")), 0);
    return HVT_EXIT_SUCCESS;
}
