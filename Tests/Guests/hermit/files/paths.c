/* paths.c: where paths lead, and where they do not. */
#include "files.h"

int run_missing(uint64_t argument)
{
    (void)argument;
    EXPECT(file_open(path_of("nothing"), O_RDONLY, 0), -ENOENT);
    EXPECT(file_open(path_of("nothing/deeper"), O_RDONLY, 0), -ENOENT);
    EXPECT(file_open(path_of("nothing/deeper"), O_RDWR | O_CREAT, 0644), -ENOENT);
    EXPECT(file_open(path_of("inside/deeper"), O_RDONLY, 0), -ENOTDIR);
    EXPECT(file_unlink(path_of("nothing")), -ENOENT);
    return HVT_EXIT_SUCCESS;
}

/* Paths are taken as text, and end at the root. */
int run_dots(uint64_t argument)
{
    static const char *const up[] = {
        "../../../etc/passwd", "sub/../../../../etc/passwd", "./..//../etc/passwd",
        "../root/../etc/passwd",
    };
    (void)argument;
    if (expect_file(path_of("sub/../inside"), "inside\n") != HVT_EXIT_SUCCESS
        || expect_file(path_of("./sub//.././inside"), "inside\n") != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    for (size_t i = 0; i < COUNT_OF(up); i++)
        EXPECT(file_open(path_of(up[i]), O_RDONLY, 0), -ENOENT);
    return HVT_EXIT_SUCCESS;
}

int run_outside(uint64_t argument)
{
    static const char *const paths[] = {
        "/etc/passwd", "/proc/self/environ", "/dev/null", "/root/../etc/passwd", "/proc/1/root",
        "/dev/stdin",
    };
    (void)argument;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        EXPECT(file_open(paths[i], O_RDONLY, 0), -ENOENT);
        EXPECT(file_open(paths[i], O_RDWR, 0), -ENOENT);
        EXPECT(file_unlink(paths[i]), -ENOENT);
    }
    return HVT_EXIT_SUCCESS;
}

/* Links that stay beneath the directory may work; the others must not. */
int run_links(uint64_t argument)
{
    static const char *const leaving[] = {
        "link-absolute", "link-up", "link-up/etc/passwd", "link-root/etc/passwd", "link-magic",
        "sub/link-up", "link-loop",
    };
    (void)argument;
    if (expect_file(path_of("link-inside"), "inside\n") != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    for (size_t i = 0; i < COUNT_OF(leaving); i++) {
        EXPECT_ERROR(file_open(path_of(leaving[i]), O_RDONLY, 0));
        EXPECT_ERROR(file_open(path_of(leaving[i]), O_RDWR | O_CREAT, 0644));
    }
    EXPECT_ERROR(file_open(path_of("link-root/tmp/made-by-guest"), O_RDWR | O_CREAT, 0644));
    EXPECT_ERROR(file_unlink(path_of("link-root/tmp/precious")));
    return HVT_EXIT_SUCCESS;
}

/* Waiting for the other end of a FIFO would be for ever. */
int run_special(uint64_t argument)
{
    (void)argument;
    EXPECT_ERROR(file_open(path_of("fifo"), O_RDONLY, 0));
    EXPECT_ERROR(file_open(path_of("fifo"), O_WRONLY, 0));
    EXPECT_ERROR(file_open(path_of("fifo"), O_RDWR | O_CREAT, 0644));
    return HVT_EXIT_SUCCESS;
}

/* Where nothing is mapped: with a temporary directory, files can be made. */
int run_elsewhere(uint64_t argument)
{
    const char *path = "/elsewhere/file";
    (void)argument;
    EXPECT(file_open(path, O_RDWR, 0), -ENOENT);
    int32_t fd = file_open(path, O_RDWR | O_CREAT, 0644);
    if (strings_equal(text_argument("temporary", "yes"), "no")) {
        EXPECT(fd, -ENOENT);
        return success();
    }
    EXPECT_DESCRIPTOR(fd);
    EXPECT(file_write(fd, "temporary", 9), 9);
    EXPECT(file_close(fd), 0);
    if (expect_file(path, "temporary") != HVT_EXIT_SUCCESS)
        return HVT_EXIT_FAILURE;
    EXPECT(file_open(path, O_RDWR | O_CREAT | O_EXCL, 0644), -EEXIST);
    EXPECT(file_unlink(path), 0);
    EXPECT(file_open(path, O_RDONLY, 0), -ENOENT);
    /* The tender removes these. */
    if (has_directories()) {
        EXPECT(make_directory("/elsewhere/made"), 0);
        EXPECT(make_directory("/elsewhere/made/deeper"), 0);
        if (make_file("/elsewhere/made/file", "in it") != HVT_EXIT_SUCCESS)
            return HVT_EXIT_FAILURE;
    }
    return success();
}
