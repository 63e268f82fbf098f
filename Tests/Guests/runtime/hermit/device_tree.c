/* device_tree.c: looks things up in the flattened device tree (version 17). */
#include "hermit_guest.h"

#define MAGIC 0xd00dfeed
#define BEGIN_NODE 1
#define END_NODE 2
#define PROPERTY 3
#define NOTHING 4
#define MOST_LEVELS 8

/* Where a walk is: names of the nodes from the root on, and perhaps a property
 * of the last one. */
struct place {
    const uint8_t *next;
    unsigned depth;
    const char *names[MOST_LEVELS];
    const char *property; /* NULL: the node begins */
    const uint8_t *value;
    uint32_t length;
};

uint32_t load_big_32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

uint64_t load_big_64(const uint8_t *bytes)
{
    return (uint64_t)load_big_32(bytes) << 32 | load_big_32(bytes + 4);
}

static const uint8_t *tree(void)
{
    return (const uint8_t *)boot.device_tree;
}

uint32_t device_tree_size(void)
{
    if (boot.device_tree == 0 || load_big_32(tree()) != MAGIC)
        return 0;
    return load_big_32(tree() + 4);
}

static const uint8_t *after(const uint8_t *bytes, uint64_t size)
{
    return bytes + ((size + 3) & ~3ULL);
}

/* To the next node or property; false at the end. */
static bool advance(struct place *place)
{
    const uint8_t *strings = tree() + load_big_32(tree() + 12);
    for (;;) {
        uint32_t token = load_big_32(place->next);
        const uint8_t *rest = place->next + 4;
        switch (token) {
        case BEGIN_NODE:
            if (place->depth == MOST_LEVELS)
                return false;
            place->names[place->depth++] = (const char *)rest;
            place->property = NULL;
            place->next = after(rest, string_length((const char *)rest) + 1);
            return true;
        case PROPERTY:
            place->length = load_big_32(rest);
            place->property = (const char *)strings + load_big_32(rest + 4);
            place->value = rest + 8;
            place->next = after(rest + 8, place->length);
            return true;
        case END_NODE:
            place->depth--;
            place->next = rest;
            break;
        case NOTHING:
            place->next = rest;
            break;
        default:
            return false;
        }
    }
}

static bool is_named(const char *name, const char *wanted)
{
    size_t i = 0;
    for (; wanted[i] != '\0'; i++) {
        if (name[i] != wanted[i])
            return false;
    }
    return name[i] == '\0' || name[i] == '@';
}

static bool start(struct place *place)
{
    if (device_tree_size() == 0)
        return false;
    place->next = tree() + load_big_32(tree() + 8);
    place->depth = 0;
    return true;
}

const uint8_t *device_tree_property(const char *node, const char *property, uint32_t *length)
{
    struct place place;
    unsigned depth = node[0] == '\0' ? 1 : 2;
    if (!start(&place))
        return NULL;
    while (advance(&place)) {
        if (place.property != NULL && place.depth == depth
            && is_named(place.names[depth - 1], node) && strings_equal(place.property, property)) {
            *length = place.length;
            return place.value;
        }
    }
    return NULL;
}

unsigned device_tree_children(const char *node, const char *child)
{
    struct place place;
    unsigned count = 0;
    if (!start(&place))
        return 0;
    while (advance(&place)) {
        if (place.property == NULL && place.depth == 3 && is_named(place.names[1], node)
            && is_named(place.names[2], child))
            count++;
    }
    return count;
}
