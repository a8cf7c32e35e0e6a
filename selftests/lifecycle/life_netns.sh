#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# Network namespaces that end, and devices that move between them.
# Proves: attacks J1-J3 (netns exit and move under traffic).

# shellcheck source=selftests/lifecycle/life.sh disable=SC1091
. "$(dirname "$0")/life.sh"

ROUNDS=${1:-10}

life_no_link()
{
	! ip -n "$1" link show "$2"
}

# The namespace is gone when the veth end in it has taken ours along.
test_netns_deleted()
{
	life_pair
	expect "netns del" ip netns del "$A"
	life_end
	await "netns is gone" 60 life_no_link "$B" pb
}

# Open sockets keep it; nothing else does.
test_netns_lives_as_long_as_a_socket()
{
	life_pair
	expect "netns del" ip netns del "$A"
	expect "the other end is there" ip -n "$B" link show pb
	expect "and is answered" net_ping "$B" 10.77.0.1
	life_end
	await "netns is gone" 60 life_no_link "$B" pb
}

test_device_moved_away_and_back()
{
	local C

	life_pair
	net_ns C
	life_quick "move" ip -n "$A" link set pa netns "$C"
	life_no_dev "$A" pa
	life_no_dev "$C" pa
	expect "address is gone" life_no_addr "$A"
	pp_own "$C" pa 10.77.0.1/24
	await "path works there" 60 net_ping "$B" 10.77.0.1 1
	life_quick "move back" ip -n "$C" link set pa netns "$A"
	life_no_dev "$C" pa
	pp_own "$A" pa 10.77.0.1/24
	await "path works here" 60 net_ping "$B" 10.77.0.1 1
	life_moving
	life_end
}

test_netns_do_not_see_each_other()
{
	local C

	net_pair
	net_ns C
	expect_out "lo alone" "lo" pp "$C" dev show
	refuse_out "no pa" "." pp "$C" dev show pa
	expect "dummy" ip -n "$C" link add d0 type dummy
	pp_own "$C" d0 10.77.0.1/24
	expect "the same address in both" net_ping "$B" 10.77.0.1
}

test_many_netns()
{
	local i n

	expect "module" net_load
	for ((i = 0; i < ROUNDS; i++)); do
		n=ppt$BASHPID.many
		expect "netns" ip netns add "$n"
		expect "link" ip -n "$n" link add d0 type dummy
		expect "lo up" ip -n "$n" link set lo up
		pp_own "$n" d0 "10.79.$i.1/24"
		expect "loop" in_ns "$n" \
			"$PKTPATH_TESTS/lifecycle_traffic" -e "10.79.$i.1"
		expect "netns del" ip netns del "$n"
	done
}

life_refs()
{
	test "$(cat /sys/module/pktpath/refcnt)" "$1" "$2"
}

# A closed connection delivers what it has: its netns can't be entered any more.
test_netns_of_nobody()
{
	local out=$KTAP_DIR/pump pump=$PKTPATH_TESTS/tcp_pump

	net_pair
	ip netns exec "$B" "$pump" inet listen 10.77.0.2 90 hold 100 \
		>"$out" 2>&1 &
	LIFE_RX=$!
	defer kill "$LIFE_RX"
	await "the peer listens" 60 grep -q ready "$out"
	ip netns exec "$A" "$pump" pktpath connect 10.77.0.2 90 push 100 \
		>/dev/null 2>&1 &
	LIFE_TX=$!
	defer kill "$LIFE_TX"
	await "all has come" 60 grep -q held "$out"
	expect "nothing more" in_ns "$B" nft -f - <<-EOT
		table ip t {
			chain c {
				type filter hook input priority 0;
				tcp dport 90 drop
			}
		}
	EOT
	expect "netns del" ip netns del "$A"
	kill "$LIFE_TX"
	await "sender ends" 60 life_gone "$LIFE_TX"
	expect "held by its connection" life_refs -gt 0
	expect "down" "$PKTPATH_TOP/scripts/pktpath/pktpath" down --all
	await "held by nothing" 60 life_refs -eq 0
	await "netns is gone" 60 life_no_link "$B" pb
}

if [ $# != 0 ]; then
	ktap_run test_many_netns
	exit
fi
ktap_run test_netns_deleted test_netns_lives_as_long_as_a_socket \
	test_netns_of_nobody test_device_moved_away_and_back test_netns_do_not_see_each_other \
	test_many_netns
