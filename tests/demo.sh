# demo.sh BUILD: one real message, from a real client through the real
# tcpserver and Qsmtpd into a Maildir, and all of it shown.
# shellcheck source=tests/home.sh
. "$(dirname "$0")/home.sh"

token=$(date +%s).$$
make_home
start_server 0 3>"$home/log"
say "tcpserver listens on $host port $port and runs Qsmtpd for each client"
echo "Its qmail home is $home:"
(cd "$home" && grep . control/*)

say 'swaks, a client, sends a message (-> it says, <- Qsmtpd answers)'
swaks --server "$host:$port" --helo client.example.net \
    --from alice@client.example.net --to "bob@$domain" \
    --header "Subject: Hello from the demo" \
    --header "Message-Id: <$token@client.example.net>" \
    --body 'This went through Qsmtpd.' --timeout 30 ||
    fail 'the message was not accepted'

# tcpserver says so when Qsmtpd has ended, and with it the log is complete.
wait_for grep -q '^tcpserver: end ' "$home/log" ||
    fail 'Qsmtpd did not end'
say 'What Qsmtpd wrote to its log'
grep -v '^tcpserver: ' "$home/log"

mail=$(grep -lF "<$token@" -r "$home/Maildir/new") ||
    fail "no message in $home/Maildir/new"
say "The message, in $home/Maildir/new"
cat "$mail"

stop_server
say 'It arrived; all that was started is stopped'
cat <<END
make serve      the same server, for you to send mail to
make check      the tests
README          how to put Qsmtpd in the place of qmail-smtpd
END
