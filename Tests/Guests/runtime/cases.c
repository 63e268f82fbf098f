/* cases.c: finds and runs the case that the command line names. */
#include "guest.h"

int run_case(const struct guest_case *cases, size_t count, const char *cmdline)
{
    struct word name;
    if (!next_word(&cmdline, &name)) {
        for (size_t i = 0; i < count; i++)
            printl("%s", cases[i].name);
        return failure("the first argument must be one of these cases");
    }
    for (size_t i = 0; i < count; i++) {
        if (word_is(name, cases[i].name)) {
            printl("case %s", cases[i].name);
            return cases[i].run(cases[i].argument);
        }
    }
    return failure("there is no such case");
}
