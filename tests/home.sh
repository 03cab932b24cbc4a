# home.sh: sourced by demo.sh and serve.sh, whose argument is the folder of
# what was built.  A qmail home of its own, and tcpserver with Qsmtpd on it.
# Set here: build, home, domain, server (a process id), host, port.
domain=demo.example.org
host=127.0.0.1
server=

say() {
	printf '\n== %s\n' "$*"
}

fail() {
	[ -s "$home/log" ] && cat "$home/log" >&2
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

build=$(CDPATH='' cd "${1:?the folder of what was built}" && pwd) || exit
home=$build/demo
PATH=$build/peers/bin:$PATH
# The caller's swaks settings are not ours.
SWAKS_OPT_config=
export PATH SWAKS_OPT_config

# Mail that lies there stays.  Programs are copies: who runs them may have
# no way to the folders above.
make_home() {
	mkdir -p "$home/bin" "$home/control" || exit
	for folder in tmp new cur; do
		mkdir -p "$home/Maildir/$folder" || exit
	done
	for program in Qsmtpd Qremote qsmtp-tls maildir-queue; do
		install -m 0755 "$build/$program" "$home/bin/$program.new" &&
		    mv -f "$home/bin/$program.new" "$home/bin/$program" || exit
	done
	echo "$domain" >"$home/control/me"
	echo "$domain" >"$home/control/rcpthosts"
	chmod 0755 "$home" "$home/bin" "$home/control" "$home/Maildir"
	chmod 0644 "$home/control"/*
	make_certificate
	rm -f "$home/log" "$home/port" "$home/control/smtproutes"
}

# A certificate that nobody vouches for is enough for TLS that is not verified.
make_certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 30 -subj "/CN=$domain" -keyout "$home/key" \
	    -out "$home/certificate" 2>"$home/openssl" || {
		cat "$home/openssl" >&2
		fail 'openssl made no certificate'
	}
	cat "$home/certificate" "$home/key" >"$home/control/servercert.pem" ||
	    exit
	chmod 0600 "$home/control/servercert.pem"
	rm "$home/certificate" "$home/key" "$home/openssl"
}

# Root gives its rights away to nobody, to whom the folders above (root's
# own, say) may be closed: so the home is named as what it is to each
# process, its working directory.  The log goes to descriptor 3.
start_server() {
	seen=$home
	rights=
	if [ "$(id -u)" = 0 ]; then
		chown -R nobody: "$home/Maildir" \
		    "$home/control/servercert.pem" || exit
		seen=/proc/self/cwd
		rights="-u $(id -u nobody) -g $(id -g nobody)"
	fi
	trap stop_server EXIT
	trap 'exit 130' INT
	trap 'exit 143' HUP TERM
	# A session of its own, so that stop_server can end all of it at once.
	# No lookup of names: -H, -R, -l.  The port taken is written by -1.
	cd "$home" || exit
	# shellcheck disable=SC2086 # several options or none
	QMAILHOME=$seen QMAILQUEUE=$seen/bin/maildir-queue \
	    setsid tcpserver -v -1 -HR -l "$domain" $rights "$host" "$1" \
	    bin/Qsmtpd >"$home/port" 2>&3 3>&- &
	server=$!
	cd "$build" || exit
	wait_for [ -s "$home/port" ] ||
	    fail 'tcpserver did not start'
	# shellcheck disable=SC2034 # for who sources this
	read -r port <"$home/port"
}

stop_server() {
	[ -z "$server" ] && return
	kill -- "-$server" 2>/dev/null || kill "$server" 2>/dev/null
	wait "$server"
	server=
}

# Until the command succeeds: 10 s at most, and while the server lives.
wait_for() {
	tries=100
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return
		kill -0 "$server" 2>/dev/null || return
		sleep 0.1
	done
}
