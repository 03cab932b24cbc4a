# places.sh HOME: make what our programs write and qmail does not have.  What
# there is already is left alone.
home=${1:?usage: places.sh HOME}

# may USER PLACE: whether we can make it for this user; says so if not.
may() {
	[ "$(id -u)" = 0 ] && id "$1" >/dev/null 2>&1 && return
	echo "$2 is left out: that takes root, and the user $1"
	return 1
}

# The table of IPv6 addresses that timed out, empty, beside qmail's own for
# IPv4.  Without a queue it is left out; that costs tries.
table=$home/queue/lock/tcpto6
if [ -d "${table%/*}" ] && [ ! -e "$table" ] && may qmailr "$table"; then
	head -c 2048 /dev/zero >"$table.new" &&
	    chown qmailr:qmail "$table.new" &&
	    chmod 0644 "$table.new" &&
	    mv "$table.new" "$table" || exit 1
fi

# Where Qsmtpd spools what is too long for memory, unless control/spooldir
# names another folder.  Without it, that is the system's temporary folder.
spool=$home/spool
if [ ! -e "$spool" ] && [ ! -L "$spool" ] &&
    [ ! -e "$home/control/spooldir" ] && may qmaild "$spool"; then
	mkdir -p "$spool.new" &&
	    chown qmaild "$spool.new" &&
	    chmod 0700 "$spool.new" &&
	    mv "$spool.new" "$spool" || exit 1
fi

# Where the TLS service has its socket.  It is root's: who may put something in
# its place could stand between all programs and their connections.
run=$home/run
if [ ! -e "$run" ] && [ ! -L "$run" ] && may root "$run"; then
	mkdir -m 0755 "$run" || exit 1
fi
