# The direction of includes: a layer may include itself and what it stands
# on, nothing else.  Also checked: where the outside libraries may come in.
cd "$(dirname "$0")/.." || exit 1

stands_on() {
	case $1 in
	base)		echo 'base' ;;
	net)		echo 'net base crypt' ;;
	smtp)		echo 'smtp base' ;;
	mail)		echo 'mail smtp net base' ;;
	state)		echo 'state net base' ;;
	session)	echo 'session state mail smtp net base' ;;
	filter)		echo 'filter session state mail smtp net base' ;;
	smtpd)		echo 'smtpd filter session state mail smtp net base' ;;
	remote)		echo 'remote state mail smtp net base' ;;
	crypt)		echo 'crypt' ;;
	tools)		echo 'tools remote filter session state mail smtp net base' ;;
	*)		echo "$1 is no layer" >&2; return 1 ;;
	esac
}

bad=0
for folder in include/*/ src/*/; do
	layer=$(basename "$folder")
	allowed=$(stands_on "$layer") || { bad=1; continue; }
	grep -rn '^#include "' "$folder" | while IFS= read -r line; do
		target=${line#*\"}
		target=${target%%/*}
		case " $allowed " in
		*" $target "*)	;;
		*)		echo "upwards or sideways: $line" ;;
		esac
	done | grep . && bad=1
done

# One door for each library.
only() {
	grep -rln "^#include <$1>" src include | grep -vxF "$2" |
	    sed "s|\$|: only $2 may include <$1>|" | grep . && bad=1
}
only cdb.h src/base/map.c
only ares.h src/net/dns.c
only 'nettle/.*' src/remote/login.c
only seccomp.h src/crypt/confine.c

# A whole layer is the door to OpenSSL, and knows nothing of libowfat.
grep -rln '^#include <openssl/' src include |
    grep -v '^src/crypt/\|^include/crypt/' |
    sed 's|$|: only crypt may include OpenSSL|' | grep . && bad=1
grep -rnE '^#include <(stralloc|str|buffer|byte|case)\.h>' src/crypt \
    include/crypt | sed 's|$|: crypt may not include libowfat|' |
    grep . && bad=1

[ $bad = 0 ] && echo 'layers: every include goes downwards'
exit $bad
