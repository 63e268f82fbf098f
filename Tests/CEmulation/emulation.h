/* emulation.h: for the emulated /dev/mshv, system calls that Swift cannot make: variadic functions,
 * function-like macros, fork(2).
 */
#ifndef PINNACE_EMULATION_H
#define PINNACE_EMULATION_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>

/* Any system call of this thread. Returns its result, or an error's number negated. */
static inline long emulation_call(long number, unsigned long a, unsigned long b, unsigned long c,
                                  unsigned long d, unsigned long e, unsigned long f)
{
    long result = syscall(number, a, b, c, d, e, f);

    return result == -1 ? -(long)errno : result;
}

static inline int emulation_fork(void) { return fork(); }

/* ptrace(2), but for what returns words. */
static inline long emulation_trace(int request, pid_t process, unsigned long address, void *data)
{
    return ptrace((enum __ptrace_request)request, process, address, data);
}

static inline long emulation_peek(pid_t process, unsigned long address)
{
    return ptrace(PTRACE_PEEKTEXT, process, address, NULL);
}

enum {
    EMULATION_SEIZE = PTRACE_SEIZE,
    EMULATION_CONTINUE = PTRACE_CONT,
    EMULATION_TO_CALL = PTRACE_SYSCALL,
    EMULATION_GET_REGISTERS = PTRACE_GETREGS,
    EMULATION_SET_REGISTERS = PTRACE_SETREGS,
    EMULATION_POKE = PTRACE_POKETEXT,
    EMULATION_DETACH = PTRACE_DETACH,
    EMULATION_TRACE_EXEC = PTRACE_O_TRACEEXEC,
    /* What waitpid(2) tells of a process that has executed a program, less its low byte. */
    EMULATION_EXECUTED = SIGTRAP | PTRACE_EVENT_EXEC << 8,
};

/* seccomp_unotify(2) */
static const unsigned long EMULATION_NOTIF_RECV = SECCOMP_IOCTL_NOTIF_RECV;
static const unsigned long EMULATION_NOTIF_SEND = SECCOMP_IOCTL_NOTIF_SEND;
static const unsigned long EMULATION_NOTIF_ID_VALID = SECCOMP_IOCTL_NOTIF_ID_VALID;
static const unsigned long EMULATION_NOTIF_ADDFD = SECCOMP_IOCTL_NOTIF_ADDFD;
enum {
    EMULATION_FLAG_CONTINUE = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
    EMULATION_ADDFD_SEND = SECCOMP_ADDFD_FLAG_SEND,
};

/* The system call that the C library makes of access(2). */
#if defined(SYS_access)
static const long EMULATION_ACCESS = SYS_access;
#define EMULATION_ACCESS_CALL SYS_access
#else
static const long EMULATION_ACCESS = SYS_faccessat;
#define EMULATION_ACCESS_CALL SYS_faccessat
#endif

/* Notifies of system calls that open files by name or ask for them, and of ioctl(2) with requests of
 * magic 0xB8; lets all others pass. */
static const struct sock_filter EMULATION_FILTER[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, EMULATION_ACCESS_CALL, 6, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 5, 0),
#if defined(SYS_open)
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_open, 4, 0),
#else
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 4, 0),
#endif
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 4),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xFF00),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xB800, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

/* Fills in the filter as one that is at `there` for a process. Returns its size in bytes. */
static inline size_t emulation_filter(unsigned char *bytes, unsigned long there)
{
    struct sock_fprog program = {
        .len = sizeof EMULATION_FILTER / sizeof EMULATION_FILTER[0],
        .filter = (struct sock_filter *)(there + sizeof program),
    };

    __builtin_memcpy(bytes, &program, sizeof program);
    __builtin_memcpy(bytes + sizeof program, EMULATION_FILTER, sizeof EMULATION_FILTER);
    return sizeof program + sizeof EMULATION_FILTER;
}

#endif
