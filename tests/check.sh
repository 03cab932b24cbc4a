# check.sh BUILD: all tests of our own; see tests/README.
build=${1:?usage: check.sh BUILD}
cd "$(dirname "$0")/.." || exit 1
JOBS=${JOBS:-2}
PEERS=$(cd "$build/peers" && pwd)
export JOBS PEERS
began=$(date +%s)

# Besides the ordinary build one that finds errors of memory and arithmetic;
# it is linked dynamically, for static programs cannot have it.
asan=$build/asan
make -s -j"$JOBS" B="$build" all tests &&
make -s -j"$JOBS" B="$asan" HARDEN=-fPIE \
    CC='cc -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all' \
    LD='cc -fsanitize=address,undefined' all tests || exit 1
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
export UBSAN_OPTIONS=print_stacktrace=1

# What takes longest goes first.
set -- "python3 tests/smtpd/endurance.py $build"
for b in "$asan" "$build"; do
	set -- "$@" "python3 tests/smtpd/run.py $b" \
	    "python3 tests/smtpd/guesses.py $b" \
	    "python3 tests/smtpd/tls.py $b" \
	    "python3 tests/smtpd/settings.py $b" \
	    "python3 tests/smtpd/folders.py $b" \
	    "python3 tests/remote/run.py $b" \
	    "python3 tests/crypt/run.py $b" \
	    "python3 tests/remote/sserver.py $b" \
	    "python3 tests/tools/qsmtp-dns.py $b" \
	    "python3 tests/tools/spfquery.py $b" \
	    "python3 tests/spfsuite.py $b ${SPF_SUITE:+'$SPF_SUITE'}" \
	    "python3 tests/tools/addipbl.py $b" \
	    "python3 tests/tools/qsmtp-check.py $b" \
	    "python3 tests/tools/maildir-queue.py $b"
done
set -- "$@" 'python3 tests/tools/checkpassword-dovecot.py'
set -- "$@" "sh tests/build.sh $build" "sh tests/examples.sh $build" \
    "sh tests/switch.sh $build" "python3 tests/received.py $build" \
    "python3 tests/smtpd/matrix.py $build" \
    'sh tests/layers.sh' 'sh tests/documents.sh' 'sh tests/places.sh'
for b in "$asan" "$build"; do
	for target in tests/fuzz/*.c; do
		name=$(basename "$target" .c)
		set -- "$@" "$b/tests/fuzz/$name tests/fuzz/corpus/$name"
	done
	# In one process its end shows what was not freed.
	fork=yes
	[ "$b" = "$asan" ] && fork=no
	for test in tests/unit/*/*.c; do
		set -- "$@" "CK_FORK=$fork $b/${test%.c}"
	done
done

sh tests/run.sh "$build/log" "$@"
result=$?
sh tests/untouched.sh "$build/before" compare || result=1
echo "took $(($(date +%s) - began)) s; what each test said is in $build/log"
exit $result
