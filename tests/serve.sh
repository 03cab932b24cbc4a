# serve.sh BUILD: the server of demo.sh in the foreground, on port PORT
# (environment) or a free one.
# shellcheck source=tests/home.sh
. "$(dirname "$0")/home.sh"

# tcpserver itself would take it modulo 65536.
[ "${PORT:-0}" -ge 0 ] && [ "${PORT:-0}" -le 65535 ] ||
    fail "PORT=$PORT is no port"
make_home
start_server "${PORT:-0}" 3>&2
trap 'echo; exit 0' INT
say "Qsmtpd listens on $host port $port, for $domain"
cat <<END
Send it mail:
	$build/peers/bin/swaks --server $host:$port \\
	    --from alice@client.example.net --to bob@$domain
or speak with it, if you have telnet:
	telnet $host $port
	EHLO client.example.net
	MAIL FROM:<alice@client.example.net>
	RCPT TO:<bob@$domain>
	DATA
	(header fields, an empty line, text, and a line with a dot alone)
	QUIT
Mail for $domain lands in
	$home/Maildir/new
Ctrl-C stops it.  Its log:

END
wait "$server"
fail 'tcpserver ended by itself'
