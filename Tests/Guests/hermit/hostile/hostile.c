/* hostile: misuses the interface, one defect at a time.
 *
 * Without arguments it lists all cases of this interface, with what must come of
 * each; with "all" it does all that it survives, one after the other.  The
 * tender may end the guest, but must not itself come to harm. */
#include "hostile.h"

static const struct subject *const subjects[] = {
    &block_subject, &last_subject, &buffer_subject, &length_subject, &descriptor_subject,
    &path_subject, &flags_subject, &seek_subject, &walk_subject, &values_subject,
};

static const struct group {
    const struct single *cases;
    const size_t *count;
} groups[] = {
    {port_cases, &port_case_count},
    {machine_cases, &machine_case_count},
    {load_cases, &load_case_count},
};

static const char *const outcomes[] = {
    [SURVIVES] = "survives", [STOPS] = "stops", [EITHER] = "either", [SLEEPS] = "sleeps",
};

/* What to do with a case: it has one name or three. */
struct visitor {
    int (*visit)(struct visitor *visitor, const char *const names[3], enum outcome outcome);
    const struct subject *subject;
    uint64_t call, defect;
    const struct single *single;
    struct word words[3];
    bool is_found;
};

static bool applies(unsigned versions)
{
    return (versions & 1U << (flavour.interface - 1)) != 0;
}

static int visit_subject(struct visitor *visitor, const struct subject *subject)
{
    visitor->subject = subject;
    for (size_t i = 0; i < subject->call_count; i++) {
        const struct choice *call = &subject->calls[i];
        for (size_t j = 0; applies(call->versions) && j < subject->defect_count; j++) {
            const struct choice *defect = &subject->defects[j];
            const char *const names[3] = {subject->name, call->name, defect->name};
            if (!applies(defect->versions))
                continue;
            visitor->call = call->value;
            visitor->defect = defect->value;
            int status = visitor->visit(visitor, names, subject->outcome);
            if (status != HVT_EXIT_SUCCESS)
                return status;
        }
    }
    return HVT_EXIT_SUCCESS;
}

static int visit_group(struct visitor *visitor, const struct group *group)
{
    visitor->subject = NULL;
    for (size_t i = 0; i < *group->count; i++) {
        const char *const names[3] = {group->cases[i].name, "", ""};
        visitor->single = &group->cases[i];
        if (!applies(visitor->single->versions))
            continue;
        int status = visitor->visit(visitor, names, visitor->single->outcome);
        if (status != HVT_EXIT_SUCCESS)
            return status;
    }
    return HVT_EXIT_SUCCESS;
}

/* Until a visit does not succeed. */
static int visit_all(struct visitor *visitor)
{
    for (size_t i = 0; i < COUNT_OF(subjects); i++) {
        int status = visit_subject(visitor, subjects[i]);
        if (status != HVT_EXIT_SUCCESS)
            return status;
    }
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        int status = visit_group(visitor, &groups[i]);
        if (status != HVT_EXIT_SUCCESS)
            return status;
    }
    return HVT_EXIT_SUCCESS;
}

static int run(const struct visitor *visitor)
{
    if (visitor->subject != NULL)
        return visitor->subject->run(visitor->call, visitor->defect);
    return visitor->single->run(visitor->single->argument);
}

static int list(struct visitor *visitor, const char *const names[3], enum outcome outcome)
{
    (void)visitor;
    printl("%s: %s%s%s%s%s", outcomes[outcome], names[0], names[1][0] != '\0' ? " " : "",
        names[1], names[2][0] != '\0' ? " " : "", names[2]);
    return HVT_EXIT_SUCCESS;
}

static int run_survivors(struct visitor *visitor, const char *const names[3], enum outcome outcome)
{
    if (outcome != SURVIVES)
        return HVT_EXIT_SUCCESS;
    list(visitor, names, outcome);
    return run(visitor);
}

static int run_named(struct visitor *visitor, const char *const names[3], enum outcome outcome)
{
    for (size_t i = 0; i < 3; i++) {
        if (names[i][0] != '\0' && !word_is(visitor->words[i], names[i]))
            return HVT_EXIT_SUCCESS;
    }
    visitor->is_found = true;
    list(visitor, names, outcome);
    int status = run(visitor);
    if (status == HVT_EXIT_SUCCESS && outcome == STOPS)
        return failure("still alive");
    /* Ends the search. */
    guest_exit(status == HVT_EXIT_SUCCESS ? success() : status);
}

int guest_main(const char *cmdline)
{
    struct visitor visitor = {.visit = list};
    for (size_t i = 0; i < 3; i++)
        next_word(&cmdline, &visitor.words[i]);
    if (visitor.words[0].length == 0) {
        visit_all(&visitor);
        return success();
    }
    if (word_is(visitor.words[0], "all")) {
        visitor.visit = run_survivors;
        int status = visit_all(&visitor);
        return status == HVT_EXIT_SUCCESS ? success() : status;
    }
    visitor.visit = run_named;
    int status = visit_all(&visitor);
    REQUIRE(visitor.is_found, "there is no such case");
    return status;
}
