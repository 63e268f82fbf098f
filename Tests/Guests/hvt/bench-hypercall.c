/* bench-hypercall: time of a hypercall that needs no device. */
#include "guest.h"

static void call_walltime(void)
{
    hypercall_walltime();
}

static void call_puts_nothing(void)
{
    hypercall_puts("", 0);
}

static void call_puts_byte(void)
{
    hypercall_puts("\n", 1);
}

static void call_poll(void)
{
    hypercall_poll(0);
}

static const struct {
    const char *name;
    void (*call)(void);
} calls[] = {
    {"walltime", call_walltime},
    {"puts-nothing", call_puts_nothing},
    {"puts-byte", call_puts_byte},
    {"poll", call_poll},
};

int guest_main(const char *cmdline)
{
    const char *cursor = cmdline;
    struct word word;
    next_word(&cursor, &word);
    for (unsigned i = 0; i < COUNT_OF(calls); i++) {
        if (word_is(word, calls[i].name))
            return benchmark(calls[i].name, calls[i].call, cmdline);
    }
    return failure("walltime, puts-nothing, puts-byte or poll?");
}
