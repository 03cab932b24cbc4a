#!/bin/sh
# bench.sh BUILD: what a session costs Qsmtpd, another smtpd and the floor, and
# what a delivery costs Qremote, another remote program and the floor.
# Settings, all in the environment or after "make bench":
#   OTHER=/path/to/smtpd   measure this one too, in turn with ours
#   OTHER_HOME=/path       where it reads control/; filled when that is empty
#   OTHER_REMOTE=/path, OTHER_REMOTE_HOME=/path    the same, for Qremote
#   ROUNDS=5  SCALE=1      how often, and how many sessions each time
#   TCPSERVER=/path        instead of the one of `make peers`
#   ONLY=smtpd|remote      one of the two
#   ONLY=settings          what control files with local lists cost Qsmtpd
#   ONLY=dns               what filters that ask the DNS cost a message
#   ONLY=tls               what TLS costs a session, against OpenSSL in the
#                          process; SMTPD=/path measures one that has it, too
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
# needs them.  The floors and spawn are linked as Qsmtpd and Qremote are;
# nullqueue has no C library.
for name in load sink; do
	$CC $FLAGS -o "$bench/$name" "tests/bench/$name.c"
done
for name in floor floor-remote spawn; do
	$CC $FLAGS -fPIE -c -o "$bench/$name.o" "tests/bench/$name.c"
	$LD -o "$bench/$name" "$bench/$name.o"
done
case $(uname -m) in
x86_64)	alone='-nostdlib -nostartfiles -fno-stack-protector' ;;
*)	alone= ;;
esac
$CC $FLAGS $alone -fno-pie -static -o "$bench/nullqueue" \
	tests/bench/nullqueue.c

# This one is what is measured against, and OpenSSL is in its process.
$CC $FLAGS -O2 -o "$bench/inprocess" tests/bench/inprocess.c -lssl -lcrypto

# The installed program in a qmail home of its own.
make --no-print-directory install B="$B" DESTDIR="$root" >"$bench/install.log"
home=$root$(head -n 1 conf-qmail)

# One that was not built is not measured.
remote() {
	[ -x "$home/bin/Qremote" ] || return 0
	case $ONLY in
	smtpd | settings | dns | tls)	return ;;
	esac
	python3 tests/bench/remote.py "$bench" "$home/bin/Qremote" \
	    "$bench/remote-home"
}
if [ ! -x "$home/bin/Qsmtpd" ] || [ "$ONLY" = remote ]; then
	remote
	exit
fi
: "${TCPSERVER:=$B/peers/bin/tcpserver}"
[ -x "$TCPSERVER" ] || sh tests/peers.sh "$B/peers" ucspi-tcp-ipv6
tls() {
	mkdir -p "$bench/tls-home/bin"
	ln -sf "$home/bin/Qsmtpd" "$home/bin/qsmtp-tls" "$bench/tls-home/bin"
	python3 tests/bench/tls.py "$bench" "$bench/tls-home" "$TCPSERVER"
}
if [ "$ONLY" = tls ]; then
	tls
	exit
fi
dns() {
	python3 tests/bench/dns.py "$bench" "$home/bin/Qsmtpd" "$home" \
	    "$TCPSERVER"
}
if [ "$ONLY" = dns ]; then
	dns
	exit
fi
python3 tests/bench/bench.py "$bench" "$home/bin/Qsmtpd" "$home" "$TCPSERVER"
remote
