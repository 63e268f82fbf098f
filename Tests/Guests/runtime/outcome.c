/* outcome.c: the last lines of a guest, which tests look for. */
#include "guest.h"

_Noreturn void guest_halt(int status);

void guest_halt(int status)
{
    hypercall_halt(status, 0);
}

int success(void)
{
    print("SUCCESS\n");
    return HVT_EXIT_SUCCESS;
}

int failure(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprintl("FAILURE: ", format, arguments);
    va_end(arguments);
    return HVT_EXIT_FAILURE;
}

int survived(void)
{
    print("survived\n");
    return HVT_EXIT_SUCCESS;
}

int survived_with(int32_t result)
{
    printl("survived result=%d", result);
    return HVT_EXIT_SUCCESS;
}
