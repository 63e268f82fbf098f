/* exported.c: apart from what uses it, so that the compiler knows nothing. */
#include "exported.h"

uint32_t exported = 0xe4904;
uint32_t exported_array[4] = {0, 11, 22, 33};

uint32_t exported_function(void)
{
    return 0xf00;
}
