#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317,SC2016 # tests are called by name; awk
# TCP streams of known content between pktpath in A and the kernel in B, in
# both directions, and between two pktpath sockets; clean and with loss.
# Proves: RFC 9293 §3.5, §3.6, §3.10 (open, data, close), RFC 6298, RFC 8985
# (loss is repaired), and by the counters that our stack did it.

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

# of a stream, in seconds
LIMIT=300

# stream SERVER_NS SERVER_FAMILY ADDR PORT CLIENT_NS CLIENT_FAMILY \
#	 SERVER_DOES CLIENT_DOES BYTES [CHUNK]
stream()
{
	local sns=$1 sfam=$2 addr=$3 port=$4 cns=$5 cfam=$6 out pid

	out=$(mktemp)
	in_ns "$sns" timeout "$LIMIT" "$PKTPATH_TESTS/tcp_pump" "$sfam" listen \
		"$addr" "$port" "$7" "$9" >"$out" 2>&1 &
	pid=$!
	expect "the server listens" wait_until 30 grep -q ready "$out"
	expect "the client is content" in_ns "$cns" timeout "$LIMIT" \
		"$PKTPATH_TESTS/tcp_pump" "$cfam" connect "$addr" "$port" \
		"$8" "$9" "${10:-65536}"
	# not by expect: a subshell has no children to wait for
	wait "$pid" || fail "the server: status $?: $(cat "$out")"
	rm -f "$out"
}

# The kernel's TCP in A must not have moved: no silent fall-back.
not_by_the_kernel()
{
	expect_out "the kernel's TCP in A did nothing" '^0 0$' in_ns "$A" \
		awk '/^Tcp: [0-9]/ { print $6, $7 }' /proc/net/snmp
	expect "ours did" test "$(pp_stat "$A" TcpOutSegs)" -gt 0
}

test_requests_to_the_kernel()
{
	net_pair
	stream "$B" inet 10.77.0.2 81 "$A" pktpath echo ping 200 10
	not_by_the_kernel
}

test_requests_from_the_kernel()
{
	net_pair
	stream "$A" pktpath 10.77.0.1 82 "$B" inet echo ping 200 10
	not_by_the_kernel
}

test_stream_to_the_kernel()
{
	net_pair
	stream "$B" inet 10.77.0.2 83 "$A" pktpath recv send 2000000
	not_by_the_kernel
}

test_stream_from_the_kernel()
{
	net_pair
	stream "$A" pktpath 10.77.0.1 84 "$B" inet recv send 2000000
	not_by_the_kernel
}

test_stream_over_loopback()
{
	net_pair
	stream "$A" pktpath 10.77.0.1 85 "$A" pktpath recv send 2000000
	not_by_the_kernel
}

test_small_pieces()
{
	net_pair
	stream "$B" inet 10.77.0.2 86 "$A" pktpath recv send 30000 100
}

test_refused()
{
	net_pair
	refuse_out "nobody listens" "Connection refused" in_ns "$A" \
		"$PKTPATH_TESTS/tcp_pump" pktpath connect 10.77.0.2 99 send 1
	refuse_out "nor here" "Connection refused" in_ns "$B" \
		"$PKTPATH_TESTS/tcp_pump" inet connect 10.77.0.1 99 send 1
	expect "a reset was sent" test "$(pp_stat "$A" TcpOutRsts)" -gt 0
}

lossy()
{
	# One segment a packet, or netem has too few to lose.
	expect "no super-packets" ip -n "$A" link set pa gso_max_size 1600
	expect "netem in A" tc -n "$A" qdisc add dev pa root netem loss 2% \
		delay 2ms
	expect "netem in B" tc -n "$B" qdisc add dev pb root netem loss 2% \
		delay 2ms
}

test_loss_to_the_kernel()
{
	net_pair
	lossy
	# so many that none is lost once in a million runs
	stream "$B" inet 10.77.0.2 87 "$A" pktpath recv send 1000000
	expect "it was sent again" test \
		"$(pp_stat "$A" TcpRetransSegs)" -gt 0
}

test_loss_from_the_kernel()
{
	net_pair
	lossy
	stream "$A" pktpath 10.77.0.1 88 "$B" inet recv send 500000
}

# rough WHAT...: 20 MB each way to the kernel and 5 MB between two of ours over
# a path that netem makes so
rough()
{
	local before LIMIT=900

	net_pair
	expect "no super-packets" ip -n "$A" link set pa gso_max_size 1600
	expect "nor there" ip -n "$B" link set pb gso_max_size 1600
	expect "netem in A" tc -n "$A" qdisc add dev pa root netem \
		limit 10000 "$@"
	expect "netem in B" tc -n "$B" qdisc add dev pb root netem \
		limit 10000 "$@"
	stream "$B" inet 10.77.0.2 91 "$A" pktpath recv send 20000000
	stream "$A" pktpath 10.77.0.1 92 "$B" inet recv send 20000000
	not_by_the_kernel
	expect "B is ours" ip -n "$B" addr del 10.77.0.2/24 dev pb
	pp_own "$B" pb 10.77.0.2/24
	before=$(pp_stat "$B" TcpInSegs)
	stream "$B" pktpath 10.77.0.2 93 "$A" pktpath recv send 5000000
	expect "it took them" pp_stat_above "$B" TcpInSegs \
		"$((before + 3000))"
	note "sent again: $(pp_stat "$A" TcpRetransSegs)," \
		"checksums: $(pp_stat "$A" TcpInCsumErrors)"
}

octets()
{
	echo $(($(pp_stat "$A" IpExtInOctets) + $(pp_stat "$A" IpExtOutOctets)))
}

# 70 MB to the kernel, from it, and between two of ours, in super-packets, of
# which some are lost and come twice
test_much()
{
	local size=70000000 moved

	net_pair
	expect "netem in A" tc -n "$A" qdisc add dev pa root netem \
		limit 10000 delay 1ms loss 0.3% duplicate 0.3%
	expect "netem in B" tc -n "$B" qdisc add dev pb root netem \
		limit 10000 delay 1ms loss 0.3% duplicate 0.3%
	stream "$B" inet 10.77.0.2 94 "$A" pktpath recv send "$size"
	stream "$A" pktpath 10.77.0.1 95 "$B" inet recv send "$size"
	not_by_the_kernel
	expect "B is ours" ip -n "$B" addr del 10.77.0.2/24 dev pb
	pp_own "$B" pb 10.77.0.2/24
	moved=$(octets)
	stream "$B" pktpath 10.77.0.2 96 "$A" pktpath recv send "$size"
	expect "two of ours moved it" test "$(octets)" -gt $((moved + size))
	moved=$(octets)
	expect "200 MB were moved" test "$moved" -gt 200000000
	note "$moved octets, sent again: $(pp_stat "$A" TcpRetransSegs)"
}

test_rough_loss()
{
	rough loss 1% delay 2ms
}

test_rough_bursts()
{
	rough loss gemodel 0.5% 20% 70% 0% delay 2ms
}

test_rough_order()
{
	rough delay 3ms 1ms reorder 90% 25%
}

test_rough_twice()
{
	rough duplicate 5% delay 1ms
}

test_rough_bits()
{
	rough corrupt 0.5% delay 1ms
	expect "what was broken was seen" pp_stat_above "$A" TcpInCsumErrors 0
}

test_rough_rate()
{
	rough rate 80mbit delay 20ms
}

test_rough_all()
{
	rough loss 0.3% duplicate 0.3% corrupt 0.3% delay 2ms 500us \
		rate 200mbit
}

case ${1-} in
rough)
	ktap_run test_rough_loss test_rough_bursts test_rough_order \
		test_rough_twice test_rough_bits test_rough_rate test_rough_all
	;;
much)
	ktap_run test_much
	;;
loss)
	ktap_run test_loss_to_the_kernel test_loss_from_the_kernel
	;;
*)
	ktap_run test_requests_to_the_kernel test_requests_from_the_kernel \
		test_stream_to_the_kernel test_stream_from_the_kernel \
		test_stream_over_loopback test_small_pieces test_refused
	;;
esac
