# switch.sh switch|switch-back HOME [PROGRAM...]: put Qremote and Qsmtpd in
# the place of qmail-remote and qmail-smtpd in HOME/bin, or take them out
# again.  What the Makefile's targets of these names do; installed nowhere.
#
# There is a program of the old name at every moment, for qmail-rspawn returns
# all mail when there is none: the way there and the way back are one rename
# each.  The old program is kept as NAME.stock, and never overwritten.

say() {
	echo "$name: $*"
}
refuse() {
	echo "$name: $*; nothing is changed" >&2
	return 1
}

is_program() {
	[ -f "$1" ] && [ -x "$1" ]
}
is_same() {
	# shellcheck disable=SC3013 # in POSIX since 2024, in every sh for long
	[ "$1" -ef "$2" ] || cmp -s "$1" "$2"
}

# Whether the new program works, under the name $1: with the control files that
# are there, and without a look at the network.  If not, $said is what it says.
tried_qmail_remote() {
	# A message that cannot be read ends it before it looks for a host.
	said=$("$1" localhost '' postmaster@localhost <"$bin" | tr '\0' '!')
	[ "$said" = 'ZUnable to read the message file. (#4.3.0)
!' ] || return
	"$1" >/dev/null </dev/null
}
tried_qmail_smtpd() {
	# A client that says nothing.  The log is shown if there is no greeting.
	said=$("$1" </dev/null 2>/dev/null)
	[ "${said#220 }" != "$said" ] && return
	said=$("$1" </dev/null 2>&1)
	return 1
}

# The old program under a second name, whole from the first moment on.
keep() {
	ln -P "$old" "$old.stock" 2>/dev/null && return
	[ ! -e "$old.stock" ] && [ ! -L "$old.stock" ] || return
	rm -f "$old.copy" && cp -pP "$old" "$old.copy" && sync &&
	    mv -f "$old.copy" "$old.stock"
}

switch() {
	is_program "$bin/$new" ||
		{ refuse "there is no $bin/$new (make install)"; return; }
	is_program "$old" ||
		{ refuse "there is no program $old to replace"; return; }
	if is_same "$old" "$bin/$new"; then
		is_program "$old.stock" ||
			{ refuse "is $new, but $old.stock is no program"; return; }
		# An installer of qmail may have written through the link.
		"tried_$function" "$old" ||
			{ refuse "is $new, which does not work. It says:
$said"
			return; }
		say "is $new already"
		return
	fi
	if [ -e "$old.stock" ] || [ -L "$old.stock" ]; then
		is_same "$old" "$old.stock" ||
			{ refuse "$old.stock is there and is another program"
			return; }
	fi

	rm -f "$old.new" && ln -s "$new" "$old.new" ||
		{ refuse "cannot write in $bin"; return; }
	if ! "tried_$function" "$old.new"; then
		rm -f "$old.new"
		refuse "$new does not work here. It says:
$said"
		return
	fi
	[ -e "$old.stock" ] || keep
	is_program "$old.stock" && is_same "$old" "$old.stock" ||
		{ rm -f "$old.new"; refuse "$old.stock cannot be made"; return; }
	mv -f "$old.new" "$old" || { refuse "cannot be renamed"; return; }
	say "is $new now; the old one is $name.stock"
}

switch_back() {
	if is_program "$old" && ! is_same "$old" "$bin/$new"; then
		# Not ours: nothing was switched, or somebody has replaced it.
		[ ! -e "$old.stock" ] || is_same "$old" "$old.stock" ||
			{ refuse "is not $new, and not $name.stock either"
			return; }
		say 'is the old one already'
		return
	fi
	is_program "$old.stock" ||
		{ refuse "there is no program $old.stock"; return; }
	! is_same "$old.stock" "$bin/$new" ||
		{ refuse "$name.stock is $new, too"; return; }
	mv -f "$old.stock" "$old" || { refuse "cannot be renamed"; return; }
	say 'is the old one again'
}

what=$1
home=$2
bin=$2/bin
case $what in
switch | switch-back)	;;
*)			shift $# ;;
esac
if [ $# -lt 2 ]; then
	echo 'usage: switch.sh switch|switch-back HOME [PROGRAM...]' >&2
	exit 2
fi
shift 2
[ $# -gt 0 ] || set -- qmail-remote qmail-smtpd

# The programs find their control files; what is set here is not for them.
QMAILHOME=$home
QSMTP_FILTERS=earlytalk=off
export QMAILHOME QSMTP_FILTERS
unset BANNER PROTO QSMTPD_DEBUG
result=0
for name in "$@"; do
	old=$bin/$name
	case $name in
	qmail-remote)	new=Qremote function=qmail_remote ;;
	qmail-smtpd)	new=Qsmtpd function=qmail_smtpd ;;
	*)		refuse 'is no program that can be switched'
			result=1
			continue ;;
	esac
	if [ "$what" = switch ]; then
		switch
	else
		switch_back
	fi || result=1
done
exit $result
