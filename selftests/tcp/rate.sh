#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# How fast a stream is on a long path, beside one of AF_INET on a path that is
# just the same: buffers and windows have to grow, and what is lost has to be
# repaired without more than its due of time. Time is counted, so that a busy
# machine is no slow one.
#
#	A pa 10.77.0.1 (pktpath) ---- pb 10.77.0.2 B (AF_INET)
#	A ka 10.78.0.1 (AF_INET) ---- kb 10.78.0.2 B (AF_INET)
#
# Each way of each takes 10 ms, at 200 Mbit/s: 500 kB are under way when it is
# full. Loss is one packet in 200, the same ones for both.

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

# of AF_INET's rate, in percent
LEAST=70
PORT=90

# long_path NS IF [LOSS]
long_path()
{
	expect "netem" tc -n "$1" qdisc add dev "$2" root netem delay 10ms \
		rate 200mbit limit 2000
	[ -n "${3-}" ] || return 0
	# or there is little to lose
	expect "no super-packets" ip -n "$1" link set "$2" gso_max_size 1600
	expect "clsact" tc -n "$1" qdisc add dev "$2" clsact
	expect "one in $3" tc -n "$1" filter add dev "$2" egress matchall \
		action pass random determ drop "$3"
}

paths()
{
	net_pair
	net_veth "$A" ka "$B" kb
	expect "A's other address" ip -n "$A" addr add 10.78.0.1/24 dev ka
	expect "B's other address" ip -n "$B" addr add 10.78.0.2/24 dev kb
	long_path "$A" pa "$@"
	long_path "$A" ka "$@"
	long_path "$B" pb "$@"
	long_path "$B" kb "$@"
}

# took VAR BYTES FAMILY FROM FAMILY TO ADDR: milliseconds
took()
{
	local out pid ms

	PORT=$((PORT + 1))
	out=$(mktemp)
	in_ns "$6" timeout 300 "$PKTPATH_TESTS/tcp_pump" "$5" listen "$7" \
		"$PORT" recv "$2" >"$out" 2>&1 &
	pid=$!
	await "the receiver listens" 30 grep -q ready "$out"
	ms=$(in_ns "$4" timeout 300 "$PKTPATH_TESTS/tcp_pump" "$3" connect \
		"$7" "$PORT" send "$2") || fail "the sender: $ms"
	wait "$pid" || fail "the receiver: $(cat "$out")"
	rm -f "$out"
	printf -v "$1" %s "${ms#took }"
}

judge()
{
	note "$3: $1 ms, AF_INET $2 ms"
	expect "$3: at least $LEAST % of AF_INET's rate" \
		test "$(($2 * 100))" -ge "$(($1 * LEAST))"
}

# both_ways BYTES
both_ways()
{
	local ours inet before

	before=$(pp_stat "$A" TcpOutSegs)
	took inet "$1" inet "$A" inet "$B" 10.78.0.2
	expect "that was not ours" test \
		"$(pp_stat "$A" TcpOutSegs)" = "$before"
	took ours "$1" pktpath "$A" inet "$B" 10.77.0.2
	expect "this was" pp_stat_above "$A" TcpOutSegs \
		$((before + $1 / 65536))
	judge "$ours" "$inet" "out"
	before=$(pp_stat "$A" TcpInSegs)
	took inet "$1" inet "$B" inet "$A" 10.78.0.1
	took ours "$1" inet "$B" pktpath "$A" 10.77.0.1
	expect "it was ours" pp_stat_above "$A" TcpInSegs \
		$((before + $1 / 65536))
	judge "$ours" "$inet" "in"
}

test_long_path()
{
	paths
	both_ways 40000000
}

test_long_path_with_loss()
{
	paths 200
	both_ways 15000000
}

ktap_run test_long_path test_long_path_with_loss
