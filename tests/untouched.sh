# untouched.sh DIRECTORY snapshot|compare: that packages and listening ports
# are afterwards what they were before.  snapshot writes them to DIRECTORY;
# compare fails and says what differs.  Packages that deps.sh names, and what
# those depend on, may have come or been upgraded; none may have gone.
here=$(dirname "$0")

packages() {
	dpkg-query -W \
	    -f '${db:Status-Status} ${binary:Package} ${Version}\n' |
	    sed -n 's/^installed //p' | LC_ALL=C sort
}

# "tcp 127.0.0.1:25 INODE": the addresses in /proc are hexadecimal, each
# four octets in the order of this machine.
ports() {
	awk '
	function number(hex,    i, n) {
		for (i = 1; i <= length(hex); i++)
			n = n * 16 + index("123456789ABCDEF", substr(hex, i, 1))
		return n
	}
	function octet(hex, i) { return substr(hex, i * 2 - 1, 2) }
	function address(hex,    text, i, w) {
		if (length(hex) == 8)
			return number(octet(hex, 4)) "." number(octet(hex, 3)) \
			    "." number(octet(hex, 2)) "." number(octet(hex, 1))
		for (i = 0; i < 4; i++) {
			w = substr(hex, i * 8 + 1, 8)
			text = text ":" octet(w, 4) octet(w, 3) \
			    ":" octet(w, 2) octet(w, 1)
		}
		return "[" substr(text, 2) "]"
	}
	FNR == 1 { protocol = FILENAME; sub(".*/", "", protocol); next }
	$4 == (protocol ~ /^tcp/ ? "0A" : "07") {
		split($2, at, ":")
		print protocol, address(at[1]) ":" number(at[2]), $10
	}' /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 2>/dev/null
}

new_ports() {
	ports >"$directory/ports.now"
	awk 'FILENAME == ARGV[1] { had[$1, $2] = 1; next }
	    !(($1, $2) in had)' "$directory/ports" "$directory/ports.now"
}

# Who holds it, as far as we may know.
owner() {
	for fd in $(find /proc/[0-9]*/fd -lname "socket:\[$1\]" 2>/dev/null); do
		pid=${fd#/proc/}
		pid=${pid%%/*}
		echo "process $pid: $(tr '\0' ' ' <"/proc/$pid/cmdline")"
	done 2>/dev/null
}

allowed() {
	sh "$here/deps.sh" -l
	# shellcheck disable=SC2046 # a list of names
	apt-cache depends --recurse --no-suggests --no-conflicts --no-breaks \
	    --no-replaces --no-enhances --no-recommends \
	    $(sh "$here/deps.sh" -l) | grep '^[a-z0-9]' | sed 's/:.*//'
}

# A line of diff is "< NAME VERSION" (before) or "> NAME VERSION" (now).
changed_packages() {
	packages >"$directory/packages.now"
	diff "$directory/packages" "$directory/packages.now" |
	    grep '^[<>]' >"$directory/packages.diff" || return 0
	allowed >"$directory/packages.allowed"
	awk 'FILENAME == ARGV[1] { allowed[$1] = 1; next }
	    { name = $2; seen[name] = 1 }
	    $1 == "<" { before[name] = $3 }
	    $1 == ">" { now[name] = $3 }
	    END {
		for (name in seen) {
			short = name
			sub(":.*", "", short)
			if (!(name in now))
				print "package removed: " name, before[name]
			else if (short in allowed)
				continue
			else if (!(name in before))
				print "package installed: " name, now[name]
			else
				print "package changed: " name, before[name], \
				    "->", now[name]
		}
	    }' "$directory/packages.allowed" "$directory/packages.diff"
}

directory=${1:?usage: untouched.sh DIRECTORY snapshot|compare}
case $2 in
snapshot)
	mkdir -p "$directory" || exit
	packages >"$directory/packages" && ports >"$directory/ports"
	exit ;;
compare)
	;;
*)
	echo 'usage: untouched.sh DIRECTORY snapshot|compare' >&2
	exit 2 ;;
esac
if [ ! -f "$directory/packages" ] || [ ! -f "$directory/ports" ]; then
	echo "untouched: no snapshot in $directory" >&2
	exit 1
fi

# A port that a test has just let go is none: 5 s to be gone.
tries=25
while [ -n "$(new_ports)" ] && [ $tries -gt 0 ]; do
	tries=$((tries - 1))
	sleep 0.2
done
found=$(
	changed_packages
	new_ports | while read -r protocol address inode; do
		echo "new listening port: $protocol $address $(owner "$inode")"
	done
)
[ -z "$found" ] && echo 'untouched: packages and listening ports' && exit
printf '%s\n' "$found"
exit 1
