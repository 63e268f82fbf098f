/* sandbox.h: what the kernel has for giving up rights, where the C library has no function. */
#ifndef PINNACE_SANDBOX_H
#define PINNACE_SANDBOX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* prctl is variadic. */
static inline int linux_prctl(int option, unsigned long argument, unsigned long second)
{
    return prctl(option, argument, second, 0UL, 0UL);
}

static inline int linux_set_capabilities(struct __user_cap_header_struct *header,
                                         const struct __user_cap_data_struct *data)
{
    return (int)syscall(SYS_capset, header, data);
}

static inline int linux_get_capabilities(struct __user_cap_header_struct *header,
                                         struct __user_cap_data_struct *data)
{
    return (int)syscall(SYS_capget, header, data);
}

/* The C library's setgroups is for all threads; the kernel's, for the calling one. */
static inline int linux_set_thread_groups(size_t count, const gid_t *groups)
{
    return (int)syscall(SYS_setgroups, count, groups);
}

static inline int linux_close_range(unsigned int first, unsigned int last)
{
    return (int)syscall(SYS_close_range, first, last, 0);
}

/* Some of these are macros, some enumerators. */
enum {
    LINUX_LIMIT_CORE = RLIMIT_CORE,
    LINUX_LIMIT_DESCRIPTORS = RLIMIT_NOFILE,
    LINUX_LIMIT_FILE_SIZE = RLIMIT_FSIZE,
};

static inline int linux_set_limit(int resource, uint64_t value)
{
    struct rlimit limit = {.rlim_cur = value, .rlim_max = value};

    return setrlimit(resource, &limit);
}

static inline int linux_set_user(uid_t user) { return setresuid(user, user, user); }
static inline int linux_set_group(gid_t group) { return setresgid(group, group, group); }

/* Whether the kernel knows an action of seccomp filters. */
static inline int linux_seccomp_has(const uint32_t *action)
{
    return (int)syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0U, action);
}

/* For all threads. Returns 0; a thread's number if it has another filter; or -1. */
static inline int linux_install_filter(const void *program, size_t count)
{
    struct sock_fprog filter = {.len = (unsigned short)(count / sizeof(struct sock_filter)),
                                .filter = (struct sock_filter *)program};

    return (int)syscall(
        SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
}

/* Landlock, up to its ninth version; Debian 12's headers end with the second. See
 * Documentation/userspace-api/landlock.rst of the kernel.
 */
struct linux_landlock_ruleset {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;
    uint64_t scoped;
};

struct linux_landlock_path {
    uint64_t allowed_access;
    int32_t parent_fd;
} __attribute__((packed));

enum {
    LINUX_LANDLOCK_FS_VERSION_1 = (1 << 13) - 1,
    LINUX_LANDLOCK_WRITE_FILE = 1 << 1,
    LINUX_LANDLOCK_READ_FILE = 1 << 2,
    LINUX_LANDLOCK_READ_DIR = 1 << 3,
    LINUX_LANDLOCK_REMOVE_DIR = 1 << 4,
    LINUX_LANDLOCK_REMOVE_FILE = 1 << 5,
    LINUX_LANDLOCK_MAKE_DIR = 1 << 7,
    LINUX_LANDLOCK_MAKE_REG = 1 << 8,
    LINUX_LANDLOCK_REFER = 1 << 13,
    LINUX_LANDLOCK_TRUNCATE = 1 << 14,
    LINUX_LANDLOCK_IOCTL_DEVICE = 1 << 15,
    LINUX_LANDLOCK_RESOLVE_UNIX = 1 << 16,
    LINUX_LANDLOCK_NET = 3,
    LINUX_LANDLOCK_SCOPES = 3,
};

/* Which version the kernel has; -1 for none. */
static inline int linux_landlock_version(void)
{
    return (int)syscall(444 /* landlock_create_ruleset */, NULL, 0UL, 1U);
}

static inline int linux_landlock_create(const struct linux_landlock_ruleset *rules, size_t size)
{
    return (int)syscall(444 /* landlock_create_ruleset */, rules, size, 0U);
}

static inline int linux_landlock_allow(int rules, const struct linux_landlock_path *path)
{
    return (int)syscall(445 /* landlock_add_rule */, rules, 1U, path, 0U);
}

static inline int linux_landlock_restrict(int rules)
{
    return (int)syscall(446 /* landlock_restrict_self */, rules, 0U);
}

/* SIGSYS, and what it tells of the system call that was refused. The handler stays, unless it is to
 * be for one time. */
static inline int linux_handle_refusal(void (*handler)(int, siginfo_t *, void *), int once)
{
    struct sigaction action = {.sa_sigaction = handler,
                               .sa_flags = SA_SIGINFO | (once ? (int)SA_RESETHAND : 0)};

    sigfillset(&action.sa_mask);
    return linux_sigaction(SIGSYS, &action, NULL);
}

static inline int linux_refused_call(const siginfo_t *information)
{
    return information->si_syscall;
}

/* The six arguments, in order. */
static inline void linux_refused_arguments(const void *context, uint64_t arguments[6])
{
#if defined(__x86_64__)
    const greg_t *registers = ((const ucontext_t *)context)->uc_mcontext.gregs;

    arguments[0] = (uint64_t)registers[REG_RDI];
    arguments[1] = (uint64_t)registers[REG_RSI];
    arguments[2] = (uint64_t)registers[REG_RDX];
    arguments[3] = (uint64_t)registers[REG_R10];
    arguments[4] = (uint64_t)registers[REG_R8];
    arguments[5] = (uint64_t)registers[REG_R9];
#elif defined(__aarch64__)
    for (int i = 0; i < 6; i++)
        arguments[i] = ((const ucontext_t *)context)->uc_mcontext.regs[i];
#endif
}

/* What the refused call returns to its caller: an error's number. errno is left to the caller. */
static inline void linux_answer_refused(void *context, int error)
{
#if defined(__x86_64__)
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = -(greg_t)error;
#elif defined(__aarch64__)
    ((ucontext_t *)context)->uc_mcontext.regs[0] = (unsigned long long)-(long long)error;
#endif
}

/* A system call with arguments that make it fail. */
static inline void linux_attempt_call(int number) { syscall(number, -1L, -1L, -1L, -1L, -1L, -1L); }

/* fork(2) and waitpid(2) as they are in the kernel: the C library's block SIGSYS meanwhile. In the
 * child nothing of the C library's may be used that knows the process. */
static inline int linux_fork(void)
{
#if defined(SYS_fork)
    return (int)syscall(SYS_fork);
#else
    return (int)syscall(SYS_clone, SIGCHLD, 0L, 0L, 0L, 0L);
#endif
}

static inline int linux_wait(int process, int *status, int options)
{
    return (int)syscall(SYS_wait4, process, status, options, NULL);
}

/* Memory that a child shares. */
static inline unsigned char *linux_map_shared(size_t count)
{
    void *memory = mmap(NULL, count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

/* The soft limit; all ones for none, or if it can't be had. */
static inline uint64_t linux_limit(int resource)
{
    struct rlimit limit;

    return getrlimit(resource, &limit) == 0 ? limit.rlim_cur : UINT64_MAX;
}

/* A call that no module makes. */
static inline void linux_refused_again(void) { syscall(SYS_getppid); }

#endif
