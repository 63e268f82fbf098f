# Builds hvt guests for aarch64 into $(OUT)/aarch64/NAME.hvt; see ../README.md.
# Included by ../Makefile.

ARM_OBJECTS = $(OBJECTS)/aarch64

# Those of ../hvt that ask nothing of the processor, and all of hvt/ here: NAME is
# hvt/NAME.c, or all of hvt/NAME/.
ARM_SHARED = arguments bench-halt bench-hypercall block block-readonly block-two debug devices-64 \
    exit fill hello hostile-block hostile-devices http idle many-puts net-echo net-hostile net-last \
    net-poll net-ring net-two once poll time
ARM_OWN = $(sort $(basename $(notdir $(wildcard aarch64/hvt/*.c))) \
    $(notdir $(patsubst %/,%,$(wildcard aarch64/hvt/*/))))
ARM_VARIANTS = hello-abi1 block-abi1 layout-block layout-devices net-ring-two
ARM_NAMES = $(ARM_SHARED) $(ARM_OWN) $(ARM_VARIANTS)
ARM_GUESTS = $(patsubst %,$(OUT)/aarch64/%.hvt,$(ARM_NAMES))

# Parts of ../hvt that guests here use as well.
ARM_EXTRA_hostile = hvt/hostile/puts.c hvt/hostile/structs.c

ARM_CFLAGS = --target=aarch64-unknown-none-elf -std=c11 -O2 -Wall -Wextra -Werror \
    -ffreestanding -fno-pic -mcmodel=small -mgeneral-regs-only -fno-stack-protector \
    -fno-asynchronous-unwind-tables -fno-omit-frame-pointer -ffunction-sections \
    -fdata-sections -I$(ABI) -Iaarch64/runtime -Iruntime -Iruntime/hvt -MMD -MP

# The runtime without what is x86_64's.
ARM_RUNTIME_SOURCES = $(addprefix runtime/, cases.c console.c fault.c memory.c outcome.c \
    responder.c words.c hvt/benchmark.c hvt/devices.c hvt/ring.c) \
    $(wildcard aarch64/runtime/*.c aarch64/runtime/*.S)
ARM_RUNTIME = $(patsubst %,$(ARM_OBJECTS)/%.o,$(ARM_RUNTIME_SOURCES))

arm_sources = $(wildcard aarch64/hvt/$(1).c aarch64/hvt/$(1)/*.c aarch64/hvt/$(1)/*.S) \
    $(ARM_EXTRA_$(1))
arm_all_sources = $(or $(strip $(call arm_sources,$(1))),$(call sources,$(1)))
# As for ../hvt, whose own folder is looked into first.
arm_manifest = $(firstword $(wildcard hvt/$(1).json hvt/$(call source,$(1)).json hvt/no-devices.json))

all: $(ARM_GUESTS)

$(ARM_OBJECTS)/%.o: % Makefile aarch64/guests.mk
	@mkdir -p $(@D)
	@$(CC) $(ARM_CFLAGS) $(ARM_FLAGS) -c -o $@ $<

# Line by line as it is written.
$(ARM_OBJECTS)/hvt/debug.c.o: ARM_FLAGS = -O0 -g

# Parts of one guest see each other's headers.
$(ARM_OBJECTS)/aarch64/hvt/hostile/%.o: ARM_FLAGS = -Ihvt/hostile

$(ARM_OBJECTS)/abi%.o: runtime/hvt/abi_note.c Makefile aarch64/guests.mk
	@mkdir -p $(@D)
	@$(CC) $(ARM_CFLAGS) -DABI_VERSION=$* -c -o $@ $<

$(ARM_OBJECTS)/%.json.o: $(OBJECTS)/%.json.c Makefile aarch64/guests.mk
	@mkdir -p $(@D)
	@$(CC) $(ARM_CFLAGS) -c -o $@ $<

define arm_guest
$(OUT)/aarch64/$(1).hvt: aarch64/runtime/guest-abi$(call version,$(1)).ld \
    $(patsubst %,$(ARM_OBJECTS)/%.o,$(call arm_all_sources,$(call source,$(1)))) $(ARM_RUNTIME) \
    $(ARM_OBJECTS)/abi$(call version,$(1)).o $(ARM_OBJECTS)/$(call arm_manifest,$(1)).o
	@mkdir -p $$(@D)
	@$(LD) $(LDFLAGS) $(LDFLAGS_$(call source,$(1))) -o $$@ -T $$^
	@echo "guest aarch64/$(1)"
endef

$(foreach name,$(ARM_NAMES),$(eval $(call arm_guest,$(name))))
