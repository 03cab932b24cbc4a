# peers.sh DIRECTORY [PEER...]: fetch the programs that the demo and the tests
# talk to and unpack them below DIRECTORY.  Nothing is installed: their
# packages conflict with each other and with a mail host's own.
#	DIRECTORY/bin/NAME	a door to each program
#	DIRECTORY/PEER/root	what PEER's packages hold
#	DIRECTORY/debs		the packages as fetched
# shellcheck disable=SC2046,SC2086 # lists of names are split
# shellcheck disable=SC2016 # a door's own variables
# Others are fetched where they are named: by check-peers.sh.
all='ucspi-tcp-ipv6 ucspi-tcp swaks postfix spamassassin daemontools'

# A peer is named as its Debian package.  A door is NAME=PROGRAM; a program
# without a slash is this machine's own, run with the peer's libraries.  Some
# packages only recommend what is needed (more), or look for their files at a
# fixed place (setting: a line of the door).
doors_of() {
	more='' setting=''
	case $1 in
	ucspi-tcp-ipv6)	doors='tcpserver=usr/bin/tcpserver' ;;
	ucspi-tcp)	doors='tcpserver4=usr/bin/tcpserver' ;;
	swaks)		doors='swaks=usr/bin/swaks' more=libnet-ssleay-perl ;;
	postfix)	doors='smtp-source=usr/sbin/smtp-source'
			doors="$doors smtp-sink=usr/sbin/smtp-sink"
			doors="$doors posttls-finger=usr/sbin/posttls-finger" ;;
	spamassassin)	doors='sa-perl=perl' ;;
	daemontools)	doors='softlimit=usr/bin/softlimit'
			doors="$doors multilog=usr/bin/multilog" ;;
	python3-aiosmtpd)	doors='aiosmtpd=python3' ;;
	exim4-daemon-light)	doors='exim=usr/sbin/exim4' ;;
	opensmtpd)	doors='opensmtpd=usr/sbin/smtpd' ;;
	dovecot-core)	doors='dovecot=usr/sbin/dovecot' ;;
	nmap)		doors='nmap=usr/bin/nmap' ;;
	gnutls-bin)	doors='gnutls-cli=usr/bin/gnutls-cli' ;;
	testssl.sh)	doors='testssl=usr/bin/testssl'
			setting='export TESTSSL_INSTALL_DIR="$root/etc/testssl"
export PATH="$PATH:$root/usr/bin"' ;;
	*)		echo "peers: no peer is called $1" >&2; return 1 ;;
	esac
}

# The peer and what it and `more` need that is not here.  An upgrade of what is here
# ("Inst name [old] ...") is not wanted: a root may not shadow half of perl.
wanted() {
	echo "$1"
	plan=$(apt-get -s -qq install --no-install-recommends \
	    --allow-change-held-packages "$1" $more) || return
	printf '%s\n' "$plan" |
	    awk '$1 == "Inst" && $3 !~ /^\[/ { print $2 }' | grep -vx "$1"
	:
}

# Root's downloads would be handed to a user that may not write here.
download() {
	apt-get -qq -o APT::Sandbox::User="$(id -un)" download "$@"
}

unpack() {
	names=$(wanted "$1") || return
	(cd "$debs" && download $names) || return
	rm -rf "${directory:?}/$1"
	mkdir -p "$directory/$1/root" && cd "$directory/$1" || return
	for deb in $(apt-get -qq --print-uris download $names |
	    cut -d ' ' -f 2); do
		dpkg-deb -x "$debs/$deb" root || return
	done
	# They are run from here as they are, with no rights of their own.
	find root -type f -perm /6000 -exec chmod ug-s {} +
}

# Join those of the arguments that exist, as a search path below $root.
joined() {
	path=
	for folder; do
		[ -e "$folder" ] && path="$path${path:+:}\$root/$folder"
	done
	printf %s "$path"
}

# A plain link where that will do: no process, no variable for children to
# inherit.  The others find their own place, so the tree may be moved.
make_door() {
	name=${2%%=*}
	program=${2#*=}
	door=$directory/bin/$name
	cd "$directory/$1/root" || return
	libraries=$(joined $(find . -name 'lib*.so*' ! -path '*/perl*' \
	    -printf '%h\n' | sort -u | sed 's|^\./||'))
	modules=$(joined usr/lib/*/perl5/5.* usr/share/perl5)
	packages=$(joined usr/lib/python3/dist-packages)
	rm -f "$door"
	case $program in
	*/*)	[ -x "$program" ] || {
			echo "$1 has no $program" >&2
			return 1
		}
		if [ -z "$libraries$modules$packages$setting" ]; then
			ln -s "../$1/root/$program" "$door"
			return
		fi
		program="\$root/$program" ;;
	esac
	{
		echo '#!/bin/sh'
		echo "here=\${0%/*}/../$1"
		echo "root=\$(CDPATH= cd \"\$here/root\" && pwd) || exit"
		[ -n "$libraries" ] && echo "LD_LIBRARY_PATH=\"$libraries\"" &&
		    echo 'export LD_LIBRARY_PATH'
		[ -n "$modules" ] && echo "PERL5LIB=\"$modules\"" &&
		    echo 'export PERL5LIB'
		[ -n "$packages" ] && echo "PYTHONPATH=\"$packages\"" &&
		    echo 'export PYTHONPATH'
		[ -n "$setting" ] && echo "$setting"
		echo "exec \"$program\" \"\$@\""
	} >"$door" && chmod 0755 "$door"
}

attempt() {
	unpack "$1" || return
	for door in $doors; do
		make_door "$1" "$door" || return
	done
}

# Package lists may be absent, or older than what the mirror has.
updated=
update() {
	[ -z "$updated" ] && [ "$(id -u)" = 0 ] || return
	echo 'peers: apt-get update'
	apt-get -qq update && updated=yes
}

is_here() {
	had=
	read -r had 2>/dev/null <"$directory/$1/stamp"
	[ "$had" = "$doors $more" ] || return
	for door in $doors; do
		[ -x "$directory/bin/${door%%=*}" ] || return
	done
}

directory=${1:?usage: peers.sh DIRECTORY [PEER...]}
shift
[ $# = 0 ] && set -- $all
mkdir -p "$directory/bin" "$directory/debs" || exit
directory=$(CDPATH='' cd "$directory" && pwd) || exit
debs=$directory/debs

for peer; do
	doors_of "$peer" || exit
	is_here "$peer" && continue
	echo "peers: $peer"
	log=$directory/$peer.log
	(attempt "$peer") >"$log" 2>&1 ||
	    { update && (attempt "$peer") >"$log" 2>&1; } || {
		tail -n 20 "$log"
		echo "peers: cannot fetch $peer (apt's words are above)"
		[ "$(id -u)" = 0 ] ||
		    echo 'peers: if the lists are old, as root: apt-get update'
		exit 1
	} >&2
	echo "$doors $more" >"$directory/$peer/stamp"
done
