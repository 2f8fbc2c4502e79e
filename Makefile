# Moot: meetings in a terminal. `make help` lists what there is.

VERSION := 0.1.0
PREFIX  ?= /usr/local
BUILD   ?= build
CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif

PACKAGES := gcc make pkg-config libncurses-dev portaudio19-dev libopus-dev libssl-dev libwebsockets-dev \
	libcaca-dev libsodium-dev libjansson-dev libvpx-dev libyuv-dev libavformat-dev libavdevice-dev libavcodec-dev \
	libswscale-dev libswresample-dev libavutil-dev libutf8proc-dev libopusenc-dev libsqlite3-dev libinih-dev liblua5.4-dev \
	libqrencode-dev
TEST_PACKAGES := $(PACKAGES) libcmocka-dev libvterm-dev tmux screen ncurses-term locales espeak-ng sox pulseaudio \
	pulseaudio-utils libasound2-plugins iproute2 openssl procps
FUZZ_PACKAGES := clang-14 libclang-rt-14-dev llvm-14
BENCH_PACKAGES := mumble-server ethtool

# Sanitised objects live beside the plain ones: make SAN=address,undefined test
comma := ,
OUT := $(BUILD)$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef \
	-Wconversion $(if $(CI),-Werror)
HARDEN := -fstack-protector-strong -fPIC -fvisibility=hidden $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer,-D_FORTIFY_SOURCE=3)
CFLAGS ?= -O2 -g
# The letters that other makes set must not lose ours.
override CFLAGS += -std=gnu11 -D_GNU_SOURCE -DMOOT_VERSION='"$(VERSION)"' -I. $(WARN) $(HARDEN) -MMD -MP -pthread
override LDFLAGS += -Wl,-z,relro,-z,now -pthread $(if $(SAN),-fsanitize=$(SAN))
# Where a program finds the plugins: beside itself, installed, or (tests) at the top of the build. The old tag, since
# dlopen() under a sanitiser does not look at the new one.
RPATH = -pie -Wl,--disable-new-dtags,-rpath,'$$ORIGIN$(1)'

NET_LIBS    := -lwebsockets -ljansson -lsodium -lssl -lcrypto -lutf8proc -lm
ADMIN_LIBS  := -lsqlite3 -linih
SCRIPT_LIBS := -llua5.4
AUDIO_LIBS  := -lportaudio -lopusenc -lopus -lm
RENDER_LIBS := -lvpx -lyuv -lcaca -lm
SOUND_LIBS  := -lavformat -lavcodec -lswresample -lavutil
PICTURE_LIBS := -lavdevice -lavformat -lavcodec -lswscale -lavutil -lyuv
TUI_LIBS    := -lncursesw -ltinfo -lqrencode

src = $(filter-out %_main.c %/main.c %_plugin.c,$(wildcard $(1)/*.c))
obj = $(patsubst %.c,$(OUT)/%.o,$(1))
NET := $(OUT)/libnet.a
AUDIO := $(OUT)/libaudio.a
RENDER := $(OUT)/librender.a
TUI := $(OUT)/libtui.a
PLUGINS := $(OUT)/moot-sound.so $(OUT)/moot-picture.so

ALL_LIBS := $(TUI_LIBS) $(SCRIPT_LIBS) $(AUDIO_LIBS) $(RENDER_LIBS) $(NET_LIBS)

TESTS := $(patsubst %.c,$(OUT)/%,$(wildcard tests/*/test_*.c))
BENCHES := $(patsubst %.c,$(OUT)/%,$(wildcard tests/bench/bench_*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

.PHONY: all meet deps test-deps bench-deps test bench fuzz lint format coverage install uninstall deb man clean help
.DELETE_ON_ERROR:
.SECONDARY:

all: $(OUT)/moot $(OUT)/moot-relay $(PLUGINS)   ## build moot and moot-relay (default)

$(OUT)/moot: $(call obj,tui/main.c) $(TUI) $(AUDIO) $(RENDER) $(NET)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(call RPATH,:$$ORIGIN/../lib/moot) -o $@ $^ $(ALL_LIBS)

# The media libraries are loaded when a file or camera is opened, not before.
$(OUT)/moot-sound.so: $(call obj,audio/soundfile_plugin.c)
	$(call say,LINK,$@)
	$(Q)$(CC) -shared $(LDFLAGS) -o $@ $^ $(SOUND_LIBS)
$(OUT)/moot-picture.so: $(call obj,render/av_plugin.c) $(RENDER)
	$(call say,LINK,$@)
	$(Q)$(CC) -shared $(LDFLAGS) -o $@ $^ $(PICTURE_LIBS)

# The relay has no screen, sound or codecs in it.
$(OUT)/moot-relay: $(call obj,net/relay_main.c) $(NET)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -pie -o $@ $^ $(ADMIN_LIBS) $(NET_LIBS)

$(NET):    $(call obj,$(call src,net) $(call src,net/seal))
$(AUDIO):  $(call obj,$(call src,audio))
$(RENDER): $(call obj,$(call src,render))
$(TUI):    $(call obj,$(call src,tui))
$(OUT)/lib%.a:
	$(Q)rm -f $@ && ar rcs $@ $^

# libopusenc asks for <opus.h>, which Debian keeps in a folder.
$(OUT)/audio/recorder.o: override CFLAGS += -I/usr/include/opus
$(OUT)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# A test sees its own folder's library; those of tui and the end-to-end tests see all.
HELPERS = $(call obj,$(filter-out $(dir $(1))test_% $(dir $(1))bench_%,$(wildcard $(dir $(1))*.c)))
$(OUT)/tests/net/test_%: $(OUT)/tests/net/test_%.o $(call HELPERS,tests/net/) $(NET)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(call RPATH,/../..) -o $@ $^ $(ADMIN_LIBS) $(NET_LIBS) -lcmocka
$(OUT)/tests/audio/test_%: $(OUT)/tests/audio/test_%.o $(call HELPERS,tests/audio/) $(AUDIO)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(call RPATH,/../..) -o $@ $^ $(AUDIO_LIBS) -lcmocka
$(OUT)/tests/render/test_%: $(OUT)/tests/render/test_%.o $(call HELPERS,tests/render/) $(RENDER)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(call RPATH,/../..) -o $@ $^ $(RENDER_LIBS) -lcmocka -lvterm
$(OUT)/tests/tui/test_%: $(OUT)/tests/tui/test_%.o $(call HELPERS,tests/tui/) $(TUI) $(AUDIO) $(RENDER) $(NET)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(call RPATH,/../..) -o $@ $^ $(ALL_LIBS) $(ADMIN_LIBS) -lcmocka -lvterm -lutil
$(OUT)/tests/e2e/test_%: $(OUT)/tests/e2e/test_%.o $(call HELPERS,tests/e2e/) $(OUT)/tests/audio/pulse.o $(TUI) $(AUDIO) $(RENDER) $(NET)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(call RPATH,/../..) -o $@ $^ $(ALL_LIBS) $(ADMIN_LIBS) -lcmocka -lvterm -lutil
$(OUT)/tests/bench/bench_%: $(OUT)/tests/bench/bench_%.o $(call HELPERS,tests/bench/) $(TUI) $(AUDIO) $(RENDER) $(NET)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(call RPATH,/../..) -o $@ $^ $(ALL_LIBS) $(ADMIN_LIBS) -lvterm -lutil

$(OUT)/tests/tools/%: $(OUT)/tests/tools/%.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(call RPATH,/../..) -o $@ $^

$(OUT)/tests/tools/screenshot: $(call obj,tests/tools/screenshot.c tests/e2e/term.c tests/e2e/stage.c tests/e2e/drive.c)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -ljansson -lcmocka -lvterm -lutil

HOSTILE := $(OUT)/tests/tools/hostile
$(HOSTILE): $(call obj,$(wildcard tests/tools/hostile*.c)) $(NET)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -pie -o $@ $^ $(NET_LIBS)

screenshot: all $(OUT)/tests/tools/screenshot   ## draw docs/screen.svg: the real program in a terminal
	@MOOT_BUILD=$(OUT) $(OUT)/tests/tools/screenshot docs/screen.svg

meet: deps   ## build, and open a meeting on this machine: you are its host
	@$(MAKE) --no-print-directory all
	@$(OUT)/moot host $(MEET)

test: test-deps   ## build and run every test (SAN=address,undefined or SAN=thread for sanitised runs; ONLY=net/wire for some)
	@$(MAKE) --no-print-directory -j2 all tests
	@MOOT_BUILD=$(OUT) sh tests/run.sh $(if $(ONLY),$(foreach t,$(TESTS),$(if $(findstring $(ONLY),$(t)),$(t))),$(TESTS))

scenarios: test-deps   ## the rules as scenarios (tests/e2e/*.lua), each with its time, and the proof that all rows are shown
	@$(MAKE) --no-print-directory -j2 all $(OUT)/tests/e2e/test_scenarios
	@MOOT_BUILD=$(OUT) $(OUT)/tests/e2e/test_scenarios

walk: test-deps   ## a long random walk through the rules, against the model: MOOT_WALK_STEPS (10,000,000), MOOT_WALK_SEED
	@$(MAKE) --no-print-directory $(OUT)/tests/net/test_meeting_walk
	@MOOT_WALK_STEPS=$${MOOT_WALK_STEPS:-10000000} $(OUT)/tests/net/test_meeting_walk

.PHONY: tests benches screenshot scenarios walk
tests: $(TESTS) $(PLUGINS) $(HOSTILE)
benches: $(PLUGINS) $(BENCHES) $(OUT)/tests/tools/badline

bench: bench-deps   ## measure everything, print the tables of docs/benchmarks.md (ONLY=relay for one)
	@$(MAKE) --no-print-directory -j2 all benches
	@MOOT_BUILD=$(OUT) sh tests/bench/run.sh $(ONLY)

fuzz: ## fuzz every decoder of peers' bytes for FUZZ_SECONDS (60) each with libFuzzer; ONLY=wire_frame for one
	@tests/fuzz/run.sh $(FUZZERS)

lint: ## check who may include whom, that pure modules are pure, and format
	@sh tests/lint.sh

format: ## clang-format everything
	clang-format -i $$(git ls-files '*.c' '*.h')

coverage: ## line coverage of the tests, with gcov
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/cov CFLAGS='-O0 -g --coverage' LDFLAGS=--coverage test
	@sh tests/coverage.sh $(BUILD)/cov

# ---- packages -------------------------------------------------------------------------------------------
# Installs what is missing, and says nothing when nothing is.
define install_packages
	@missing=$$(for p in $(1); do dpkg-query -W -f '$${db:Status-Status}\n' $$p 2>/dev/null | grep -qx installed || echo $$p; done); \
	[ -z "$$missing" ] || { \
		sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
		echo "installing:" $$missing; \
		if [ -n "$$sudo" ] && ! command -v sudo >/dev/null; then \
			echo "please run as root: apt-get install" $$missing >&2; exit 1; fi; \
		{ $$sudo apt-get update -qq && \
		$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; } \
			>/tmp/moot-deps.$$$$.log 2>&1 || { cat /tmp/moot-deps.$$$$.log >&2; exit 1; }; \
		rm -f /tmp/moot-deps.$$$$.log; }
endef
deps:   ## install the Debian packages that building needs
	$(call install_packages,$(PACKAGES))
test-deps:
	$(call install_packages,$(TEST_PACKAGES))
bench-deps:
	$(call install_packages,$(TEST_PACKAGES) $(BENCH_PACKAGES))
fuzz-deps:
	$(call install_packages,$(PACKAGES) $(FUZZ_PACKAGES))
fuzz: fuzz-deps

# ---- man pages: the tables in them come out of the programs ---------------------------------------------
MAN := $(OUT)/man/moot.1 $(OUT)/man/moot-relay.1 $(OUT)/man/moot.5 $(OUT)/man/moot.7
man: $(MAN)   ## the man pages, in build/man

$(OUT)/man/table: $(call obj,man/table.c) $(TUI) $(NET)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -pie -o $@ $^ $(NET_LIBS)
$(OUT)/man/moot.1: man/moot.1.in man/fill.sh $(OUT)/man/table $(OUT)/moot
	$(Q)sh man/fill.sh $< $(OUT)/man/table $(OUT)/moot host join invite >$@
$(OUT)/man/moot-relay.1: man/moot-relay.1.in man/fill.sh $(OUT)/moot-relay
	$(Q)sh man/fill.sh $< true $(OUT)/moot-relay '' >$@
$(OUT)/man/%: man/% | $(OUT)/man/moot.1
	$(Q)cp $< $@

# ---- installing -----------------------------------------------------------------------------------------
install: all man   ## install under PREFIX (/usr/local), into DESTDIR if set
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/moot $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man7 $(DESTDIR)$(PREFIX)/share/doc/moot
	install -m 755 $(OUT)/moot $(OUT)/moot-relay $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(PLUGINS) $(DESTDIR)$(PREFIX)/lib/moot/
	for f in $(MAN); do install -m 644 $$f $(DESTDIR)$(PREFIX)/share/man/man$${f##*.}/ || exit 1; done
	install -m 644 README.md LICENSE docs/privacy.md $(DESTDIR)$(PREFIX)/share/doc/moot/
	$(OUT)/moot-relay policy show >$(DESTDIR)$(PREFIX)/share/doc/moot/policy.ini

uninstall:   ## take it away again
	rm -f $(DESTDIR)$(PREFIX)/bin/moot $(DESTDIR)$(PREFIX)/bin/moot-relay
	for f in $(notdir $(MAN)); do rm -f $(DESTDIR)$(PREFIX)/share/man/man$${f##*.}/$$f; done
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/moot $(DESTDIR)$(PREFIX)/lib/moot

deb:   ## a Debian package, build/moot_VERSION_ARCH.deb
	@sh man/deb.sh $(BUILD) $(VERSION)

clean:   ## remove what was built
	rm -rf $(BUILD)

help:   ## this list
	@awk -F ':.*##' '/^[a-z-]+:.*##/{printf "  make %-10s%s\n", $$1, $$2}' Makefile

-include $(shell find $(OUT) -type f -name '*.d' 2>/dev/null)
