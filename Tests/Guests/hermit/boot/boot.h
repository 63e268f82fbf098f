/* boot.h: the parts of what a guest finds when it starts; each prints what it
 * sees, and returns a status. */
#ifndef BOOT_H
#define BOOT_H

#include "hermit_guest.h"

int check_registers(void);
int check_information(void);
int check_image(void);
int check_symbols(void);
int check_thread_local(void);
int check_page_tables(void);
int check_device_tree(void);
/* The end of an archive in memory; 0 if there is none. */
uint64_t archive_end(void);
int check_cpuid(void);

/* Whether the tender's structure lies where kernels leave it alone: below the
 * image, and in the same 2 MiB as the start of memory. */
bool is_kept(uint64_t address, uint64_t size);

#endif
