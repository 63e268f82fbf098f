/* symbols.c: pointers that the tender has to relocate.  What is exported makes
 * R_X86_64_64 and GLOB_DAT when linked as a shared object, the rest RELATIVE. */
#include "boot.h"
#include "exported.h"

static uint32_t local = 0x10ca1;

static uint32_t *volatile pointers[] = {&local, &exported, &exported_array[3], &missing};
static const char *volatile texts[] = {"one", "two"};

static int check_pointers(void)
{
    printl("pointers: local=%p exported=%p array=%p missing=%p", (void *)pointers[0],
        (void *)pointers[1], (void *)pointers[2], (void *)pointers[3]);
    REQUIRE(*pointers[0] == 0x10ca1, "a relative pointer");
    REQUIRE(*pointers[1] == 0xe4904, "a pointer to a symbol");
    REQUIRE(*pointers[2] == 33, "a pointer to a symbol and an addend");
    REQUIRE(pointers[3] == NULL, "a pointer to a weak symbol that there is not");
    REQUIRE(strings_equal(texts[0], "one") && strings_equal(texts[1], "two"), "texts");
    return HVT_EXIT_SUCCESS;
}

/* Through the global offset table, as far as there is one. */
static int check_references(void)
{
    uint32_t *volatile found = &missing;
    REQUIRE(exported == 0xe4904, "a symbol");
    REQUIRE(exported_array[2] == 22, "an element of a symbol");
    REQUIRE(exported_function() == 0xf00, "a function");
    REQUIRE(found == NULL, "a weak symbol that there is not");
    return HVT_EXIT_SUCCESS;
}

int check_symbols(void)
{
    int status = check_pointers();
    return status == HVT_EXIT_SUCCESS ? check_references() : status;
}
