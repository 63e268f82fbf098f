/* tools.c: a file of the host's, by path=PATH, for tests that look at both sides. */
#include "files.h"

static const char *wanted_path(void)
{
    return path_of(text_argument("path", "file"));
}

int run_cat(uint64_t argument)
{
    char buffer[4096];
    int64_t count;
    (void)argument;
    int32_t fd = file_open(wanted_path(), O_RDONLY, 0);
    REQUIRE(fd >= 0, "open result=%d", fd);
    while ((count = file_read(fd, buffer, sizeof(buffer))) > 0)
        file_write(1, buffer, (uint64_t)count);
    REQUIRE(count == 0, "read result=%ld", count);
    return success();
}

/* text=TEXT becomes the content. */
int run_put(uint64_t argument)
{
    (void)argument;
    int status = make_file(wanted_path(), text_argument("text", "text"));
    return status == HVT_EXIT_SUCCESS ? success() : status;
}

int run_remove(uint64_t argument)
{
    (void)argument;
    int32_t result = file_unlink(wanted_path());
    REQUIRE(result == 0, "unlink result=%d", result);
    return success();
}
