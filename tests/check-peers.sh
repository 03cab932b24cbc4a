# check-peers.sh BUILD: what needs other people's programs: real clients here.
build=${1:?usage: check-peers.sh BUILD}
cd "$(dirname "$0")/.." || exit 1
JOBS=${JOBS:-2}
export JOBS

make -s -j"$JOBS" B="$build" all tests || exit 1
sh tests/run.sh "$build/log-peers" "python3 tests/peers/clients.py $build"
result=$?
sh tests/untouched.sh "$build/before" compare || result=1
exit $result
