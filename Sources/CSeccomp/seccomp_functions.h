/* seccomp_functions.h: libseccomp, with what Swift cannot import from it. */
#ifndef PINNACE_SECCOMP_FUNCTIONS_H
#define PINNACE_SECCOMP_FUNCTIONS_H

#include <seccomp.h>

static const uint32_t LINUX_SECCOMP_KILL = SCMP_ACT_KILL_PROCESS;
static const uint32_t LINUX_SECCOMP_TRAP = SCMP_ACT_TRAP;
static const uint32_t LINUX_SECCOMP_ALLOW = SCMP_ACT_ALLOW;
/* The call returns this error, or 0. */
static inline uint32_t linux_seccomp_error(uint16_t error) { return SCMP_ACT_ERRNO(error); }
static const int LINUX_SECCOMP_NO_SUCH_CALL = __NR_SCMP_ERROR;

#endif
