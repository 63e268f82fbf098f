/* thread_local.c: makes a thread's block as the kernel does, and uses it. */
#include "boot.h"

#define MSR_FS_BASE 0xc0000100
#define ALIGN 32

static uint8_t block[256] __attribute__((aligned(ALIGN)));

/* At an offset from the thread pointer, which is the end of the block. */
static uint64_t load(int64_t offset)
{
    uint64_t value;
    __asm__ volatile("mov %%fs:(%1), %0" : "=r"(value) : "r"(offset) : "memory");
    return value;
}

int check_thread_local(void)
{
    int64_t size = (int64_t)((boot.tls.memsz + ALIGN - 1) & ~(uint64_t)(ALIGN - 1));
    REQUIRE(boot.tls.filesz == 16 && boot.tls.memsz == 40 && boot.tls.align == ALIGN,
        "thread-local storage has another size");
    memcpy(block, (const void *)boot.tls.start, boot.tls.filesz);
    msr_write(MSR_FS_BASE, (uintptr_t)block + (uint64_t)size);
    REQUIRE(load(-size) == 0x1111111111111111 && load(8 - size) == 0x2222222222222222
            && load(16 - size) == 0,
        "thread-local values");
    print("thread-local values are right\n");
    return HVT_EXIT_SUCCESS;
}
