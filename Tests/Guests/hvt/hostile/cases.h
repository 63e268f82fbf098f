/* cases.h: what the files of this guest offer to its table of cases. */
#ifndef HOSTILE_CASES_H
#define HOSTILE_CASES_H

#include "guest.h"

/* Offsets from the end of memory, as unsigned arguments. */
#define FROM_END(offset) ((uint64_t)(int64_t)(offset))

/* puts.c: the argument says which bytes. */
int run_puts_from_end(uint64_t offset);
int run_puts_past_end(uint64_t excess);
int run_puts_length(uint64_t length);
int run_puts_empty(uint64_t offset);

/* structs.c: the argument says where the argument struct is. */
int run_walltime_at(uint64_t address);
int run_walltime_from_end(uint64_t offset);
int run_puts_struct_at(uint64_t address);
int run_poll_at(uint64_t address);
int run_poll_from_end(uint64_t offset);
int run_halt_from_end(uint64_t offset);
int run_cookie_from_end(uint64_t offset);

/* ports.c */
int run_write_byte(uint64_t port);
int run_write_word(uint64_t port);
int run_write_long(uint64_t port);
int run_read_byte(uint64_t port);
int run_read_long(uint64_t port);
int run_write_string(uint64_t port);
int run_read_string(uint64_t port);
int run_hypercall(uint64_t number);

/* machine.c */
int run_halt_instruction(uint64_t argument);
int run_spin(uint64_t argument);
int run_triple_fault(uint64_t argument);
int run_double_fault(uint64_t argument);
int run_load_root(uint64_t root);
int run_stack_overflow(uint64_t argument);
int run_write(uint64_t address);
int run_write_msr(uint64_t number);
int run_tender_stub(uint64_t vector);
int run_tender_write(uint64_t offset);
int run_tender_task(uint64_t argument);
int run_read_msr(uint64_t number);

/* address_space.c: through page tables of the guest's own. */
int run_hole_read(uint64_t physical);
int run_hole_write(uint64_t physical);
int run_hole_execute(uint64_t physical);
int run_hole_float(uint64_t physical);
int run_own_read(uint64_t address);
int run_own_write(uint64_t address);
int run_own_execute(uint64_t address);

#endif
