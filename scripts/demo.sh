#!/bin/bash
# Plays a bad day: three simulated regions, the daemon on config.yaml, and us-east in trouble for a while.
#
# On a terminal it shows the state live until Ctrl-C. Without one it plays the day once, prints every transition, and
# exits 0 only if traffic left us-east and came back.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$(swift build --show-bin-path)
run=$PWD/.run
limit=${DEMO_LIMIT:-240}                # seconds until the day is given up
rm -rf "$run"
mkdir -p "$run"
socket=$run/failoverd.sock
# Socket paths are short by law of the kernel; a deep checkout needs another place.
if [ ${#socket} -gt 100 ]; then socket=$(mktemp -d)/failoverd.sock; fi
export FAILOVERD_SOCKET=$socket
echo "$socket" >"$run/socket"

pids=()
stop() {
    trap - EXIT
    # Those who listen go first, so that they do not complain about the end.
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        kill "${pids[i]}" 2>/dev/null || true
        wait "${pids[i]}" 2>/dev/null || true
    done
}
trap stop EXIT
trap 'stop; exit 130' INT
trap 'stop; exit 143' TERM

fail() {
    echo "The demo did not get that far: $1" >&2
    for log in regionsim failoverd; do
        [ -s "$run/$log.log" ] && sed "s/^/  $log: /" "$run/$log.log" | tail -20 >&2
    done
    exit 1
}

"$bin/failoverd" --config config.yaml --state-file "$run/state.json" --socket "$socket" \
    --state-dir "$run/memory" 2>"$run/failoverd.log" &
pids+=($!)
daemon=$!
"$bin/regionsim" --script examples/bad-day.yaml --ready-file "$run/regions-ready" >"$run/regionsim.log" 2>&1 &
pids+=($!)
regions=$!

alive() { kill -0 "$daemon" 2>/dev/null && kill -0 "$regions" 2>/dev/null; }
for _ in $(seq 200); do
    [ -e "$run/regions-ready" ] && [ -S "$socket" ] && break
    alive || fail "a program ended"
    sleep 0.1
done
[ -e "$run/regions-ready" ] && [ -S "$socket" ] || fail "not ready after 20 s"

events() { "$bin/failoverctl" events --json --limit 1000 2>/dev/null || true; }
moves() { events | grep -cE "\"event\":\"$1\"" || true; }

if [ -t 1 ] && [ -t 0 ]; then
    while alive; do
        COLUMNS=$(tput cols)
        export COLUMNS
        screen=$("$bin/failoverctl" status 2>&1 || true)
        happened=$("$bin/failoverctl" events --limit 6 2>&1 || true)
        printf '\033[H\033[2J%s\n\n%s\n\n%s\n\n%s\n' "$screen" "$happened" "$(tail -n 2 "$run/regionsim.log" | fold -s -w "$COLUMNS")" \
            "Ctrl-C ends it. Meanwhile, in another terminal: scripts/ctl explain chat"
        sleep 1
    done
    fail "a program ended"
fi

echo "Three simulated regions are up, and failoverd watches them. us-east is about to have a bad day."
tail -n +1 -f "$run/regionsim.log" > >(sed -u 's/^/  regions    /') &
pids+=($!)
"$bin/failoverctl" events --follow > >(sed -u 's/^/  failoverd  /') &
pids+=($!)
for _ in $(seq "$limit"); do
    alive || fail "a program ended"
    if [ "$(moves failover)" -gt 0 ] && [ "$(moves failback)" -gt 0 ]; then
        sleep 1
        echo
        "$bin/failoverctl" status
        echo
        "$bin/failoverctl" explain chat
        echo
        echo "Traffic left us-east and came back: the day is over."
        exit 0
    fi
    sleep 1
done
fail "no failover and failback within $limit s"
