# run.sh DIRECTORY COMMAND...: run each command (a line of shell), JOBS at a
# time, keep its output below DIRECTORY, show the output of those that fail.
# A command that ends with 77 was skipped; its last line says why.
directory=$1
shift
mkdir -p "$directory"
rm -f "$directory"/*.log "$directory"/*.result

export directory
printf '%s\n' "$@" | xargs -P "${JOBS:-2}" -d '\n' -I {} sh -c '
	name=$(printf %s "$1" | tr -c "A-Za-z0-9._-" _ | tail -c 100)
	log=$directory/$name.log
	began=$(date +%s)
	sh -c "$1" >"$log" 2>&1 </dev/null
	code=$?
	took=$(($(date +%s) - began))
	case $code in
	0)	word=passed ;;
	77)	word=skipped ;;
	*)	word=failed ;;
	esac
	echo "$word" >"$directory/$name.result"
	line="$word  ${took}s  $1"
	[ $word = skipped ] && line="$line: $(tail -n 1 "$log")"
	echo "$line"
	[ $word = failed ] && sed "s/^/    /" "$log" | tail -n 60
	exit 0
' sh {}

count() {
	cat "$directory"/*.result 2>/dev/null | grep -cx "$1"
}
echo "$(count passed) passed, $(count failed) failed, $(count skipped) skipped"
[ "$(count failed)" = 0 ] && [ "$(count passed)" -gt 0 ]
