/* descriptors.c: numbers of files, and what may be done with them. */
#include "files.h"

static const int32_t never_open[] = {3, 4, 100, 1000, 65536, -1, -2, INT32_MAX, INT32_MIN};

/* Nothing can be done with a number that stands for nothing. */
static int expect_closed(int32_t fd)
{
    char byte = 0;
    EXPECT(file_read(fd, &byte, 1), -EBADF);
    if (writes_answer())
        EXPECT(file_write(fd, &byte, 1), -EBADF);
    else
        file_write(fd, &byte, 1);
    EXPECT(file_seek(fd, 0, SEEK_SET), seek_error(EBADF));
    EXPECT(file_close(fd), -EBADF);
    return HVT_EXIT_SUCCESS;
}

/* The console's descriptors. */
int run_standard(uint64_t argument)
{
    char byte = 0;
    (void)argument;
    for (int32_t fd = 0; fd < 3; fd++)
        EXPECT(file_close(fd), 0);
    print("closed, and still there\n");
    EXPECT(file_write(1, "", 0), 0);
    EXPECT(file_read(1, &byte, 1), -EBADF);
    EXPECT(file_read(2, &byte, 1), -EBADF);
    if (writes_answer())
        EXPECT(file_write(0, &byte, 1), -EBADF);
    EXPECT_ERROR(file_seek(0, 0, SEEK_SET));
    EXPECT_ERROR(file_seek(1, 0, SEEK_SET));
    return HVT_EXIT_SUCCESS;
}

int run_stale(uint64_t argument)
{
    (void)argument;
    for (size_t i = 0; i < COUNT_OF(never_open); i++) {
        if (expect_closed(never_open[i]) != HVT_EXIT_SUCCESS)
            return failure("descriptor %d", never_open[i]);
    }
    int32_t fd = file_open(path_of("inside"), O_RDONLY, 0);
    EXPECT_DESCRIPTOR(fd);
    EXPECT(file_close(fd), 0);
    return expect_closed(fd);
}

/* What a file was not opened for. */
int run_modes(uint64_t argument)
{
    char byte;
    (void)argument;
    if (make_file(path_of("modes"), "modes") != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    int32_t reader = file_open(path_of("modes"), O_RDONLY, 0);
    int32_t writer = file_open(path_of("modes"), O_WRONLY, 0);
    EXPECT_DESCRIPTOR(reader);
    EXPECT_DESCRIPTOR(writer);
    EXPECT(file_read(writer, &byte, 1), -EBADF);
    if (writes_answer())
        EXPECT(file_write(reader, "x", 1), -EBADF);
    else
        file_write(reader, "x", 1);
    EXPECT(file_close(writer), 0);
    if (expect_rest(reader, "modes") != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    EXPECT(file_close(reader), 0);
    /* 3 is no way to open a file. */
    EXPECT_ERROR(file_open(path_of("modes"), 3, 0));
    return HVT_EXIT_SUCCESS;
}

/* Two descriptors of one file have a position each. */
int run_numbers(uint64_t argument)
{
    char byte = 0;
    (void)argument;
    int32_t one = file_open(path_of("inside"), O_RDONLY, 0);
    int32_t two = file_open(path_of("inside"), O_RDONLY, 0);
    EXPECT_DESCRIPTOR(one);
    EXPECT_DESCRIPTOR(two);
    REQUIRE(one != two, "one number for two files");
    EXPECT(file_read(one, &byte, 1), 1);
    EXPECT(file_close(one), 0);
    if (expect_rest(two, "inside\n") != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    EXPECT(file_close(two), 0);
    return HVT_EXIT_SUCCESS;
}

/* For a directory with the file "fixed" in it that is mapped with ":ro". */
int run_read_only(uint64_t argument)
{
    static const int32_t flags[] = {
        O_WRONLY, O_RDWR, O_RDONLY | O_TRUNC, O_RDONLY | O_CREAT, O_RDWR | O_APPEND,
    };
    (void)argument;
    if (expect_file(path_of("fixed"), "fixed\n") != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        EXPECT(file_open(path_of("fixed"), flags[i], 0644), -EROFS);
    EXPECT(file_open(path_of("new"), O_RDWR | O_CREAT, 0644), -EROFS);
    EXPECT(file_unlink(path_of("fixed")), -EROFS);
    if (has_directories())
        EXPECT(make_directory(path_of("new")), -EROFS);
    int32_t fd = file_open(path_of("fixed"), O_RDONLY, 0);
    EXPECT_DESCRIPTOR(fd);
    if (writes_answer())
        EXPECT(file_write(fd, "x", 1), -EBADF);
    else
        file_write(fd, "x", 1);
    return expect_rest(fd, "fixed\n") == HVT_EXIT_SUCCESS ? success() : HVT_EXIT_FAILURE;
}
