#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Routes by hand: what is taken, what is refused and why, which one wins.
# Proves: design §5 (route), attacks C6 (redirects change nothing), MUST-20.
#
#	A (pktpath)			B (the kernel's stack)
#	pa 10.77.0.1/24 ---- veth ---- pb 10.77.0.2/24
#	qa 10.78.0.1/24 ---- veth ---- qb 10.78.0.2/24

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

two_links()
{
	net_pair
	net_veth "$A" qa "$B" qb
	pp_own "$A" qa 10.78.0.1/24
	expect "kernel address" ip -n "$B" addr add 10.78.0.2/24 dev qb
}

# add ARG..., del ARG...: must do; bad RE ARG...: must be refused for RE
add()
{
	expect "add" pp "$A" route add "$@"
}

del()
{
	expect "del" pp "$A" route del "$@"
}

bad()
{
	local re=$1

	shift
	refuse_out "refused" "$re" pp "$A" route "$@"
}

# way DST RE: the route to DST is shown as RE; noway DST RE: refused for RE
way()
{
	expect_out "way" "$2" pp "$A" route get "$1"
}

noway()
{
	refuse_out "no way" "$2" pp "$A" route get "$1"
}

shown()
{
	expect_out "shown" "$1" pp "$A" route show table all
}

hidden()
{
	local out

	out=$(pp "$A" route show table all)
	[[ ! $out =~ $1 ]] || fail "'$1' in: $out"
}

test_address_brings_routes()
{
	net_pair
	shown '10\.77\.0\.0/24 dev pa .*proto kernel scope link src 10\.77\.0\.1'
	shown 'local 10\.77\.0\.1 dev pa table local .*scope host'
	shown 'broadcast 10\.77\.0\.255 dev pa table local'
	shown 'local 127\.0\.0\.0/8 dev lo'
	way 10.77.0.2 '10\.77\.0\.2 dev pa .*src 10\.77\.0\.1'
	way 10.77.0.1 'local 10\.77\.0\.1 dev lo .*src 10\.77\.0\.1'
	way 127.0.0.9 'local 127\.0\.0\.9 dev lo .*src 127\.0\.0\.1'
	way 10.77.0.255 'broadcast'
	expect "addr del" pp "$A" addr del 10.77.0.1/24 dev pa
	hidden '10\.77\.'
	noway 10.77.0.2 'No route'
}

test_host_addresses_bring_no_prefix()
{
	net_pair
	expect "add" pp "$A" addr add 10.79.0.1/32 dev pa
	expect "add" pp "$A" addr add 10.79.0.2/31 dev pa
	shown 'local 10\.79\.0\.1 '
	hidden '[^l] 10\.79\.0\.1 '
	shown '10\.79\.0\.2/31 dev pa'
	hidden 'broadcast 10\.79'
}

# The same address with another length: its routes stay while one of them does.
test_address_of_two_lengths()
{
	net_pair
	expect "24" pp "$A" addr add 10.77.0.200/24 dev pa
	expect "25" pp "$A" addr add 10.77.0.200/25 dev pa
	expect "no 24" pp "$A" addr del 10.77.0.200/24 dev pa
	shown '10\.77\.0\.128/25 dev pa'
	way 10.77.0.200 'local'
	way 10.77.0.255 'broadcast'
	expect "answers" net_ping "$B" 10.77.0.200 30
	expect "24 again" pp "$A" addr add 10.77.0.200/24 dev pa
	expect "no 25" pp "$A" addr del 10.77.0.200/25 dev pa
	hidden '10\.77\.0\.128/25'
	expect "answers" net_ping "$B" 10.77.0.200 30
	expect "none" pp "$A" addr del 10.77.0.200/24 dev pa
	hidden '10\.77\.0\.200'
}

test_gateway()
{
	two_links
	noway 192.0.2.1 'No route'
	add 192.0.2.0/24 via 10.77.0.2
	way 192.0.2.1 'via 10\.77\.0\.2 dev pa .*src 10\.77\.0\.1'
	add default via 10.78.0.2
	way 198.51.100.1 'via 10\.78\.0\.2 dev qa .*src 10\.78\.0\.1'
	way 192.0.2.1 'via 10\.77\.0\.2'
	del 192.0.2.0/24
	way 192.0.2.1 'via 10\.78\.0\.2'
	del default
	noway 192.0.2.1 'No route'
}

test_longest_prefix_wins()
{
	local plen

	two_links
	for plen in 1 2 7 8 13 18 19 23 24 25 30 31 32; do
		add "$(prefix 203.0.113.85 "$plen")" via 10.77.0.2 metric "$plen"
	done
	for plen in 32 31 30 25 24 23 19 18 13 8 7 2; do
		way 203.0.113.85 'via 10\.77\.0\.2 dev pa'
		del "$(prefix 203.0.113.85 "$plen")" metric "$plen"
	done
	del "$(prefix 203.0.113.85 1)"
	noway 203.0.113.85 'No route'
}

# prefix A LEN: the network of A
prefix()
{
	local a b c d n

	IFS=. read -r a b c d <<<"$1"
	n=$(((a << 24 | b << 16 | c << 8 | d) & ~((1 << (32 - $2)) - 1)))
	echo "$((n >> 24)).$((n >> 16 & 255)).$((n >> 8 & 255)).$((n & 255))/$2"
}

test_gateway_refused()
{
	net_pair
	bad 'invalid gateway' add 192.0.2.0/24 via 10.99.0.1
	bad 'invalid gateway' add 192.0.2.0/24 via 10.77.0.1
	bad 'invalid gateway' add 192.0.2.0/24 via 10.77.0.255
	bad 'invalid gateway' add 192.0.2.0/24 via 224.0.0.1
	bad 'invalid gateway' add 192.0.2.0/24 via 255.255.255.255
	bad 'invalid gateway' add 192.0.2.0/24 via 127.0.0.1
	add 192.0.2.0/24 via 10.77.0.2
	# a gateway behind a gateway
	bad 'invalid gateway' add 198.51.100.0/24 via 192.0.2.1
}

test_onlink()
{
	net_pair
	bad 'invalid gateway' add 192.0.2.0/24 via 10.99.0.1 dev pa
	add 192.0.2.0/24 via 10.99.0.1 dev pa onlink
	way 192.0.2.1 'via 10\.99\.0\.1 dev pa'
	shown '192\.0\.2\.0/24 via 10\.99\.0\.1 dev pa .*onlink'
	bad 'onlink' add 198.51.100.0/24 via 10.99.0.1 onlink
}

test_form_refused()
{
	net_pair
	expect "link" ip -n "$A" link add d0 type dummy
	bad 'device' add 192.0.2.0/24
	bad 'not attached' add 192.0.2.0/24 dev d0
	bad '' add 192.0.2.0/24 dev nodev
	bad '' add 192.0.2.1/24 dev pa
	bad '' add 192.0.2.0/33 dev pa
	bad 'prefsrc' add 192.0.2.0/24 dev pa src 10.77.0.9
	bad 'no nexthop' add blackhole 192.0.2.0/24 via 10.77.0.2
	bad 'gateway' add local 192.0.2.7 via 10.77.0.2 dev pa
	bad 'not to groups' add multicast 192.0.2.0/24 dev pa
	bad 'no gateway' add multicast 239.0.0.0/8 via 10.77.0.2
	bad 'no address of ours' add local 239.0.0.1 dev pa
	expect "down" ip -n "$A" link set pa down
	bad 'not up' add 192.0.2.0/24 dev pa
	hidden '192\.0\.2'
}

# Table local goes first, wherever it has a route.
test_local_of_any_length()
{
	net_pair
	add 47.1.2.0/24 dev pa
	add local 32.0.0.0/4 dev pa
	add local 47.0.0.0/8 dev pa
	way 47.1.2.3 'local 47\.1\.2\.3'
	way 32.0.0.1 'local'
	del local 47.0.0.0/8 dev pa
	way 47.1.2.3 'local 47\.1\.2\.3'
	noway 48.0.0.1 'No route'
	del local 32.0.0.0/4 dev pa
	way 47.1.2.3 '^47\.1\.2\.3 dev pa'
	noway 32.0.0.1 'No route'
	# where it is put by hand it goes by its length
	add local 47.0.0.0/8 dev pa table main
	way 47.1.2.3 '^47\.1\.2\.3 dev pa'
	way 47.2.0.1 'local'
	add local 0.0.0.0/0 dev pa
	way 47.1.2.3 'local 47\.1\.2\.3'
	way 203.0.113.1 'local'
}

# Groups go by routes of their own, or as all else: by device and source.
test_groups()
{
	two_links
	expect "second" pp "$A" addr add 10.77.0.3/24 dev pa
	noway 239.1.1.1 'No route'
	add default via 10.78.0.2
	add 239.1.0.0/16 dev pa src 10.77.0.3
	add multicast 239.2.0.0/16 dev pa
	add prohibit 239.3.0.0/16
	shown 'multicast 239\.2\.0\.0/16 dev pa'
	way 239.1.1.1 'multicast 239\.1\.1\.1 dev pa .*src 10\.77\.0\.3'
	way 239.2.1.1 'multicast 239\.2\.1\.1 dev pa .*src 10\.77\.0\.1'
	way 239.4.1.1 'multicast 239\.4\.1\.1 dev qa .*src 10\.78\.0\.1'
	# found in table 254, which is not named
	refuse "its table" out_matches table pp "$A" route get 239.4.1.1
	refuse "its table" out_matches table pp "$A" route get 239.1.1.1
	noway 239.3.1.1 'prohibited'
	del 239.1.0.0/16
	way 239.1.1.1 'dev qa '
	expect "other" pp "$A" addr add 10.78.0.9/24 dev qa
	expect "by source" pp "$A" route replace default via 10.78.0.2 \
		src 10.78.0.9
	way 239.4.1.1 'dev qa .*src 10\.78\.0\.9'
	way 255.255.255.255 'dev qa .*src 10\.78\.0\.9'
}

test_prefsrc()
{
	net_pair
	expect "second" pp "$A" addr add 10.77.0.3/24 dev pa
	add 192.0.2.0/24 via 10.77.0.2 src 10.77.0.3
	way 192.0.2.1 'src 10\.77\.0\.3'
	way 10.77.0.2 'src 10\.77\.0\.1'
	# the route goes with its source
	expect "del" pp "$A" addr del 10.77.0.3/24 dev pa
	hidden '192\.0\.2'
}

test_metric()
{
	two_links
	add 192.0.2.0/24 via 10.78.0.2 metric 200
	add 192.0.2.0/24 via 10.77.0.2 metric 100
	way 192.0.2.1 'via 10\.77\.0\.2'
	add 192.0.2.0/24 via 10.78.0.2 metric 50
	way 192.0.2.1 'via 10\.78\.0\.2'
	del 192.0.2.0/24 metric 50
	way 192.0.2.1 'via 10\.77\.0\.2'
	del 192.0.2.0/24 metric 100
	way 192.0.2.1 'via 10\.78\.0\.2'
	del 192.0.2.0/24
	noway 192.0.2.1 'No route'
	bad 'No such' del 192.0.2.0/24
}

test_tos()
{
	two_links
	add 192.0.2.0/24 via 10.77.0.2
	add 192.0.2.0/24 via 10.78.0.2 tos 0x10
	way 192.0.2.1 'via 10\.77\.0\.2'
	expect_out "tos" 'via 10\.78\.0\.2' pp "$A" route get 192.0.2.1 \
		tos 0x10
	del 192.0.2.0/24 tos 0x10
	expect_out "tos" 'via 10\.77\.0\.2' pp "$A" route get 192.0.2.1 \
		tos 0x10
}

test_modes()
{
	two_links
	bad '' change 192.0.2.0/24 via 10.77.0.2
	expect "replace adds" pp "$A" route replace 192.0.2.0/24 via 10.77.0.2
	bad 'exists' add 192.0.2.0/24 via 10.77.0.2
	bad 'exists' add 192.0.2.0/24 via 10.78.0.2
	expect "replace" pp "$A" route replace 192.0.2.0/24 via 10.78.0.2
	way 192.0.2.1 'via 10\.78\.0\.2'
	expect "same" pp "$A" route replace 192.0.2.0/24 via 10.78.0.2
	expect "change" pp "$A" route change 192.0.2.0/24 via 10.77.0.2
	expect "append" pp "$A" route append 192.0.2.0/24 via 10.78.0.2
	bad 'exists' append 192.0.2.0/24 via 10.78.0.2
	way 192.0.2.1 'via 10\.77\.0\.2'
	del 192.0.2.0/24 via 10.77.0.2
	way 192.0.2.1 'via 10\.78\.0\.2'
	bad 'No such' del 192.0.2.0/24 via 10.77.0.2
	bad 'No such' del 192.0.2.0/25
	del 192.0.2.0/24 dev qa
	noway 192.0.2.1 'No route'
}

test_refusing_types()
{
	net_pair
	add default via 10.77.0.2
	add blackhole 192.0.2.0/26
	add unreachable 192.0.2.64/26
	add prohibit 192.0.2.128/26
	add throw 192.0.2.192/26
	noway 192.0.2.1 'may have'
	noway 192.0.2.65 'unreachable by'
	noway 192.0.2.129 'prohibited by'
	noway 192.0.2.193 'No route'
	way 192.0.3.1 'via 10\.77\.0\.2'
	shown 'blackhole 192\.0\.2\.0/26'
	del blackhole 192.0.2.0/26
	way 192.0.2.1 'via 10\.77\.0\.2'
}

test_tables()
{
	net_pair
	add 192.0.2.0/24 via 10.77.0.2 table 100
	noway 192.0.2.1 'No route'
	expect_out "there" '192\.0\.2\.0/24 via' pp "$A" route show table 100
	bad 'No such' del 192.0.2.0/24
	del 192.0.2.0/24 table 100
	bad 'No such' del 192.0.2.0/24 table 100
	bad 'No such' del 192.0.2.0/24 table 4000000000
	# what is local comes first, whatever main says
	add blackhole 127.0.0.0/9
	way 127.0.0.9 'local'
}

test_down_and_up()
{
	two_links
	add 192.0.2.0/24 via 10.77.0.2
	add 192.0.2.0/24 via 10.78.0.2 metric 10
	add default via 10.78.0.2
	expect "down" ip -n "$A" link set pa down
	shown '192\.0\.2\.0/24 via 10\.77\.0\.2 .*dead'
	way 192.0.2.1 'via 10\.78\.0\.2'
	way 10.77.0.2 'via 10\.78\.0\.2'
	way 10.77.0.1 'local'
	expect "up" ip -n "$A" link set pa up
	await "back" 30 out_matches 'via 10.77.0.2' pp "$A" route get 192.0.2.1
	# no carrier is as good as down
	expect "peer down" ip -n "$B" link set pb down
	await "away" 30 out_matches 'via 10.78.0.2' pp "$A" route get 192.0.2.1
	shown '192\.0\.2\.0/24 via 10\.77\.0\.2 .*linkdown'
	expect "peer up" ip -n "$B" link set pb up
	await "back" 30 out_matches 'via 10.77.0.2' pp "$A" route get 192.0.2.1
}

test_detach_removes()
{
	two_links
	add 192.0.2.0/24 via 10.77.0.2
	add 192.0.2.0/24 via 10.78.0.2 table 77
	add unreachable 198.51.100.0/24
	expect "detach" pp "$A" dev detach pa
	hidden 'pa '
	shown '192\.0\.2\.0/24 via 10\.78\.0\.2'
	expect "detach" pp "$A" dev detach qa
	hidden 'qa '
	shown 'unreachable 198\.51\.100\.0/24'
	shown 'local 127\.0\.0\.0/8'
}

# With the device go its addresses and what sends from them, in one go: less
# work than to put them there.
test_detach_of_many()
{
	local i j start put

	net_pair
	expect "link" ip -n "$A" link add d0 type dummy
	expect "attach" pp "$A" dev attach d0
	expect "up" ip -n "$A" link set d0 up
	for i in {1..32}; do
		for j in {0..249}; do
			echo "addr add 10.80.$i.$j/32 dev d0"
			echo "route add 192.168.$i.$j/32 dev pa src 10.80.$i.$j"
		done
	done >"$KTAP_DIR/b"
	start=${EPOCHREALTIME/./}
	expect "put" pp "$A" -batch "$KTAP_DIR/b"
	put=$((${EPOCHREALTIME/./} - start))
	shown '192\.168\.32\.249 dev pa .*src 10\.80\.32\.249'
	start=${EPOCHREALTIME/./}
	expect "detach" pp "$A" dev detach d0
	start=$((${EPOCHREALTIME/./} - start))
	hidden '192\.168|10\.80\.'
	shown '10\.77\.0\.0/24 dev pa'
	echo "# put: $put us, detached: $start us"
	expect "sooner than put" test "$start" -lt "$put"
}

test_source_and_device()
{
	two_links
	add 192.0.2.0/24 via 10.77.0.2
	expect_out "from" 'src 10\.78\.0\.1' pp "$A" route get 192.0.2.1 \
		from 10.78.0.1
	refuse "not ours" pp "$A" route get 192.0.2.1 from 10.99.0.1
	refuse "group" pp "$A" route get 192.0.2.1 from 224.0.0.1
	refuse "loop" pp "$A" route get 192.0.2.1 from 127.0.0.1
	# bound to a device without a route: its link is taken for granted
	expect_out "oif" 'dev qa .*src 10\.78\.0\.1' pp "$A" route get \
		192.0.2.1 oif qa
	expect_out "group" 'multicast 224\.0\.0\.5 dev qa' pp "$A" route get \
		224.0.0.5 oif qa
	expect_out "all" 'broadcast 255\.255\.255\.255 dev pa' pp "$A" \
		route get 255.255.255.255 oif pa
	noway 255.255.255.255 'No route'
}

test_input()
{
	local d

	net_pair
	for d in 10.77.0.1 10.77.0.255 255.255.255.255; do
		expect "in" pp "$A" route get "$d" from 10.77.0.2 iif pa
	done
	refuse "forward" pp "$A" route get 192.0.2.1 from 10.77.0.2 iif pa
	# RFC 1122 §3.2.1.3, RFC 1812 §5.3.7; attacks C1, C3
	for d in 10.77.0.1 127.0.0.1 0.1.2.3 224.0.0.1 240.0.0.1 \
		255.255.255.255 10.77.0.255; do
		refuse_out "martian" 'may have' pp "$A" route get 10.77.0.1 \
			from "$d" iif pa
	done
	refuse_out "martian" 'may have' pp "$A" route get 127.0.0.1 \
		from 10.77.0.2 iif pa
}

test_packets_take_the_route()
{
	two_links
	expect "far" ip -n "$B" addr add 192.0.2.1/32 dev lo
	add 192.0.2.1/32 via 10.78.0.2
	expect "echo" in_ns "$B" ping -n -q -c 1 -W 30 -I 192.0.2.1 10.78.0.1
	expect "replace" pp "$A" route replace 192.0.2.1/32 via 10.77.0.2
	expect "echo" in_ns "$B" ping -n -q -c 1 -W 30 -I 192.0.2.1 10.78.0.1
	expect "bar" pp "$A" route replace blackhole 192.0.2.1/32
	refuse "echo" in_ns "$B" ping -n -q -c 1 -W 1 -I 192.0.2.1 10.78.0.1
}

# Where the kernel has no address yet it has no table of its own addresses.
test_lo_down()
{
	local x=lo-$$

	expect "netns" ip netns add "$x"
	defer ip netns del "$x"
	expect "device" ip -n "$x" link add d0 type dummy
	expect "attach" pp "$x" dev attach d0
	expect "address" pp "$x" addr add 10.79.0.1/24 dev d0
	expect_out "it is there" '10\.79\.0\.1/24' pp "$x" addr show
	expect "the kernel's" ip -n "$x" addr add 10.79.1.1/24 dev d0
	refuse_out "of the kernel" 'belongs to the kernel' \
		pp "$x" addr add 10.79.1.1/24 dev d0
}

ktap_run test_lo_down test_address_brings_routes test_host_addresses_bring_no_prefix \
	test_address_of_two_lengths test_gateway test_longest_prefix_wins test_gateway_refused \
	test_onlink test_form_refused test_local_of_any_length test_groups \
	test_prefsrc test_metric test_tos \
	test_modes test_refusing_types test_tables test_down_and_up \
	test_detach_removes test_detach_of_many test_source_and_device test_input \
	test_packets_take_the_route
