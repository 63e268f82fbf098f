/* load.c: too much of something, and two vCPUs at once. */
#include "hostile.h"

#define MOST_OPEN 100000
#define ROUNDS 500

/* Until there is no descriptor left; afterwards all is as before. */
static int run_descriptors(uint64_t argument)
{
    int32_t fd, last = 0, first = open_known();
    (void)argument;
    for (unsigned i = 0; i < MOST_OPEN; i++) {
        fd = file_open(known_file(), O_RDONLY, 0);
        if (fd < 0)
            break;
        last = fd > last ? fd : last;
    }
    printl("result=%d after descriptor %d", fd, last);
    REQUIRE(fd == -EMFILE, "no end");
    REQUIRE(file_close(last) == 0, "close");
    REQUIRE((fd = open_known()) > 2, "open");
    for (fd = first; fd <= last; fd++)
        file_close(fd);
    return survived_call(first);
}

/* Files where nothing is mapped, in directories that there are not; there may be
 * a limit, and there may be none at all without a temporary directory. */
static int make_temporary_files(uint64_t count, unsigned depth)
{
    static char path[4096] = "/elsewhere/0000";
    char *last_digit = path + string_length(path) - 1, *end = last_digit + 1;
    int64_t result = 0;
    for (unsigned i = 0; i < depth; i++) {
        *end++ = '/';
        *end++ = 'x';
    }
    for (uint64_t i = 0; i < count && result >= 0; i++) {
        for (unsigned digit = 0, rest = (unsigned)i; digit < 4; digit++, rest /= 10)
            last_digit[-(int)digit] = (char)('0' + rest % 10);
        result = file_open(path, O_RDWR | O_CREAT, 0644);
        if (result >= 0)
            file_close((int32_t)result);
    }
    return survived_call(result);
}

static int run_temporary_files(uint64_t count)
{
    return make_temporary_files(count, 0);
}

/* Each path has as many names as fit. */
static int run_temporary_paths(uint64_t count)
{
    return make_temporary_files(count, 2000);
}

/* ---- A block that another vCPU changes all the time (--cpus=2) ---- */

static union {
    struct uhyve_file_open open;
    struct uhyve_v1_file_read read_v1;
    struct uhyve_v2_file_io read;
} block;
static volatile bool is_over;
static uint8_t buffer[PAGE_SIZE];

static void spoil_open(unsigned cpu)
{
    (void)cpu;
    uint64_t good = (uintptr_t)known_file();
    while (!is_over) {
        *(volatile uint64_t *)&block.open.name = boot.ram_end;
        *(volatile uint64_t *)&block.open.name = good;
        *(volatile int32_t *)&block.open.flags = -1;
        *(volatile int32_t *)&block.open.flags = O_RDONLY;
    }
}

static void spoil_read(unsigned cpu)
{
    (void)cpu;
    uint8_t *bytes = (uint8_t *)&block;
    size_t length_offset = offsetof(struct uhyve_v2_file_io, len);
    size_t address_offset = offsetof(struct uhyve_v2_file_io, buf);
    if (flavour.interface == UHYVE_INTERFACE_1) {
        length_offset = offsetof(struct uhyve_v1_file_read, len);
        address_offset = offsetof(struct uhyve_v1_file_read, buf);
    }
    volatile uint64_t *length = (volatile uint64_t *)(bytes + length_offset);
    volatile uint64_t *address = (volatile uint64_t *)(bytes + address_offset);
    while (!is_over) {
        *length = UINT64_MAX;
        *length = sizeof(buffer);
        *address = boot.ram_end;
        *address = (uintptr_t)buffer;
    }
}

static void call(uint16_t v1_port, uint16_t v2_port)
{
    if (flavour.interface == UHYVE_INTERFACE_1)
        call_v1(v1_port, (uintptr_t)&block);
    else
        call_v2(v2_port, (uintptr_t)&block);
}

static int run_race(uint64_t reads)
{
    REQUIRE(boot.cpu_count > 1, "this case needs two vCPUs");
    int32_t fd = open_known(), opened = 0;
    is_over = false;
    cpu_release(reads ? spoil_read : spoil_open);
    for (unsigned i = 0; i < ROUNDS; i++) {
        if (reads) {
            block.read.fd = fd;
            if (flavour.interface == UHYVE_INTERFACE_1)
                block.read_v1.fd = fd;
            call(UHYVE_V1_FILE_READ, UHYVE_V2_FILE_READ);
            file_seek(fd, 0, SEEK_SET);
        } else {
            call(UHYVE_V1_FILE_OPEN, UHYVE_V2_FILE_OPEN);
            int32_t result = *(volatile int32_t *)&block.open.ret;
            opened += result > 2 && file_close(result) == 0;
        }
    }
    is_over = true;
    return survived_call(opened);
}

/* Both end the guest at once. */
static void exit_at_once(unsigned cpu)
{
    (void)cpu;
    while (!is_over)
        pause_cpu();
    guest_exit(0);
}

static int run_exits(uint64_t argument)
{
    (void)argument;
    REQUIRE(boot.cpu_count > 1, "this case needs two vCPUs");
    cpu_release(exit_at_once);
    success();
    is_over = true;
    guest_exit(0);
}

const struct single load_cases[] = {
    {"descriptors", V123, SURVIVES, run_descriptors, 0},
    {"temporary-files", V123, SURVIVES, run_temporary_files, 2000},
    {"temporary-paths", V123, SURVIVES, run_temporary_paths, 128},
    {"race-open", V123, EITHER, run_race, 0},
    {"race-read", V123, EITHER, run_race, 1},
    {"race-exit", V123, EITHER, run_exits, 0},
};
const size_t load_case_count = COUNT_OF(load_cases);
