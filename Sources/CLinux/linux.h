/* linux.h: the C library and the kernel's headers, with what Swift cannot
 * import from them: variadic functions, function-like macros, errno.
 */
#ifndef PINNACE_LINUX_H
#define PINNACE_LINUX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/auxv.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include <linux/close_range.h>
#include <linux/ethtool.h>
#include <linux/fs.h>
#include <linux/if_tun.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/tc_act/tc_mirred.h>

static inline int linux_errno(void) { return errno; }
static inline void linux_set_errno(int code) { errno = code; }

/* The sentence for an error, as the tenders that this one replaces have it from the GNU C library. */
static inline const char *linux_error_text(int code)
{
#ifndef __GLIBC__
    switch (code) {
    case EADDRINUSE: return "Address already in use";
    case EADDRNOTAVAIL: return "Cannot assign requested address";
    case EBUSY: return "Device or resource busy";
    case ECHILD: return "No child processes";
    case EDQUOT: return "Disk quota exceeded";
    case EIO: return "Input/output error";
    case ECONNABORTED: return "Software caused connection abort";
    case EHOSTUNREACH: return "No route to host";
    case EISCONN: return "Transport endpoint is already connected";
    case ELOOP: return "Too many levels of symbolic links";
    case EMFILE: return "Too many open files";
    case EMSGSIZE: return "Message too long";
    case ENAMETOOLONG: return "File name too long";
    case ENOMEM: return "Cannot allocate memory";
    case ENETUNREACH: return "Network is unreachable";
    case ENOTCONN: return "Transport endpoint is not connected";
    case ENOTSOCK: return "Socket operation on non-socket";
    case ENOTSUP: return "Operation not supported";
    case ENOTTY: return "Inappropriate ioctl for device";
    case EOVERFLOW: return "Value too large for defined data type";
    case ESPIPE: return "Illegal seek";
    case ETIMEDOUT: return "Connection timed out";
    case EXDEV: return "Invalid cross-device link";
    }
#endif
    return strerror(code);
}

/* openat(2) itself: some C libraries make other calls, and all add flags of their own. */
static inline int linux_openat(int directory, const char *path, int flags, mode_t mode)
{
    return (int)syscall(SYS_openat, (long)directory, path, (long)flags, (long)mode);
}

static inline int linux_open(const char *path, int flags, mode_t mode)
{
    return linux_openat(AT_FDCWD, path, flags, mode);
}

/* The C library has no openat2. */
static inline int linux_openat2(int directory, const char *path, const struct open_how *how)
{
    return (int)syscall(SYS_openat2, directory, path, how, sizeof *how);
}

static inline long linux_getdents(int directory, void *entries, size_t count)
{
    return syscall(SYS_getdents64, (long)directory, entries, count);
}

/* Descriptors from `first` on will be closed when this process, or a child of it, executes another
 * program. Kernels before 5.11 can't. */
static inline int linux_close_at_exec(unsigned int first)
{
    return (int)syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC);
}

/* The C library's fstat is the system call newfstatat, which takes paths as well. */
static inline int linux_fstat(int fd, struct stat *status)
{
    return (int)syscall(SYS_fstat, fd, status);
}

/* The C library hands the kernel a copy of the time, and not the one that others may change. The
 * kernel may store what is left in it. */
static inline int linux_ppoll(struct pollfd *requests, nfds_t count, struct timespec *time)
{
    return (int)syscall(SYS_ppoll, requests, count, time, NULL, 8);
}

static inline int linux_fcntl(int fd, int command, long argument)
{
    return fcntl(fd, command, argument);
}

/* Of a device's number. */
static inline unsigned linux_major(dev_t number) { return major(number); }
static inline unsigned linux_minor(dev_t number) { return minor(number); }

static inline int linux_lock(int fd, int command, struct flock *lock)
{
    return fcntl(fd, command, lock);
}

/* The C library declares these with a union that Swift cannot make. */
static inline int linux_bind(int fd, const void *address, socklen_t count)
{
    return bind(fd, (const struct sockaddr *)address, count);
}

static inline int linux_connect(int fd, const void *address, socklen_t count)
{
    return connect(fd, (const struct sockaddr *)address, count);
}

static inline int linux_socket_name(int fd, void *address, socklen_t *count)
{
    return getsockname(fd, (struct sockaddr *)address, count);
}

/* Some C libraries have enumerators for these. */
static const int LINUX_STREAM = SOCK_STREAM;
static const int LINUX_DATAGRAM = SOCK_DGRAM;
static const int LINUX_PACKETS = SOCK_SEQPACKET;
static const int LINUX_RAW = SOCK_RAW;
static const int LINUX_CLOSE_ON_EXEC = SOCK_CLOEXEC;
static const int LINUX_NONBLOCKING = SOCK_NONBLOCK;

/* O_ACCMODE as the kernel has it: others have O_PATH in it as well. */
static const int LINUX_ACCESS_MODE = O_RDONLY | O_WRONLY | O_RDWR;

static inline int linux_accept(int fd, int flags) { return accept4(fd, NULL, NULL, flags); }

/* ioctl(2) itself: musl's function sign-extends a request's 32 bits, and rules pin all 64. */
static inline int linux_ioctl(int fd, unsigned long request, void *argument)
{
    return (int)syscall(SYS_ioctl, (long)fd, request, argument);
}

static inline int linux_ioctl_value(int fd, unsigned long request, unsigned long argument)
{
    return (int)syscall(SYS_ioctl, (long)fd, request, argument);
}

/* ioctl(2) without the C library, whose function costs twenty instructions more. Returns a negated
 * errno on failure. */
static inline long linux_ioctl_directly(int fd, unsigned long request, unsigned long argument)
{
#if defined(__x86_64__)
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"((long)SYS_ioctl), "D"((long)fd), "S"(request), "d"(argument)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long number __asm__("x8") = SYS_ioctl;
    register long first __asm__("x0") = fd;
    register unsigned long second __asm__("x1") = request;
    register unsigned long third __asm__("x2") = argument;
    __asm__ volatile("svc #0"
                     : "+r"(first)
                     : "r"(number), "r"(second), "r"(third)
                     : "memory");
    return first;
#endif
}

/* A thread as the C library knows it: a number or an address, depending on which one it is. */
typedef unsigned long linux_thread;

static inline linux_thread linux_this_thread(void) { return (linux_thread)pthread_self(); }

/* tgkill(2) itself: the C libraries' pthread_kill makes more calls, and musl's the one that reaches other
 * processes as well. */
static inline int linux_signal_thread(pid_t thread, int number)
{
    return (int)syscall(SYS_tgkill, (long)getpid(), (long)thread, (long)number);
}

static inline int linux_join_thread(linux_thread thread)
{
    return pthread_join((pthread_t)thread, NULL);
}

/* Returns an error's number, or 0. The C libraries' own stacks have between 128 KiB and 8 MiB. */
static inline int linux_start_thread(linux_thread *thread, size_t stack, void *(*body)(void *),
                                     void *argument)
{
    pthread_attr_t attributes;
    pthread_t started;
    int error = pthread_attr_init(&attributes);

    if (error != 0)
        return error;
    error = pthread_attr_setstacksize(&attributes, stack);
    if (error == 0)
        error = pthread_create(&started, &attributes, body, argument);
    if (error == 0)
        *thread = (linux_thread)started;
    pthread_attr_destroy(&attributes);
    return error;
}

/* A condition variable whose timed waits end by CLOCK_MONOTONIC: setting the time does not move that. */
static inline int linux_make_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    int error = pthread_condattr_init(&attributes);

    if (error != 0)
        return error;
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    error = pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
    return error;
}

/* The GNU C library's settings of its heap (mallopt(3)); Allocator.swift has another heap. Objects get
 * no mappings of their own. */
static inline void linux_keep_large_objects(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_MAX, 0);
#endif
}

/* There is one heap for all threads, which never becomes smaller. */
static inline void linux_settle_heap(void)
{
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
#endif
}

/* Objects may get mappings again. */
static inline void linux_release_heap(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_MAX, 1);
#endif
}

/* brk(2) itself: where the heap ends now. */
static inline uintptr_t linux_move_heap_end(uintptr_t end)
{
    return (uintptr_t)syscall(SYS_brk, end);
}

/* What is in these pages is not needed any more. */
static inline void linux_drop_pages(uintptr_t start, size_t count)
{
    madvise((void *)start, count, MADV_DONTNEED);
}

/* What only the code before `main` had to change can't be written to any more, as far as the linker
 * has it apart. Of musl's static programs, none does so by itself. */
static inline int linux_protect_relocated(void)
{
    const Elf64_Phdr *headers = (const Elf64_Phdr *)getauxval(AT_PHDR);
    uintptr_t base = 0, page = (uintptr_t)getauxval(AT_PAGESZ);

    for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++) {
        uintptr_t start, end;

        if (headers[i].p_type == PT_PHDR)
            base = (uintptr_t)headers - headers[i].p_vaddr;
        if (headers[i].p_type != PT_GNU_RELRO)
            continue;
        start = (base + headers[i].p_vaddr) & -page;
        end = (base + headers[i].p_vaddr + headers[i].p_memsz) & -page;
        return end > start ? mprotect((void *)start, end - start, PROT_READ) : 0;
    }
    return 0;
}

/* Compilers leave out an allocation that is not used. */
static inline int linux_grow_heap(size_t count)
{
    void *volatile room = malloc(count);

    free(room);
    return room != NULL ? 0 : -1;
}

/* sigaction(2). musl's function makes another call first, which outer policies may end the process for
 * before it can say so. */
static inline int linux_sigaction(int number, const struct sigaction *action,
                                  struct sigaction *former)
{
#ifdef __GLIBC__
    return sigaction(number, action, former);
#else
    extern void __restore_rt(void);
    /* As the kernel has it; its set of signals is the first word of the C library's. */
    struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        unsigned long mask;
    } new, old;
    int result;

    if (action != NULL) {
        new.handler = action->sa_handler;
        new.flags = (unsigned long)action->sa_flags | 0x04000000 /* SA_RESTORER */;
        new.restorer = __restore_rt;
        __builtin_memcpy(&new.mask, &action->sa_mask, sizeof new.mask);
    }
    result = (int)syscall(SYS_rt_sigaction, (long)number, action != NULL ? &new : NULL,
                          former != NULL ? &old : NULL, sizeof new.mask);
    if (former != NULL && result == 0) {
        former->sa_handler = old.handler;
        former->sa_flags = (int)old.flags;
        __builtin_memcpy(&former->sa_mask, &old.mask, sizeof old.mask);
    }
    return result;
#endif
}

/* What a process does that can't go on: an invalid instruction, or an access to no memory. */
static inline int linux_handle_trap(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};

    sigfillset(&action.sa_mask);
    return linux_sigaction(number, &action, NULL);
}

/* Inside the handler this signal is blocked, so that the kernel ends the process by it. */
static inline void linux_trap_again(int number)
{
    if (number == SIGSEGV)
        *(volatile int *)0 = 0;
    __builtin_trap();
}

/* The call that the C library makes threads by. With these arguments it makes none. */
#ifdef __GLIBC__
#define LINUX_CLONE_NAME "clone3"
static inline int linux_attempt_clone(void) { return (int)syscall(SYS_clone3, NULL, 0UL); }
#else
#define LINUX_CLONE_NAME "clone"
static inline int linux_attempt_clone(void)
{
    return (int)syscall(SYS_clone, (long)(CLONE_NEWNS | CLONE_FS), 0L, 0L, 0L, 0L);
}
#endif

static inline void *linux_map_failed(void) { return MAP_FAILED; }

/* Function-like macros. */
static const unsigned long LINUX_TUNSETIFF = TUNSETIFF;
static const unsigned long LINUX_TUNGETIFF = TUNGETIFF;
static const unsigned long LINUX_TUNSETOFFLOAD = TUNSETOFFLOAD;
static const unsigned long LINUX_TUNGETFEATURES = TUNGETFEATURES;
static const unsigned long LINUX_TUNSETVNETHDRSZ = TUNSETVNETHDRSZ;
static const unsigned long LINUX_TUNGETVNETHDRSZ = TUNGETVNETHDRSZ;
static const unsigned long LINUX_BLKROGET = BLKROGET;
static const unsigned long LINUX_BLKSSZGET = BLKSSZGET;
static const unsigned long LINUX_SIOCGIFFLAGS = SIOCGIFFLAGS;
static const unsigned long LINUX_SIOCGIFMTU = SIOCGIFMTU;
static const unsigned long LINUX_SIOCGIFHWADDR = SIOCGIFHWADDR;
static const unsigned long LINUX_SIOCGIFINDEX = SIOCGIFINDEX;
static const unsigned long LINUX_SIOCSIFFLAGS = SIOCSIFFLAGS;
static const unsigned long LINUX_SIOCSIFMTU = SIOCSIFMTU;
static const unsigned long LINUX_SIOCETHTOOL = SIOCETHTOOL;

static inline int linux_is_regular(mode_t mode) { return S_ISREG(mode); }
static inline int linux_is_block(mode_t mode) { return S_ISBLK(mode); }
static inline int linux_is_socket(mode_t mode) { return S_ISSOCK(mode); }

/* Whether this is a FIFO that can be opened by its name, and no pipe(2). */
static inline int linux_is_named_fifo(int fd)
{
    struct stat status;
    struct statfs system;

    return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) && fstatfs(fd, &system) == 0 &&
           system.f_type != PIPEFS_MAGIC;
}

/* renameat2(2) itself, which a sandbox allows: without flags, musl's function makes another call. */
static inline int linux_rename(int old_directory, const char *old_name, int new_directory,
                               const char *new_name)
{
    return (int)syscall(
        SYS_renameat2, (long)old_directory, old_name, (long)new_directory, new_name, 0L);
}

/* sigaction's handler is a member of a union behind a macro. */
static inline int linux_handle_signal(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};

    sigfillset(&action.sa_mask);
    return linux_sigaction(number, &action, NULL);
}

/* SIGBUS, and the address of the access that raised it. */
static inline int linux_handle_bus_error(void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};

    sigfillset(&action.sa_mask);
    return linux_sigaction(SIGBUS, &action, NULL);
}

static inline uintptr_t linux_fault_address(const siginfo_t *information)
{
    return (uintptr_t)information->si_addr;
}

/* Replaces what is mapped at an address by zeros of this process's own. */
static inline int linux_map_zeros(uintptr_t address, size_t count)
{
    return mmap((void *)address, count, PROT_READ | PROT_WRITE,
                MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static inline int linux_ignore_signal(int number)
{
    return linux_handle_signal(number, SIG_IGN);
}

/* As linux_handle_signal, for a handler that ends the process by the same signal: from its
 * beginning on, the signal does what it does by default. */
static inline int linux_handle_last_signal(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESETHAND | SA_NODEFER};

    sigfillset(&action.sa_mask);
    sigdelset(&action.sa_mask, number);
    return linux_sigaction(number, &action, NULL);
}

static inline int linux_divert_signal(int number, void (*handler)(int, siginfo_t *, void *),
                                      struct sigaction *former)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};

    sigfillset(&action.sa_mask);
    return linux_sigaction(number, &action, former);
}

static inline int linux_restore_signal(int number, const struct sigaction *former)
{
    return linux_sigaction(number, former, NULL);
}

/* Has a fault's handler from before the signal was diverted deal with it. Returns 0 if there was
 * none. */
static inline int linux_call_former(const struct sigaction *former, int number,
                                    siginfo_t *information, void *context)
{
    if (!(former->sa_flags & SA_SIGINFO))
        return 0;
    former->sa_sigaction(number, information, context);
    return 1;
}

/* Whether a signal is ignored, as under nohup(1). */
static inline int linux_is_signal_ignored(int number)
{
    struct sigaction action;

    return linux_sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* Whether it comes from an instruction that can't go on, and was not sent. */
static inline int linux_signal_is_fault(const siginfo_t *information)
{
    return information->si_code > 0;
}

static inline int linux_default_signal(int number)
{
    return linux_handle_signal(number, SIG_DFL);
}

/* To the first thread of this process. The C library's raise makes four calls of this one. */
static inline int linux_raise(pid_t process, int number)
{
    return (int)syscall(SYS_tgkill, (long)process, (long)process, (long)number);
}

/* A function, not a constant: the C library keeps the first ones to itself. */
static inline int linux_spare_signal(void) { return SIGRTMIN; }

/* A timer that sends the calling thread the spare signal. The system calls themselves: the C library
 * has numbers of its own for timers. */
static inline int linux_make_timer(int *timer)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN};

#ifdef sigev_notify_thread_id
    event.sigev_notify_thread_id = gettid();
#else
    event._sigev_un._tid = gettid();
#endif
    return (int)syscall(SYS_timer_create, (long)CLOCK_MONOTONIC, &event, timer);
}

static inline int linux_set_timer(int timer, const struct timespec *period)
{
    struct itimerspec times = {.it_interval = *period, .it_value = *period};

    return (int)syscall(SYS_timer_settime, (long)timer, 0L, &times, NULL);
}

/* The number of CPUs that the calling thread may run on; 0 if there are too many to count, and 1 if
 * a policy refuses to tell. */
static inline int linux_count_cpus(void)
{
    cpu_set_t cpus[8];

    if (sched_getaffinity(0, sizeof cpus, cpus) == 0)
        return CPU_COUNT_S(sizeof cpus, cpus);
    return errno == EINVAL ? 0 : 1;
}

/* Tells the processor that this is a loop that waits. */
static inline void linux_relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* CPU_SET and its like are macros. */
static inline int linux_bind_thread(pid_t thread, unsigned number)
{
    cpu_set_t cpus[8];

    if (number >= sizeof cpus * 8) {
        errno = EINVAL;
        return -1;
    }
    CPU_ZERO_S(sizeof cpus, cpus);
    CPU_SET_S(number, sizeof cpus, cpus);
    return sched_setaffinity(thread, sizeof cpus, cpus);
}

/* Swift takes global variables for shared state. */
static inline char **linux_environment(void) { return environ; }

/* prctl is variadic. */
static inline int linux_set_timer_slack(unsigned long nanoseconds)
{
    return prctl(PR_SET_TIMERSLACK, nanoseconds, 0UL, 0UL, 0UL);
}

/* A copy of memory that others may change meanwhile. The compiler can't fetch any of it again in
 * place of the copy, which may have changed for all it knows.
 */
static inline void linux_copy_once(void *copy, const void *source, size_t count)
{
    __builtin_memcpy(copy, source, count);
    __asm__ volatile("" : : "r"(copy) : "memory");
}

/* Fences between accesses to memory that a guest shares. */
static inline void linux_fence_acquire(void) { __atomic_thread_fence(__ATOMIC_ACQUIRE); }
static inline void linux_fence_release(void) { __atomic_thread_fence(__ATOMIC_RELEASE); }
static inline void linux_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

/* The system call that the C library makes of pause(2). */
#if defined(SYS_pause)
#define LINUX_PAUSE_NAME "pause"
static const int LINUX_PAUSE = SYS_pause;
#else
/* For no descriptors and no time. */
#define LINUX_PAUSE_NAME "ppoll"
static const int LINUX_PAUSE = SYS_ppoll;
#endif

#endif
