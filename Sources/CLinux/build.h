/* build.h: the commit and the profile that a binary was built from.
 *
 * `make` writes them into the linked program (objcopy --update-section), so
 * that a new commit compiles nothing anew.  Empty in other builds.
 */
#ifndef PINNACE_BUILD_H
#define PINNACE_BUILD_H

#define LINUX_BUILD_SIZE 96

/* Weak: every target that includes this header would define one. */
__attribute__((weak, used, section(".pinnace.build")))
char linux_build_text[LINUX_BUILD_SIZE] = "";

/* The byte at an index; 0 past the end.  The compiler can't know it. */
static inline char linux_build_byte(unsigned index)
{
    if (index >= LINUX_BUILD_SIZE) return 0;
    return ((const volatile char *)linux_build_text)[index];
}

#endif
