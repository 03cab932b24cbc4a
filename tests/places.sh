# places.sh: what src/tools/places.sh makes in a qmail home, for whom, and what
# it leaves alone.  As root it runs in a mount namespace with users of its own.
cd "$(dirname "$0")/.." || exit 1
if [ "$1" != inside ]; then
	unshare -m true 2>/dev/null || {
		echo 'places: no mount namespace for users of its own'
		exit 77
	}
	exec unshare -m sh tests/places.sh inside
fi
home=$(mktemp -d) || exit 1
trap 'rm -rf "$home"' EXIT
trap 'exit 1' HUP INT TERM

fail() {
	echo "places: $*"
	cat "$home/said"
	ls -lR "$home"
	exit 1
}
places() {
	sh src/tools/places.sh "$home" >"$home/said" 2>&1 || fail 'it failed'
}
# is PLACE MODE USER GROUP
is() {
	seen=$(stat -c '%a %U %G' "$home/$1")
	[ "$seen" = "$2 $3 $4" ] || fail "$1 is $seen, not $2 $3 $4"
}
users() {
	{
		echo 'root:x:0:0::/:/bin/sh'
		number=7800
		for user in "$@"; do
			number=$((number + 1))
			echo "$user:x:$number:7800::/:/bin/sh"
		done
	} >"$home/passwd"
	printf 'root:x:0:\nqmail:x:7800:\n' >"$home/group"
	mount --bind "$home/passwd" /etc/passwd &&
	    mount --bind "$home/group" /etc/group || exit 1
}
mkdir -p "$home/queue/lock" "$home/control" || exit 1

# Who has no such users gets nothing, and is told so.
users nobody
places
[ ! -e "$home/spool" ] && [ ! -e "$home/queue/lock/tcpto6" ] ||
	fail 'made for nobody'
grep -q "^$home/spool is left out: .* qmaild$" "$home/said" &&
    grep -q "^$home/queue/lock/tcpto6 is left out: .* qmailr$" "$home/said" ||
	fail 'it does not say what is left out'
umount /etc/passwd /etc/group || exit 1

users qmaild other
mkdir "$home/spool.new" && chmod 0777 "$home/spool.new" || exit 1
places
is spool 700 qmaild root
is run 755 root root
[ ! -e "$home/queue/lock/tcpto6" ] || fail 'tcpto6 is for nobody'
grep -q "^$home/spool" "$home/said" && fail 'spool is made, and it says not'
umount /etc/passwd /etc/group || exit 1

users qmaild qmailr
places
is queue/lock/tcpto6 644 qmailr qmail
[ "$(wc -c <"$home/queue/lock/tcpto6")" = 2048 ] || fail 'tcpto6 is no table'
[ -s "$home/said" ] && fail 'it has something to say'

# What is there stays, whatever it is.
echo full >"$home/spool/file"
chown qmaild "$home/run"
chmod 0750 "$home/spool"
echo table >"$home/queue/lock/tcpto6"
places
is spool 750 qmaild root
[ -e "$home/spool/file" ] && [ ! -e "$home/spool/spool.new" ] ||
	fail 'spool was touched'
is run 755 qmaild root
[ "$(cat "$home/queue/lock/tcpto6")" = table ] || fail 'tcpto6 was touched'
rm -r "$home/spool"
ln -s /nonexistent "$home/spool"
places
[ -L "$home/spool" ] || fail 'a link was touched'

# Where another folder is named, and where there is no queue.
rm -r "$home/spool" "$home/queue"
echo elsewhere >"$home/control/spooldir"
places
[ ! -e "$home/spool" ] && [ ! -e "$home/queue" ] ||
	fail 'made what nobody asked for'
echo 'places: each is made for its user, once, and nothing else'
