/* registers.c: vCPU 0 as the tender has left it. */
#include "boot.h"
#include "entry_state.h"

#define CR0 0x80000031   /* PE, ET, NE, PG */
#define CR4 0x20         /* PAE */
#define EFER 0xd00       /* LME, LMA, NXE */
#define RFLAGS 0x2
#define BOOT_STACK_SIZE 0x8000
/* CPUs mark a descriptor that was loaded as accessed. */
#define ACCESSED 0x0000010000000000ULL
/* Interrupt gates of ring 0 that take code segment 0x08 and stack 1. */
#define GATE_MASK 0x0000ffffffff0000ULL
#define GATE 0x00008e0100080000ULL
#define EXCEPTIONS 32

static int check_general(const struct entry_state *state)
{
    const uint64_t zeros[] = {
        state->rax, state->rbx, state->rcx, state->rdx, state->rbp,
        state->r8, state->r9, state->r10, state->r11, state->r12, state->r13, state->r14,
        state->r15,
    };
    printl("rdi=0x%lx rsi=%lu rsp=0x%lx rflags=0x%lx",
        state->rdi, state->rsi, state->rsp, state->rflags);
    for (size_t i = 0; i < COUNT_OF(zeros); i++)
        REQUIRE(zeros[i] == 0, "register %lu of the others is 0x%lx", (uint64_t)i, zeros[i]);
    REQUIRE(state->rsi == 0, "vCPU 0 has another number");
    REQUIRE(state->rflags == RFLAGS, "rflags");
    REQUIRE(is_kept(state->rdi, sizeof(boot)), "the boot information is in the way");
    /* Where nothing else is: all other structures are in the first 2 MiB. */
    REQUIRE(state->rsp + BOOT_STACK_SIZE == boot.image_start, "the stack is elsewhere");
    REQUIRE(state->rsp % 16 == 0, "the stack is not aligned");
    return HVT_EXIT_SUCCESS;
}

static int check_control(const struct entry_state *state)
{
    printl("cr0=0x%lx cr3=0x%lx cr4=0x%lx efer=0x%lx",
        state->cr0, state->cr3, state->cr4, state->efer);
    REQUIRE(state->cr0 == CR0, "cr0");
    REQUIRE(state->cr4 == CR4, "cr4");
    REQUIRE(state->efer == EFER, "efer");
    REQUIRE(is_kept(state->cr3, PAGE_SIZE), "the page tables are in the way");
    return HVT_EXIT_SUCCESS;
}

static int check_segments(const struct entry_state *state)
{
    const uint64_t *gdt = (const uint64_t *)state->gdtr.base;
    printl("cs=0x%x ds=0x%x es=0x%x ss=0x%x fs=0x%x gs=0x%x tr=0x%x ldt=0x%x",
        state->cs, state->ds, state->es, state->ss, state->fs, state->gs, state->task,
        state->local);
    printl("gdt=0x%lx+0x%x idt=0x%lx+0x%x", state->gdtr.base, state->gdtr.limit,
        state->idtr.base, state->idtr.limit);
    REQUIRE(state->cs == 0x08 && state->ds == 0x10 && state->es == 0x10 && state->ss == 0x10,
        "segments");
    REQUIRE(state->fs == 0 && state->gs == 0, "fs or gs");
    REQUIRE(state->gdtr.limit == 23, "limit of the GDT");
    REQUIRE(is_kept(state->gdtr.base, 24), "the GDT is in the way");
    printl("gdt entries: 0x%lx 0x%lx 0x%lx", gdt[0], gdt[1], gdt[2]);
    REQUIRE(gdt[0] == 0, "null descriptor");
    REQUIRE((gdt[1] | ACCESSED) == 0x00af9b000000ffff, "code descriptor");
    REQUIRE((gdt[2] | ACCESSED) == 0x00cf93000000ffff, "data descriptor");
    return HVT_EXIT_SUCCESS;
}

/* A gate for each exception, to code of the tender's. */
static int check_interrupts(const struct entry_state *state)
{
    const uint64_t *idt = (const uint64_t *)state->idtr.base;
    REQUIRE(state->idtr.limit == EXCEPTIONS * 16 - 1, "limit of the IDT");
    REQUIRE(is_kept(state->idtr.base, EXCEPTIONS * 16), "the IDT is in the way");
    for (uint64_t i = 0; i < EXCEPTIONS; i++) {
        uint64_t low = idt[2 * i];
        uint64_t handler = (low & 0xffff) | (low >> 32 & 0xffff0000) | idt[2 * i + 1] << 32;
        REQUIRE((low & GATE_MASK) == GATE, "gate %lu is 0x%lx", i, low);
        REQUIRE(is_kept(handler, 1), "handler %lu is in the way", i);
    }
    return HVT_EXIT_SUCCESS;
}

int check_registers(void)
{
    int status = check_general(&entry_state);
    if (status == HVT_EXIT_SUCCESS)
        status = check_control(&entry_state);
    if (status == HVT_EXIT_SUCCESS)
        status = check_segments(&entry_state);
    if (status == HVT_EXIT_SUCCESS)
        status = check_interrupts(&entry_state);
    return status;
}
