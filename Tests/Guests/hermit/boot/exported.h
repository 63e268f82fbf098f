/* exported.h: symbols that could be replaced from outside. */
#ifndef BOOT_EXPORTED_H
#define BOOT_EXPORTED_H

#include <stdint.h>

#define EXPORTED __attribute__((visibility("default")))

EXPORTED extern uint32_t exported;
EXPORTED extern uint32_t exported_array[4];
EXPORTED uint32_t exported_function(void);
/* Nobody defines it. */
EXPORTED extern uint32_t missing __attribute__((weak));

#endif
