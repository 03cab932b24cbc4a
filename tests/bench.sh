#!/bin/sh
# bench.sh BUILD: what a session costs Qsmtpd, another smtpd and the floor.
# Settings, all in the environment or after "make bench":
#   OTHER=/path/to/smtpd   measure this one too, in turn with ours
#   OTHER_HOME=/path       where it reads control/; filled when that is empty
#   ROUNDS=5  SCALE=1      how often, and how many sessions each time
#   TCPSERVER=/path        instead of the one of `make peers`
# No figure makes it fail, only a session that does not go as it should.
# shellcheck disable=SC2086 # lists of flags are split
set -e
cd "$(dirname "$0")/.."
B=${1:-build}
mkdir -p "$B/bench"
bench=$(cd "$B/bench" && pwd)
root=$bench/root
rm -f "$bench"/*.log
: "${CC:=$(head -n 1 conf-cc)}"
: "${LD:=$(head -n 1 conf-ld)}"
FLAGS='-std=c11 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Wstrict-prototypes
	-Wmissing-prototypes -Wwrite-strings'

# The bench's own programs are made here and not by the Makefile: nothing else
# needs them.  The floor is linked as Qsmtpd is; nullqueue has no C library.
$CC $FLAGS -o "$bench/load" tests/bench/load.c
$CC $FLAGS -fPIE -c -o "$bench/floor.o" tests/bench/floor.c
$LD -o "$bench/floor" "$bench/floor.o"
case $(uname -m) in
x86_64)	alone='-nostdlib -nostartfiles -fno-stack-protector' ;;
*)	alone= ;;
esac
$CC $FLAGS $alone -fno-pie -static -o "$bench/nullqueue" \
	tests/bench/nullqueue.c

# The installed program in a qmail home of its own.
make --no-print-directory install B="$B" DESTDIR="$root" >"$bench/install.log"
home=$root$(head -n 1 conf-qmail)

: "${TCPSERVER:=$B/peers/bin/tcpserver}"
[ -x "$TCPSERVER" ] || sh tests/peers.sh "$B/peers" ucspi-tcp-ipv6
exec python3 tests/bench/bench.py "$bench" "$home/bin/Qsmtpd" "$home" \
	"$TCPSERVER"
