# switch.sh BUILD: make switch and make switch-back in a folder of its own.
# While they run, and wherever they are killed, bin/qmail-remote is a whole
# program, and the old one is never lost.
cd "$(dirname "$0")/.." || exit 1
build=$(cd "${1:?usage: switch.sh BUILD}" && pwd) || exit 1
dest=$(mktemp -d) || exit 1
home=$dest$(head -n 1 conf-qmail)
bin=$home/bin
watcher=
trap '[ -z "$watcher" ] || kill $watcher; rm -rf "$dest"' EXIT
trap 'exit 1' HUP INT TERM

fail() {
	echo "switch: $*"
	ls -l "$bin"
	cat "$dest/said"
	exit 1
}
do_make() {
	make -s B="$build" DESTDIR="$dest" "$@" >"$dest/said" 2>&1
}
script() {
	sh src/tools/switch.sh "$1" "$home" >"$dest/said" 2>&1
}

# Two programs of the system stand in for the old ones.
put_old() {
	rm -f "$bin"/qmail-*
	cp /bin/echo "$bin/qmail-remote" && cp /bin/cat "$bin/qmail-smtpd" ||
		exit 1
}
is_old() {
	[ ! -L "$bin/qmail-remote" ] &&
	    cmp -s /bin/echo "$bin/qmail-remote" &&
	    cmp -s /bin/cat "$bin/qmail-smtpd"
}
is_new() {
	[ "$(readlink "$bin/qmail-remote")" = Qremote ] &&
	    [ "$(readlink "$bin/qmail-smtpd")" = Qsmtpd ] &&
	    cmp -s /bin/echo "$bin/qmail-remote.stock" &&
	    cmp -s /bin/cat "$bin/qmail-smtpd.stock"
}
# expect NAME...: these and ours are all there is.
expect() {
	want=$(printf '%s\n' Qremote Qsmtpd addipbl dumpipbl maildir-queue \
	    qsmtp-check qsmtp-dns qsmtp-tls spfquery "$@" | sort)
	[ "$(ls "$bin" | sort)" = "$want" ] || fail "$bin has not $*"
}

do_make install || fail 'make install'
mkdir -p "$home/control" || exit 1
echo mx.example.org >"$home/control/me"

# Refusals, each of which changes nothing and says why.
# shellcheck disable=SC2154 # why is set by the caller
refused() {
	ls -l "$bin" >"$dest/before"
	do_make "$@" && fail "no refusal: $*"
	ls -l "$bin" | cmp -s - "$dest/before" || fail "changed: $*"
	grep -q "$why" "$dest/said" || fail "refused otherwise than by: $why"
}
why='no program .*qmail-remote to replace' refused switch
why='no program .*qmail-remote.stock' refused switch-back
put_old
why='can be switched' refused switch PROGRAM=qmail-send
mv "$home/control/me" "$home/me"
mkdir "$home/control/me"
why='control/me: Is a directory' refused switch PROGRAM=qmail-remote
why='Qsmtpd does not work here' refused switch PROGRAM=qmail-smtpd
rmdir "$home/control/me"
mv "$home/me" "$home/control/me"
mv "$bin/Qremote" "$home/"
why='make install' refused switch PROGRAM=qmail-remote
cp /bin/false "$bin/Qremote"
why='Qremote does not work here' refused switch PROGRAM=qmail-remote
mv -f "$home/Qremote" "$bin/Qremote"
echo other >"$bin/qmail-remote.stock"
why='another program' refused switch PROGRAM=qmail-remote
rm "$bin/qmail-remote.stock"
expect qmail-remote qmail-smtpd
echo 'switch: refuses what is odd, and changes nothing then'

# There and back; twice is once.
do_make switch PROGRAM=qmail-remote || fail 'switch of one'
expect qmail-remote qmail-remote.stock qmail-smtpd
do_make switch || fail 'switch'
do_make switch || fail 'switch again'
is_new || fail 'not switched'
expect qmail-remote qmail-remote.stock qmail-smtpd qmail-smtpd.stock
"$bin/qmail-remote" | grep -q '^DI was called wrongly' ||
	fail 'qmail-remote is not Qremote'
do_make switch-back PROGRAM=qmail-smtpd || fail 'switch-back of one'
expect qmail-remote qmail-remote.stock qmail-smtpd
do_make switch-back || fail 'switch-back'
do_make switch-back || fail 'switch-back again'
is_old || fail 'not switched back'
expect qmail-remote qmail-smtpd
# A new release of qmail over ours is not thrown away.
do_make switch || fail 'switch'
rm "$bin/qmail-remote" && cp /bin/ls "$bin/qmail-remote"
why='another program' refused switch
why='is not Qremote, and not' refused switch-back PROGRAM=qmail-remote
put_old
# One that was written through the link is noticed, and the way back is open.
do_make switch || fail 'switch'
cp "$bin/Qremote" "$home/"
cat /bin/ls >"$bin/qmail-remote"
why='does not work' refused switch
do_make switch-back || fail 'switch-back'
is_old || fail 'not switched back'
mv -f "$home/Qremote" "$bin/Qremote"
echo 'switch: there and back, and the old programs are as they were'

# Somebody who opens and starts it as fast as he can, all the time.
cat >"$dest/watch.py" <<'END'
import os, signal, subprocess, sys
path, stop, opened, started = sys.argv[1], [], 0, 0
signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
print("ready", flush=True)
try:
    while not stop:
        for _ in range(200):
            os.close(os.open(path, os.O_RDONLY))
            opened += 1
        subprocess.run([path], stdout=subprocess.DEVNULL, check=True)
        started += 1
except Exception as error:
    print("failed:", error)
    sys.exit(1)
print("opened", opened, "started", started)
END
python3 "$dest/watch.py" "$bin/qmail-remote" >"$dest/watched" &
watcher=$!
until [ -s "$dest/watched" ]; do sleep 0.1; done
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	script switch && is_new || fail "switch $i"
	script switch-back && is_old || fail "switch-back $i"
done

# killed AT WHAT: kill -9 before the AT-th command that changes something.
mkdir "$dest/fake"
for command in ln mv rm; do
	cat >"$dest/fake/$command" <<END
#!/bin/sh
echo $command >>"$dest/commands"
[ "\$(wc -l <"$dest/commands")" = "\$KILL_AT" ] && kill -9 \$PPID && exit
exec $(command -v $command) "\$@"
END
	chmod +x "$dest/fake/$command"
done
killed() {
	rm -f "$dest/commands"
	KILL_AT=$1 PATH=$dest/fake:$PATH sh src/tools/switch.sh "$2" "$home" \
	    >"$dest/said" 2>&1
	[ $? = 137 ]
}
for what in switch switch-back; do
	at=1
	while killed $at $what; do
		for old in qmail-remote:/bin/echo qmail-smtpd:/bin/cat; do
			name=$bin/${old%:*}
			[ -x "$name" ] || fail "killed at $at: no $name"
			cmp -s "$name" "${old#*:}" ||
			    cmp -s "$name.stock" "${old#*:}" ||
			    fail "killed at $at: the old $name is lost"
		done
		# What was left does not hinder the next one.
		script switch && is_new || fail "switch, killed at $at before"
		[ $what = switch-back ] || { script switch-back && is_old; } ||
			fail "switch-back, killed at $at before"
		at=$((at + 1))
	done
	[ $at -gt 2 ] || fail "$what was never killed"
	echo "switch: $what killed at $((at - 1)) places, and nothing is lost"
done
is_old || fail 'not switched back'

# Where there are no hard links, the old one is copied.
printf '#!/bin/sh\n[ "$1" != -P ] && exec %s "$@"\n' "$(command -v ln)" \
    >"$dest/fake/ln"
rm "$dest/fake/mv" "$dest/fake/rm"
PATH=$dest/fake:$PATH script switch && is_new || fail 'switch by copies'
expect qmail-remote qmail-remote.stock qmail-smtpd qmail-smtpd.stock
script switch-back && is_old || fail 'switch-back of copies'

kill "$watcher"
wait "$watcher" || fail "the watcher: $(tail -n 1 "$dest/watched")"
watcher=
echo "switch: the watcher found it always: $(tail -n 1 "$dest/watched")"
