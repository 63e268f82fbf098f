# Pinnace: `make demo` boots a guest, `make test` runs all tests; README.md has the rest.

BUILD := $(CURDIR)/.build
GUESTS := $(BUILD)/guests
PINNACE := $(BUILD)/pinnace
DEBUG := $(BUILD)/debug/pinnace

comma := ,
space := $(subst ,, )

# Which modules to build in: a profile, or TRAITS=Net,Puts,... for any other choice.
PROFILE ?= full
TRAITS_solo5 := Walltime,Puts,Poll,Halt,Block,Net
TRAITS_hermit := Uhyve
TRAITS_full := $(TRAITS_solo5),$(TRAITS_hermit)
TRAITS_debug := $(TRAITS_full),Gdb,Dumpcore,Trace,MSHV
TRAITS_mshv := $(TRAITS_full),MSHV
TRAITS_compute := Walltime,Puts,Poll,Halt
TRAITS_net := Walltime,Puts,Poll,Halt,Net
TRAITS_block := Walltime,Puts,Poll,Halt,Block
# A choice of one's own is built like a profile of the name "custom".
override PROFILE := $(if $(filter undefined,$(origin TRAITS)),$(PROFILE),custom)
TRAITS ?= $(or $(TRAITS_$(PROFILE)),$(error no profile $(PROFILE): choose full, solo5, hermit, debug, mshv, compute, net or block))

# Which processor to build for: that of this machine, or aarch64 on x86_64.
HOST := $(shell uname -m)
ARCH ?= $(HOST)
CROSS := $(filter-out $(HOST),$(ARCH))
$(if $(CROSS),$(if $(filter aarch64,$(ARCH)),,$(error ARCH=$(ARCH): only aarch64 can be built for elsewhere)))
# Hermit guests, and the Microsoft Hypervisor, are for x86_64 only.
possible = $(if $(filter aarch64,$(ARCH)),$(subst $(space),$(comma),$(filter-out Uhyve MSHV,$(subst $(comma), ,$(1)))),$(1))

# What a binary tells of its origin; nothing where the source is no work tree.
COMMIT = $(if $(wildcard .git),$(shell git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null))
PACKAGING := Sources/pinnace/Packaging
PREFIX ?= /usr/local

# CI sets warnings to be errors.
SWIFTFLAGS ?=
# Nothing else of the environment: SwiftPM builds all anew when any variable differs, even one that
# make itself sets. And it hands traits to the compiler in the order of a set, which is another one in each
# process unless hashing is told to be the same: then it builds all anew as well.
SWIFT := env -i PATH='$(PATH)' HOME='$(HOME)' SWIFT_DETERMINISTIC_HASHING=1
BUILD_ARGUMENTS := build $(SWIFTFLAGS:%=-Xswiftc %)
SWIFT_BUILD := $(SWIFT) swift $(BUILD_ARGUMENTS)

# The release flavour: Embedded Swift, linked statically. A run path would be of no use to it, and
# the C library's start-up code refuses static executables that have one. Link-time optimization
# leaves out what each library has emitted and nobody calls: a third of the size.
# The C library is musl, which takes a tenth of a launch less than the GNU one when linked statically, and a
# third of the binary. Swift has no library for Linux with it, but one for no system at all: Embedded
# Swift needs no more. C, and the linker, are told of Linux all the same.
RESOURCES = $(shell swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')/embedded
SWIFT_TRIPLE := $(if $(filter aarch64,$(ARCH)),aarch64-none-none-elf,$(ARCH)-unknown-none-elf)
C_TRIPLE := $(ARCH)-unknown-linux-musl
# It has no tables of Unicode for no system on x86_64, but those for Linux are nothing but data.
UNICODE = $(RESOURCES)/$(if $(filter aarch64,$(ARCH)),$(SWIFT_TRIPLE),$(ARCH)-unknown-linux-gnu)
ROOT := $(BUILD)/root-$(ARCH)
EMBEDDED = $(SWIFT) PINNACE_EMBEDDED=1 $(CROSS:%=PINNACE_ARCH=%) swift $(BUILD_ARGUMENTS) -c release --product pinnace \
	--disable-local-rpath --experimental-lto-mode=full -debug-info-format none \
	--triple $(SWIFT_TRIPLE) --sdk $(ROOT) \
	$(addprefix -Xswiftc ,-Xfrontend -clang-target -Xfrontend $(C_TRIPLE) \
		-Xclang-linker --target=$(C_TRIPLE) -Xclang-linker --sysroot=$(ROOT) \
		-Xclang-linker -Wno-override-module) \
	-Xlinker -L$(UNICODE) $(SMALLER)
# What comes out for another processor has its name.
SUFFIX := $(CROSS:%=-%)

# Sequences of instructions that functions have in common become functions, which saves 6 % of the
# size; functions with the same code are kept once; and what unwinding a stack would take, which nothing in
# it does, is left out. A build ID would be the only trace of where it was built.
SMALLER = -Xlinker -mllvm -Xlinker -enable-machine-outliner=always \
	-Xlinker --icf=all -Xlinker --no-eh-frame-hdr -Xlinker $(BUILD)/release.ld \
	-Xlinker --build-id=none

.PHONY: all release release-debug root mshv-headers debug traits guests demo test build-tests retest \
	races build-races bench \
	fuzz tender-for tender need-guest container new-module lint format clean setup install uninstall dist \
	deb reproduce

all: release

# $(call release,PROFILE,TRAITS): builds .build/pinnace-PROFILE in a folder of its own, and writes what
# is in it beside it. What has not changed is left alone.
define release
	$(EMBEDDED) --scratch-path $(BUILD)/embedded-$(1)$(SUFFIX) \
		--traits $(or $(call possible,$(2)),$(error nothing in profile $(1) runs on $(ARCH)))
	@$(PACKAGING)/stamp $(BUILD)/embedded-$(1)$(SUFFIX)/release/pinnace $(PINNACE)-$(1)$(SUFFIX) \
		'$(1)$(COMMIT:%=, %)' $(CROSS)
endef

# .build/pinnace is the profile asked for last: another name of the same file. For another processor there
# is only .build/pinnace-PROFILE-ARCH.
release: $(BUILD)/release.ld root
	$(call release,$(PROFILE),$(TRAITS))
	@[ -n '$(CROSS)' ] || for end in '' .json; do \
		[ $(PINNACE)$$end -ef $(PINNACE)-$(PROFILE)$$end ] || \
			ln -f $(PINNACE)-$(PROFILE)$$end $(PINNACE)$$end; \
	done

# The release flavour with the modules that look into guests. Tests want both.
release-debug: $(BUILD)/release.ld root
	$(call release,debug,$(TRAITS_debug))

# The C library and so on for ARCH.
root:
	@$(PACKAGING)/root $(ARCH) $(ROOT)

# The kernel's header of the Microsoft Hypervisor's interface, which Debian's kernels are too old for, from
# a Python package that carries those of a newer one. A test compares.
ZIGLANG := ziglang==0.16.0
mshv-headers: $(BUILD)/mshv-headers/linux/mshv.h
$(BUILD)/mshv-headers/linux/mshv.h:
	@mkdir -p $(@D)
	pip download --quiet --no-deps --dest $(BUILD)/ziglang '$(ZIGLANG)'
	unzip -p $(BUILD)/ziglang/*.whl 'ziglang/lib/libc/include/any-linux-any/linux/mshv.h' >$@.new
	rm -r $(BUILD)/ziglang
	mv $@.new $@

$(BUILD)/release.ld:
	@mkdir -p $(BUILD)
	@echo 'SECTIONS { /DISCARD/ : { *(.eh_frame) } } INSERT AFTER .text;' > $@

debug:
	$(SWIFT_BUILD)

# The modules of PROFILE, for scripts.
traits:
	@echo $(TRAITS)

# With the traits of the tests, which are built in the same folder.
guests:
	$(SWIFT_BUILD) --product pinnace --traits $(TRAITS_debug)
	$(MAKE) --no-print-directory -C Tests/Guests OUT=$(GUESTS) PINNACE=$(DEBUG)

# The smallest tender that runs GUEST, at .build/pinnace-for-NAME.
FOR = for-$(basename $(notdir $(GUEST)))
tender-for: need-guest $(BUILD)/release.ld $(if $(wildcard $(PINNACE)),,release)
	@traits=$$($(PINNACE) inspect --traits '$(GUEST)') && \
		$(MAKE) --no-print-directory tender TRAITS="$$traits"

# Before anything is built.
need-guest:
	$(if $(GUEST),,$(error usage: make $(MAKECMDGOALS) GUEST=path/to/guest))
	$(if $(wildcard $(GUEST)),,$(error there is no file $(GUEST): make $(MAKECMDGOALS) GUEST=path/to/guest))

# What `tender-for` builds, when it knows the modules.
tender: $(BUILD)/release.ld root
	$(call release,$(FOR),$(TRAITS))

# From the binary that was built last, or else from one of the default profile.
install: $(if $(wildcard $(PINNACE)),,release)
	$(PACKAGING)/install $(PINNACE) '$(DESTDIR)$(PREFIX)'

uninstall:
	$(PACKAGING)/install --remove $(PINNACE) '$(DESTDIR)$(PREFIX)'

dist: release
	@$(PACKAGING)/dist $(PINNACE)-$(PROFILE) $(BUILD)/dist '$(COMMIT)'

deb: release
	@$(PACKAGING)/deb $(PINNACE)-$(PROFILE) $(BUILD)/dist

# That the last commit gives the same bytes wherever it is built: one more release build, all anew.
reproduce:
	$(PACKAGING)/reproduce $(PROFILE)

# An OCI image of GUEST and the tender, at .build/NAME.tar; OPTIONS are those of `pinnace run`.
container: need-guest $(if $(wildcard $(PINNACE)),,release)
	@$(PACKAGING)/container $(PINNACE) '$(GUEST)' \
		$(BUILD)/$(basename $(notdir $(GUEST))).tar $(OPTIONS)

setup:
	@.ci/setup

demo: setup release guests
	@Tests/demo

# FILTER is an expression for the names of some tests.
test: setup release release-debug guests build-tests
	$(MAKE) --no-print-directory retest

build-tests:
	$(SWIFT_BUILD) --build-tests --traits $(TRAITS_debug)

# The tests as they are built. With another environment, building would build all anew.
retest:
	PINNACE_RELEASE=$(PINNACE)-$(PROFILE) PINNACE_RELEASE_DEBUG=$(PINNACE)-debug \
		PINNACE_GUESTS=$(GUESTS) \
		swift test --skip-build --traits $(TRAITS_debug) $(if $(FILTER),--filter '$(FILTER)')

# The tests with threads, under ThreadSanitizer: accesses to the same memory that nothing orders are
# failures. Threads of vCPUs live as long as the process.
races: guests build-races
	TSAN_OPTIONS=report_thread_leaks=0 PINNACE_GUESTS=$(GUESTS) PINNACE_RACES=1 \
		swift test --skip-build --sanitize=thread --scratch-path $(BUILD)/races \
		--traits $(TRAITS_debug)

build-races:
	$(SWIFT) PINNACE_RACES=1 swift $(BUILD_ARGUMENTS) --build-tests --sanitize=thread \
		--scratch-path $(BUILD)/races --traits $(TRAITS_debug)

# PEER=path/to/solo5-hvt compares with that tender, in the same run; ONLY=Network measures but the parts
# whose titles begin like this.
bench: setup release guests
	$(EMBEDDED) --scratch-path $(BUILD)/embedded-stages --traits $(TRAITS),Stages
	$(SWIFT_BUILD) -c release --product bench --scratch-path $(BUILD)/bench
	$(BUILD)/bench/release/bench --tender $(PINNACE) \
		--stages $(BUILD)/embedded-stages/release/pinnace --guests $(GUESTS) $(if $(PEER),--peer $(PEER)) \
		$(if $(ONLY),--only '$(ONLY)')

# TARGET is one of those in Tests/Mutation/Targets. The corpus grows from run to run; an input that
# breaks a promise stays as .build/fuzz/TARGET-crash-*, and INPUT=file tries it again.
FUZZ := $(BUILD)/fuzz
FUZZER = $(dir $(patsubst %/,%,$(dir $(UNICODE))))clang/lib/linux/libclang_rt.fuzzer_no_main-$(shell uname -m).a
SEEDS_hvt-image = $(GUESTS)/*.hvt
SEEDS_hermit-image = $(GUESTS)/hermit/*-*
SECONDS ?= 60

fuzz: guests
	$(if $(TARGET),,$(error usage: make fuzz TARGET=name [SECONDS=60] [INPUT=file]))
	$(SWIFT) PINNACE_FUZZ=1 swift $(BUILD_ARGUMENTS) -c release --product fuzz --scratch-path $(FUZZ)/build \
		--traits $(TRAITS_debug) -Xswiftc -enable-testing \
		-Xlinker $(FUZZER) -Xlinker -lstdc++ -Xlinker -lm
	rm -rf $(FUZZ)/temporary
	mkdir -p $(FUZZ)/temporary $(FUZZ)/$(TARGET)
	$(if $(SEEDS_$(TARGET)),cp $(SEEDS_$(TARGET)) $(FUZZ)/$(TARGET))
	SWIFT_BACKTRACE=enable=no TMPDIR=$(FUZZ)/temporary \
		$(FUZZ)/build/release/fuzz $(TARGET) $(or $(INPUT),$(FUZZ)/$(TARGET)) \
		-artifact_prefix=$(FUZZ)/$(TARGET)- -max_total_time=$(SECONDS) < /dev/null

# The skeleton of a module NAME: see Modules/README.md.
new-module:
	@Modules/new-module '$(NAME)'

lint:
	swift format lint --strict --recursive Package.swift Sources Modules Tests

format:
	swift format --in-place --recursive Package.swift Sources Modules Tests

clean:
	rm -rf .build
