# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For tests of journeys: a namespace, `pktpath trace` in it, what it said.

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

PUMP=$PKTPATH_TESTS/journey_pump

# One namespace; everything goes by lo.
one_ns()
{
	expect "module" net_load
	net_ns A
	OUT=$(mktemp)
	REC=$(mktemp)
	defer rm -f "$OUT" "$REC"
}

# trace ARG...: in the background in A, $TRACE; it records when this returns
trace()
{
	ip netns exec "$A" "$PKTPATH" "$@" >"$OUT" 2>&1 &
	TRACE=$!
	defer kill "$TRACE"
	await "the recording runs" 30 grep -q ^recording "$OUT"
}

pump()
{
	in_ns "$A" "$PUMP" "$@"
}

# stop: as by Ctrl-C; what it said is in $OUT
stop()
{
	kill -INT "$TRACE"
	wait "$TRACE"
	RC=$?
	[ "$RC" = 0 ] || fail "trace ended with $RC: $(cat "$OUT")"
}

# Reads JSON lines: prints for each journey its stages, in order.
ways()
{
	python3 -c '
import json, sys
for line in open(sys.argv[1]):
    if line.startswith("{"):
        print(*(s["stage"] for s in json.loads(line)["stages"]))' "$1"
}

# walks FILE [STAMPS]: are the journeys in FILE true?
walks()
{
	python3 "$(dirname "$0")/walk.py" "$NET_TOP/module/journey/ways.h" \
		"$@" || fail "no true journeys"
}

# once JSON: has each packet since the namespace was made one journey, and each
# drop that is counted its record?
once()
{
	"$PKTPATH" -n "$A" -j stat -z >"$OUT.stat"
	defer rm -f "$OUT.stat"
	python3 - "$1" "$OUT.stat" <<'PY' || fail "not all once"
import json, sys
js = [json.loads(l) for l in open(sys.argv[1]) if l.startswith("{")]
st = json.load(open(sys.argv[2]))["pktpath"]
at = lambda s: sum(any(x["stage"] == s and "drop" not in x
                       for x in j["stages"]) for j in js)
drops = sum("drop" in x and not x["drop"].startswith("kernel")
            for j in js for x in j["stages"])
want = {"IP_LOCAL_OUT": st["IpOutRequests"], "IP_RCV": st["IpInReceives"],
        "drops": sum(v for k, v in st.items() if k.startswith("Drop"))}
have = {"IP_LOCAL_OUT": at("IP_LOCAL_OUT"), "IP_RCV": at("IP_RCV"),
        "drops": drops}
print("# counted", want, "recorded", have)
sys.exit(want != have)
PY
}

is_quiet()
{
	local was

	was=$("$PKTPATH" -n "$A" stat Ip)
	sleep 0.5
	[ "$was" = "$("$PKTPATH" -n "$A" stat Ip)" ]
}

refuse_pid()
{
	! grep -qs '^State:.[^Z]' "/proc/$1/status"
}

# shellcheck disable=SC2034 # theirs
DOWN="IP_LOCAL_OUT IP_OUTPUT IP_FINISH NEIGH DEV_QUEUE DEV_XMIT"
# shellcheck disable=SC2034
UP="DEV_RX LINK_RCV IP_RCV IP_ROUTE_IN IP_LOCAL TP_RCV"
