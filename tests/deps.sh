# deps.sh: the packages that the build and the tests need.  Silent when
# nothing is missing; else says what it will do and does it, as root.
# deps.sh -l: only their names.
# No daemon is among them, and nothing is removed to make room for them.
# shellcheck disable=SC2086 # a list of names is split
packages='gcc make libc6-dev pkg-config libowfat-dev libc-ares-dev nettle-dev
	libssl-dev libseccomp-dev openssl check tinycdb mandoc python3 perl git
	strace clang libclang-rt-14-dev'

if [ "$1" = -l ]; then
	printf '%s\n' $packages
	exit
fi

missing() {
	have=" $(dpkg-query -W -f '${Package}=${db:Status-Status} ' $packages \
	    2>/dev/null)"
	for package in $packages; do
		case $have in
		*" $package=installed "*)	;;
		*)				printf ' %s' "$package" ;;
		esac
	done
}

stop() {
	printf 'deps: %s\n' "$@" >&2
	exit 1
}

command -v dpkg-query >/dev/null ||
    stop 'this is no Debian; install what Debian calls:' "$packages"
needed=$(missing)
[ -z "$needed" ] && exit

install="apt-get install -y --no-install-recommends$needed"
echo "deps: missing:$needed"
[ "$(id -u)" = 0 ] || stop 'this takes root; run, as root:' \
    "apt-get update && $install"

DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
plan() {
	apt-get -s -qq -o APT::Get::Remove="$1" install \
	    --no-install-recommends $needed 2>&1
}
updated=
update() {
	[ -n "$updated" ] && return 1
	echo 'deps: apt-get update'
	apt-get -qq update && updated=yes
}

# Package lists may be absent, or older than what the mirror has.
until plan false >/dev/null; do
	update && continue
	gone=$(plan true | awk '$1 == "Remv" { printf " %s", $2 }')
	[ -n "$gone" ] && stop "installing them would remove:$gone" \
	    'nothing was done; if that is what you want, run, as root:' \
	    "$install"
	plan true >&2
	stop 'apt cannot install them; nothing was done; try, as root:' \
	    "apt-get update && $install"
done

echo "deps: $install --no-remove"
until apt-get -qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 install -y \
    --no-remove --no-install-recommends $needed; do
	update || stop 'that failed; run, as root:' "apt-get update && $install"
done
