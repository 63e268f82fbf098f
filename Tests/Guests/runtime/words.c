/* words.c: takes the command line apart. */
#include "guest.h"

bool next_word(const char **cursor, struct word *word)
{
    const char *text = *cursor;
    while (*text == ' ')
        text++;
    word->start = text;
    while (*text != '\0' && *text != ' ')
        text++;
    word->length = (size_t)(text - word->start);
    *cursor = text;
    return word->length > 0;
}

bool word_is(struct word word, const char *text)
{
    return word.start != NULL && word.length == string_length(text)
        && memcmp(word.start, text, word.length) == 0;
}

/* The value of a digit in bases up to 16, or 16. */
static unsigned digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return (unsigned)(digit - '0');
    if (digit >= 'a' && digit <= 'f')
        return (unsigned)(digit - 'a') + 10;
    return 16;
}

bool word_number(struct word word, uint64_t *number)
{
    size_t i = 0;
    unsigned base = 10;
    uint64_t value = 0;
    if (word.start == NULL)
        return false;
    bool negative = word.length > 0 && word.start[0] == '-';
    if (negative)
        i = 1;
    if (word.length > i + 2 && word.start[i] == '0' && word.start[i + 1] == 'x') {
        base = 16;
        i += 2;
    }
    if (i == word.length)
        return false;
    for (; i < word.length; i++) {
        unsigned digit = digit_value(word.start[i]);
        if (digit >= base)
            return false;
        value = value * base + digit;
    }
    *number = negative ? -value : value;
    return true;
}

struct word argument(const char *cmdline, const char *key)
{
    size_t key_length = string_length(key);
    struct word word;
    while (next_word(&cmdline, &word)) {
        if (word.length > key_length && word.start[key_length] == '='
            && memcmp(word.start, key, key_length) == 0)
            return (struct word){word.start + key_length + 1, word.length - key_length - 1};
    }
    return (struct word){NULL, 0};
}

uint64_t argument_number(const char *cmdline, const char *key, uint64_t otherwise)
{
    uint64_t number;
    return word_number(argument(cmdline, key), &number) ? number : otherwise;
}
