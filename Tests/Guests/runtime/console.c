/* console.c: formatted lines on the console. */
#include "guest.h"

struct line {
    char text[PRINT_LIMIT];
    size_t length;
};

static void add_char(struct line *line, char character)
{
    /* The last byte is kept for the newline. */
    if (line->length < PRINT_LIMIT - 1)
        line->text[line->length++] = character;
}

static void add_text(struct line *line, const char *text)
{
    while (*text != '\0')
        add_char(line, *text++);
}

static void add_number(struct line *line, uint64_t number, unsigned base, unsigned width)
{
    char digits[20];
    unsigned count = 0;
    /* Two constant divisors: division is slow, and the compiler has none to do. */
    do {
        digits[count++] = "0123456789abcdef"[base == 16 ? number % 16 : number % 10];
        number = base == 16 ? number / 16 : number / 10;
    } while (number != 0);
    for (; width > count; width--)
        add_char(line, '0');
    while (count > 0)
        add_char(line, digits[--count]);
}

static void add_signed(struct line *line, int64_t number)
{
    if (number < 0)
        add_char(line, '-');
    add_number(line, number < 0 ? -(uint64_t)number : (uint64_t)number, 10, 0);
}

/* Adds what the conversion at `format` says; returns the rest of the format. */
static const char *add_conversion(struct line *line, const char *format, va_list *arguments)
{
    unsigned width = 0;
    bool is_long = false;
    while (*format >= '0' && *format <= '9')
        width = width * 10 + (unsigned)(*format++ - '0');
    while (*format == 'l') {
        is_long = true;
        format++;
    }
    switch (*format) {
    case 's':
        add_text(line, va_arg(*arguments, const char *));
        break;
    case 'c':
        add_char(line, (char)va_arg(*arguments, int));
        break;
    case 'd':
        add_signed(line, is_long ? va_arg(*arguments, int64_t) : va_arg(*arguments, int32_t));
        break;
    case 'u':
    case 'x':
        add_number(line,
            is_long ? va_arg(*arguments, uint64_t) : va_arg(*arguments, uint32_t),
            *format == 'x' ? 16 : 10, width);
        break;
    case 'p':
        add_text(line, "0x");
        add_number(line, (uintptr_t)va_arg(*arguments, void *), 16, width);
        break;
    default:
        add_char(line, *format);
    }
    return format + 1;
}

void vprintl(const char *prefix, const char *format, va_list arguments)
{
    struct line line;
    va_list rest;
    va_copy(rest, arguments);
    line.length = 0;
    add_text(&line, prefix);
    while (*format != '\0') {
        if (*format == '%')
            format = add_conversion(&line, format + 1, &rest);
        else
            add_char(&line, *format++);
    }
    va_end(rest);
    line.text[line.length++] = '\n';
    hypercall_puts(line.text, line.length);
}

void printl(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprintl("", format, arguments);
    va_end(arguments);
}

void print(const char *text)
{
    hypercall_puts(text, string_length(text));
}
