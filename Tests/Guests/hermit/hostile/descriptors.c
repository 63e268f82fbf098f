/* descriptors.c: numbers that stand for no file, and positions that are none. */
#include "hostile.h"

enum call { READ, WRITE, CLOSE, SEEK, ENTRIES, FSTAT };

static int run_descriptor(uint64_t call, uint64_t number)
{
    static uint8_t buffer[256] __attribute__((aligned(8)));
    int32_t fd = (int32_t)number;
    int64_t result = -EBADF;
    switch ((enum call)call) {
    case READ:
        result = file_read(fd, buffer, sizeof(buffer));
        break;
    case WRITE:
        result = file_write(fd, buffer, sizeof(buffer));
        if (flavour.interface == UHYVE_INTERFACE_1)
            return survived_call(result);
        break;
    case CLOSE:
        result = file_close(fd);
        break;
    case SEEK:
        result = file_seek(fd, 0, SEEK_SET);
        if (flavour.interface == UHYVE_INTERFACE_1)
            return failed_call(result);
        break;
    case ENTRIES:
        result = file_entries(fd, buffer, sizeof(buffer));
        break;
    case FSTAT:
        result = file_fstat(fd, (struct uhyve_v3_attr *)buffer);
    }
    REQUIRE(result == -EBADF, "result=%ld", result);
    return survived_call(result);
}

static const struct choice calls[] = {
    {"read", V123, READ}, {"write", V123, WRITE}, {"close", V123, CLOSE}, {"seek", V123, SEEK},
    {"entries", V3, ENTRIES}, {"fstat", V3, FSTAT},
};

static const struct choice numbers[] = {
    {"next", V123, 3},
    {"ten", V123, 10},
    {"table-end", V123, 259},
    {"64k", V123, 65536},
    {"minus-one", V123, UINT32_MAX},
    {"at-cwd", V123, (uint32_t)-100},
    {"least", V123, 0x80000000},
    {"least-and-three", V123, 0x80000003},
    {"most", V123, INT32_MAX},
};

const struct subject descriptor_subject = {
    .name = "descriptor",
    .outcome = SURVIVES,
    .run = run_descriptor,
    .calls = calls,
    .call_count = COUNT_OF(calls),
    .defects = numbers,
    .defect_count = COUNT_OF(numbers),
};

/* ---- Positions ---- */

static int run_seek(uint64_t whence, uint64_t offset)
{
    char byte;
    int32_t fd = open_known();
    int64_t position = file_seek(fd, (int64_t)offset, (uint32_t)whence);
    if (whence > SEEK_END)
        REQUIRE(position < 0, "result=%ld", position);
    if ((int64_t)offset < -7)
        REQUIRE(position < 0, "result=%ld", position);
    int64_t count = file_read(fd, &byte, 1);
    /* So far out, file systems may find nothing, or fail. */
    REQUIRE(count <= 1, "read result=%ld", count);
    file_close(fd);
    return survived_call(position);
}

static const struct choice whences[] = {
    {"set", V123, SEEK_SET}, {"current", V123, SEEK_CUR}, {"end", V123, SEEK_END},
    {"data", V123, 3}, {"hole", V123, 4}, {"99", V123, 99}, {"minus-one", V123, UINT32_MAX},
    {"sign", V123, 0x80000000},
};

static const struct choice offsets[] = {
    {"most", V123, INT64_MAX}, {"least", V123, 1ULL << 63}, {"minus-eight", V123, (uint64_t)-8},
    {"4g", V123, 1ULL << 32},
};

const struct subject seek_subject = {
    .name = "seek",
    .outcome = SURVIVES,
    .run = run_seek,
    .calls = whences,
    .call_count = COUNT_OF(whences),
    .defects = offsets,
    .defect_count = COUNT_OF(offsets),
};
