#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# A congestion control that is a module of its own, pktpath_dctcp: loaded,
# chosen by socket, setting and route, at work, and not unloaded while in use.
# Proves: RFC 8257 §3.2, §3.3 (marks are echoed, counted, and answered by a cut
# in proportion), the plug-in interface of include/net/pktpath.h.

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

DCTCP=${PKTPATH_KO%/*}/pktpath_dctcp.ko
S=/proc/sys/net/pktpath
PUMP=$PKTPATH_TESTS/tcp_pump

set_to()
{
	# shellcheck disable=SC2016 # the inner shell's
	in_ns "$1" sh -c 'printf %s "$1" >"$2"' sh "$3" "$S/$2"
}

pair()
{
	net_pair_pp
	[ -d /sys/module/pktpath_dctcp ] ||
		expect "the plug-in loads" insmod "$DCTCP"
	defer rmmod pktpath_dctcp
}

# held PORT CC: A sends to B and both keep the connection; CC: how A chooses
held()
{
	OUT=$(mktemp)
	defer rm -f "$OUT"
	PUMP_CC=dctcp ip netns exec "$B" "$PUMP" pktpath listen 10.77.0.2 \
		"$1" hold 1000000 >"$OUT" 2>&1 &
	SERVER=$!
	defer kill "$SERVER"
	await "the server listens" 30 grep -q ready "$OUT"
	if [ -n "$2" ]; then
		PUMP_CC=$2 ip netns exec "$A" "$PUMP" pktpath connect \
			10.77.0.2 "$1" push 1000000 &
	else
		ip netns exec "$A" "$PUMP" pktpath connect 10.77.0.2 "$1" \
			push 1000000 &
	fi
	CLIENT=$!
	defer kill "$CLIENT"
	await "all has come" 60 grep -q held "$OUT"
}

let_go()
{
	kill "$SERVER"
	wait "$CLIENT" "$SERVER" 2>/dev/null
	return 0
}

info()
{
	pp "$A" sock -ti dst 10.77.0.2
}

in_use()
{
	refuse_out "it cannot be unloaded" "in use|unavailable" \
		rmmod pktpath_dctcp
	expect "it is still there" test -d /sys/module/pktpath_dctcp
}

unloads()
{
	await "it unloads" 30 rmmod pktpath_dctcp
	refuse "it is gone" test -d /sys/module/pktpath_dctcp
}

test_absent()
{
	net_pair_pp
	[ -d /sys/module/pktpath_dctcp ] && rmmod pktpath_dctcp
	refuse_out "for a socket" "No such file" env PUMP_CC=dctcp \
		ip netns exec "$A" "$PUMP" pktpath connect 10.77.0.2 9 push 1
	refuse "as a default" set_to "$A" tcp_congestion_control dctcp
	refuse_out "in a route" "no such congestion" pp "$A" route add \
		10.78.0.0/24 dev pa congctl dctcp
}

test_by_socket()
{
	local seg ce

	pair
	expect_out "it is there" "dctcp" cat \
		"$S/tcp_available_congestion_control"
	expect "one segment a packet" ip -n "$A" link set pa \
		gso_max_size 1600
	# Only for what can be marked: a SYN that is lost comes without ECN.
	expect "two bands" tc -n "$A" qdisc add dev pa root handle 1: prio \
		bands 2 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
	expect "marks" tc -n "$A" qdisc add dev pa parent 1:2 netem \
		loss 5% ecn delay 1ms
	expect "of ECT" tc -n "$A" filter add dev pa parent 1: protocol ip \
		u32 match ip tos 0x2 0x3 flowid 1:2
	held 81 dctcp
	expect_out "it is used" ' dctcp ' info
	expect_out "with ECN" ' ecn ' info
	expect_out "it tells" 'dctcp:\(ce_state:[01],alpha:[1-9][0-9]*,' info
	expect_out "the window was cut" ' ssthresh:[0-9]' info
	expect_out "marks were counted" ' delivered_ce:[1-9]' info
	refuse "nothing was lost" out_matches ' retrans:' info
	# Exact echo: the share of marked segments is that of marked packets.
	ce=$(info | sed -n 's/.* delivered_ce:\([0-9]*\).*/\1/p')
	seg=$(pp_stat "$B" IpExtInCEPkts)
	note "marked: $seg of packets, $ce of segments"
	expect "not all" test "$ce" -lt 400
	expect "as many as came" test "$((ce * 10))" -ge "$((seg * 8))"
	expect "no more than came" test "$((ce * 8))" -le "$((seg * 10 + 80))"
	in_use
	let_go
	unloads
}

test_by_setting()
{
	pair
	refuse "restricted" set_to "$A" tcp_congestion_control dctcp
	expect "opened" sh -c \
		"echo reno cubic dctcp >$S/tcp_allowed_congestion_control"
	expect "taken" set_to "$A" tcp_congestion_control dctcp
	expect_out "shown" '^dctcp$' in_ns "$A" cat "$S/tcp_congestion_control"
	in_use
	held 82 ""
	expect_out "it is used" ' dctcp ' info
	let_go
	expect "given back" set_to "$A" tcp_congestion_control cubic
	unloads
	expect_out "the others stay" '^reno cubic$' cat \
		"$S/tcp_allowed_congestion_control"
}

test_by_route()
{
	pair
	expect "route" pp "$A" route add 10.77.0.2/32 dev pa congctl lock dctcp
	expect_out "route shows it" "congctl lock dctcp" pp "$A" route
	held 83 reno
	expect_out "it comes before the socket's" ' dctcp ' info
	in_use
	let_go
	expect "other route" pp "$A" route replace 10.77.0.2/32 dev pa \
		congctl reno
	held 84 ""
	expect_out "another one" ' reno ' info
	let_go
	unloads
}

test_privilege()
{
	pair
	expect "sockets for all" set_to "$A" group_range "0 65535"
	refuse_out "not for everybody" "not permitted" env PUMP_CC=dctcp \
		ip netns exec "$A" setpriv --reuid 65534 --regid 65534 \
		--clear-groups --bounding-set=-all --inh-caps=-all \
		"$PUMP" pktpath connect 10.77.0.2 9 push 1
	refuse_out "reno is" "refused" env PUMP_CC=reno \
		ip netns exec "$A" setpriv --reuid 65534 --regid 65534 \
		--clear-groups --bounding-set=-all --inh-caps=-all \
		"$PUMP" pktpath connect 10.77.0.2 9 push 1
	unloads
}

# A netns that goes with the plug-in as its default, and sockets in it.
test_netns_gone()
{
	pair
	expect "opened" sh -c \
		"echo reno cubic dctcp >$S/tcp_allowed_congestion_control"
	expect "taken" set_to "$A" tcp_congestion_control dctcp
	held 85 ""
	let_go
	expect "A goes" ip netns del "$A"
	unloads
}

ktap_run test_absent test_by_socket test_by_setting test_by_route \
	test_privilege test_netns_gone
