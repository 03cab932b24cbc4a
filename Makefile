# GNU make.  Settings: the first lines of conf-cc, conf-ld and conf-qmail.
CC     := $(shell head -n 1 conf-cc)
LD     := $(shell head -n 1 conf-ld)
QMAIL  := $(shell head -n 1 conf-qmail)
B      ?= build
JOBS   ?= $(shell nproc)

HARDEN := -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2
FLAGS  := -std=c11 -D_GNU_SOURCE -Iinclude -Wall -Wextra -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
	-DQMAIL_HOME='"$(QMAIL)"' -ffile-prefix-map=$(CURDIR)=. -MMD -MP
LIBS   := -lowfat -lcares -lnettle
# OpenSSL is in programs of its own, which are linked dynamically: its updates
# then need no new build.
LD_SSL ?= $(CC) -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
SSL    := -lssl -lcrypto -lseccomp

# A program is a folder below src/ with a main.c; a library layer is one
# without; a tool is one file in src/tools, or a folder there.
LAYERS := base net smtp mail state session filter
objects = $(patsubst %.c,$B/%.o,$(sort $(wildcard $1)))
SHARED := $(call objects,$(LAYERS:%=src/%/*.c) src/crypt/record.c)
REMOTE := $(call objects,src/remote/*.c)
SMTPD  := $(call objects,src/smtpd/*.c)
TOOLS  := $(call objects,src/tools/*.c)
LARGE  := $(call objects,src/tools/*/*.c)
UNIT   := $(call objects,tests/unit/*/*.c)
FAKES  := $(call objects,tests/fake/*.c)
FUZZ   := $(call objects,tests/fuzz/*.c)
CRYPT  := $(call objects,src/crypt/*.c)
LARGE_TOOLS := $(sort $(patsubst $B/src/tools/%/,$B/%,$(dir $(LARGE))))
PROGRAMS := $B/Qsmtpd $B/Qremote $(TOOLS:$B/src/tools/%.o=$B/%) $(LARGE_TOOLS)

all: $(PROGRAMS) $B/qsmtp-tls

$B/qsmtp-tls: $(CRYPT)
	$(LD_SSL) -o $@ $^ $(SSL)

$B/Qsmtpd: $(SMTPD) $B/shared.a
$B/Qremote: $(REMOTE) $B/shared.a
$(TOOLS:$B/src/tools/%.o=$B/%): $B/%: $B/src/tools/%.o $B/shared.a
# They may look at Qremote's own modules, too.
large_tool = $B/$1: $(call objects,src/tools/$1/*.c) $B/remote.a $B/shared.a
$(foreach tool,$(LARGE_TOOLS:$B/%=%),$(eval $(call large_tool,$(tool))))
$(PROGRAMS):
	$(LD) -o $@ $^ $(LIBS)

$B/shared.a: $(SHARED)
	rm -f $@
	$(AR) rcsD $@ $^

$B/%.o: %.c conf-cc conf-qmail Makefile
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(HARDEN) -c -o $@ $<

# Unit tests may look at a program's own modules, all but its main.
$B/smtpd.a: $(filter-out %/main.o,$(SMTPD))
	rm -f $@
	$(AR) rcsD $@ $^
$B/remote.a: $(filter-out %/main.o,$(REMOTE))
	rm -f $@
	$(AR) rcsD $@ $^
$B/crypt.a: $(filter-out %/main.o,$(CRYPT))
	rm -f $@
	$(AR) rcsD $@ $^
REMOTE_UNIT := $(filter $B/tests/unit/remote/%,$(UNIT:.o=))
# Those of qsmtp-tls have OpenSSL and no libowfat, but for what both share.
CRYPT_UNIT := $(filter-out %/record,$(filter $B/tests/unit/crypt/%,$(UNIT:.o=)))
$(REMOTE_UNIT): %: %.o $B/remote.a $B/shared.a
$(CRYPT_UNIT): %: %.o $B/crypt.a
	$(CC) -o $@ $^ $(SSL) $$(pkg-config --libs check)
OTHER_UNIT := $(filter-out $(REMOTE_UNIT) $(CRYPT_UNIT),$(UNIT:.o=))
$(OTHER_UNIT): %: %.o $B/smtpd.a $B/shared.a
$(OTHER_UNIT) $(REMOTE_UNIT):
	$(CC) -o $@ $^ $(LIBS) $$(pkg-config --libs check)
$B/tests/fuzz/record: $B/src/crypt/request.o
$(FUZZ:.o=): %: %.o $B/tests/fuzz/driver/replay.o $B/smtpd.a $B/remote.a \
		$B/shared.a
	$(CC) -o $@ $^ $(LIBS)
$(FAKES:.o=): %: %.o
	$(LD) -o $@ $^

tests: $(UNIT:.o=) $(FAKES:.o=) $(FUZZ:.o=)

deps:
	@sh tests/deps.sh
peers:
	@sh tests/peers.sh $B/peers
demo serve check check-peers: ready
	@JOBS=$(JOBS) sh tests/$@.sh $B
# What is missing is fetched; what is there costs no network.  The first line
# takes down what the machine is like, for the tests to compare.
ready:
	@sh tests/untouched.sh $B/before snapshot
	@sh tests/deps.sh
	@sh tests/peers.sh $B/peers
	@$(MAKE) --no-print-directory -s -j$(JOBS) all
bench fuzz: all
	@JOBS=$(JOBS) sh tests/$@.sh $B

# Each file is written beside its place and renamed, so that a program that
# is being started is the old one or the new one.  No file of qmail's is named.
MANUAL := $(sort $(wildcard man/*.[1-8]))
PUT     = put() { mkdir -p $$(dirname $$3) && install -m $$1 $$2 $$3.new && \
	mv -f $$3.new $$3; }; set -e
install: all
	@$(PUT); for f in $(PROGRAMS) $B/qsmtp-tls; do \
		put 0755 $$f $(DESTDIR)$(QMAIL)/bin/$${f##*/}; done
	@$(PUT); for f in $(MANUAL); do \
		put 0644 $$f $(DESTDIR)$(QMAIL)/man/man$${f##*.}/$${f##*/}; done
	@sh src/tools/places.sh $(DESTDIR)$(QMAIL)

# PROGRAM: qmail-remote or qmail-smtpd; without it, both.
switch switch-back:
	@sh src/tools/switch.sh $@ $(DESTDIR)$(QMAIL) $(PROGRAM)

clean:
	rm -rf $B

.PHONY: all tests deps peers ready demo serve check check-peers bench fuzz \
	install switch switch-back clean
-include $(SHARED:.o=.d) $(SMTPD:.o=.d) $(REMOTE:.o=.d) $(TOOLS:.o=.d) \
	$(LARGE:.o=.d) $(CRYPT:.o=.d) \
	$(UNIT:.o=.d) $(FAKES:.o=.d) $(FUZZ:.o=.d)
