/* hostile.h: what the cases of this guest share. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "hermit_guest.h"

/* By which versions of the interface there is something. */
#define V1 1
#define V2 2
#define V3 4
#define V23 (V2 | V3)
#define V123 (V1 | V2 | V3)

struct choice {
    const char *name;
    unsigned versions;
    uint64_t value;
};

/* What comes of a case. */
enum outcome {
    SURVIVES, /* the guest goes on, and ends with SUCCESS */
    STOPS,    /* the tender ends the guest */
    EITHER,
    SLEEPS, /* nothing happens any more, or not on all machines */
};

/* Cases with three names: of the subject, a call and a defect of it. */
struct subject {
    const char *name;
    enum outcome outcome;
    int (*run)(uint64_t call, uint64_t defect);
    const struct choice *calls;
    size_t call_count;
    const struct choice *defects;
    size_t defect_count;
};

/* Cases with one name. */
struct single {
    const char *name;
    unsigned versions;
    enum outcome outcome;
    int (*run)(uint64_t argument);
    uint64_t argument;
};

extern const struct subject block_subject, last_subject, buffer_subject, length_subject,
    descriptor_subject, path_subject, flags_subject, seek_subject, walk_subject, values_subject;
extern const struct single port_cases[], machine_cases[], load_cases[];
extern const size_t port_case_count, machine_case_count, load_case_count;

/* ---- places.c ---- */

/* Addresses that are wrong, each in a way of its own. */
enum place {
    BEYOND,   /* where memory ends */
    STRADDLE, /* two bytes before */
    FAR,
    WRAP, /* three bytes before the end of all addresses */
    BELOW, /* before memory begins */
    NOT_CANONICAL,
};
#define STRADDLE_BYTES 2
#define PLACE_COUNT 6
extern const struct choice places[PLACE_COUNT];

uint64_t address_of(enum place place);
/* Makes the end of memory accessible, and returns the address of its last bytes. */
uint8_t *end_of_memory(uint64_t count);

/* ---- Files that there must be: README.md ---- */

const char *known_file(void);
/* A file to spoil. */
const char *spoiled_file(void);
int32_t open_known(void);
/* Reports what a call returned that need not fail; the case is over. */
int survived_call(int64_t result);
/* The same, but it must have failed. */
int failed_call(int64_t result);

#endif
