#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# Accurate ECN between two of us and with AF_INET, marks set on the way.
# Proves: RFC 9768 §3.1.2 (what each kernel's AF_INET is able to is agreed on),
# §3.2 (each mark is counted once), that RFC 3168 is what an older peer gets.
#
#	A 10.77.0.1 pa (netem: CE) ---------------- pb 10.77.0.2 B

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

PUMP=$PKTPATH_TESTS/tcp_pump

set_to()
{
	# shellcheck disable=SC2016 # the inner shell's
	in_ns "$1" sh -c 'printf %s "$1" >"$2"' sh "$3" "/proc/sys/net/$2"
}

# marks NS DEV PERCENT: of what is sent with ECT. Only that: a SYN that is lost
# too often comes without ECN.
marks()
{
	expect "two bands" tc -n "$1" qdisc add dev "$2" root handle 1: prio \
		bands 2 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
	expect "marks" tc -n "$1" qdisc add dev "$2" parent 1:2 netem \
		loss "$3%" ecn delay 1ms
	expect "of ECT" tc -n "$1" filter add dev "$2" parent 1: protocol ip \
		u32 match ip tos 0x2 0x3 flowid 1:2
}

# A mark is then one segment's.
single()
{
	expect "one segment a packet" ip -n "$A" link set pa \
		gso_max_size 1600
}

# held FAMILY_A FAMILY_B PORT: A connects, sends 1 MB; both keep the connection
held()
{
	OUT=$(mktemp)
	defer rm -f "$OUT"
	ip netns exec "$B" "$PUMP" "$2" listen 10.77.0.2 "$3" hold \
		1000000 >"$OUT" 2>&1 &
	SERVER=$!
	defer kill "$SERVER"
	await "the server listens" 30 grep -q ready "$OUT"
	ip netns exec "$A" "$PUMP" "$1" connect 10.77.0.2 "$3" push 1000000 &
	CLIENT=$!
	defer kill "$CLIENT"
	await "all has come" 120 grep -q held "$OUT"
}

# info FAMILY NS: of its connection
info()
{
	if [ "$1" = pktpath ]; then
		pp "$2" sock -ti
	else
		in_ns "$2" ss -tin
	fi
}

# Marks that came and marks the sender has heard of.
counted()
{
	local heard came

	came=$(pp_stat "$B" IpExtInCEPkts)
	heard=$(info pktpath "$A" | sed -n 's/.* delivered_ce:\([0-9]*\).*/\1/p')
	note "$came packets came with CE, the sender knows of ${heard:-0}"
	expect "some were marked" test "$came" -gt 5
	expect "each was heard of once" test "${heard:-0}" -eq "$came"
}

test_self()
{
	net_pair_pp
	expect "A" set_to "$A" pktpath/tcp_ecn 3
	expect "B" set_to "$B" pktpath/tcp_ecn 3
	single
	marks "$A" pa 5
	held pktpath pktpath 91
	expect_out "agreed on" ' ecn ' info pktpath "$A"
	expect_out "the window was cut" ' ssthresh:[0-9]' info pktpath "$A"
	refuse "nothing was lost" out_matches ' retrans:' info pktpath "$A"
	counted
}

# Super-packets on a path whose counter goes through all its values.
test_self_gso()
{
	net_pair_pp
	expect "A" set_to "$A" pktpath/tcp_ecn 3
	expect "B" set_to "$B" pktpath/tcp_ecn 3
	marks "$A" pa 2
	marks "$B" pb 50
	held pktpath pktpath 92
	expect_out "agreed on" ' ecn ' info pktpath "$A"
	expect "marks came back" test "$(pp_stat "$A" IpExtInCEPkts)" -gt 8
}

# AF_INET of this kernel: does it have it?
inet_has()
{
	[ -e /proc/sys/net/ipv4/tcp_ecn_option ]
}

test_to_inet()
{
	net_pair
	expect "A" set_to "$A" pktpath/tcp_ecn 3
	expect "B" set_to "$B" ipv4/tcp_ecn "$(inet_has && echo 3 || echo 1)"
	single
	marks "$A" pa 5
	held pktpath inet 93
	expect_out "agreed on" ' ecn ' info pktpath "$A"
	expect_out "marks were counted" ' delivered_ce:[1-9]' info pktpath "$A"
	expect_out "the window was cut" ' ssthresh:[0-9]' info pktpath "$A"
	refuse "nothing was lost" out_matches ' retrans:' info pktpath "$A"
	if inet_has; then
		expect_out "accurate" ' accecn .* delivered_ce_bytes:[1-9]' \
			info pktpath "$A"
		expect_out "and its option passes" ' accecn_opt_seen:2' \
			info pktpath "$A"
	else
		refuse "as of RFC 3168" out_matches ' accecn ' \
			info pktpath "$A"
	fi
}

test_from_inet()
{
	net_pair_links
	expect "kernel address" ip -n "$A" addr add 10.77.0.1/24 dev pa
	pp_own "$B" pb 10.77.0.2/24
	expect "A" set_to "$A" ipv4/tcp_ecn "$(inet_has && echo 3 || echo 1)"
	expect "B" set_to "$B" pktpath/tcp_ecn 3
	single
	marks "$A" pa 5
	held inet pktpath 94
	expect_out "agreed on" ' ecn ' info pktpath "$B"
	expect_out "it has seen marks" ' delivered_ce:[1-9]' info inet "$A"
	expect "they came" test "$(pp_stat "$B" IpExtInCEPkts)" -gt 5
	if inet_has; then
		expect_out "accurate" ' accecn .* received_ce_bytes:[1-9]' \
			info pktpath "$B"
	else
		refuse "as of RFC 3168" out_matches ' accecn ' \
			info pktpath "$B"
	fi
}

ktap_run test_self test_self_gso test_to_inet test_from_inet
