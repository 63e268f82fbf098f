/* calls.c: the hypercalls, by the version of the interface that the image has. */
#include "hermit_guest.h"

static bool is_v1(void)
{
    return flavour.interface == UHYVE_INTERFACE_1;
}

/* The three structs that the versions share lead to this. */
static void call(uint16_t v1_port, uint16_t v2_port, volatile void *argument)
{
    if (is_v1())
        call_v1(v1_port, (uintptr_t)argument);
    else
        call_v2(v2_port, (uintptr_t)argument);
}

void guest_exit(int32_t code)
{
    volatile struct uhyve_v1_exit argument = {.code = code};
    for (;;) {
        if (is_v1())
            call_v1(UHYVE_V1_EXIT, (uintptr_t)&argument);
        else /* Only the low half is the code. */
            call_v2(UHYVE_V2_EXIT, 0x1234567800000000 | (uint32_t)code);
    }
}

void console_write(const char *data, uint64_t length)
{
    file_write(1, data, length);
}

int32_t file_open(const char *path, int32_t flags, int32_t mode)
{
    volatile struct uhyve_file_open argument = {
        .name = (uintptr_t)path,
        .flags = flags,
        .mode = mode,
        .ret = POISON,
    };
    call(UHYVE_V1_FILE_OPEN, UHYVE_V2_FILE_OPEN, &argument);
    return argument.ret;
}

int32_t file_close(int32_t fd)
{
    volatile struct uhyve_file_close argument = {.fd = fd, .ret = POISON};
    call(UHYVE_V1_FILE_CLOSE, UHYVE_V2_FILE_CLOSE, &argument);
    return argument.ret;
}

int64_t file_read(int32_t fd, void *buffer, uint64_t length)
{
    uint64_t address = (uintptr_t)buffer;
    if (is_v1()) {
        volatile struct uhyve_v1_file_read argument = {
            .fd = fd, .buf = address, .len = length, .ret = POISON};
        call_v1(UHYVE_V1_FILE_READ, (uintptr_t)&argument);
        return argument.ret;
    }
    volatile struct uhyve_v2_file_io argument = {
        .len = length, .ret = POISON, .buf = address, .fd = fd};
    call_v2(UHYVE_V2_FILE_READ, (uintptr_t)&argument);
    return argument.ret;
}

int64_t file_write(int32_t fd, const void *data, uint64_t length)
{
    uint64_t address = (uintptr_t)data;
    if (is_v1()) {
        volatile struct uhyve_v1_file_write argument = {.fd = fd, .buf = address, .len = length};
        call_v1(UHYVE_V1_FILE_WRITE, (uintptr_t)&argument);
        return (int64_t)length;
    }
    volatile struct uhyve_v2_file_io argument = {
        .len = length, .ret = POISON, .buf = address, .fd = fd};
    call_v2(UHYVE_V2_FILE_WRITE, (uintptr_t)&argument);
    return argument.ret;
}

int64_t file_seek(int32_t fd, int64_t offset, uint32_t whence)
{
    if (is_v1()) {
        volatile struct uhyve_v1_file_lseek argument = {
            .fd = fd, .offset = offset, .whence = (int32_t)whence};
        call_v1(UHYVE_V1_FILE_LSEEK, (uintptr_t)&argument);
        return argument.offset;
    }
    volatile struct uhyve_v2_file_lseek argument = {
        .offset = offset, .whence = whence, .fd = fd};
    call_v2(UHYVE_V2_FILE_LSEEK, (uintptr_t)&argument);
    return argument.offset;
}

int32_t file_unlink(const char *path)
{
    volatile struct uhyve_file_unlink argument = {.name = (uintptr_t)path, .ret = POISON};
    call(UHYVE_V1_FILE_UNLINK, UHYVE_V2_FILE_UNLINK, &argument);
    return argument.ret;
}

void serial_write_byte(uint8_t byte)
{
    if (is_v1())
        port_write_byte(UHYVE_V1_UART, byte);
    else /* Only the low 8 bits count. */
        call_v2(UHYVE_V2_SERIAL_WRITE_BYTE, 0xabcdef00 | byte);
}

void serial_write(const void *data, uint64_t length)
{
    uint64_t address = (uintptr_t)data;
    if (is_v1()) {
        volatile struct uhyve_v1_serial_write_buffer argument = {.buf = address, .len = length};
        call_v1(UHYVE_V1_SERIAL_WRITE_BUFFER, (uintptr_t)&argument);
    } else {
        volatile struct uhyve_v2_serial_write_buffer argument = {.len = length, .buf = address};
        call_v2(UHYVE_V2_SERIAL_WRITE_BUFFER, (uintptr_t)&argument);
    }
}

/* The errors of version 3 are positive; the others' are not. */
static int32_t simple_result(uint32_t tag, int32_t error)
{
    if (tag == UHYVE_V3_RESULT_SUCCESS)
        return 0;
    return tag == UHYVE_V3_RESULT_ERROR && error > 0 ? -error : POISON;
}

int64_t file_entries(int32_t fd, void *buffer, uint64_t length)
{
    volatile struct uhyve_v3_getdents argument = {
        .fd = fd, .buf = (uintptr_t)buffer, .len = length};
    call_v2(UHYVE_V3_GETDENTS, (uintptr_t)&argument);
    switch (argument.result.tag) {
    case UHYVE_V3_RESULT_SUCCESS:
        return (int64_t)argument.result.value;
    case UHYVE_V3_GETDENTS_END:
        return 0;
    case UHYVE_V3_GETDENTS_ERROR:
        return -(int64_t)(int32_t)argument.result.value;
    default:
        return POISON;
    }
}

int32_t file_stat(const char *path, uint32_t kind, struct uhyve_v3_attr *attr)
{
    volatile struct uhyve_v3_file_stat argument = {
        .name = (uintptr_t)path, .kind = kind, .attr = (uintptr_t)attr};
    call_v2(UHYVE_V3_FILE_STAT, (uintptr_t)&argument);
    return simple_result(argument.result.tag, argument.result.error);
}

int32_t file_fstat(int32_t fd, struct uhyve_v3_attr *attr)
{
    volatile struct uhyve_v3_file_fstat argument = {.fd = fd, .attr = (uintptr_t)attr};
    call_v2(UHYVE_V3_FILE_FSTAT, (uintptr_t)&argument);
    return simple_result(argument.result.tag, argument.result.error);
}

int32_t make_directory(const char *path)
{
    volatile struct uhyve_v3_mkdir argument = {
        .path = (uintptr_t)path, .len = string_length(path) + 1};
    call_v2(UHYVE_V3_MKDIR, (uintptr_t)&argument);
    return simple_result(argument.result.tag, argument.result.error);
}
