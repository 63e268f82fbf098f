# Builds every Hermit guest into $(OUT)/hermit/NAME-FLAVOUR; see README.md.
# Included by ../Makefile.

HERMIT_OBJECTS = $(OBJECTS)/hermit

# ---- Flavours: the notes, and how the image is linked ----

# Notes that are not named are left out.
NOTES_v1-legacy = -DENTRY=4
NOTES_v1-legacy-dyn = -DENTRY=4
NOTES_v1-tag8 = -DENTRY=4 -DTAG=8
NOTES_v1-fixed = -DENTRY=4 -DINTERFACE=1 -DTAG=12
NOTES_v1-dyn = -DENTRY=4 -DINTERFACE=1 -DTAG=12
NOTES_v2 = -DENTRY=4 -DINTERFACE=2 -DTAG=14
NOTES_v2-fixed = -DENTRY=4 -DINTERFACE=2 -DTAG=14
NOTES_v3 = -DENTRY=4 -DINTERFACE=3 -DTAG=14
NOTES_entry3 = -DENTRY=3
NOTES_entry2 = -DENTRY=2
HERMIT_FLAVOURS = v1-legacy v1-legacy-dyn v1-tag8 v1-fixed v1-dyn v2 v2-fixed v3 entry3 entry2

# To be refused.
NOTES_bad-entry = -DENTRY=1
NOTES_bad-interface = -DENTRY=4 -DINTERFACE=9 -DTAG=14
NOTES_bad-notes =
NOTES_bad-relocation = $(NOTES_v3)
NOTES_bad-linkage = $(NOTES_v3)
NOTES_bad-needed = $(NOTES_v3)
HERMIT_BAD = bad-entry bad-interface bad-notes bad-relocation bad-linkage bad-needed

# What is linked in besides: bad/NAME.S, and what that is linked against.
HERMIT_EXTRA_bad-relocation = $(HERMIT_OBJECTS)/hermit/bad/relocation.S.o
HERMIT_EXTRA_bad-linkage = $(HERMIT_OBJECTS)/hermit/bad/linkage.S.o
HERMIT_EXTRA_bad-needed = $(HERMIT_OBJECTS)/hermit/bad/needed.S.o $(HERMIT_OBJECTS)/library.so

# Relocatable without dynamic symbols, as std-Rust programs are; or with them, so
# that there are relocations of every type.
HERMIT_PIE = -pie --no-dynamic-linker -z dynamic-undefined-weak
HERMIT_SHARED = -shared
HERMIT_FIXED = -no-pie --image-base=0x800000
HERMIT_FIXED_HIGH = -no-pie --image-base=0x100800000
LINK_v1-legacy = $(HERMIT_FIXED)
LINK_v1-fixed = $(HERMIT_FIXED)
LINK_v2-fixed = $(HERMIT_FIXED_HIGH)
LINK_entry2 = $(HERMIT_FIXED)
LINK_v1-legacy-dyn = $(HERMIT_PIE)
LINK_entry3 = $(HERMIT_PIE)

# ---- Guests: NAME is hermit/NAME.c, or all of hermit/NAME/ ----

HERMIT_hello = $(HERMIT_FLAVOURS) $(HERMIT_BAD)
HERMIT_boot = $(HERMIT_FLAVOURS)
HERMIT_arguments = v1-legacy v1-tag8 v1-dyn v3 entry2
HERMIT_exit = v1-legacy v2 v3
HERMIT_files = v1-legacy v1-dyn v2 v3 entry2
HERMIT_hostile = v1-legacy v1-dyn v2 v3
HERMIT_hostile-net = v1-dyn v3
HERMIT_net-echo = entry3 v1-dyn v3
HERMIT_serial = v1-legacy v1-dyn v3
HERMIT_smp = v1-legacy-dyn v3 entry2
HERMIT_stdin = v1-legacy v3
HERMIT_timer = v1-legacy v3
HERMIT_NAMES = $(sort $(basename $(notdir $(wildcard hermit/*.c))) \
    $(filter-out bad,$(notdir $(patsubst %/,%,$(wildcard hermit/*/)))))

# ---- Flags ----

# Hermit's hypercall.h comes before everything.
# Without a procedure linkage table all that is called is in the global offset table.
HERMIT_ASFLAGS = $(filter-out -fno-pic -mcmodel=small -Iruntime/hvt,$(CFLAGS)) -Iruntime/hermit
HERMIT_CFLAGS = $(HERMIT_ASFLAGS) $(REGISTERS) -fPIC -fno-plt -fvisibility=hidden \
    -include runtime/hermit/hypercall.h
HERMIT_LDFLAGS = --entry=_start -nostdlib --build-id=none --gc-sections -z max-page-size=4096

# ---- Rules ----

HERMIT_RUNTIME = $(SHARED_RUNTIME) \
    $(filter-out runtime/hermit/notes.c,$(wildcard runtime/hermit/*.c runtime/hermit/*.S))

hermit_sources = $(wildcard hermit/$(1).c hermit/$(1)/*.c hermit/$(1)/*.S)
hermit_objects = $(patsubst %,$(HERMIT_OBJECTS)/%.o,$(1))
HERMIT_GUESTS = $(foreach name,$(HERMIT_NAMES),\
    $(foreach flavour,$(HERMIT_$(name)),$(OUT)/hermit/$(name)-$(flavour)))

all: $(HERMIT_GUESTS)

$(HERMIT_OBJECTS)/%.c.o: %.c Makefile hermit/guests.mk
	@mkdir -p $(@D)
	@$(CC) $(HERMIT_CFLAGS) -c -o $@ $<

$(HERMIT_OBJECTS)/%.S.o: %.S Makefile hermit/guests.mk
	@mkdir -p $(@D)
	@$(CC) $(HERMIT_ASFLAGS) -c -o $@ $<

$(patsubst %,$(HERMIT_OBJECTS)/notes-%.o,$(sort $(foreach name,$(HERMIT_NAMES),$(HERMIT_$(name))))): \
    $(HERMIT_OBJECTS)/notes-%.o: runtime/hermit/notes.c Makefile hermit/guests.mk
	@mkdir -p $(@D)
	@$(CC) $(HERMIT_CFLAGS) $(NOTES_$*) -c -o $@ $<

$(HERMIT_OBJECTS)/library.so: $(HERMIT_OBJECTS)/hermit/bad/library.S.o
	@$(LD) -shared -soname=library.so -o $@ $<

# Linking guest $(1) with flavour $(2); the linker has no word for "standalone",
# the system that Hermit images are for.
define hermit_guest
$(OUT)/hermit/$(1)-$(2): $(HERMIT_OBJECTS)/notes-$(2).o \
    $(call hermit_objects,$(call hermit_sources,$(1)) $(HERMIT_RUNTIME)) $(HERMIT_EXTRA_$(2))
	@mkdir -p $$(@D)
	@$(LD) $(HERMIT_LDFLAGS) $(or $(LINK_$(2)),$(HERMIT_SHARED)) -o $$@ $$^
	@printf '\377' | dd of=$$@ bs=1 seek=7 conv=notrunc status=none
	@echo "guest hermit/$(1)-$(2)"
endef

$(foreach name,$(HERMIT_NAMES),$(foreach flavour,$(HERMIT_$(name)),\
    $(eval $(call hermit_guest,$(name),$(flavour)))))
