#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317,SC2016 # tests are called by name; awk
# A router: two hosts of the kernel's stack with pktpath between them.
# Proves: RFC 1812 §5.2.1, §5.2.7, §5.3.1 (TTL), RFC 1191 §3, RFC 3704,
# attacks D (spoofed sources), and that what is not routed goes past untouched.
#
#	H			R (pktpath)		K
#	ha 10.81.0.2/24 ---- ra 10.81.0.1/24
#				rb 10.82.0.1/24 ---- kb 10.82.0.2/24

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

router()
{
	expect "module" net_load
	net_ns H
	net_ns R
	net_ns K
	net_veth "$H" ha "$R" ra
	net_veth "$R" rb "$K" kb
	expect "address" ip -n "$H" addr add 10.81.0.2/24 dev ha
	expect "address" ip -n "$K" addr add 10.82.0.2/24 dev kb
	expect "route" ip -n "$H" route add default via 10.81.0.1
	expect "route" ip -n "$K" route add default via 10.82.0.1
	pp_own "$R" ra 10.81.0.1/24
	pp_own "$R" rb 10.82.0.1/24
	knob conf.all.forwarding 1
}

knob()
{
	expect "$1" in_ns "$R" sysctl -qw "net.pktpath.$1=$2"
}

forwarded()
{
	pp_stat "$R" IpForwDatagrams
}

kernel_forwarded()
{
	in_ns "$R" awk '/^Ip: [0-9]/ { print $7 }' /proc/net/snmp
}

# ask RE ARG...: one ping of H; what it prints matches RE
ask()
{
	local re=$1 out

	shift
	out=$(in_ns "$H" ping -n -c 1 -W 5 "$@" 2>&1)
	[[ $out =~ $re ]] || fail "ping $*: no '$re' in: $out"
}

# shout ARG...: one ping of H of which no answer is awaited
shout()
{
	in_ns "$H" ping -n -q -c 1 -W 1 "$@" >/dev/null 2>&1
}

# counts NAME CMD...: CMD makes the counter of R greater
counts()
{
	local name=$1 old

	shift
	old=$(pp_stat "$R" "$name")
	"$@"
	await "$name" 30 pp_stat_above "$R" "$name" "$old"
}

# stream ARG...: checksummed bytes from H to a server in K
stream()
{
	local out pid

	out=$(mktemp)
	in_ns "$K" timeout 300 "$PKTPATH_TESTS/tcp_pump" inet listen \
		10.82.0.2 81 recv "$1" >"$out" 2>&1 &
	pid=$!
	expect "the server listens" wait_until 30 grep -q ready "$out"
	expect "the client is content" in_ns "$H" timeout 300 \
		"$PKTPATH_TESTS/tcp_pump" inet connect "${2:-10.82.0.2}" 81 \
		send "$1" 65536
	wait "$pid" || fail "the server: status $?: $(cat "$out")"
	rm -f "$out"
}

test_both_ways()
{
	local n

	router
	n=$(forwarded)
	ask 'ttl=63 ' 10.82.0.2
	expect "back" net_ping "$K" 10.81.0.2 30
	expect "by us" test "$(forwarded)" -ge $((n + 4))
	expect "not by the kernel" test "$(kernel_forwarded)" = 0
}

test_ttl_steps()
{
	router
	ask 'From 10\.81\.0\.1 .*Time to live exceeded' -t 1 10.82.0.2
	ask 'ttl=63 ' -t 2 10.82.0.2
	expect "counted" test "$(pp_stat "$R" IcmpOutTimeExcds)" = 1
}

# Off, the kernel forwards as it likes; on, its own addresses stay its own.
test_beside_the_kernel()
{
	local n

	router
	knob conf.all.forwarding 0
	expect "address" ip -n "$R" addr add 10.81.0.3/24 dev ra
	expect "address" ip -n "$R" addr add 10.82.0.3/24 dev rb
	expect "kernel" in_ns "$R" sysctl -qw net.ipv4.ip_forward=1
	n=$(pp_stat "$R" PpLinkIn)
	expect "by way of the kernel" ip -n "$H" route replace default \
		via 10.81.0.3
	expect "and back" ip -n "$K" route replace default via 10.82.0.3
	ask 'ttl=63 ' 10.82.0.2
	expect "by the kernel" test "$(kernel_forwarded)" -ge 2
	expect "not by us" test "$(forwarded)" = 0
	expect "untouched" test "$(pp_stat "$R" PpLinkIn)" = "$n"
	knob conf.ra.forwarding 1
	knob conf.rb.forwarding 1
	n=$(kernel_forwarded)
	ask 'ttl=63 ' 10.82.0.2
	expect "by us" test "$(forwarded)" -ge 2
	expect "not by the kernel" test "$(kernel_forwarded)" = "$n"
	ask 'ttl=64 ' 10.82.0.3
	# an address that comes later, too
	ask 'ttl=63 ' 10.82.0.2
	expect "address" ip -n "$R" addr add 10.82.0.77/32 dev rb
	ask 'ttl=64 ' 10.82.0.77
	# and a local route without one, to what has just been sent on
	expect "address" ip -n "$K" addr add 10.82.0.78/32 dev kb
	ask 'ttl=63 ' 10.82.0.78
	expect "local" ip -n "$R" route add local 10.82.0.78 dev lo
	ask 'ttl=64 ' 10.82.0.78
}

test_no_route_goes_past()
{
	local n

	router
	ask '1 received' 10.82.0.2
	n=$(pp_stat "$R" PpLinkIn)
	shout 203.0.113.1
	expect "untouched" test "$(pp_stat "$R" PpLinkIn)" = "$n"
	shout 127.0.0.9
	expect "one way" in_ns "$R" sysctl -qw net.pktpath.conf.ra.forwarding=0
	shout 10.82.0.2
	expect "nor now" test "$(pp_stat "$R" PpLinkIn)" = "$n"
}

test_route_types()
{
	router
	expect "add" pp "$R" route add unreachable 203.0.113.0/24
	expect "add" pp "$R" route add prohibit 198.51.100.0/24
	expect "add" pp "$R" route add blackhole 192.0.2.0/24
	expect "add" pp "$R" route add throw 192.0.2.128/25
	ask 'From 10\.81\.0\.1 .*Destination Host Unreachable' 203.0.113.1
	ask 'From 10\.81\.0\.1 .*Packet filtered' 198.51.100.1
	counts DropIpBlackhole shout 192.0.2.1
	# throw: this table has nothing more to say, nor has another
	refuse_out "throw" 'No route' pp "$R" route get 192.0.2.129
	refuse_out "iif" 'unreachable' pp "$R" route get 203.0.113.1 \
		from 10.81.0.2 iif ra
	refuse_out "iif" 'prohibited' pp "$R" route get 198.51.100.1 \
		from 10.81.0.2 iif ra
	expect_out "iif" '10\.82\.0\.2 .*dev rb' pp "$R" route get 10.82.0.2 \
		from 10.81.0.2 iif ra
	refuse_out "martian" 'may have' pp "$R" route get 10.82.0.2 \
		from 127.0.0.1 iif ra
	expect "no errors about errors" test \
		"$(pp_stat "$R" IcmpOutDestUnreachs)" = 2
}

test_source_validation()
{
	router
	expect "address" ip -n "$H" addr add 10.99.0.1/32 dev ha
	knob conf.all.log_martians 1
	counts IpForwDatagrams shout -I 10.99.0.1 10.82.0.2
	knob conf.ra.rp_filter 2
	counts DropIpMartianSource shout -I 10.99.0.1 10.82.0.2
	expect "logged" wait_until 10 out_matches \
		'martian packet from 10\.99\.0\.1 to 10\.82\.0\.2 on ra' dmesg
	# the greater of the two counts
	expect "add" pp "$R" route add 10.99.0.0/24 via 10.82.0.2
	counts IpForwDatagrams shout -I 10.99.0.1 10.82.0.2
	knob conf.ra.rp_filter 0
	knob conf.all.rp_filter 1
	counts DropIpMartianSource shout -I 10.99.0.1 10.82.0.2
	expect "worse" pp "$R" route add 10.99.0.0/24 via 10.81.0.2 metric 5
	counts DropIpMartianSource shout -I 10.99.0.1 10.82.0.2
	expect "as good" pp "$R" route append 10.99.0.0/24 via 10.81.0.2
	counts IpForwDatagrams shout -I 10.99.0.1 10.82.0.2
	# an address of ours as source
	expect "address" ip -n "$H" addr add 10.82.0.1/32 dev ha
	counts DropIpMartianSource shout -I 10.82.0.1 10.82.0.2
}

# sources FROM TO: one packet of each 10.98.0.x
sources()
{
	local i

	for ((i = $1; i <= $2; i++)); do
		in_ns "$H" ping -q -c 1 -W 0.05 -I "10.98.0.$i" 10.82.0.2 >/dev/null
	done
}

all_forwarded()
{
	[ "$(forwarded)" -ge $((n + 32)) ]
}

# RFC 3704 §2.2: any way back that is as good as the first will do, whichever
# the answer to this flow would take.
test_source_behind_shared_routes()
{
	local n i

	router
	for ((i = 1; i <= 32; i++)); do
		expect "address" ip -n "$H" addr add "10.98.0.$i/32" dev ha
	done
	expect "shared" pp "$R" route add 10.98.0.0/24 \
		nexthop via 10.81.0.2 nexthop via 10.82.0.2
	knob conf.all.rp_filter 1
	n=$(forwarded)
	sources 1 32
	await "all of them" 30 all_forwarded
	expect "other order" pp "$R" route replace 10.98.0.0/24 \
		nexthop via 10.82.0.2 nexthop via 10.81.0.2
	n=$(forwarded)
	sources 1 32
	await "all of them" 30 all_forwarded
}

# A way of its own for the traffic of one link: the way back is asked for as
# coming in by the device that the packet leaves by.
test_source_validation_with_rules()
{
	router
	knob conf.all.rp_filter 1
	expect "table" pp "$R" route add default via 10.82.0.2 table 100
	expect "rule" pp "$R" rule add iif ra table 100 pref 100
	ask 'ttl=63 ' 10.82.0.2
	# to the router itself too
	ask 'ttl=64 ' 10.82.0.1
	# what the other link's rule says of the way back counts
	expect "rule" pp "$R" rule add iif rb to 10.81.0.0/24 pref 90 prohibit
	counts DropIpMartianSource shout 10.82.0.2
}

test_redirects()
{
	local n

	router
	expect "add" pp "$R" route add 10.84.0.0/24 via 10.81.0.9
	expect "not heeded" in_ns "$H" sysctl -qw \
		net.ipv4.conf.all.accept_redirects=0 \
		net.ipv4.conf.ha.accept_redirects=0
	counts IcmpOutRedirects shout 10.84.0.1
	n=$(pp_stat "$R" IcmpOutRedirects)
	# nobody answers
	in_ns "$H" ping -n -q -f -c 20 -W 1 10.84.0.1 >/dev/null 2>&1 || :
	expect "few" test "$(pp_stat "$R" IcmpOutRedirects)" -lt $((n + 6))
	knob conf.all.send_redirects 0
	counts IpForwDatagrams shout 10.84.0.1
	n=$(pp_stat "$R" IcmpOutRedirects)
	knob conf.ra.send_redirects 0
	expect "add" ip -n "$H" addr add 10.81.0.44/24 dev ha
	counts IpForwDatagrams shout -I 10.81.0.44 10.84.0.1
	expect "none" test "$(pp_stat "$R" IcmpOutRedirects)" = "$n"
}

test_path_mtu()
{
	router
	expect "mtu" ip -n "$R" link set rb mtu 1300
	expect "mtu" ip -n "$K" link set kb mtu 1300
	ask 'mtu = 1300' -M 'do' -s 1400 10.82.0.2
	expect "counted" pp_stat_above "$R" IpFragFails 0
	expect "forgotten" ip -n "$H" route flush cache
	# RFC 791: without DF it is divided
	expect "whole again" ip netns exec "$H" ping -q -c 1 -W 30 \
		-M dont -s 1400 10.82.0.2
	expect "divided" pp_stat_above "$R" IpFragCreates 1
	expect "forgotten" ip -n "$H" route flush cache
	stream 500000
	# what the sockets of this host have learned is not the router's limit
	expect "route mtu" pp "$R" route add 10.82.0.2 dev rb mtu 1000
	expect "forgotten" ip -n "$H" route flush cache
	ask 'mtu = 1000' -M 'do' -s 1100 10.82.0.2
}

test_stream()
{
	router
	stream 4000000
	expect "not by the kernel" test "$(kernel_forwarded)" = 0
	expect "by us" pp_stat_above "$R" IpForwDatagrams 50
}

test_stream_with_loss()
{
	router
	expect "netem" in_ns "$R" tc qdisc add dev rb root netem loss 2% \
		delay 2ms reorder 10%
	expect "netem" in_ns "$R" tc qdisc add dev ra root netem loss 2% \
		duplicate 2%
	stream 1000000
}

test_stream_over_flaps()
{
	local pid

	router
	stream 20000
	(
		for _ in 1 2 3; do
			ip -n "$R" link set rb down
			ip -n "$R" link set rb up
			pp "$R" route replace 10.82.0.2 dev rb
			pp "$R" route del 10.82.0.2 dev rb
		done
	) >/dev/null 2>&1 &
	pid=$!
	stream 1000000
	wait "$pid"
}

test_netfilter()
{
	local n

	router
	expect "nft" in_ns "$R" nft -f - <<'NFT'
table ip t {
	chain f {
		type filter hook forward priority 0
		iifname ra oifname rb ip daddr 10.82.0.2 icmp type echo-request counter drop
	}
}
NFT
	n=$(forwarded)
	shout 10.82.0.2
	expect "to the hook" test "$(forwarded)" -gt "$n"
	expect_out "seen" 'packets 1 ' in_ns "$R" nft list table ip t
	expect "the other way" in_ns "$R" nft flush table ip t
	ask '1 received' 10.82.0.2
	# to an address of ours, and on to another host and back
	expect "nat" in_ns "$R" nft -f - <<'NFT'
table ip n {
	chain p {
		type nat hook prerouting priority -100
		ip daddr 10.81.0.1 tcp dport 81 dnat to 10.82.0.2
	}
	chain q {
		type nat hook postrouting priority 100
		oifname rb snat to 10.82.0.1
	}
}
NFT
	stream 300000 10.81.0.1
}

# Our route to a net in which the kernel has an address, too: what a rule sends
# there is no reason to take what others send there.
test_nat_to_the_kernel()
{
	local n

	router
	expect "address" ip -n "$R" addr add 10.81.0.3/24 dev ra
	expect "address" ip -n "$R" addr add 10.82.0.3/24 dev rb
	expect "nft" in_ns "$R" nft -f - <<'NFT'
table ip n {
	chain p {
		type nat hook prerouting priority -100
		ip daddr 10.82.0.99 dnat to 10.82.0.3
	}
}
NFT
	ask 'ttl=64 ' 10.82.0.3
	n=$(forwarded)
	ask 'ttl=64 ' 10.82.0.99
	expect "it is not sent on" test "$(forwarded)" -eq "$n"
	ask 'ttl=64 ' 10.82.0.3
}

# Offloaded, a flow would leave by the kernel's neighbours and hold our routes.
test_flowtable()
{
	local n

	router
	modprobe -a nft_flow_offload nf_flow_table nf_flow_table_inet \
		2>/dev/null
	in_ns "$R" nft -f - <<'NFT' || skip "no flow tables"
table ip t {
	flowtable ft {
		hook ingress priority 0
		devices = { ra, rb }
	}
	chain f {
		type filter hook forward priority 0
		ip protocol udp counter flow add @ft
	}
}
NFT
	n=$(forwarded)
	ip netns exec "$K" "$PKTPATH_TESTS/link_udp" echo inet 7 \
		>/dev/null 2>&1 &
	defer kill $!
	expect "the server answers" in_ns "$H" "$PKTPATH_TESTS/link_udp" \
		ask inet 10.82.0.2 7
	# one flow, of datagrams that are a newline
	expect "20 each way" in_ns "$H" bash -c 'exec 3<>/dev/udp/10.82.0.2/7
		for i in {1..20}; do
			echo >&3
			read -r -t 30 -u 3 || exit 1
		done'
	expect "by us" test "$(forwarded)" -ge $((n + 42))
	expect "rmmod" timeout 60 rmmod pktpath
}

ktap_run test_both_ways test_ttl_steps test_beside_the_kernel \
	test_no_route_goes_past test_route_types test_source_validation \
	test_source_behind_shared_routes test_source_validation_with_rules \
	test_redirects test_path_mtu test_stream test_stream_with_loss \
	test_stream_over_flaps test_netfilter test_nat_to_the_kernel \
	test_flowtable
