/* libFuzzer as a library (https://llvm.org/docs/LibFuzzer.html): the compiler
 * brings it along, without a header. */
#ifndef PINNACE_FUZZER_H
#define PINNACE_FUZZER_H

#include <stddef.h>
#include <stdint.h>

/* Tries inputs until it is told to stop by its options. */
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*try_input)(const uint8_t *data, size_t size));

#endif
