#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317,SC2016 # tests are called by name; awk
# Are journeys true, and is each packet's told?

# shellcheck source=selftests/journey/trace.sh disable=SC1091
. "$(dirname "$0")/trace.sh"

# Much of both, with loss: each packet once, each drop told, and all of them
# walks of the graph.
test_property()
{
	one_ns
	expect "loss" in_ns "$A" tc qdisc add dev lo root netem loss 3%
	trace trace --ring 131072 --record "$REC"
	in_ns "$A" "$PUMP" tcp 127.0.0.1 5001 "${N:-300}" 500 >/dev/null &
	defer kill $!
	expect "datagrams" pump flood 127.0.0.1 5000 "${N:-3000}" 100
	# nobody is there
	expect "refused" pump send 127.0.0.1 5009 1 100
	wait $! || fail "the stream ended with $?"
	await "all have come" 30 is_quiet
	stop
	"$PKTPATH" -j trace --read "$REC" >"$OUT.json" 2>"$OUT"
	defer rm -f "$OUT.json"
	walks "$OUT.json"
	once "$OUT.json"
	expect_out "none lost" ' 0 records lost' cat "$OUT"
}

# The sum of a journey's stages is the time its sender and receiver measure,
# but for what their system calls take themselves, the same each time.
test_truth()
{
	one_ns
	trace -j trace udp port 5000
	pump udp 127.0.0.1 5000 200 64 >"$REC"
	stop
	if [ -n "$ICOUNT" ]; then
		walks "$OUT" "$REC"
	else
		walks "$OUT"
	fi
}

# A hundred thousand journeys: datagrams and a stream, of which some are lost and
# sent again, each in its stamps, then what nobody waits for. Nothing is left out.
test_mix()
{
	local i all=0

	for ((i = 0; i < ROUNDS; i++)); do
		one_ns
		expect "loss" in_ns "$A" tc qdisc add dev lo root netem loss 1%
		trace trace --ring 131072 --record "$REC"
		pump lossy 127.0.0.1 5000 1000 64 >"$OUT.udp"
		pump tcp 127.0.0.1 5001 1000 500 >"$OUT.tcp"
		pump flood 127.0.0.1 5002 2000 100 >/dev/null
		pump send 127.0.0.1 5009 1 100 >/dev/null
		await "all have come" 30 is_quiet
		stop
		expect_out "none lost" ' 0 records lost' cat "$OUT"
		"$PKTPATH" -j trace --read "$REC" >"$OUT.json" 2>"$OUT"
		walks "$OUT.json" "$OUT.udp" 5000
		walks "$OUT.json" "$OUT.tcp" 5001
		once "$OUT.json"
		all=$((all + $(grep -c '^{' "$OUT.json")))
		rm -f "$OUT" "$OUT".* "$REC"
		expect "the namespace goes" ip netns del "$A"
	done
	echo "# $all journeys"
	[ "$all" -ge $((ROUNDS * 5000)) ] || fail "too few"
}

# The highest rate there is: datagrams as fast as two programs send and read
# them, and a stream, on all processors; with rings as they are without --ring.
# Each packet has its journey, none of its records is lost.
flood()
{
	local i n=$N pids=() sent

	one_ns
	trace trace "$@"
	for i in 1 2; do
		ip netns exec "$A" "$PUMP" flood 127.0.0.1 "500$i" "$n" 100 \
			>/dev/null &
		pids+=($!)
		defer kill $!
	done
	ip netns exec "$A" "$PUMP" tcp 127.0.0.1 5003 $((n / 20)) 30000 \
		>/dev/null &
	pids+=($!)
	defer kill $!
	for i in "${pids[@]}"; do
		wait "$i" || fail "traffic ended with $?"
	done
	await "all have come" 30 is_quiet
	stop
	note "$(tail -n 1 "$OUT")"
	expect_out "none lost" ' 0 records lost' tail -n 1 "$OUT"
	sent=$(pp_stat "$A" IpOutRequests)
	[ "$sent" -gt $((2 * n)) ] || fail "$sent were sent"
	expect_out "all of them" "^$sent journeys" tail -n 1 "$OUT"
}

test_flood_record()
{
	flood --record "$(mktemp -p "$KTAP_DIR")"
}

test_flood_top()
{
	flood --top
}

ICOUNT=
case ${1:-} in
truth)
	# the guest's clock counts instructions: times can be compared
	ICOUNT=1
	set -- test_truth
	;;
mix)
	ROUNDS=${2:-20}
	set -- test_mix
	;;
flood)
	N=${2:-20000}
	set -- test_flood_record test_flood_top
	;;
'')
	set -- test_truth test_property
	;;
esac
ktap_run "$@"
