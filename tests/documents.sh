# What the manual pages say against what the source does: every variable,
# control file, event, key, reply and filter has its place in them.
cd "$(dirname "$0")/.." || exit 1
server=man/Qsmtpd.8
client=man/Qremote.8
control=man/qsmtp-control.5
settings=man/filterconf.5
bad=0

complain() {
	echo "documents: $*"
	bad=1
}

# The source without line breaks, so that a call is on one line; one line a
# file, its name in front.
flat() {
	for file in "$@"; do
		printf '%s: ' "$file"
		tr -s '\n\t ' ' ' <"$file"
		echo
	done
}
# The layers that a program stands on.  Qsmtpd has the DNS once it asks it.
find_sources() {
	for folder in "$@"; do
		find "src/$folder" -name '*.c'
	done | sort
}
# Nobody starts Qremote who speaks UCSPI-TLS.
# shellcheck disable=SC2046 # names without blanks
remote=$(flat $(find_sources base net smtp mail remote |
    grep -vx src/net/ucspi.c))
dns='cat'
grep -rqw dns_open src/session src/filter src/smtpd ||
	dns='grep -vxE src/net/(dns|resolvers).c'
# shellcheck disable=SC2046
smtpd=$(flat $(find_sources base net smtp mail session filter smtpd | $dns))
# shellcheck disable=SC2046
every=$(flat $(find_sources base net smtp mail session filter smtpd remote \
    crypt))
all=$smtpd

# found WHAT REGEX SCRIPT: each match of REGEX in the source, cut down to the
# word by the sed SCRIPT; there must be some, else the search is out of date.
found() {
	words=$(printf '%s\n' "$all" | grep -oE "$2" | sed "$3" | sort -u)
	[ -n "$words" ] || echo "no-$1-found-in-src"
	printf '%s\n' "$words"
}

has_word() {
	grep -qw -e "$2" "$1"
}

# The environment.
getenv='getenv\("[A-Za-z0-9_]+"\)'
for name in $(found variable "$getenv" 's/.*"\(.*\)".*/\1/'); do
	has_word $server "$name" ||
		complain "getenv(\"$name\") in src, but not in $server"
done
all=$remote
for name in $(found variable "$getenv" 's/.*"\(.*\)".*/\1/'); do
	has_word $client "$name" ||
		complain "getenv(\"$name\") in src, but not in $client"
done
all=$smtpd
for name in $(found server-variable '[^a-z_]get\("[A-Z]+"\)' \
    's/.*"\(.*\)".*/TCP\1/'); do
	has_word $server "$name" ||
		complain "$name is read in src, but not in $server"
done
# A tool is a file, or a folder, of which the name is that of the page.
for file in src/tools/*.c src/tools/*/; do
	[ -e "$file" ] || continue
	page=$(echo man/"$(basename "$file" .c)".[1-8])
	if [ ! -f "$page" ]; then
		complain "$file has no $page"
		continue
	fi
	# shellcheck disable=SC2046 # names without blanks
	for name in $(flat $(find "$file" -name '*.c') | grep -oE "$getenv" |
	    sed 's/.*"\(.*\)".*/\1/' | sort -u); do
		has_word "$page" "$name" ||
			complain "getenv(\"$name\") in $file, but not in $page"
	done
done

# Control files: names in calls, in the tables of config and of filters, and
# those of .cdb files and of folders.
readers='control_(has|exists|read|line|number|refuse)|list_read'
readers="$readers|read_(name|seconds|address|number)|look_in_lines"
files="($readers)\([^()\";]*\"[^\"/\$]+\""
files="$files|\{ \"[a-z]+\", &config->"
files="$files|\{ \"[a-z]+6?\", [46] \}| file\[\] = \"[^\"]+\""
files="$files|#define FILE_NAME \"[^\"]+\""
files="$files|\.file = \"[^\"]+\"|\"[a-z]+\.(cdb|d)\""
files="$files|\.(file6|blocked|spared) = \"[^\"]+\""
files="$files|(finding_lists|setting_find_file)\([^()\";]*\"[^\"]+\""
word='s/^[^"]*"\([^"]*\)".*/\1/'
# names_of PROGRAM LETTER: the files that it reads, which the table says.
names_of() {
	for name in $(found control-file "$files" "$word"); do
		grep -qxF ".It Pa $name" $control ||
			complain "control/$name is read, but not in $control"
		grep -qE "^\.It $name Ta .* Ta ([RST] )*$2( [RST])*\$" \
		    $control ||
			complain "$control does not say that $1 reads $name"
	done
}
names_of Qsmtpd S
all=$remote
names_of Qremote R
all=$every
for name in $(sed -n 's/^\.It Pa \([A-Za-z0-9_.-]*\)$/\1/p' $control); do
	printf '%s\n' "$every" | grep -qF -e "\"$name\"" -e "/$name\"" ||
		complain "$name is in $control, but nothing in src reads it"
	grep -q "^\.It $name Ta " $control ||
		complain "$name is not in the table of $control"
done
for key in $(found route-key 'text_is\(line, key, "[a-z0-9]+"\)' "$word"); do
	grep -qxF ".It $key" $control ||
		complain "key $key of smtproutes.d is not in $control"
done

# Reports: each text, which may be in pieces, as the page has it.
page=$(tr -s '\n\\ ' ' ' <$client)
flat src/remote/*.c | sed 's/" "//g' | grep -oE '"[^"]*"' | tr -d '"' |
    sed 's/\\n$//; s/\\n/ /g; s/ $//; s/^[KZD]\([A-Z]\)/\1/' |
    grep -E ' (\(#[0-9.]*\)|[a-z]+[.!]|name|not tried|above)$' | sort -u |
    while read -r text; do
	case $page in
	*"$text"*)	;;
	*)		echo "documents: report \"$text\" is not in $client" ;;
	esac
done | grep . && bad=1
for letter in $(sed -n "s/^.*_[A-Z]* = '\([A-Za-z]\)'.*/\1/p" \
    include/remote/report.h); do
	grep -qxF ".It Sy $letter" $client ||
		complain "letter $letter of a report is not in $client"
done
all=$smtpd

# Events of the log and their keys.
entries() {
	sed -n 's/^\.It Li //p' $server | tr -d ' ' | tr ',' '\n'
}
for name in $(printf '%s\n' "$all" | grep -oE 'session_log\([^;]*;' |
    grep -oE '"[a-z]+"' | tr -d '"' | sort -u); do
	grep -qxF ".It Li $name" $server ||
		complain "event=$name in src, but not in $server"
	grep -q "^event=$name " $server ||
		complain "$server has no line of event=$name as an example"
done
for name in $(found key 'log_(text|number|octets)\(&?line, "[a-z-]+"' \
    's/.*"\(.*\)".*/\1/'); do
	entries | grep -qxF "$name" ||
		complain "key $name= in src, but not in $server"
done

# Those of qsmtp-tls, and its options.
tls=man/qsmtp-tls.8
tls_words=$(flat src/crypt/*.c | grep -oE \
    'journal_(text|number|fault|begin)\((&?line, )?"[a-z-]+"' |
    sed 's/.*"\(.*\)"/\1/' | sort -u)
[ -n "$tls_words" ] || complain 'no events in src/crypt'
for name in $tls_words client host encrypted verified dane unmet failed \
    refused broken; do
	grep -qE "^\.(It Li|Cm|It Cm.*|Pq Cm) *$name\>" $tls ||
		complain "$name is in the log of qsmtp-tls, but not in $tls"
done
for letter in $(sed -n "s/^\t\tcase '\(.\)':\$/\1/p" src/crypt/main.c); do
	grep -q "^\.It Fl $letter\>" $tls ||
		complain "option -$letter is not in $tls"
done
for name in $(flat src/crypt/*.c |
    grep -oE '(CONTROL "/|"control/)[a-z.]+"' | sed 's/.*\/\(.*\)"/\1/' |
    sort -u); do
	grep -q "^\.It Pa control/$name" $tls ||
		complain "control/$name is read by qsmtp-tls, but not in $tls"
done

# Replies: a code and its enhanced status code.
for pair in $(found reply '[2-5][0-9][0-9], "[245]\.[0-9]\.[0-9]+"' \
    's/\(...\), "\(.*\)"/\1_\2/'); do
	code=${pair%_*}
	grep -qF ".It $code Ta ${pair#*_} Ta " $server ||
		complain "reply $code ${pair#*_} in src, but not in $server"
done

# What the exit codes of the queue program mean.
flat src/smtpd/queue.c |
    grep -oE '\{ -?[0-9]+, [0-9-]+, [0-9]+, "[0-9.]+", "[^"]*" \}' |
    sed 's/.*, \([0-9]*\), "\([0-9.]*\)", "\(.*\) (#.*/\1 \2 \3/' |
    while read -r line; do
	grep -qF "Ta $line" $server || echo "documents: queue: $line: not in $server"
done | grep . && bad=1

# Filters, by their names and in their order, the other keys, and extensions.
listed=$(sed -n 's/^.*&filter_\([A-Za-z0-9_]*\),.*/\1/p' src/filter/table.c |
    while read -r name; do
	sed -n 's/^	\.name = "\(.*\)",$/\1/p' "src/filter/$name.c"
done)
# sorts_of PAGE END: the filters that its section of them has, in order.
sorts_of() {
	sed -n "/^\.Sh FILTERS/,/^\.Sh $2/s/^\.It Sy //p" "$1"
}
for page in "$server LOG" "$settings FILES"; do
	# shellcheck disable=SC2086 # two words
	described=$(sorts_of $page)
	[ -n "$listed" ] && [ "$listed" = "$described" ] ||
		complain "filters in src/filter/table.c:" $listed \
		    "- in ${page% *}:" $described
done
for name in $(sed -n 's/^#define CHAIN_[A-Z_]* *\t*"\(.*\)"$/\1/p' \
    include/filter/chain.h); do
	grep -qxF ".It Sy $name" $settings ||
		complain "key $name is in src, but not in $settings"
done
# Each filter and key with an example.
without=$(awk '/^\.Sh (KEYS|FILTERS)/ { on = 1 } /^\.Sh FILES/ { on = 0 }
    on && (/^\.It Sy / || /^\.Sh /) { if (name != "" && !shown) print name
	name = /^\.It/ ? $3 : ""; shown = 0 }
    on && /^Example/ { shown = 1 }
    END { if (name != "" && !shown) print name }' $settings)
[ -z "$without" ] || complain "no example in $settings:" $without
for name in $(found extension '\{ EXTENSION_[A-Z0-9]+, "[A-Z0-9]+"' \
    's/.*"\(.*\)".*/\1/'); do
	has_word $server "$name" && has_word $control "$name" ||
		complain "extension $name is not in both of $server and $control"
done

if ! command -v mandoc >/dev/null; then
	[ $bad = 0 ] && echo 'mandoc is not there to check the form of the pages' &&
		exit 77
	exit 1
fi
mandoc -T lint -W warning man/*.[1-8] || bad=1
[ $bad = 0 ] && echo 'documents: the manual pages know all that the source does'
exit $bad
