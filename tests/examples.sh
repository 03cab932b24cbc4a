# examples.sh BUILD: Qsmtpd takes mail with all of control-examples as its
# control files and Qremote sends some, each of them does what it says, and
# none is missing.
cd "$(dirname "$0")/.." || exit 1
build=${1:?usage: examples.sh BUILD}
build=$(cd "$build" && pwd) || exit 1
examples=control-examples
page=man/qsmtp-control.5
home=$(mktemp -d) || exit 1
listener=
dns=
trap 'exec 3>&- 4<&-; [ -z "$listener$dns" ] || kill $listener $dns
rm -rf "$home"' EXIT
trap 'exit 1' HUP INT TERM
trap '' PIPE

fail() {
	echo "examples: $*"
	if [ -s "$home/log" ]; then
		echo 'the log:'
		cat "$home/log"
	fi
	exit 1
}

# What is no control file.  A .cdb has its text as an example.
is_other() {
	case $1 in
	README | run.* | *.service | tcp.smtp | checkpassword-*)	return 0 ;;
	suggested)			return 0 ;;
	*)				return 1 ;;
	esac
}
documented() {
	sed -n 's/^\.It Pa \([A-Za-z0-9_.-]*\)$/\1/p' "$page"
}

n=0
for file in "$examples"/*; do
	name=${file##*/}
	is_other "$name" && continue
	documented | grep -qxF -e "$name" -e "$name.cdb" ||
		fail "$file is not in $page"
	n=$((n + 1))
done
for name in $(documented); do
	# Keys and certificates are made anew, see the README.
	case $name in *.pem | servercerts)
		grep -qE "^	(.*, )?$name" "$examples/README" ||
			fail "$name is not in $examples/README"
		continue ;;
	esac
	[ -e "$examples/${name%.cdb}" ] ||
		fail "$page knows $name, but $examples has no example"
done
echo "examples: $n control files, all of $page"

# No comments in files that have none: the first line would be the comment.
for name in $(sed -n \
    's/^\.It \([A-Za-z0-9_.-]*\) Ta \(line\|number\|words\|cdb\) Ta .*/\1/p' \
    "$page"); do
	! grep -q '^[	 ]*#' "$examples/${name%.cdb}" ||
		fail "$examples/${name%.cdb} has a comment, which is a value there"
done

for script in "$examples"/run.*; do
	[ -x "$script" ] || fail "$script is not executable"
	sh -n "$script" || fail "$script is no shell script"
	if command -v shellcheck >/dev/null; then
		shellcheck "$script" || fail "$script: see above"
	fi
done
echo 'examples: the run scripts are good shell'

if PATH=$PATH:$PEERS/usr/bin command -v tcprules >/dev/null; then
	PATH=$PATH:$PEERS/usr/bin tcprules "$home/tcp.cdb" "$home/tcp.tmp" \
		<"$examples/tcp.smtp" || fail "$examples/tcp.smtp: see above"
	echo 'examples: tcprules takes tcp.smtp'
fi

mkdir -p "$home/control" "$home/Maildir/tmp" "$home/Maildir/new" \
	"$home/Maildir/cur" || exit 1
for file in "$examples"/*; do
	is_other "${file##*/}" || cp -R "$file" "$home/control/" || exit 1
done
has_cdb=
if command -v cdb >/dev/null; then
	cdb -c -m "$home/control/morercpthosts.cdb" "$examples/morercpthosts" ||
		fail 'morercpthosts.cdb cannot be made'
	cdb -c -m "$home/control/validrcptto.cdb" "$examples/validrcptto" ||
		fail 'validrcptto.cdb cannot be made'
	has_cdb=yes
fi

# Until a server has written its port.
wait_for_port() {
	tries=100
	until [ -s "$home/port" ] || [ $tries = 0 ]; do
		tries=$((tries - 1))
		sleep 0.1
	done
	read -r port <"$home/port" || fail 'a server did not start'
}

# The DNS of all that follows: what the lists of the examples have, and what
# the suggested configuration looks for.
cat >"$home/zone" <<-'zone'
	66.2.0.192.bl.example.net A 127.0.0.2
	66.2.0.192.bl.example.net TXT "not you"
	67.2.0.192.mixed.example.net A 127.0.0.10
	68.2.0.192.mixed.example.net A 127.0.0.5
	69.2.0.192.bl.example.net A 127.0.0.2
	69.2.0.192.wl.example.net A 127.0.0.2
	*.3.0.0.0.8.b.d.0.1.0.0.2.bl6.example.net A 127.0.0.2
	9.6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.0.0.0.8.b.d.0.1.0.0.2.wl6.example.net A 127.0.0.2
	70.2.0.192.dynamic.example.net A 127.0.0.2
	1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.0.0.0.8.b.d.0.1.0.0.2.dynamic6.example.net A 127.0.0.2
	bulk.example.rhs.example.net A 127.0.0.2
	ads.example.names.example.net A 127.0.0.2
	7.100.51.198.in-addr.arpa PTR client.example.net
	example.net MX 10 mx.example.net
	mx.example.net A 9.9.9.9
	null.example MX 0 .
	zone
mkfifo "$home/dns" || exit 1
python3 tests/fake/dnsd.py "$home/zone" <"$home/dns" >"$home/port" &
dns=$!
exec 5>"$home/dns"
wait_for_port
server=127.0.0.1:$port
rm "$home/port"

# A session, with NAME=VALUE in its environment and $arguments; replies are
# waited for, for the greeting is held back.
arguments=
connect() {
	rm -f "$home/in" "$home/out" "$home/log"
	mkfifo "$home/in" "$home/out" || exit 1
	env -u RELAYCLIENT -u DATABYTES -u PROTO -u BANNER -u QSMTP_FILTERS \
		QMAILHOME="$home" QMAILQUEUE="$build/maildir-queue" \
		TCPREMOTEIP=192.0.2.1 DNSCACHEIP="$server" "$@" \
		timeout 60 "$build/Qsmtpd" \
		$arguments <"$home/in" >"$home/out" 2>"$home/log" &
	exec 3>"$home/in" 4<"$home/out"
}
say() {
	printf '%s\r\n' "$1" >&3
}
expect() {
	while read -r line <&4; do
		case $line in
		$1\ *)	return ;;
		$1-*)	;;
		*)	break ;;
		esac
	done
	fail "$1 was expected after $2, not $line"
}
ask() {
	say "$1"
	expect "$2" "$1"
}
hang_up() {
	ask QUIT 221
	exec 3>&- 4<&-
	wait $! || fail 'Qsmtpd did not exit 0'
}

connect
expect '220' 'connecting'
case $line in
"220 $(cat "$examples/smtpgreeting") ESMTP"*)	;;
*)	fail "the greeting is not that of smtpgreeting: $line" ;;
esac
ask 'EHLO client.example.net' 250
ask "MAIL FROM:<a@example.net> SIZE=$(($(cat "$examples/databytes") + 1))" 552
ask 'MAIL FROM:<a@example.net>' 250
ask 'RCPT TO:<former-employee@example.org>' 553
ask 'RCPT TO:<b@elsewhere.example>' 553
if [ -n "$has_cdb" ]; then
	ask 'RCPT TO:<b@mail.example.com>' 250
	ask 'RCPT TO:<nobody@example.net>' 550
	ask 'RCPT TO:<jane-spam@example.net>' 550
	ask 'RCPT TO:<Jane@example.net>' 250
fi
ask 'RCPT TO:<b@example.org>' 250
ask 'DATA' 354
say 'Subject: an example'
say ''
ask '.' 250
ask 'MAIL FROM:<a@mail.tracker.example>' 250
ask 'RCPT TO:<b@example.org>' 553
ask 'RSET' 250
ask 'MAIL FROM:<friend@tracker.example>' 250
ask 'RCPT TO:<b@example.org>' 250
ask 'RCPT TO:<trap@example.org>' 550
hang_up
grep -q '^Subject: an example$' "$home"/Maildir/new/* ||
	fail 'the mail is not in the Maildir'
grep -q '^event=accepted .* recipients=[13] ' "$home/log" ||
	fail 'the log knows of no mail'
grep -q '^event=debug ' "$home/log" || fail 'Qsmtpd_debug has no effect'

connect
expect '220' 'connecting'
ask 'HELO localhost' 250
ask 'MAIL FROM:<>' 250
ask 'RCPT TO:<b@example.org>' 550
hang_up
for client in 203.0.113.9=550 203.0.113.25=250 2001:db8:bad::1=550 \
    2001:db8:bad::25=250; do
	connect "TCPREMOTEIP=${client%=*}"
	expect '220' 'connecting'
	ask 'EHLO client.example.net' 250
	ask 'MAIL FROM:<a@example.net>' 250
	ask 'RCPT TO:<b@example.org>' "${client#*=}"
	hang_up
done

# from CODE CLIENT [GREETING [SENDER]]: a mail that is taken, or refused; at
# once, for there are many.
mv "$home/control/tarpit" "$home/tarpit"
from() {
	connect "TCPREMOTEIP=$2" QSMTP_FILTERS=earlytalk=off
	expect '220' 'connecting'
	ask "${3:-EHLO client.example.net}" 250
	ask "MAIL FROM:<${4:-a@example.net}>" 250
	ask 'RCPT TO:<b@example.org>' "$1"
	hang_up
}
from 550 192.0.2.66
from 550 192.0.2.67
from 250 192.0.2.68
from 250 192.0.2.69
from 550 2001:db8:3::66
from 250 2001:db8:3::69
from 250 192.0.2.70
from 550 192.0.2.70 'HELO client.example.net'
from 250 2001:db8:4::1
from 550 2001:db8:4::1 'HELO client.example.net'
from 550 192.0.2.1 'EHLO bulk.example'
from 550 192.0.2.1 '' a@bulk.example
from 550 192.0.2.1 '' a@mail.ads.example
# Others' lists, which ours go before.
for name in dnsbllist dnsbl_zones; do
	mv "$home/control/dnsbl" "$home/dnsbl"
	from 550 192.0.2.66
	grep -q " setting=$name " "$home/log" || fail "$name is not read"
	from 250 192.0.2.69
	mv "$home/dnsbl" "$home/control/dnsbl"
	rm "$home/control/$name"
done
mv "$home/control/rhsbl" "$home/rhsbl"
from 550 192.0.2.1 '' a@bulk.example
from 250 192.0.2.1 'EHLO bulk.example'
mv "$home/rhsbl" "$home/control/rhsbl"
mv "$home/tarpit" "$home/control/tarpit"
echo 'examples: Qsmtpd takes mail with them, and refuses what they list'

for client in 192.0.2.10 198.51.100.7 2001:db8:1::1 2001:db8:2::25; do
	connect TCPREMOTEIP=$client
	expect '220' 'connecting'
	ask 'EHLO client.example.net' 250
	ask 'MAIL FROM:<a@example.org>' 250
	ask 'RCPT TO:<b@elsewhere.example>' 250
	hang_up
done
arguments="$build/tests/fake/checkpassword true"
connect SUBMISSION= SSL_PROTOCOL=TLSv1.3
expect '220' 'connecting'
ask 'EHLO client.example.net' 250
cr=$(printf '\r')
[ "$line" = "250 AUTH $(cat "$examples/authtypes")$cr" ] ||
	fail "AUTH is not as authtypes has it: $line"
ask 'MAIL FROM:<sales@example.org>' 530
ask 'AUTH PLAIN AHNhbGVzAHNlY3JldA==' 235
ask 'MAIL FROM:<boss@example.org>' 553
ask 'MAIL FROM:<sales@example.org>' 250
ask 'RCPT TO:<b@elsewhere.example>' 250
ask 'DATA' 354
say 'From: Sales <sales@example.org>'
say ''
ask '.' 250
hang_up
for field in 'Received: from unknown$' \
    "Message-ID: <.*@$(cat "$examples/msgidhost")>\$"; do
	grep -q "^$field" "$home"/Maildir/new/* ||
		fail "the submitted mail has no $field"
done
# TLS is needed, for forcesslauth says so and authcleartext does not.
connect SUBMISSION=
expect '220' 'connecting'
ask 'EHLO client.example.net' 250
ask 'AUTH PLAIN AHNhbGVzAHNlY3JldA==' 538
hang_up
arguments=
echo 'examples: clients relay by relayclients and by a login'

# What Qremote reports, with line breaks for NUL; never with a look at the
# network: the message is a folder, which ends it before.
folder_report() {
	QMAILHOME="$home" DNSCACHEIP='' "$build/Qremote" "$1" a@example.net \
	    "b@$1" <"$home" | tr '\0' '\n'
}
for host in example.org example.com other.example; do
	line=$(folder_report $host | head -n 1)
	[ "$line" = 'ZUnable to read the message file. (#4.3.0)' ] ||
		fail "Qremote does not like them: $line"
done

# Each file of Qremote's is read, and one that cannot be read is named.
rm "$home/control/smtproutes.d/default"
names=$(sed -n 's/^\.It \([a-z0-9.]*\) Ta .* Ta \(S \)*R$/\1/p' "$page")
[ -n "$names" ] || fail "$page has no file of Qremote's in its table"
for name in $names; do
	# Folders, and what is opened once a host has TLS.
	case $name in
	*.d | tlshosts | notlshosts | tlspolicy | *.pem)	continue ;;
	esac
	[ "$name" = me ] && mv "$home/control/helohost" "$home/helohost"
	mv "$home/control/$name" "$home/example" &&
	    mkdir "$home/control/$name" || exit 1
	case $(folder_report other.example) in
	*"control/$name: Is a directory"*)	;;
	*)	fail "Qremote does not read $name" ;;
	esac
	rmdir "$home/control/$name"
	mv "$home/example" "$home/control/$name" || exit 1
	[ "$name" = me ] && mv "$home/helohost" "$home/control/helohost"
done

# report WORDS HOST [SENDER]: what Qremote says of mail for HOST has WORDS.
printf 'Subject: by Qremote\n\n.text\n' >"$home/message"
report() {
	QMAILHOME="$home" DNSCACHEIP='' "$build/Qremote" "$2" \
	    "${3:-a@example.net}" b@example.org <"$home/message" | tr '\0' '\n' >"$home/report"
	grep -q "$1" "$home/report" && return
	cat "$home/report"
	fail "Qremote with mail for $2: not $1"
}
report 'control/authsenders holds a password' other.example joe@example.com
# The addresses to connect from are not ours, so nothing gets out.
rm "$home/control/smtproutes"
report '(#5\.4\.6)' '[203.0.113.7]'
report '203.0.113.8]: Cannot assign' '[203.0.113.8]'
echo 203.0.113.8 >>"$home/control/moreipme"
report '203.0.113.8]: Cannot assign' '[203.0.113.8]'
if [ -e /proc/net/if_inet6 ]; then
	report '2001:db8::25]: Cannot assign' '[IPv6:2001:db8::25]'
fi
echo 'examples: Qremote reads all of its files, and does what they say'

# The suggested configuration: each line has its reason, qsmtp-check finds
# nothing wrong with it, and what it refuses is what it is meant to.
suggested=$examples/suggested
mv "$home/control" "$home/all"
mkdir "$home/control"
cp "$suggested"/[!R]* "$home/control/" || exit 1
echo mail.example.org >"$home/control/me"
echo example.org >"$home/control/rcpthosts"
sed -n 's/^\([a-z].*\)/\1/p' "$suggested/filterconf" | while read -r line; do
	grep -q "^	$line" "$suggested/README" || echo "$line"
done >"$home/without"
[ ! -s "$home/without" ] ||
	fail "$suggested/README has no reason for $(cat "$home/without")"
"$build/qsmtp-check" "$home" | grep control/ &&
	fail "qsmtp-check does not like $suggested, see above"
# stranger CODE SENDER [HELO [ADDRESS]]: a mail that is taken, or refused.
stranger() {
	connect TCPREMOTEIP="${4:-198.51.100.7}" TCPLOCALIP=192.0.2.25
	expect '220' 'connecting'
	ask "EHLO ${3:-client.example.net}" 250
	ask "MAIL FROM:<$2>" 250
	ask 'RCPT TO:<b@example.org>' "$1"
	hang_up
}
stranger 250 a@example.net
stranger 250 ''
stranger 250 a@example.net odd-name
stranger 550 a@nowhere.example
stranger 550 a@null.example
stranger 550 a@example.net mail.example.org
stranger 550 a@example.net localhost
stranger 550 a@example.net '' 198.51.100.8
exec 5>&-
wait $dns
dns=
rm -r "$home/control"
mv "$home/all" "$home/control"
echo 'examples: the suggested configuration is one, and takes ordinary mail'

PATH=$PATH:$PEERS/bin
command -v tcpserver >/dev/null || exit 0
env -u RELAYCLIENT -u DATABYTES -u PROTO -u BANNER -u QSMTP_FILTERS \
    QMAILHOME="$home" QMAILQUEUE="$build/maildir-queue" \
    tcpserver -1 -HR -l localhost 127.0.0.1 0 "$build/Qsmtpd" \
    >"$home/port" 2>"$home/log" &
listener=$!
wait_for_port
sed -e 's/^relay=.*/relay=127.0.0.1/' -e "s/^port=.*/port=$port/" \
    -e 's/^outgoingip=[0-9.]*/outgoingip=127.0.0.1/' \
    "$examples/smtproutes.d/example.org" \
    >"$home/control/smtproutes.d/example.org"
report '^K127.0.0.1 accepted message' example.org
received="from $(cat "$examples/helohost") "
grep -h -A 1 '^Received:' "$home"/Maildir/new/* | grep -qF "$received" ||
	fail 'helohost is not in Received'
grep -q '^\.text$' "$home"/Maildir/new/* || fail 'the message has changed'
echo 'examples: Qremote sends mail to Qsmtpd with them'
