/* seccomp_functions.h: libseccomp, with what Swift cannot import from it. */
#ifndef PINNACE_SECCOMP_FUNCTIONS_H
#define PINNACE_SECCOMP_FUNCTIONS_H

#include <stdarg.h>
#include <stdio.h>

#include <seccomp.h>

#ifndef __GLIBC__
/* Distributions build libseccomp with this function of the GNU C library, which checks the format. Weak:
 * every target that includes this header would define one. */
__attribute__((weak)) int __fprintf_chk(FILE *file, int flags, const char *format, ...)
{
    va_list arguments;
    int count;

    (void)flags;
    va_start(arguments, format);
    count = vfprintf(file, format, arguments);
    va_end(arguments);
    return count;
}
#endif

/* The function above is in the program only if something in this header names it. */
static inline int linux_seccomp_pseudo_code(const scmp_filter_ctx filter, int fd)
{
#ifndef __GLIBC__
    __asm__ volatile("" : : "r"(__fprintf_chk));
#endif
    return seccomp_export_pfc(filter, fd);
}

static const uint32_t LINUX_SECCOMP_KILL = SCMP_ACT_KILL_PROCESS;
static const uint32_t LINUX_SECCOMP_TRAP = SCMP_ACT_TRAP;
static const uint32_t LINUX_SECCOMP_ALLOW = SCMP_ACT_ALLOW;
/* The call returns this error, or 0. */
static inline uint32_t linux_seccomp_error(uint16_t error) { return SCMP_ACT_ERRNO(error); }
static const int LINUX_SECCOMP_NO_SUCH_CALL = __NR_SCMP_ERROR;

#endif
