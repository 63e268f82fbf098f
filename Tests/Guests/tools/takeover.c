/*
 * Runs a tender, and when its guest runs has one of its threads make a system
 * call of our choice: what someone can do who has taken the tender over.
 *
 *   takeover [-d SOCKET] [-n FD] [-t THREAD] -u TEXT -w CALLS -c CALL -- COMMAND...
 *
 * The guest has printed TEXT by then, and the first threads are in the system
 * calls with the numbers CALLS ("271,16"). CALL is the number and up to six
 * arguments, with commas: numbers, "rsp", or "fd:TEXT" for the descriptor with
 * TEXT in what /proc says is behind it. THREAD counts from 0, the first one.
 *
 * With -d, a debugger comes to SOCKET first and goes again. With -n, the tender
 * gets one end of a network of two, as descriptor FD.
 *
 * Prints "result N", if the call came back; then the tender is killed. Or how
 * the tender ended: "signal N", "status N". Its standard error is ours.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t tender;

static _Noreturn void fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fputs("takeover: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    if (tender > 0)
        kill(tender, SIGKILL);
    exit(2);
}

/* Until something is so that takes a while; 60 seconds at most. */
static void rest(int *count, const char *what)
{
    struct timespec time = {.tv_nsec = 1000000};

    if (++*count > 60000)
        fail("no %s", what);
    if (waitpid(tender, NULL, WNOHANG) != 0)
        fail("the tender has ended, and there was no %s", what);
    nanosleep(&time, NULL);
}

/* ---- The tender ---- */

static int start(char **command, int network)
{
    int console[2], wire[2];

    if (pipe2(console, O_CLOEXEC) != 0)
        fail("pipe: %m");
    if (network >= 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, wire) != 0)
        fail("socketpair: %m");
    tender = fork();
    if (tender < 0)
        fail("fork: %m");
    if (tender == 0) {
        int none = open("/dev/null", O_RDONLY);

        dup2(none, 0);
        dup2(console[1], 1);
        if (network >= 0)
            dup2(wire[1], network);
        execv(command[0], command);
        _exit(127);
    }
    close(console[1]);
    return console[0];
}

static void wait_for_text(int console, const char *text)
{
    char output[4096];
    size_t count = 0;

    while (count < sizeof output - 1) {
        struct pollfd request = {.fd = console, .events = POLLIN};
        ssize_t result;

        if (poll(&request, 1, 60000) != 1)
            fail("the guest does not print %s", text);
        result = read(console, output + count, sizeof output - 1 - count);
        if (result <= 0)
            break;
        count += (size_t)result;
        output[count] = 0;
        if (strstr(output, text))
            return;
    }
    fail("the guest has not printed %s", text);
}

/* Says that it leaves, in gdb's remote protocol. */
static void detach(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char answer[64];
    int connection, count = 0;

    if (strlen(path) >= sizeof address.sun_path)
        fail("%s is too long", path);
    strcpy(address.sun_path, path);
    connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    while (connect(connection, (struct sockaddr *)&address, sizeof address) != 0)
        rest(&count, "debugger's socket");
    if (write(connection, "+$D#44", 6) != 6)
        fail("the debugger can't write");
    /* Its answer, and the end of the connection. */
    while (read(connection, answer, sizeof answer) > 0)
        ;
    close(connection);
}

/* ---- Its threads, from /proc ---- */

static void read_file(char *buffer, size_t size, const char *format, ...)
{
    char path[256];
    va_list arguments;
    int file;
    ssize_t count = -1;

    va_start(arguments, format);
    vsnprintf(path, sizeof path, format, arguments);
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        count = read(file, buffer, size - 1);
        close(file);
    }
    buffer[count > 0 ? count : 0] = 0;
}

/* The thread with this index, in the order of their making; 0 if there is none. */
static pid_t thread_at(int index)
{
    pid_t threads[256];
    int count = 0, i, j;
    char path[64];
    struct dirent *entry;
    DIR *directory;

    snprintf(path, sizeof path, "/proc/%d/task", tender);
    directory = opendir(path);
    if (!directory)
        return 0;
    while ((entry = readdir(directory)) && count < 256)
        if (atoi(entry->d_name) > 0)
            threads[count++] = atoi(entry->d_name);
    closedir(directory);
    /* Numbers grow, and when there are no more begin anew. */
    for (i = 1; i < count; i++)
        for (j = i; j > 0; j--) {
            pid_t a = threads[j - 1], b = threads[j];

            if ((a < tender) == (b < tender) ? a < b : b < tender)
                break;
            threads[j - 1] = b;
            threads[j] = a;
        }
    return index < count ? threads[index] : 0;
}

static int are_in_calls(const char *calls)
{
    char status[4096], call[256];
    int index = 0;

    read_file(status, sizeof status, "/proc/%d/status", tender);
    if (!strstr(status, "\nSeccomp:\t2\n"))
        return 0;
    while (*calls) {
        char *end;
        long number = strtol(calls, &end, 10);
        pid_t thread = thread_at(index++);

        read_file(call, sizeof call, "/proc/%d/task/%d/syscall", tender, thread);
        if (thread == 0 || call[0] == 'r' || strtol(call, NULL, 10) != number)
            return 0;
        calls = *end == ',' ? end + 1 : end;
    }
    return 1;
}

static unsigned long long descriptor(const char *kind)
{
    char path[300], link[4096];
    unsigned long long number = -1ull;
    struct dirent *entry;
    DIR *directory;

    snprintf(path, sizeof path, "/proc/%d/fd", tender);
    directory = opendir(path);
    if (!directory)
        fail("%s: %m", path);
    while ((entry = readdir(directory))) {
        ssize_t count;

        snprintf(path, sizeof path, "/proc/%d/fd/%s", tender, entry->d_name);
        count = readlink(path, link, sizeof link - 1);
        link[count > 0 ? count : 0] = 0;
        if (count > 0 && strstr(link, kind))
            number = strtoull(entry->d_name, NULL, 10);
    }
    closedir(directory);
    if (number == -1ull)
        fail("the tender has no descriptor of %s", kind);
    return number;
}

/* ---- The call ---- */

static unsigned long long value(const char *word, const struct user_regs_struct *registers)
{
    char *end;
    unsigned long long number;

    if (strcmp(word, "rsp") == 0)
        return registers->rsp;
    if (strncmp(word, "fd:", 3) == 0)
        return descriptor(word + 3);
    number = *word == '-' ? (unsigned long long)strtoll(word, &end, 0) : strtoull(word, &end, 0);
    if (*word == 0 || *end != 0)
        fail("%s is no number", word);
    return number;
}

static void make(pid_t thread, char *call)
{
    struct user_regs_struct registers;
    unsigned long long values[7] = {0}, *places[6];
    char *word;
    int status, count = 0;

    if (ptrace(PTRACE_ATTACH, thread, 0, 0) != 0 || waitpid(thread, &status, __WALL) != thread)
        fail("can't attach: %m");
    if (!WIFSTOPPED(status))
        fail("the tender has ended");
    if (ptrace(PTRACE_GETREGS, thread, 0, &registers) != 0)
        fail("registers: %m");
    for (word = strtok(call, ","); word && count < 7; word = strtok(NULL, ","))
        values[count++] = value(word, &registers);
    places[0] = &registers.rdi;
    places[1] = &registers.rsi;
    places[2] = &registers.rdx;
    places[3] = &registers.r10;
    places[4] = &registers.r8;
    places[5] = &registers.r9;
    for (int i = 0; i < 6; i++)
        *places[i] = values[i + 1];
    registers.rax = values[0];
    /* The call that it is in is not begun again. */
    registers.orig_rax = -1ull;
    /* It waits behind the two bytes of the instruction that makes calls. */
    registers.rip -= 2;
    errno = 0;
    if ((ptrace(PTRACE_PEEKTEXT, thread, registers.rip, 0) & 0xFFFF) != 0x050F || errno != 0)
        fail("the thread is not in a system call");
    if (ptrace(PTRACE_SETREGS, thread, 0, &registers) != 0)
        fail("registers: %m");
    if (ptrace(PTRACE_SINGLESTEP, thread, 0, 0) != 0)
        fail("step: %m");
}

/* Prints what became of it. */
static void tell(pid_t thread)
{
    struct user_regs_struct registers;
    int status;
    pid_t which;

    while ((which = waitpid(-1, &status, __WALL)) > 0) {
        if (WIFSTOPPED(status)) {
            if (which != thread || ptrace(PTRACE_GETREGS, thread, 0, &registers) != 0)
                continue;
            if (WSTOPSIG(status) != SIGTRAP) {
                ptrace(PTRACE_SINGLESTEP, thread, 0, (long)WSTOPSIG(status));
                continue;
            }
            printf("result %lld\n", (long long)registers.rax);
            kill(tender, SIGKILL);
            /* Not before its threads that we trace. */
            while ((which = waitpid(-1, &status, __WALL)) > 0 && which != tender)
                ;
            return;
        }
        if (which != tender)
            continue;
        if (WIFSIGNALED(status))
            printf("signal %d\n", WTERMSIG(status));
        else
            printf("status %d\n", WEXITSTATUS(status));
        return;
    }
    fail("lost the tender");
}

int main(int argc, char **argv)
{
    const char *text = NULL, *calls = "", *door = NULL;
    char *call = NULL;
    int option, console, count = 0, index = 0, network = -1;
    pid_t thread;

    while ((option = getopt(argc, argv, "+u:w:c:t:d:n:")) != -1)
        switch (option) {
        case 'u': text = optarg; break;
        case 'w': calls = optarg; break;
        case 'c': call = optarg; break;
        case 't': index = atoi(optarg); break;
        case 'd': door = optarg; break;
        case 'n': network = atoi(optarg); break;
        default: return 2;
        }
    if (!text || !call || optind >= argc)
        fail("usage: takeover [-d SOCKET] [-n FD] [-t THREAD] -u TEXT -w CALLS -c CALL -- COMMAND...");
    console = start(argv + optind, network);
    if (door)
        detach(door);
    wait_for_text(console, text);
    while (!are_in_calls(calls))
        rest(&count, "filter, or not the expected system calls");
    thread = thread_at(index);
    if (thread == 0)
        fail("there is no such thread");
    make(thread, call);
    tell(thread);
    return 0;
}
