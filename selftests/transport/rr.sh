#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# A transport that is a module of its own, pktpath_rr: requests and answers over
# a network that loses, doubles and reorders; errors; loading and unloading.
# Proves: pktpath_register_transport() of include/net/pktpath.h.

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

RR=${PKTPATH_KO%/*}/pktpath_rr.ko
PEER=$PKTPATH_TESTS/transport_peer

pair()
{
	net_pair_pp
	[ -d /sys/module/pktpath_rr ] || expect "it loads" insmod "$RR"
	defer rmmod pktpath_rr
}

# server N [PROTOCOL]: answers N requests in B
server()
{
	OUT=$(mktemp)
	defer rm -f "$OUT"
	ip netns exec "$B" "$PEER" "${2:-253}" serve 10.77.0.2 4000 "$1" \
		>"$OUT" 2>&1 &
	SERVER=$!
	defer kill "$SERVER"
	await "the server is there" 30 grep -q ready "$OUT"
}


test_exchange()
{
	pair
	server 20
	expect_out "asked" "asked 20" in_ns "$A" "$PEER" 253 ask 10.77.0.2 \
		4000 20
	await "served" 30 grep -q "served 20" "$OUT"
	expect_out "shown" "p253 .*4000" pp "$B" sock -a
	expect_out "its name" "PPT_rr" cat /proc/net/protocols
}

# The answers that are kept do not fill the server's send buffer.
test_many_clients()
{
	pair
	server 40
	expect_out "asked" "asked 40" in_ns "$A" "$PEER" 253 many 10.77.0.2 \
		4000 40
	await "served" 30 grep -q "served 40" "$OUT"
}

# member NS PORT OWN [BLOCKED]: a server of a group; what it says is in $OUT
member()
{
	OUT=$(mktemp)
	defer rm -f "$OUT"
	ip netns exec "$1" "$PEER" 253 member 239.1.2.3 "${@:2}" \
		>"$OUT" 2>&1 &
	defer kill $!
	await "a member" 30 grep -q ready "$OUT"
}

# Options of sockets that have to do with groups, on one of a transport.
test_groups()
{
	local here

	pair
	expect "another address" pp "$A" addr add 10.77.0.3/24 dev pa
	member "$A" 4000 10.77.0.1
	here=$OUT
	# the device takes what one of these two wants
	member "$B" 4001 10.77.0.2
	member "$B" 4000 10.77.0.2 10.77.0.3
	# not by a route, which there is none of, but by IP_MULTICAST_IF
	refuse "from one that is blocked" timeout 3 ip netns exec "$A" \
		"$PEER" 253 tell 239.1.2.3 4000 10.77.0.3 0
	expect_out "from another" answered in_ns "$A" "$PEER" 253 tell \
		239.1.2.3 4000 10.77.0.1 0
	await "served" 30 grep -q "served 10.77.0.1" "$OUT"
	refuse "no copy for this host" grep -q served "$here"
	expect_out "and with one" answered in_ns "$A" "$PEER" 253 tell \
		239.1.2.3 4000 10.77.0.1
	await "served here" 30 grep -q "served 10.77.0.1" "$here"
}

# As the tutorial of the README has it.
test_loopback()
{
	pair
	OUT=$(mktemp)
	defer rm -f "$OUT"
	ip netns exec "$A" "$PEER" 253 serve 127.0.0.1 4000 9 >"$OUT" 2>&1 &
	SERVER=$!
	defer kill "$SERVER"
	await "the server is there" 30 grep -q ready "$OUT"
	expect_out "asked" "asked 9" in_ns "$A" "$PEER" 253 ask 127.0.0.1 \
		4000 9
	await "served" 30 grep -q "served 9" "$OUT"
}

# 8 tries, of three fragments each way at most: one of 40000 is given up.
test_loss()
{
	pair
	expect "loss" tc -n "$A" qdisc add dev pa root netem loss 5% \
		duplicate 20%
	expect "loss" tc -n "$B" qdisc add dev pb root netem loss 5% \
		duplicate 20%
	server 12
	expect_out "asked" "asked 12" in_ns "$A" "$PEER" 253 ask 10.77.0.2 \
		4000 12
	await "served, and each once" 30 grep -q "served 12" "$OUT"
}

# A rule that drops the first answers: the request comes again, the user of the
# server sees it once.
test_retransmission()
{
	local n

	pair
	expect "nft" in_ns "$A" nft add table ip t
	expect "nft" in_ns "$A" nft add chain ip t in \
		"{ type filter hook input priority 0; }"
	expect "nft" in_ns "$A" nft add rule ip t in ip protocol 253 \
		limit rate over 1/hour burst 1 packets counter accept
	expect "nft" in_ns "$A" nft add rule ip t in ip protocol 253 \
		counter drop
	server 1
	expect_out "answered" "answered" in_ns "$A" "$PEER" 253 one \
		10.77.0.2 4000
	n=$(in_ns "$A" nft list chain ip t in)
	note "$n"
	expect_out "one was dropped" "counter packets 1 bytes [0-9]+ drop" \
		echo "$n"
	await "served" 30 grep -q "served 1" "$OUT"
	expect_out "counted" "TransportDuplicate +[1-9]" pp "$B" stat
}

test_given_up()
{
	pair
	expect "nft" in_ns "$B" nft add table ip t
	expect "nft" in_ns "$B" nft add chain ip t in \
		"{ type filter hook input priority 0; }"
	expect "nft" in_ns "$B" nft add rule ip t in ip protocol 253 drop
	refuse_out "given up" "recv: Connection timed out" timeout 60 \
		ip netns exec "$A" "$PEER" 253 one 10.77.0.2 4000
	expect_out "counted" "TransportGivenUp +1" pp "$A" stat
}

test_icmp()
{
	pair
	refuse_out "nobody there" "Connection refused" in_ns "$A" "$PEER" \
		253 one 10.77.0.2 4001
	expect_out "counted" "SocketClosed +[1-9]" pp "$B" stat
}

# While a call holds the socket: the error is kept for its end.
test_icmp_while_held()
{
	pair
	expect "late errors" tc -n "$B" qdisc add dev pb root netem delay 3s
	refuse_out "told" "recv: Connection refused" timeout 120 \
		ip netns exec "$A" "$PEER" 253 error 10.77.0.2 4001
}

# What a host without the transport says: protocol unreachable.
test_no_protocol()
{
	net_pair
	[ -d /sys/module/pktpath_rr ] || expect "it loads" insmod "$RR"
	defer rmmod pktpath_rr
	refuse_out "the kernel has none" "Protocol not available" in_ns "$A" \
		"$PEER" 253 one 10.77.0.2 4000
}

test_calls()
{
	pair
	expect "nft" in_ns "$B" nft add table ip t
	expect "nft" in_ns "$B" nft add chain ip t in \
		"{ type filter hook input priority 0; }"
	expect "nft" in_ns "$B" nft add rule ip t in ip protocol 253 drop
	expect_out "calls" "calls done" in_ns "$A" "$PEER" 253 calls 10.77.0.2
	refuse_out "not for everybody" "not permitted" in_ns "$A" \
		setpriv --reuid 65534 --regid 65534 --clear-groups \
		--bounding-set=-all --inh-caps=-all "$PEER" 253 hold
}

hold()
{
	local out

	out=$(mktemp)
	defer rm -f "$out"
	ip netns exec "$A" "$PEER" "$1" hold >"$out" 2>&1 &
	HOLDER=$!
	defer kill "$HOLDER"
	await "a socket is there" 30 grep -q ready "$out"
}

test_unload()
{
	local i

	pair
	hold 253
	refuse_out "in use" "in use" rmmod pktpath_rr
	refuse_out "so is pktpath" "in use" rmmod pktpath
	kill "$HOLDER"
	await "free" 30 rmmod pktpath_rr
	refuse_out "no such socket" "not supported" in_ns "$A" "$PEER" 253 hold
	for i in 1 2 3; do
		expect "again $i" insmod "$RR"
		expect "away $i" rmmod pktpath_rr
	done
	# under load: packets on their way when it goes
	expect "again" insmod "$RR"
	server 1000000
	ip netns exec "$A" "$PEER" 253 ask 10.77.0.2 4000 1000000 \
		>/dev/null 2>&1 &
	HOLDER=$!
	defer kill "$HOLDER"
	await "it runs" 30 pp_stat_above "$B" IpInDelivers 100
	kill -9 "$SERVER" "$HOLDER"
	await "free" 30 rmmod pktpath_rr
}

test_killed()
{
	pair
	hold 253
	refuse_out "killed" "1 socket ended" pp "$A" down
	expect "the process is there" kill -0 "$HOLDER"
	refuse "still held by the descriptor" rmmod pktpath_rr
	kill "$HOLDER"
	await "free" 30 rmmod pktpath_rr
}

test_numbers()
{
	pair
	rmmod pktpath_rr
	refuse_out "UDP's" "busy" insmod "$RR" protocol=17
	refuse_out "TCP's" "busy" insmod "$RR" protocol=6
	refuse_out "ICMP's" "busy" insmod "$RR" protocol=1
	refuse_out "none" "Invalid" insmod "$RR" protocol=0
	refuse_out "raw" "Invalid" insmod "$RR" protocol=255
	expect "another" insmod "$RR" protocol=200
	server 3 200
	expect_out "asked" "asked 3" in_ns "$A" "$PEER" 200 ask 10.77.0.2 \
		4000 3
	refuse_out "not the usual one" "not supported" in_ns "$A" "$PEER" \
		253 hold
}

# The netns goes while a request waits for its answer.
test_netns_gone()
{
	pair
	hold 253
	expect "A goes" ip netns del "$A"
	kill "$HOLDER"
	await "free" 30 rmmod pktpath_rr
}

ktap_run test_exchange test_many_clients test_groups test_loopback test_loss \
	test_retransmission test_given_up test_icmp test_icmp_while_held \
	test_no_protocol test_calls \
	test_unload test_killed test_numbers test_netns_gone
