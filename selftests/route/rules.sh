#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# Policy rules and routes that share the flows.
# Proves: design §6.7 (several tables), `pktpath rule`, `route ... nexthop`.
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

# Table 100 leads by qa, main by pa.
two_tables()
{
	two_links
	expect "main" pp "$A" route add default via 10.77.0.2
	expect "100" pp "$A" route add default via 10.78.0.2 table 100
}

rule()
{
	expect "rule" pp "$A" rule "$@"
}

# way DEV ARG...: the route to 192.0.2.1 leaves by DEV
way()
{
	local dev=$1

	shift
	expect_out "way" "dev $dev " pp "$A" route get 192.0.2.1 "$@"
}

test_order_and_show()
{
	net_pair
	expect_out "at first" $'0:.*lookup local\n32766:.*lookup main\n32767:.*lookup default' \
		pp "$A" rule
	rule add from 10.1.0.0/16 to 10.2.0.0/24 iif pa fwmark 0x10/0xf0 \
		tos 0x10 table 100
	rule add pref 10 not oif pa prohibit
	rule add to 10.3.0.1 blackhole pref 32766
	expect_out "shown" $'\n10:\tnot from all oif pa prohibit\n' pp "$A" rule
	expect_out "shown" \
		'32765:.from 10\.1\.0\.0/16 to 10\.2\.0\.0/24 tos 0x10 fwmark 0x10/0xf0 iif pa lookup 100' \
		pp "$A" rule
	expect_out "behind" $'lookup main\n32766:\tfrom all to 10\.3\.0\.1 blackhole' \
		pp "$A" rule
	expect_out "json" '"priority":10,"not":true,"src":"all","oif":"pa","action":"prohibit"' \
		pp "$A" -j rule
	rule del pref 10
	rule del table 100
	rule del to 10.3.0.1
	expect "as at first" test "$(pp "$A" rule | wc -l)" = 3
}

test_refused()
{
	net_pair
	rule add from 10.1.0.1 table 100
	refuse_out "twice" 'Rule exists' pp "$A" rule add from 10.1.0.1 \
		table 100 pref 32765
	refuse_out "none" 'No such rule' pp "$A" rule del from 10.1.0.2
	refuse_out "which" 'Which rule' pp "$A" rule del
	refuse_out "local" 'local stays' pp "$A" rule del pref 0
	refuse_out "nothing" 'table or a refusal' pp "$A" rule add from 10.1.0.1
	refuse_out "host bits" 'beyond' pp "$A" rule add from 10.1.0.1/24 \
		table 9
	refuse_out "mark" 'beyond its mask' pp "$A" rule add fwmark 3/1 table 9
	refuse_out "both" 'no table' pp "$A" rule add table 9 prohibit
	refuse_out "ports" 'upside down' pp "$A" rule add dport 9-8 table 9
	refuse_out "back" 'forward only' pp "$A" rule add pref 9 goto 8
	refuse_out "goto" 'no table' pp "$A" rule add pref 9 goto 10 table 9
	refuse "word" pp "$A" rule add frm 10.1.0.1 table 9
}

test_selectors()
{
	two_tables
	way pa
	rule add fwmark 7 table 100
	way qa mark 7
	way pa mark 8
	rule del fwmark 7
	way pa mark 7
	rule add to 192.0.2.0/24 table 100
	way qa
	rule del to 192.0.2.0/24
	rule add from 10.77.0.1 table 100
	way qa from 10.77.0.1
	way pa from 10.78.0.1
	rule del from 10.77.0.1
	rule add not from 10.77.0.1 table 100
	way pa from 10.77.0.1
	way qa from 10.78.0.1
	rule del table 100
	rule add tos 0x10 table 100
	way qa tos 0x10
	way pa tos 0x08
	rule del tos 0x10
	rule add iif lo table 100
	way qa
	rule del iif lo
	way pa
	rule add to 192.0.2.1 unreachable
	refuse_out "refused" 'unreachable' pp "$A" route get 192.0.2.1
	rule del unreachable
	# what a table does not know goes on to the next
	rule add to 192.0.2.0/24 table 77
	way pa
	expect "throw" pp "$A" route add throw 192.0.2.0/24 table 77
	way pa
	rule del to 192.0.2.0/24
	rule add ipproto tcp dport 80-90 table 100
	way qa ipproto 6 dport 80
	way qa ipproto 6 dport 90
	way pa ipproto 6 dport 91
	way pa ipproto 17 dport 80
	rule del ipproto tcp
	rule add sport 1000 table 100
	way qa sport 1000
	way pa sport 1001
	rule del sport 1000
	rule add uidrange 5-7 table 100
	way qa uid 7
	way pa uid 8
	expect_out "named" 'dev qa .*table 100' pp "$A" route get 192.0.2.1 uid 6
	rule del uidrange 5-7
	# a default route that does not count
	rule add table 100 suppress_prefixlength 0
	way pa
	expect "longer" pp "$A" route add 192.0.2.0/28 via 10.78.0.2 table 100
	way qa
	expect "longer" pp "$A" route del 192.0.2.0/28 table 100
	# one that refuses does count
	expect "refused" pp "$A" route add unreachable default \
		table 101
	rule add table 101 suppress_prefixlength 0
	refuse_out "by it" 'unreachable' pp "$A" route get 192.0.2.1
	rule del table 101
	rule del suppress_prefixlength 0
	# over a rule that refuses
	rule add pref 20 prohibit
	rule add pref 10 goto 30
	rule add pref 30 table 100
	way qa
	rule del pref 10
	refuse_out "no way round" 'prohibited' pp "$A" route get 192.0.2.1
	rule del pref 20
	rule del pref 30
	# what is ours stays ours
	rule add prohibit
	expect_out "ours" 'local 10\.77\.0\.1 dev lo' pp "$A" route get \
		10.77.0.1
	refuse_out "prohibited" 'prohibited' pp "$A" route get 192.0.2.1
}

# A rule names a device that comes later, goes, and has another name.
test_device_names()
{
	two_tables
	expect "forward" in_ns "$A" sysctl -qw net.pktpath.conf.all.forwarding=1
	rule add iif qa table 99
	rule add iif za table 99
	expect "99" pp "$A" route add unreachable default table 99
	refuse_out "by qa" unreachable pp "$A" route get 192.0.2.1 \
		from 10.78.0.9 iif qa
	way pa from 10.77.0.9 iif pa
	expect "down" ip -n "$A" link set pa down
	expect "rename" ip -n "$A" link set pa name za
	expect "up" ip -n "$A" link set za up
	refuse_out "by za" unreachable pp "$A" route get 10.78.0.7 \
		from 10.77.0.9 iif za
	# the others keep what they have of the devices
	rule add iif nobody table 98
	refuse_out "by za" unreachable pp "$A" route get 10.78.0.7 \
		from 10.77.0.9 iif za
	rule del iif nobody
	refuse_out "by za" unreachable pp "$A" route get 10.78.0.7 \
		from 10.77.0.9 iif za
	expect "detach" pp "$A" dev detach za
	expect "attach" pp "$A" dev attach za
	refuse_out "by za" unreachable pp "$A" route get 10.78.0.7 \
		from 10.77.0.9 iif za
}

# The last of the rules that hold at first, whether or not others were given.
test_table_default()
{
	two_links
	refuse_out "none" 'No route' pp "$A" route get 192.0.2.1
	expect "253" pp "$A" route add 192.0.2.0/24 via 10.78.0.2 table 253
	way qa
	expect_out "told" 'table (253|default)' pp "$A" route get 192.0.2.1
	expect "main" pp "$A" route add 192.0.2.0/24 via 10.77.0.2
	way pa
	expect "main" pp "$A" route del 192.0.2.0/24 table 254
	way qa
	rule add to 192.0.2.1 prohibit
	refuse_out "refused" 'prohibited' pp "$A" route get 192.0.2.1
	rule del prohibit
	way qa
}

# Packets, not only answers: the mark of a socket decides.
# ask_by DEV CMD...: B's end of DEV receives what CMD, which asks 192.0.2.1, sends
ask_by()
{
	local n dev=$1 file=/sys/class/net/$1/statistics/rx_packets

	shift
	n=$(in_ns "$B" cat "$file")
	expect "ask" in_ns "$A" "$@" "$PKTPATH_TESTS/link_udp" ask pktpath \
		192.0.2.1 9 "${ASK_MARK[@]}"
	expect "by $dev" test "$(in_ns "$B" cat "$file")" -gt "$n"
}

# The sender decides: its mark, its user, its destination.
test_sockets()
{
	local ASK_MARK=()

	two_tables
	expect "no ARP meanwhile" in_ns "$A" sysctl -qw \
		net.pktpath.neigh.pa.base_reachable_time_ms=600000 \
		net.pktpath.neigh.qa.base_reachable_time_ms=600000
	expect "add" ip -n "$B" addr add 192.0.2.1/32 dev lo
	expect "anybody" in_ns "$A" sysctl -qw \
		net.pktpath.group_range="0 65534"
	rule add fwmark 5 table 100
	rule add uidrange 65533-65533 table 100
	in_ns "$B" timeout 60 "$PKTPATH_TESTS/link_udp" echo inet 9 \
		>"$KTAP_DIR/echo" &
	defer kill $!
	await "server" 30 grep -q up "$KTAP_DIR/echo"
	ask_by pb
	ASK_MARK=(4)
	ask_by pb
	ASK_MARK=(5)
	ask_by qb
	ASK_MARK=()
	ask_by qb setpriv --reuid 65533 --clear-groups
	ask_by pb setpriv --reuid 65532 --clear-groups
	rule del fwmark 5
	rule del uidrange 65533-65533
	ask_by pb setpriv --reuid 65533 --clear-groups
	rule add to 192.0.2.1 table 100
	ask_by qb
}

# shares: how many of 60 destinations leave by qa
shares()
{
	local i n=0

	for i in {1..60}; do
		[[ $(pp "$A" route get "198.51.100.$i") =~ dev\ qa ]] &&
			n=$((n + 1))
	done
	echo "$n"
}

test_shared_flows()
{
	local n

	two_links
	expect "add" pp "$A" route add default \
		nexthop via 10.77.0.2 weight 1 nexthop via 10.78.0.2 weight 1
	expect_out "shown" 'via 10\.77\.0\.2 dev pa .*weight 1' pp "$A" route
	expect_out "shown" 'via 10\.78\.0\.2 dev qa .*weight 1' pp "$A" route
	n=$(shares)
	expect "both" test "$n" -gt 10 -a "$n" -lt 50
	expect "the same again" test "$(shares)" = "$n"
	expect "weights" pp "$A" route replace default \
		nexthop via 10.77.0.2 weight 1 nexthop via 10.78.0.2 weight 9
	expect "two" test "$(pp "$A" route | grep -c default)" = 2
	n=$(shares)
	expect "most" test "$n" -gt 42
	# what cannot be used does not get a share
	expect "down" ip -n "$A" link set qa down
	expect "none" test "$(shares)" = 0
	expect "up" ip -n "$A" link set qa up
	await "again" 30 test_shares_back
	refuse "policy" in_ns "$A" sysctl -qw \
		net.pktpath.fib_multipath_hash_policy=7
	expect "single" pp "$A" route replace default via 10.77.0.2
	expect "one" test "$(pp "$A" route | grep -c default)" = 1
	expect "again" pp "$A" route replace default \
		nexthop via 10.77.0.2 nexthop via 10.78.0.2
	expect "del" pp "$A" route del default
	expect "none" test "$(pp "$A" route | grep -c default)" = 0
}

test_shares_back()
{
	[ "$(shares)" -gt 42 ]
}

test_batch()
{
	two_links
	printf '%s\n' 'route add 192.0.2.0/24 via 10.77.0.2 table 5' \
		'rule add pref 5 table 5 # first' '' \
		'rule add pref 6 to 203.0.113.0/24 prohibit' >"$KTAP_DIR/b"
	expect "batch" pp "$A" -batch "$KTAP_DIR/b"
	way pa
	refuse_out "prohibit" 'prohibited' pp "$A" route get 203.0.113.1
}

# As many as the events that look at every table with RTNL held can bear.
test_many_tables()
{
	local i

	two_links
	for ((i = 1001; i <= 5094; i++)); do
		echo "route add blackhole 192.0.2.0/24 table $i"
	done >"$KTAP_DIR/b"
	expect "4094 more" pp "$A" -batch "$KTAP_DIR/b"
	refuse_out "one more" 'Too many routing tables' \
		pp "$A" route add blackhole 192.0.2.0/24 table 6000
	expect "one that is there" pp "$A" route add 198.51.100.0/24 \
		via 10.77.0.2 table 5094
	expect "all seen" test \
		"$(pp "$A" route show table all | grep -c blackhole)" = 4094
	expect "device goes" pp "$A" dev detach pa
	expect "its route too" test \
		"$(pp "$A" route show table 5094 | grep -c 198.51.100.0)" = 0
}

# How the hash is chosen costs all namespaces: not for the root of one alone.
test_algorithm_of_others()
{
	two_links
	expect "insmod" insmod "$FIB_HASH"
	refuse "user namespace" unshare -Urn sysctl -qw \
		net.pktpath.fib_algorithm=hash
	expect "rmmod" rmmod pktpath_fib_hash
}

FIB_HASH=${PKTPATH_KO%/*}/pktpath_fib_hash.ko

algorithm()
{
	in_ns "$A" sysctl -qw "net.pktpath.fib_algorithm=$1"
}

algorithm_is()
{
	expect_out "algorithm" "^$1\$" in_ns "$A" sysctl -n \
		net.pktpath.fib_algorithm
}

# The same answers by another algorithm, and not a packet lost on the way.
test_algorithm()
{
	local before p

	two_tables
	algorithm_is lpm
	refuse "absent" algorithm hash
	algorithm_is lpm
	expect "insmod" insmod "$FIB_HASH"
	defer rmmod pktpath_fib_hash
	for p in 192.0.2.0/25 192.0.2.0/31 192.0.0.0/9 128.0.0.0/1; do
		expect "add" pp "$A" route add "$p" via 10.78.0.2
	done
	before=$(pp "$A" route show table all)
	ip netns exec "$B" ping -n -q -i 0.01 -c 300 10.77.0.1 \
		>"$KTAP_DIR/ping" &
	p=$!
	expect "hash" algorithm hash
	algorithm_is hash
	expect "the same" test "$(pp "$A" route show table all)" = "$before"
	way qa
	expect "del" pp "$A" route del 192.0.2.0/31
	expect "del" pp "$A" route del 192.0.2.0/25
	expect "add" pp "$A" route add 192.0.2.1 via 10.77.0.2
	way pa
	expect "new table" pp "$A" route add unreachable 192.0.2.1 table 9
	rule add pref 9 table 9
	refuse_out "by it" unreachable pp "$A" route get 192.0.2.1
	refuse "in use" rmmod pktpath_fib_hash
	before=$(pp "$A" route show table all)
	expect "and back" algorithm lpm
	expect "the same" test "$(pp "$A" route show table all)" = "$before"
	refuse_out "by it" unreachable pp "$A" route get 192.0.2.1
	wait "$p" || fail "ping: $(cat "$KTAP_DIR/ping")"
	expect_out "none lost" ' 0% packet loss' cat "$KTAP_DIR/ping"
	expect "in use no more" rmmod pktpath_fib_hash
	expect "insmod" insmod "$FIB_HASH"
	expect "hash" algorithm hash
	expect "netns gone" ip netns del "$A"
	await "free" 30 rmmod pktpath_fib_hash
}

ktap_run test_order_and_show test_refused test_selectors test_device_names \
	test_table_default \
	test_sockets test_shared_flows test_batch test_algorithm \
	test_many_tables test_algorithm_of_others
