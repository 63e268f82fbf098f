/* arguments: every word and every variable, one a line. */
#include "hermit_guest.h"

/* They may be longer than a formatted line. */
static void print_words(const char *kind, const struct words *words)
{
    printl("%s: %u", kind, words->count);
    for (unsigned i = 0; i < words->count; i++) {
        static const char digits[] = "0123456789";
        char number[] = {
            ' ', '[', digits[i / 100], digits[i / 10 % 10], digits[i % 10], ']', '=', '\0'};
        print(kind);
        print(number);
        print(words->at[i]);
        print("\n");
    }
}

int guest_main(const char *cmdline)
{
    (void)cmdline;
    if (!is_legacy())
        print_words("kernel", &kernel_words);
    print_words("argument", &guest_words);
    print_words("variable", &guest_variables);
    return success();
}
