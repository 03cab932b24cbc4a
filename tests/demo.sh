# demo.sh BUILD: one real message, from a real client through the real
# tcpserver and Qsmtpd into a Maildir; one more, from Qremote by SMTP to the
# same Qsmtpd; and all of it shown.
# shellcheck source=tests/home.sh
. "$(dirname "$0")/home.sh"

token=$(date +%s).$$
make_home
start_server 0 3>"$home/log"
say "tcpserver listens on $host port $port and runs Qsmtpd for each client"
echo "Its qmail home is $home:"
(cd "$home" && grep . control/me control/rcpthosts)
echo 'control/servercert.pem: a certificate and its key, made for this demo'

say 'swaks, a client, sends a message (-> it says, <- Qsmtpd answers)'
swaks --server "$host:$port" --helo client.example.net \
    --from alice@client.example.net --to "bob@$domain" \
    --header "Subject: Hello from the demo" \
    --header "Message-Id: <$token@client.example.net>" \
    --body 'This went through Qsmtpd.' --timeout 30 ||
    fail 'the message was not accepted'

# tcpserver says so when Qsmtpd has ended, and with it the log is complete.
has_ended() {
	[ "$(grep -c '^tcpserver: end ' "$home/log")" -ge "$1" ]
}
wait_for has_ended 1 || fail 'Qsmtpd did not end'
say 'What Qsmtpd wrote to its log'
grep -v '^tcpserver: ' "$home/log"

show_mail() {
	mail=$(grep -lF "<$1@" -r "$home/Maildir/new") ||
	    fail "no message in $home/Maildir/new"
	say "The message, in $home/Maildir/new"
	cat "$mail"
}
show_mail "$token"

# As qmail-rspawn does it: one recipient, the message file, a report.
cat >"$home/message" <<END
From: bob@$domain
To: carol@$domain
Subject: Hello from Qremote
Message-Id: <$token.2@$domain>

This went out through Qremote, and came in through Qsmtpd.
END
echo ":$host:$port" >"$home/control/smtproutes"
say 'Qremote sends a message by SMTP to where control/smtproutes says'
echo "control/smtproutes: $(cat "$home/control/smtproutes")"
echo "\$ Qremote $domain bob@$domain carol@$domain <message"
QMAILHOME=$home "$home/bin/Qremote" "$domain" "bob@$domain" "carol@$domain" \
    <"$home/message" >"$home/report" || fail 'Qremote did not exit 0'
say 'Its report, with a line break for each NUL: r, the recipient; K, the mail'
tr '\0' '\n' <"$home/report"
[ "$(tr '\0\n' '!!' <"$home/report" | cut -c 1-3)" = 'r!K' ] ||
    fail 'the message was not accepted'
grep -aq '^TLS: TLSv1' "$home/report" || fail 'the message went in clear text'
wait_for has_ended 2 || fail 'Qsmtpd did not end'
show_mail "$token.2"

stop_server
say 'Both arrived; all that was started is stopped'
cat <<END
make serve      the same server, for you to send mail to
make check      the tests
README          how to put both in the place of qmail's programs
END
