/* ring3.c: runs a function in ring 3. */
#include "guest.h"

#define RING3_STACK_SIZE 32768

static char ring3_stack[RING3_STACK_SIZE] __attribute__((aligned(16)));

int ring3_enter(int (*function)(const void *), const void *argument, uint64_t root, char *stack);

int run_in_ring3(int (*function)(const void *), const void *argument)
{
    return ring3_enter(function, argument, address_space(), ring3_stack + RING3_STACK_SIZE);
}
