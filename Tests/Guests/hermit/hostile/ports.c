/* ports.c: ports that nobody serves, and calls that are no 32-bit OUT. */
#include "hostile.h"

#define COM1 0x3f8

static int run_out(uint64_t port)
{
    port_write_byte((uint16_t)port, 0xff);
    port_write_word((uint16_t)port, 0xffff);
    port_write_long((uint16_t)port, UINT32_MAX);
    return survived_call(0);
}

static int run_in(uint64_t port)
{
    REQUIRE(port_read_byte((uint16_t)port) == 0xff, "a byte");
    REQUIRE(port_read_word((uint16_t)port) == 0xffff, "a word");
    REQUIRE(port_read_long((uint16_t)port) == UINT32_MAX, "a long word");
    return survived_call(0);
}

/* A call by what is too narrow for an address. */
static int run_narrow(uint64_t port)
{
    port_write_byte((uint16_t)port, 0);
    port_write_word((uint16_t)port, 0);
    return survived_call(0);
}

/* Many at once: from memory to the port, or the other way round. */
static int run_string_out(uint64_t port)
{
    static const uint32_t words[64];
    const uint32_t *source = words;
    uint64_t count = COUNT_OF(words);
    __asm__ volatile("rep outsl" : "+S"(source), "+c"(count) : "d"(port) : "memory");
    return survived_call((int64_t)count);
}

static int run_string_in(uint64_t port)
{
    static uint32_t words[64];
    uint32_t *target = words;
    uint64_t count = COUNT_OF(words);
    __asm__ volatile("rep insl" : "+D"(target), "+c"(count) : "d"(port) : "memory");
    for (size_t i = 0; i < COUNT_OF(words); i++)
        REQUIRE(words[i] == UINT32_MAX, "word %lu is 0x%x", (uint64_t)i, words[i]);
    return survived_call((int64_t)count);
}

/* The calls of version 1 that are none any more. */
static int run_dead(uint64_t port)
{
    call_v1((uint16_t)port, boot.ram_end);
    call_v1((uint16_t)port, UINT32_MAX);
    return survived_call(0);
}

static int run_reserved(uint64_t port)
{
    call_v2((uint16_t)port, boot.ram_end);
    call_v2((uint16_t)port, UINT64_MAX);
    return survived_call(0);
}

/* One interface's guest makes the other's call; ports tell them apart. */
static int run_other_v1(uint64_t argument)
{
    (void)argument;
    port_write_byte(UHYVE_V1_UART, '1');
    port_write_byte(UHYVE_V1_UART, '\n');
    return survived_call(0);
}

static int run_other_v2(uint64_t argument)
{
    (void)argument;
    call_v2(UHYVE_V2_SERIAL_WRITE_BYTE, '2');
    call_v2(UHYVE_V2_SERIAL_WRITE_BYTE, '\n');
    return survived_call(0);
}

const struct single port_cases[] = {
    {"out-com1", V123, SURVIVES, run_out, COM1},
    {"out-zero", V123, SURVIVES, run_out, 0},
    {"out-last", V123, SURVIVES, run_out, 0xfffc},
    {"out-between-calls", V123, SURVIVES, run_out, 0x1060},
    {"out-beside-call", V123, SURVIVES, run_out, UHYVE_V2_FILE_OPEN + 4},
    {"out-before-call", V123, SURVIVES, run_out, UHYVE_V1_FILE_OPEN - 4},
    {"in-com1", V123, SURVIVES, run_in, COM1},
    {"in-last", V123, SURVIVES, run_in, 0xfffc},
    {"in-call", V123, SURVIVES, run_in, UHYVE_V1_FILE_OPEN},
    {"in-call-v2", V123, SURVIVES, run_in, UHYVE_V2_FILE_OPEN},
    {"in-exit", V123, SURVIVES, run_in, UHYVE_V2_EXIT},
    {"narrow-open", V1, EITHER, run_narrow, UHYVE_V1_FILE_OPEN},
    {"narrow-close", V1, EITHER, run_narrow, UHYVE_V1_FILE_CLOSE},
    {"string-out", V123, SURVIVES, run_string_out, COM1},
    {"string-out-uart", V1, SURVIVES, run_string_out, UHYVE_V1_UART},
    {"string-out-open", V1, EITHER, run_string_out, UHYVE_V1_FILE_OPEN},
    {"string-in", V123, SURVIVES, run_string_in, COM1},
    {"string-in-call", V123, SURVIVES, run_string_in, UHYVE_V1_FILE_READ},
    {"net-write", V1, SURVIVES, run_dead, UHYVE_V1_NET_WRITE},
    {"net-read", V1, SURVIVES, run_dead, UHYVE_V1_NET_READ},
    {"net-stat", V1, SURVIVES, run_dead, UHYVE_V1_NET_STAT},
    {"serial-read-byte", V23, SURVIVES, run_reserved, UHYVE_V2_SERIAL_READ_BYTE},
    {"serial-read-buffer", V23, STOPS, run_reserved, UHYVE_V2_SERIAL_READ_BUFFER},
    {"shared-memory-open", V23, SURVIVES, run_reserved, UHYVE_V3_SHARED_MEM_OPEN},
    {"shared-memory-close", V23, SURVIVES, run_reserved, UHYVE_V3_SHARED_MEM_CLOSE},
    {"other-interface", V23, SURVIVES, run_other_v1, 0},
    {"other-interface", V1, SURVIVES, run_other_v2, 0},
};
const size_t port_case_count = COUNT_OF(port_cases);
