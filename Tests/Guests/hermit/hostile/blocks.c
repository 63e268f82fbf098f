/* blocks.c: parameters that are not, or only just, in memory. */
#include "hostile.h"

/* A call: its port and the size of its parameters. */
#define CALL(port, type) ((uint64_t)sizeof(type) << 32 | (port))
#define PORT(call) ((uint16_t)(call))
#define SIZE(call) ((call) >> 32)

#define V1_CALLS                                                                                \
    {"write", V1, CALL(UHYVE_V1_FILE_WRITE, struct uhyve_v1_file_write)},                       \
        {"open", V1, CALL(UHYVE_V1_FILE_OPEN, struct uhyve_file_open)},                         \
        {"close", V1, CALL(UHYVE_V1_FILE_CLOSE, struct uhyve_file_close)},                      \
        {"read", V1, CALL(UHYVE_V1_FILE_READ, struct uhyve_v1_file_read)},                      \
        {"seek", V1, CALL(UHYVE_V1_FILE_LSEEK, struct uhyve_v1_file_lseek)},                    \
        {"sizes", V1, CALL(UHYVE_V1_CMDSIZE, struct uhyve_v1_cmdsize)},                         \
        {"unlink", V1, CALL(UHYVE_V1_FILE_UNLINK, struct uhyve_file_unlink)},                   \
        {"serial", V1, CALL(UHYVE_V1_SERIAL_WRITE_BUFFER, struct uhyve_v1_serial_write_buffer)}

#define V2_CALLS                                                                                \
    {"serial", V23, CALL(UHYVE_V2_SERIAL_WRITE_BUFFER, struct uhyve_v2_serial_write_buffer)},   \
        {"write", V23, CALL(UHYVE_V2_FILE_WRITE, struct uhyve_v2_file_io)},                     \
        {"open", V23, CALL(UHYVE_V2_FILE_OPEN, struct uhyve_file_open)},                        \
        {"close", V23, CALL(UHYVE_V2_FILE_CLOSE, struct uhyve_file_close)},                     \
        {"read", V23, CALL(UHYVE_V2_FILE_READ, struct uhyve_v2_file_io)},                       \
        {"seek", V23, CALL(UHYVE_V2_FILE_LSEEK, struct uhyve_v2_file_lseek)},                   \
        {"unlink", V23, CALL(UHYVE_V2_FILE_UNLINK, struct uhyve_file_unlink)},                  \
        {"entries", V3, CALL(UHYVE_V3_GETDENTS, struct uhyve_v3_getdents)},                     \
        {"stat", V3, CALL(UHYVE_V3_FILE_STAT, struct uhyve_v3_file_stat)},                      \
        {"fstat", V3, CALL(UHYVE_V3_FILE_FSTAT, struct uhyve_v3_file_fstat)},                   \
        {"mkdir", V3, CALL(UHYVE_V3_MKDIR, struct uhyve_v3_mkdir)}

static void call_at(uint64_t call, uint64_t address)
{
    if (flavour.interface == UHYVE_INTERFACE_1)
        call_v1(PORT(call), address);
    else
        call_v2(PORT(call), address);
}

static int run_block(uint64_t call, uint64_t place)
{
    call_at(call, address_of((enum place)place));
    return HVT_EXIT_SUCCESS;
}

static const struct choice stopping_calls[] = {
    V1_CALLS,
    {"exit", V1, CALL(UHYVE_V1_EXIT, struct uhyve_v1_exit)},
    {"values", V1, CALL(UHYVE_V1_CMDVAL, struct uhyve_v1_cmdval)},
    V2_CALLS,
};

const struct subject block_subject = {
    .name = "block",
    .outcome = STOPS,
    .run = run_block,
    .calls = stopping_calls,
    .call_count = COUNT_OF(stopping_calls),
    .defects = places,
    .defect_count = PLACE_COUNT,
};

/* ---- The other way round: where there is just enough room ---- */

/* All of it zeros, or all of it ones. */
static int run_last(uint64_t call, uint64_t byte)
{
    uint8_t *block = end_of_memory(SIZE(call));
    memset(block, (int)byte, SIZE(call));
    call_at(call, (uintptr_t)block);
    uint8_t result = block[SIZE(call) - 1];
    /* What is at address 0 may be the name of a directory. */
    for (int32_t fd = 3; fd < 6; fd++)
        file_close(fd);
    return survived_call(result);
}

static const struct choice surviving_calls[] = {V1_CALLS, V2_CALLS};
static const struct choice fillings[] = {{"zeros", V123, 0}, {"ones", V123, 0xff}};

const struct subject last_subject = {
    .name = "last",
    .outcome = SURVIVES,
    .run = run_last,
    .calls = surviving_calls,
    .call_count = COUNT_OF(surviving_calls),
    .defects = fillings,
    .defect_count = COUNT_OF(fillings),
};
