# check-peers.sh BUILD: what needs other people's programs: real clients and
# real receivers.  Those that cannot be fetched or run here are skipped.
build=${1:?usage: check-peers.sh BUILD}
cd "$(dirname "$0")/.." || exit 1
JOBS=${JOBS:-2}
export JOBS

make -s -j"$JOBS" B="$build" all tests || exit 1
for peer in python3-aiosmtpd exim4-daemon-light opensmtpd nmap \
    dovecot-core gnutls-bin testssl.sh; do
	sh tests/peers.sh "$build/peers" $peer
done
sh tests/run.sh "$build/log-peers" "python3 tests/peers/clients.py $build" \
    "python3 tests/peers/testssl.py $build starttls" \
    "python3 tests/peers/testssl.py $build 'at once'" \
    "python3 tests/peers/tlsreceivers.py $build" \
    "python3 tests/peers/tlsclients.py $build" \
    "python3 tests/peers/tlssenders.py $build" \
    "python3 tests/peers/logins.py $build" \
    "python3 tests/peers/openrelay.py $build" \
    "python3 tests/peers/dovecot.py $build" \
    "python3 tests/peers/receivers.py $build"
result=$?
sh tests/untouched.sh "$build/before" compare || result=1
exit $result
