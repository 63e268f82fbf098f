/* arguments.c: words and variables for the guest: from hypercalls, or from the
 * device tree's bootargs. */
#include "hermit_guest.h"

#define ROOM 65536

struct words kernel_words, guest_words, guest_variables;
const char *guest_cmdline = "";

static char text[ROOM];
static size_t used;
static char cmdline[ROOM];

void arguments_find(void);

_Noreturn static void give_up(const char *why)
{
    guest_exit(failure("%s", why));
}

static void add_word(struct words *words, const char *word)
{
    if (words->count == MOST_WORDS)
        give_up("too many words");
    words->at[words->count++] = word;
}

/* ---- Hypercalls ---- */

/* Makes room for strings of these sizes; `at` becomes their addresses. */
static void make_room(struct words *words, int32_t count, const volatile int32_t *sizes)
{
    if (count < 0 || count > UHYVE_V1_MOST_ARGUMENTS)
        give_up("CMDSIZE tells a bad number of strings");
    for (int32_t i = 0; i < count; i++) {
        if (sizes[i] <= 0 || (size_t)sizes[i] > ROOM - used)
            give_up("CMDSIZE tells a bad size");
        add_word(words, text + used);
        used += (size_t)sizes[i];
    }
}

/* Each string must end where its size says. */
static void check_ends(const struct words *words, const volatile int32_t *sizes)
{
    for (unsigned i = 0; i < words->count; i++) {
        if (string_length(words->at[i]) + 1 != (size_t)sizes[i])
            give_up("CMDVAL and CMDSIZE do not agree");
    }
}

static void ask(void)
{
    static volatile struct uhyve_v1_cmdsize sizes;
    volatile struct uhyve_v1_cmdval values = {
        .argv = (uintptr_t)guest_words.at,
        .envp = (uintptr_t)guest_variables.at,
    };
    call_v1(UHYVE_V1_CMDSIZE, (uintptr_t)&sizes);
    make_room(&guest_words, sizes.argc, (const volatile int32_t *)sizes.argsz);
    make_room(&guest_variables, sizes.envc, (const volatile int32_t *)sizes.envsz);
    call_v1(UHYVE_V1_CMDVAL, (uintptr_t)&values);
    check_ends(&guest_words, (const volatile int32_t *)sizes.argsz);
    check_ends(&guest_variables, (const volatile int32_t *)sizes.envsz);
}

/* ---- Boot arguments ---- */

static void put(char character)
{
    if (used == ROOM)
        give_up("too much text");
    text[used++] = character;
}

/* Copies what is between the quotes, which the shell's rules take away. */
static const char *copy_quoted(const char *cursor, char quote)
{
    while (*cursor != '\0' && *cursor != quote) {
        if (quote == '"' && *cursor == '\\' && cursor[1] != '\0')
            cursor++;
        put(*cursor++);
    }
    return *cursor == '\0' ? cursor : cursor + 1;
}

/* The next word as a shell would see it; NULL at the end. */
static const char *shell_word(const char **cursor)
{
    const char *next = *cursor, *word = text + used;
    while (*next == ' ')
        next++;
    if (*next == '\0')
        return NULL;
    while (*next != '\0' && *next != ' ') {
        char character = *next++;
        if (character == '\'' || character == '"')
            next = copy_quoted(next, character);
        else if (character == '\\' && *next != '\0')
            put(*next++);
        else
            put(character);
    }
    put('\0');
    *cursor = next;
    return word;
}

static bool is_variable(const char *word)
{
    return memcmp(word, "env=", 4) == 0;
}

static void split(const char *bootargs)
{
    struct words *words = &kernel_words;
    const char *word;
    while ((word = shell_word(&bootargs)) != NULL) {
        if (words == &kernel_words && strings_equal(word, "--"))
            words = &guest_words;
        else if (words == &kernel_words && string_length(word) >= 4 && is_variable(word))
            add_word(&guest_variables, word + 4);
        else
            add_word(words, word);
    }
}

/* ---- Both ---- */

static void append(const struct words *words, unsigned first, size_t *length)
{
    for (unsigned i = first; i < words->count; i++) {
        size_t size = string_length(words->at[i]);
        if (strings_equal(words->at[i], "--"))
            continue;
        if (size + 2 > ROOM - *length)
            give_up("too much text");
        if (*length > 0)
            cmdline[(*length)++] = ' ';
        memcpy(cmdline + *length, words->at[i], size);
        *length += size;
    }
}

void arguments_find(void)
{
    size_t length = 0;
    if (is_legacy()) {
        ask();
        append(&guest_words, 1, &length);
    } else {
        uint32_t size;
        const uint8_t *bootargs = device_tree_property("chosen", "bootargs", &size);
        if (bootargs != NULL)
            split((const char *)bootargs);
        append(&kernel_words, 0, &length);
        append(&guest_words, 0, &length);
    }
    guest_cmdline = cmdline;
}
