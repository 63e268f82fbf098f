/* arguments: prints each word of the command line, and its length. */
#include "guest.h"

static int print_words(const void *argument)
{
    const char *cmdline = argument, *cursor = cmdline;
    struct word word;
    unsigned count = 0;
    while (next_word(&cursor, &word)) {
        count++;
        printl("word %u length=%lu", count, word.length);
        hypercall_puts(word.start, word.length);
        print("\n");
    }
    printl("words=%u length=%lu", count, string_length(cmdline));
    return success();
}

int guest_main(const char *cmdline)
{
    return run_in_ring3(print_words, cmdline);
}
