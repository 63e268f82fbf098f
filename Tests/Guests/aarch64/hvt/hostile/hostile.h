/* hostile.h: what the files of this guest offer to its table of cases, besides
 * those that it shares with other processors. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "cases.h"

/* stores.c */
int run_store_byte(uint64_t address);
int run_store_half(uint64_t address);
int run_store_word(uint64_t address);
int run_store_long(uint64_t address);
int run_load(uint64_t address);
int run_store_pair(uint64_t address);
int run_store_writeback(uint64_t address);
int run_store_vector(uint64_t address);
int run_exclusive(uint64_t address);

/* machine.c */
int run_wait(uint64_t argument);
int run_no_vectors(uint64_t argument);
int run_hypervisor_call(uint64_t function);
int run_secure_call(uint64_t function);
int run_tender_vector(uint64_t number);
int run_tender_load(uint64_t argument);
int run_unpaged_write(uint64_t address);
int run_unpaged_read(uint64_t address);

#endif
