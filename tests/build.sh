# build.sh BUILD: what the compiler and the linker say and make.  No warning
# by gcc or clang, the same bytes from any folder, hardened programs, and no
# use of the name service in a static program.
build=${1:?usage: build.sh BUILD}
cd "$(dirname "$0")/.." || exit 1
work=$build/copies
rm -rf "$work"
bad=0
fail() {
	echo "$*"
	bad=1
}

copy_to() {
	mkdir -p "$1"
	tar cf - Makefile conf-* src include | tar xf - -C "$1"
}

# make DIRECTORY NAME [SETTING...]
make_in() {
	folder=$1
	log=$work/$2.log
	shift 2
	make -C "$folder" -s B=build "$@" all >"$log" 2>&1 ||
	    fail "does not build: $(cat "$log")"
	# The linker's own warnings are judged below.
	grep -v 'statically linked' "$log" | grep -E 'warning|error' &&
	    fail "warnings with: $*"
}

copy_to "$work/one"
copy_to "$work/a/folder/with/a/longer/name"
make_in "$work/one" gcc
make_in "$work/a/folder/with/a/longer/name" again
if command -v clang >/dev/null; then
	copy_to "$work/clang"
	make_in "$work/clang" clang CC='clang -O2 -g'
else
	echo 'skipped: clang is not here'
fi

for program in "$work"/one/build/*; do
	[ -f "$program" ] && [ -x "$program" ] || continue
	name=${program##*/}
	cmp -s "$program" "$work/a/folder/with/a/longer/name/build/$name" ||
	    fail "$name: other bytes from another folder"
	headers=$(readelf -hlW "$program")
	printf '%s' "$headers" | grep -q 'Type: *DYN' ||
	    fail "$name: is at a fixed address"
	linked=statically
	printf '%s' "$headers" | grep -q INTERP && linked=dynamically
	# That with OpenSSL gets OpenSSL's updates; nothing else is in it.
	case $name in
	qsmtp-tls)
		[ $linked = dynamically ] || fail "$name: linked statically"
		libraries=$(readelf -dW "$program" | sed -n \
		    's/.*NEEDED.*\[lib\([a-z]*\)\..*/\1/p' | sort | tr '\n' ' ')
		[ "$libraries" = 'c crypto seccomp ssl ' ] ||
		    fail "$name: has the libraries $libraries"
		nm -u "$program" | grep -q __stack_chk_fail ||
		    fail "$name: no stack protector"
		;;
	*)
		[ $linked = statically ] || fail "$name: linked $linked"
		;;
	esac
	printf '%s' "$headers" | grep -q GNU_RELRO || fail "$name: no RELRO"
	printf '%s' "$headers" | grep 'GNU_STACK' | grep -q 'RWE' &&
	    fail "$name: its stack can be executed"
	readelf -dW "$program" | grep -qE 'BIND_NOW|NOW' ||
	    fail "$name: relocations stay writable"
done

# Our objects, for the C library has these in any case.
wanted=$(nm -u "$work/one/build/shared.a")
printf '%s' "$wanted" | grep -q __stack_chk_fail || fail 'no stack protector'
printf '%s' "$wanted" | grep -q '__[a-z]*_chk$' || fail 'not fortified'

# What needs shared libraries at run time; each known one says why it is
# harmless.
# getservbyport_r: of c-ares, in ares_getnameinfo() alone, which we never call.
known='getservbyport_r '
found=$(sed -n "s/.*Using '\([^']*\)' in statically linked.*/\1/p" \
    "$work/gcc.log" | sort -u | tr '\n' ' ')
[ "$found" = "$known" ] || fail "statically linked, and uses: $found"

[ $bad = 0 ] && rm -rf "$work" &&
    echo 'built twice to the same bytes, hardened, without a warning'
exit $bad
