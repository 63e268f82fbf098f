/* uhyve.h: the hypercalls of Hermit guests, in all versions of the interface.
 *
 * A hypercall is an OUT to the port that is its number.
 *   Version 1: the 32-bit value is the address of the argument.
 *   Versions 2 and 3: RDI is, or is the argument itself; the value says nothing.
 * Ports tell the versions apart, and a guest may use both.  An argument is one
 * of the structs below, anywhere in memory; the fields marked OUT are written
 * by the tender.  Addresses are physical unless marked GVA: those are virtual,
 * and led through the page tables of the vCPU that makes the call.
 *
 * Flags, whence and error numbers are those of Linux on x86_64.  What is
 * called an error below is one of those, negative unless said otherwise.
 */
#ifndef PINNACE_ABI_UHYVE_H
#define PINNACE_ABI_UHYVE_H

#include "abi.h"

/* The structs of version 1 have no padding. */
#define UHYVE_PACKED __attribute__((packed))

#define UHYVE_INTERFACE_1 1
#define UHYVE_INTERFACE_2 2
#define UHYVE_INTERFACE_3 3

/* ---- Version 1 ---- */

#define UHYVE_V1_FILE_WRITE 0x400
#define UHYVE_V1_FILE_OPEN 0x440
#define UHYVE_V1_FILE_CLOSE 0x480
#define UHYVE_V1_FILE_READ 0x500
#define UHYVE_V1_EXIT 0x540
#define UHYVE_V1_FILE_LSEEK 0x580
#define UHYVE_V1_NET_WRITE 0x640 /* these three do nothing any more */
#define UHYVE_V1_NET_READ 0x680
#define UHYVE_V1_NET_STAT 0x700
#define UHYVE_V1_CMDSIZE 0x740
#define UHYVE_V1_CMDVAL 0x780
#define UHYVE_V1_UART 0x800 /* the low byte of the value, for the console */
#define UHYVE_V1_FILE_UNLINK 0x840
#define UHYVE_V1_SERIAL_WRITE_BUFFER 0x880

struct UHYVE_PACKED uhyve_v1_file_write {
    int32_t fd;
    uint64_t buf; /* GVA */
    uint64_t len;
};
ABI_SIZE(struct uhyve_v1_file_write, 20);
ABI_OFFSET(struct uhyve_v1_file_write, buf, 4);
ABI_OFFSET(struct uhyve_v1_file_write, len, 12);

struct UHYVE_PACKED uhyve_v1_file_read {
    int32_t fd;
    uint64_t buf; /* GVA */
    uint64_t len;
    int64_t ret; /* OUT: bytes read, 0 at the end of the file, or an error */
};
ABI_SIZE(struct uhyve_v1_file_read, 28);
#define UHYVE_V1_FILE_READ_RET_OFFSET 20
ABI_OFFSET(struct uhyve_v1_file_read, ret, UHYVE_V1_FILE_READ_RET_OFFSET);

struct UHYVE_PACKED uhyve_file_open {
    uint64_t name; /* NUL-terminated */
    int32_t flags;
    int32_t mode;
    int32_t ret; /* OUT: a descriptor, at least 3, or an error */
};
ABI_SIZE(struct uhyve_file_open, 20);
ABI_OFFSET(struct uhyve_file_open, flags, 8);
ABI_OFFSET(struct uhyve_file_open, mode, 12);
#define UHYVE_FILE_OPEN_RET_OFFSET 16
ABI_OFFSET(struct uhyve_file_open, ret, UHYVE_FILE_OPEN_RET_OFFSET);

struct UHYVE_PACKED uhyve_file_close {
    int32_t fd;
    int32_t ret; /* OUT: 0 or an error */
};
ABI_SIZE(struct uhyve_file_close, 8);
#define UHYVE_FILE_CLOSE_RET_OFFSET 4
ABI_OFFSET(struct uhyve_file_close, ret, UHYVE_FILE_CLOSE_RET_OFFSET);

struct UHYVE_PACKED uhyve_v1_file_lseek {
    int32_t fd;
    int64_t offset; /* OUT: the new position, or -1 */
    int32_t whence;
};
ABI_SIZE(struct uhyve_v1_file_lseek, 16);
#define UHYVE_V1_FILE_LSEEK_OFFSET_OFFSET 4
ABI_OFFSET(struct uhyve_v1_file_lseek, offset, UHYVE_V1_FILE_LSEEK_OFFSET_OFFSET);
ABI_OFFSET(struct uhyve_v1_file_lseek, whence, 12);

struct UHYVE_PACKED uhyve_file_unlink {
    uint64_t name; /* NUL-terminated */
    int32_t ret;   /* OUT: 0 or an error */
};
ABI_SIZE(struct uhyve_file_unlink, 12);
#define UHYVE_FILE_UNLINK_RET_OFFSET 8
ABI_OFFSET(struct uhyve_file_unlink, ret, UHYVE_FILE_UNLINK_RET_OFFSET);

struct UHYVE_PACKED uhyve_v1_exit {
    int32_t code; /* the low 8 bits become the tender's status */
};
ABI_SIZE(struct uhyve_v1_exit, 4);

struct UHYVE_PACKED uhyve_v1_serial_write_buffer {
    uint64_t buf;
    uint64_t len;
};
ABI_SIZE(struct uhyve_v1_serial_write_buffer, 16);
ABI_OFFSET(struct uhyve_v1_serial_write_buffer, len, 8);

/* CMDSIZE asks for the sizes of arguments and environment, so that the guest
 * can make room for them, and CMDVAL has them copied there.  The first argument
 * is the path of the image; an environment entry reads NAME=VALUE.  All sizes
 * include a NUL. */
#define UHYVE_V1_MOST_ARGUMENTS 128

struct UHYVE_PACKED uhyve_v1_cmdsize {
    int32_t argc;                            /* OUT, as is all of it */
    int32_t argsz[UHYVE_V1_MOST_ARGUMENTS];  /* as many as argc says */
    int32_t envc;
    int32_t envsz[UHYVE_V1_MOST_ARGUMENTS];
};
ABI_SIZE(struct uhyve_v1_cmdsize, 1032);
#define UHYVE_V1_CMDSIZE_ARGSZ_OFFSET 4
#define UHYVE_V1_CMDSIZE_ENVC_OFFSET 516
#define UHYVE_V1_CMDSIZE_ENVSZ_OFFSET 520
ABI_OFFSET(struct uhyve_v1_cmdsize, argsz, UHYVE_V1_CMDSIZE_ARGSZ_OFFSET);
ABI_OFFSET(struct uhyve_v1_cmdsize, envc, UHYVE_V1_CMDSIZE_ENVC_OFFSET);
ABI_OFFSET(struct uhyve_v1_cmdsize, envsz, UHYVE_V1_CMDSIZE_ENVSZ_OFFSET);

struct UHYVE_PACKED uhyve_v1_cmdval {
    uint64_t argv; /* address of the addresses to copy to, 8 bytes each */
    uint64_t envp;
};
ABI_SIZE(struct uhyve_v1_cmdval, 16);
ABI_OFFSET(struct uhyve_v1_cmdval, envp, 8);

/* ---- Versions 2 and 3 ----
 *
 * FILE_OPEN, FILE_CLOSE and FILE_UNLINK have the structs of version 1.
 */

#define UHYVE_V2_EXIT 0x1010 /* RDI: the code, in its low 32 bits */
#define UHYVE_V2_SERIAL_WRITE_BYTE 0x1020 /* RDI: the byte, in its low 8 bits */
#define UHYVE_V2_SERIAL_WRITE_BUFFER 0x1030
#define UHYVE_V2_SERIAL_READ_BYTE 0x1040 /* nobody says where the byte would go */
#define UHYVE_V2_SERIAL_READ_BUFFER 0x1050
#define UHYVE_V2_FILE_WRITE 0x1100
#define UHYVE_V2_FILE_OPEN 0x1110
#define UHYVE_V2_FILE_CLOSE 0x1120
#define UHYVE_V2_FILE_READ 0x1130
#define UHYVE_V2_FILE_LSEEK 0x1140
#define UHYVE_V2_FILE_UNLINK 0x1150
#define UHYVE_V3_GETDENTS 0x1160
#define UHYVE_V3_FILE_STAT 0x1170
#define UHYVE_V3_FILE_FSTAT 0x1180
#define UHYVE_V3_MKDIR 0x1190
#define UHYVE_V3_SHARED_MEM_OPEN 0x1200 /* reserved */
#define UHYVE_V3_SHARED_MEM_CLOSE 0x1210

/* FILE_WRITE and FILE_READ. */
struct uhyve_v2_file_io {
    uint64_t len;
    int64_t ret; /* OUT: bytes moved or an error */
    uint64_t buf;
    int32_t fd;
    uint32_t reserved;
};
ABI_SIZE(struct uhyve_v2_file_io, 32);
#define UHYVE_V2_FILE_IO_RET_OFFSET 8
ABI_OFFSET(struct uhyve_v2_file_io, ret, UHYVE_V2_FILE_IO_RET_OFFSET);
ABI_OFFSET(struct uhyve_v2_file_io, buf, 16);
ABI_OFFSET(struct uhyve_v2_file_io, fd, 24);

struct uhyve_v2_file_lseek {
    int64_t offset; /* OUT: the new position or an error */
    uint32_t whence;
    int32_t fd;
};
ABI_SIZE(struct uhyve_v2_file_lseek, 16);
ABI_OFFSET(struct uhyve_v2_file_lseek, whence, 8);
ABI_OFFSET(struct uhyve_v2_file_lseek, fd, 12);

struct uhyve_v2_serial_write_buffer {
    uint64_t len;
    uint64_t buf;
};
ABI_SIZE(struct uhyve_v2_serial_write_buffer, 16);
ABI_OFFSET(struct uhyve_v2_serial_write_buffer, buf, 8);

struct uhyve_v2_serial_read_buffer {
    uint64_t maxlen;
    uint64_t len; /* OUT */
    uint64_t buf;
};
ABI_SIZE(struct uhyve_v2_serial_read_buffer, 24);
#define UHYVE_V2_SERIAL_READ_BUFFER_LEN_OFFSET 8
ABI_OFFSET(struct uhyve_v2_serial_read_buffer, len, UHYVE_V2_SERIAL_READ_BUFFER_LEN_OFFSET);
ABI_OFFSET(struct uhyve_v2_serial_read_buffer, buf, 16);

/* What the results of version 3 begin with.  Their errors are positive. */
#define UHYVE_V3_RESULT_NONE 0
#define UHYVE_V3_RESULT_SUCCESS 1
#define UHYVE_V3_RESULT_ERROR 2

struct uhyve_v3_result {
    uint32_t tag;
    int32_t error; /* if the tag says so */
};
ABI_SIZE(struct uhyve_v3_result, 8);

#define UHYVE_V3_GETDENTS_END 2
#define UHYVE_V3_GETDENTS_ERROR 3

/* Fills the buffer with as many struct uhyve_v3_dirent as fit. */
struct uhyve_v3_getdents {
    int32_t fd;
    uint64_t buf;
    uint64_t len;
    struct {
        uint32_t tag;   /* OUT: success, end or error */
        uint64_t value; /* OUT: bytes, or in its low half an error */
    } result;
};
ABI_SIZE(struct uhyve_v3_getdents, 40);
ABI_OFFSET(struct uhyve_v3_getdents, buf, 8);
ABI_OFFSET(struct uhyve_v3_getdents, len, 16);
#define UHYVE_V3_GETDENTS_TAG_OFFSET 24
#define UHYVE_V3_GETDENTS_VALUE_OFFSET 32
ABI_OFFSET(struct uhyve_v3_getdents, result.tag, UHYVE_V3_GETDENTS_TAG_OFFSET);
ABI_OFFSET(struct uhyve_v3_getdents, result.value, UHYVE_V3_GETDENTS_VALUE_OFFSET);

/* As Linux has it; the name follows, with a NUL, up to a multiple of 8 bytes. */
struct uhyve_v3_dirent {
    uint64_t ino;
    int64_t off;
    uint16_t reclen;
    uint8_t type;
    char name[5];
};
ABI_SIZE(struct uhyve_v3_dirent, 24);
ABI_OFFSET(struct uhyve_v3_dirent, reclen, 16);
ABI_OFFSET(struct uhyve_v3_dirent, type, 18);
ABI_OFFSET(struct uhyve_v3_dirent, name, 19);

struct uhyve_v3_mkdir {
    uint64_t path; /* NUL-terminated */
    uint64_t len;  /* of the buffer that holds it */
    struct uhyve_v3_result result; /* OUT */
};
ABI_SIZE(struct uhyve_v3_mkdir, 24);
ABI_OFFSET(struct uhyve_v3_mkdir, len, 8);
#define UHYVE_V3_MKDIR_RESULT_OFFSET 16
ABI_OFFSET(struct uhyve_v3_mkdir, result, UHYVE_V3_MKDIR_RESULT_OFFSET);

#define UHYVE_V3_STAT_FOLLOW 0
#define UHYVE_V3_STAT_NO_FOLLOW 1

struct uhyve_v3_file_stat {
    uint64_t name; /* NUL-terminated */
    uint32_t kind; /* UHYVE_V3_STAT_* */
    uint64_t attr; /* address of a struct uhyve_v3_attr */
    struct uhyve_v3_result result; /* OUT */
};
ABI_SIZE(struct uhyve_v3_file_stat, 32);
ABI_OFFSET(struct uhyve_v3_file_stat, kind, 8);
ABI_OFFSET(struct uhyve_v3_file_stat, attr, 16);
#define UHYVE_V3_FILE_STAT_RESULT_OFFSET 24
ABI_OFFSET(struct uhyve_v3_file_stat, result, UHYVE_V3_FILE_STAT_RESULT_OFFSET);

struct uhyve_v3_file_fstat {
    int32_t fd;
    uint64_t attr; /* address of a struct uhyve_v3_attr */
    struct uhyve_v3_result result; /* OUT */
};
ABI_SIZE(struct uhyve_v3_file_fstat, 24);
ABI_OFFSET(struct uhyve_v3_file_fstat, attr, 8);
#define UHYVE_V3_FILE_FSTAT_RESULT_OFFSET 16
ABI_OFFSET(struct uhyve_v3_file_fstat, result, UHYVE_V3_FILE_FSTAT_RESULT_OFFSET);

struct uhyve_v3_time {
    int64_t seconds; /* since the Unix epoch */
    int32_t nanoseconds;
    uint32_t reserved;
};
ABI_SIZE(struct uhyve_v3_time, 16);

struct uhyve_v3_attr {
    uint64_t dev;
    uint64_t ino;
    uint64_t nlink;
    uint32_t mode;
    uint32_t uid;
    uint32_t gid;
    uint32_t reserved;
    uint64_t rdev;
    int64_t size;
    int64_t blksize;
    int64_t blocks; /* of 512 bytes */
    struct uhyve_v3_time atime;
    struct uhyve_v3_time mtime;
    struct uhyve_v3_time ctime;
};
ABI_SIZE(struct uhyve_v3_attr, 120);
ABI_OFFSET(struct uhyve_v3_attr, nlink, 16);
ABI_OFFSET(struct uhyve_v3_attr, mode, 24);
ABI_OFFSET(struct uhyve_v3_attr, uid, 28);
ABI_OFFSET(struct uhyve_v3_attr, gid, 32);
ABI_OFFSET(struct uhyve_v3_attr, rdev, 40);
ABI_OFFSET(struct uhyve_v3_attr, size, 48);
ABI_OFFSET(struct uhyve_v3_attr, blksize, 56);
ABI_OFFSET(struct uhyve_v3_attr, blocks, 64);
ABI_OFFSET(struct uhyve_v3_attr, atime, 72);
ABI_OFFSET(struct uhyve_v3_attr, mtime, 88);
ABI_OFFSET(struct uhyve_v3_attr, ctime, 104);

#endif
