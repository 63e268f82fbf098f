/* files.h: what the cases of this guest share. */
#ifndef FILES_H
#define FILES_H

#include "hermit_guest.h"

/* NAME where the host's directory is mapped: dir=PATH in the command line, by
 * default /root, which old kernels leave out.  Good until four more calls. */
const char *path_of(const char *name);
const char *path_below(const char *directory, const char *name);
/* VALUE of the word KEY=VALUE, as a string. */
const char *text_argument(const char *key, const char *otherwise);

/* What a failing seek returns: version 1 does not say why. */
int64_t seek_error(int64_t error);
/* Whether errors of writes are known. */
bool writes_answer(void);
bool has_directories(void);

/* Returns from the function with a failure unless the result is that. */
#define EXPECT(call, wanted)                                                                    \
    do {                                                                                        \
        int64_t result_ = (call), wanted_ = (wanted);                                           \
        if (result_ != wanted_)                                                                 \
            return failure("%s: result=%ld, not %ld", #call, result_, wanted_);                 \
    } while (0)

#define EXPECT_ERROR(call)                                                                      \
    do {                                                                                        \
        int64_t result_ = (call);                                                               \
        if (result_ >= 0)                                                                       \
            return failure("%s: result=%ld", #call, result_);                                   \
        printl("%s: result=%ld", #call, result_);                                               \
    } while (0)

#define EXPECT_DESCRIPTOR(fd)                                                                   \
    REQUIRE((fd) > 2, "%s: result=%d", #fd, (fd))

/* Reads what is left, and compares. */
int expect_rest(int32_t fd, const char *text);
/* Creates a file of that content. */
int make_file(const char *path, const char *text);
/* Compares a file's content. */
int expect_file(const char *path, const char *text);

int run_create(uint64_t argument);
int run_seek(uint64_t argument);
int run_append(uint64_t argument);
int run_truncate(uint64_t argument);
int run_exclusive(uint64_t argument);
int run_unlink(uint64_t argument);
int run_large(uint64_t argument);

int run_missing(uint64_t argument);
int run_dots(uint64_t argument);
int run_outside(uint64_t argument);
int run_links(uint64_t argument);
int run_special(uint64_t argument);
int run_elsewhere(uint64_t argument);

int run_standard(uint64_t argument);
int run_stale(uint64_t argument);
int run_modes(uint64_t argument);
int run_numbers(uint64_t argument);
int run_read_only(uint64_t argument);

int run_directory(uint64_t argument);
int run_entries(uint64_t argument);
int run_make_directory(uint64_t argument);
int run_attributes(uint64_t argument);

int run_scattered(uint64_t argument);
int run_scattered_hole(uint64_t argument);

int run_cat(uint64_t argument);
int run_put(uint64_t argument);
int run_remove(uint64_t argument);

#endif
