# places.sh HOME: make what Qremote writes and qmail does not have: the table
# of IPv6 addresses that timed out, empty, beside qmail's own for IPv4.
# Without a queue, or without the right to, it is left out; that costs tries.
lock=${1:?usage: places.sh HOME}/queue/lock
[ -d "$lock" ] && [ ! -e "$lock/tcpto6" ] || exit 0
if [ "$(id -u)" != 0 ] || ! id qmailr >/dev/null 2>&1; then
	echo "$lock/tcpto6 is left out: that takes root, and the user qmailr"
	exit 0
fi
head -c 2048 /dev/zero >"$lock/tcpto6.new" &&
    chown qmailr:qmail "$lock/tcpto6.new" &&
    chmod 0644 "$lock/tcpto6.new" &&
    mv "$lock/tcpto6.new" "$lock/tcpto6"
