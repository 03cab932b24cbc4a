# What the manual pages say against what the source does: every variable,
# control file, event, key, reply and filter has its place in them.
cd "$(dirname "$0")/.." || exit 1
server=man/Qsmtpd.8
control=man/qsmtp-control.5
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
sources=$(find src -name '*.c' ! -path 'src/tools/*' ! -path 'src/remote/*' |
    sort)
# shellcheck disable=SC2086
all=$(flat $sources)

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
for name in $(found variable 'getenv\("[A-Za-z0-9_]+"\)' 's/.*"\(.*\)".*/\1/'); do
	has_word $server "$name" ||
		complain "getenv(\"$name\") in src, but not in $server"
done
for name in $(found server-variable '[^a-z_]get\("[A-Z]+"\)' \
    's/.*"\(.*\)".*/TCP\1/'); do
	has_word $server "$name" ||
		complain "$name is read in src, but not in $server"
done
for file in src/tools/*.c; do
	[ -f "$file" ] || continue
	page=man/$(basename "$file" .c).8
	if [ ! -f "$page" ]; then
		complain "$file has no $page"
		continue
	fi
	for name in $(flat "$file" | grep -oE 'getenv\("[A-Za-z0-9_]+"\)' |
	    sed 's/.*"\(.*\)".*/\1/' | sort -u); do
		has_word "$page" "$name" ||
			complain "getenv(\"$name\") in $file, but not in $page"
	done
done

# Control files: names in calls, in the tables of config and of filters, and
# those of .cdb files.
readers='control_(has|read|line|number|refuse)|list_read|read_name'
for name in $(found control-file \
    "($readers)\([^()\";]*\"[^\"]+\"|\{ \"[a-z]+\", &config->|\.file = \"[^\"]+\"|\"[a-z]+\.cdb\"" \
    's/^[^"]*"\([^"]*\)".*/\1/'); do
	grep -qxF ".It Pa $name" $control ||
		complain "control/$name is read in src, but not in $control"
done
for name in $(sed -n 's/^\.It Pa \([A-Za-z0-9_.]*\)$/\1/p' $control); do
	printf '%s\n' "$all" | grep -qF "\"$name\"" ||
		complain "$name is in $control, but nothing in src reads it"
	grep -q "^\.It $name Ta " $control ||
		complain "$name is not in the table of $control"
done

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

# Replies: a code and its enhanced status code.
for pair in $(found reply '[2-5][0-9][0-9], "[245]\.[0-9]\.[0-9]"' \
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

# Filters, in their order, and extensions.
listed=$(sed -n 's/^.*&filter_\([a-z]*\),.*/\1/p' src/filter/table.c)
described=$(sed -n '/^\.Sh FILTERS/,/^\.Sh LOG/s/^\.It Sy //p' $server |
    grep -vxE 'off|monitor|defer|reject')
[ -n "$listed" ] && [ "$listed" = "$described" ] ||
	complain "filters in src/filter/table.c:" $listed "- in $server:" $described
for name in $listed; do
	has_word $control "$name" || complain "filter $name is not in $control"
done
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
