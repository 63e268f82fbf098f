/* buffers.c: pointers to data that is not there, and lengths of it that are none. */
#include "hostile.h"

#define LENGTH 64

enum call { READ, WRITE, WRITE_CONSOLE, SERIAL, SERIAL_READ, ENTRIES, STAT, FSTAT };

static int64_t serial_read(uint64_t address, uint64_t length)
{
    volatile struct uhyve_v2_serial_read_buffer argument = {
        .maxlen = length, .len = POISON, .buf = address};
    call_v2(UHYVE_V2_SERIAL_READ_BUFFER, (uintptr_t)&argument);
    /* The reference does not answer this one. */
    return argument.len == POISON ? 0 : (int64_t)argument.len;
}

static int64_t call(enum call call, uint64_t address, uint64_t length)
{
    void *buffer = (void *)address;
    int64_t result = 0;
    int32_t fd;
    switch (call) {
    case READ:
    case FSTAT:
        fd = open_known();
        result = call == READ ? file_read(fd, buffer, length) : file_fstat(fd, buffer);
        file_close(fd);
        break;
    case WRITE:
        fd = file_open(spoiled_file(), O_RDWR | O_CREAT, 0644);
        if (fd < 3)
            guest_exit(failure("%s: result=%d", spoiled_file(), fd));
        result = file_write(fd, buffer, length);
        file_close(fd);
        file_unlink(spoiled_file());
        break;
    case WRITE_CONSOLE:
        result = file_write(1, buffer, length);
        break;
    case SERIAL:
        serial_write(buffer, length);
        break;
    case SERIAL_READ:
        result = serial_read(address, length);
        break;
    case ENTRIES:
        fd = file_open("/root", O_RDONLY | O_DIRECTORY, 0);
        result = file_entries(fd, buffer, length);
        file_close(fd);
        break;
    case STAT:
        result = file_stat(known_file(), UHYVE_V3_STAT_FOLLOW, buffer);
    }
    return result;
}

/* Whether the call tells what has become of it. */
static bool answers(enum call call)
{
    return call == READ || call >= ENTRIES
        || (flavour.interface != UHYVE_INTERFACE_1 && call <= WRITE_CONSOLE);
}

/* ---- Addresses ---- */

/* At most what there is may be moved. */
static int run_buffer(uint64_t kind, uint64_t place)
{
    int64_t result = call((enum call)kind, address_of((enum place)place), LENGTH);
    if (answers((enum call)kind)) {
        bool is_partial = place == STRADDLE || place == WRAP;
        REQUIRE(result < 0 || (is_partial && result <= 3), "result=%ld", result);
    }
    return survived_call(result);
}

static const struct choice calls[] = {
    {"read", V123, READ},
    {"write", V123, WRITE},
    {"write-console", V123, WRITE_CONSOLE},
    {"serial", V123, SERIAL},
    {"serial-read", V23, SERIAL_READ},
    {"entries", V3, ENTRIES},
    {"stat", V3, STAT},
    {"fstat", V3, FSTAT},
};

const struct subject buffer_subject = {
    .name = "buffer",
    .outcome = SURVIVES,
    .run = run_buffer,
    .calls = calls,
    .call_count = COUNT_OF(calls),
    .defects = places,
    .defect_count = PLACE_COUNT,
};

/* ---- Lengths ---- */

/* Of a buffer at the end of memory, so that little can be moved. */
static int run_length(uint64_t kind, uint64_t length)
{
    uint8_t *buffer = end_of_memory(LENGTH);
    memset(buffer, '.', LENGTH);
    if (length == 0 && kind == ENTRIES)
        return failed_call(call(ENTRIES, (uintptr_t)buffer, 0));
    int64_t result = call((enum call)kind, (uintptr_t)buffer, length);
    if (answers((enum call)kind))
        REQUIRE(result <= LENGTH, "result=%ld", result);
    return survived_call(result);
}

static const struct choice lengths[] = {
    {"none", V123, 0},
    {"one-more", V123, LENGTH + 1},
    {"page", V123, PAGE_SIZE},
    {"int", V123, INT32_MAX},
    {"4g", V123, 1ULL << 32},
    {"most", V123, INT64_MAX},
    {"negative", V123, 1ULL << 63},
    {"minus-one", V123, UINT64_MAX},
    {"wrap", V123, UINT64_MAX - LENGTH},
};

const struct subject length_subject = {
    .name = "length",
    .outcome = SURVIVES,
    .run = run_length,
    .calls = calls,
    /* Attributes have no length. */
    .call_count = COUNT_OF(calls) - 2,
    .defects = lengths,
    .defect_count = COUNT_OF(lengths),
};
