# fuzz.sh BUILD: run each fuzz target for FUZZ_SECONDS (60) with clang's
# libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer.  What it finds
# is left in BUILD/fuzz/TARGET/; the corpus of the tree is only read.
cd "$(dirname "$0")/.." || exit 1
build=${1:?usage: fuzz.sh BUILD}
seconds=${FUZZ_SECONDS:-60}
clang=${CLANG:-clang}
out=$build/fuzz
mkdir -p "$out" || exit 1

skip() {
	echo "fuzz: skipped: $*"
	exit 0
}

command -v "$clang" >"$out/which" || skip "there is no $clang"
echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n)
{ return d == 0 && n == 1; }' >"$out/probe.c"
"$clang" -fsanitize=fuzzer,address,undefined -o "$out/probe" "$out/probe.c" \
    2>"$out/probe.log" || skip "$clang has no fuzzer runtime; see" \
    "$out/probe.log (Debian: libclang-rt-14-dev)"

sanitizers='-fsanitize=address,undefined -fno-sanitize-recover=all'
bad=0
for file in tests/fuzz/*.c; do
	target=$(basename "$file" .c)
	# Of qsmtp-tls that which needs no OpenSSL.
	more=
	[ "$target" = record ] && more=$out/src/crypt/request.o
	# shellcheck disable=SC2086 # none, or one without blanks
	make -s -j"${JOBS:-2}" B="$out" HARDEN=-fPIE \
	    CC="$clang -O1 -g $sanitizers -fsanitize=fuzzer-no-link" \
	    "$out/tests/fuzz/$target.o" $more "$out/remote.a" \
	    "$out/shared.a" &&
	"$clang" -fsanitize=fuzzer,address,undefined -o "$out/$target.run" \
	    "$out/tests/fuzz/$target.o" $more "$out/remote.a" \
	    "$out/shared.a" -lowfat || exit 1
	mkdir -p "$out/$target/corpus" || exit 1
	if "$out/$target.run" -max_total_time="$seconds" -max_len=4096 \
	    -print_final_stats=1 -timeout=5 \
	    -artifact_prefix="$out/$target/found-" "$out/$target/corpus" \
	    "tests/fuzz/corpus/$target" >"$out/$target/log" 2>&1
	then
		word='nothing found'
	else
		word="FOUND something, see $out/$target/log"
		bad=1
	fi
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' \
	    "$out/$target/log")
	echo "fuzz: $target: $word; ${runs:-?} runs in $seconds s"
done
exit $bad
