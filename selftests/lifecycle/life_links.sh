#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# Devices that change and go while packets are on their way.
# Proves: attacks J2 (link del, down, rename, move under traffic).

# shellcheck source=selftests/lifecycle/life.sh disable=SC1091
. "$(dirname "$0")/life.sh"

test_device_deleted()
{
	life_pair
	life_quick "link del" ip -n "$A" link del pa
	life_no_dev "$A" pa
	expect "address is gone" life_no_addr "$A"
	refuse "route is gone" pp "$A" route get 10.77.0.2
	expect "sender lives" test -d "/proc/$LIFE_TX"
	life_end
}

test_peer_deleted()
{
	life_pair
	life_quick "link del" ip -n "$B" link del pb
	life_no_dev "$A" pa
	life_end
}

test_detached_and_attached()
{
	local i

	life_pair
	for ((i = 0; i < 8; i++)); do
		life_quick "detach" "$PKTPATH" -n "$A" dev detach pa
		pp_own "$A" pa 10.77.0.1/24
	done
	await "path works again" 60 net_ping "$B" 10.77.0.1 1
	life_moving
	life_end
}

test_address_removed_and_added()
{
	local i

	life_pair
	for ((i = 0; i < 10; i++)); do
		expect "del" pp "$A" addr del 10.77.0.1/24 dev pa
		expect "add" pp "$A" addr add 10.77.0.1/24 dev pa
	done
	await "path works again" 60 net_ping "$B" 10.77.0.1 1
	life_end
}

test_down_keeps_the_address()
{
	life_pair
	expect "down" ip -n "$A" link set pa down
	refuse "route is dead" pp "$A" route get 10.77.0.2
	expect_out "address stays" "10\\.77\\.0\\.1/24" pp "$A" addr show
	expect "up" ip -n "$A" link set pa up
	await "path works again" 60 net_ping "$B" 10.77.0.1 1
	expect "route is back" pp "$A" route get 10.77.0.2
	life_moving
	life_end
}

test_carrier_flap()
{
	local i

	life_pair
	for ((i = 0; i < 5; i++)); do
		expect "peer down" ip -n "$B" link set pb down
		await "no carrier" 60 out_matches NO-CARRIER \
			ip -n "$A" link show pa
		expect "peer up" ip -n "$B" link set pb up
		await "carrier" 60 out_matches LOWER_UP ip -n "$A" link show pa
	done
	await "path works again" 60 net_ping "$B" 10.77.0.1 1
	life_end
}

test_rename()
{
	life_pair
	expect "down" ip -n "$A" link set pa down
	expect "rename" ip -n "$A" link set pa name other0
	expect "up" ip -n "$A" link set other0 up
	life_no_dev "$A" pa
	expect "the new name is attached" pp "$A" dev show other0
	expect_out "address stays" other0 pp "$A" addr show
	expect "new sysctls" in_ns "$A" \
		test -d /proc/sys/net/pktpath/conf/other0
	refuse "old sysctls" in_ns "$A" test -d /proc/sys/net/pktpath/conf/pa
	await "path works again" 60 net_ping "$B" 10.77.0.1 1
	life_end
}

test_mtu()
{
	life_pair
	expect "mtu" ip -n "$A" link set pa mtu 1280
	expect_out "shown" "mtu 1280" pp "$A" dev show pa
	expect "path works" net_ping "$B" 10.77.0.1
	expect "mtu" ip -n "$A" link set pa mtu 1500
	life_moving
	life_end
}

test_mtu_below_68_detaches()
{
	expect "module" net_load
	net_ns A
	expect "dummy" ip -n "$A" link add d0 type dummy
	pp_own "$A" d0 10.78.0.1/24
	expect "mtu" ip -n "$A" link set d0 mtu 60
	life_no_dev "$A" d0
	refuse_out "and no attach" "MTU" pp "$A" dev attach d0
	expect "mtu" ip -n "$A" link set d0 mtu 1500
	expect "attach" pp "$A" dev attach d0
}

test_hardware_address_changes()
{
	life_pair
	expect "address" ip -n "$A" link set pa address 02:00:00:00:77:01
	expect "B forgets" ip -n "$B" neigh flush dev pb
	await "path works again" 60 net_ping "$B" 10.77.0.1 1
	expect_out "B learns the new one" "02:00:00:00:77:01" \
		ip -n "$B" neigh show 10.77.0.1
	life_end
}

test_arp_off_and_on()
{
	net_pair
	expect "path works" net_ping "$B" 10.77.0.1
	expect_out "resolved" "10\\.77\\.0\\.2" pp "$A" neigh show
	expect "arp off" ip -n "$A" link set pa arp off
	expect_out "shown" NOARP pp "$A" dev show pa
	expect_out "nothing is known any more" "^$" pp "$A" neigh show
	expect "B forgets" ip -n "$B" neigh flush dev pb
	refuse "not answered" net_ping "$B" 10.77.0.1 1
	expect "arp on" ip -n "$A" link set pa arp on
	refuse "not shown any more" sh -c \
		"$PKTPATH -n $A dev show pa | grep NOARP"
	await "answered" 60 net_ping "$B" 10.77.0.1 1
	expect_out "resolved" "10\\.77\\.0\\.2" pp "$A" neigh show
	# of a device that is down nothing is told
	expect "down" ip -n "$A" link set pa down
	expect "arp off" ip -n "$A" link set pa arp off
	expect "up" ip -n "$A" link set pa up
	expect_out "seen when it came up" NOARP pp "$A" dev show pa
	expect "arp on" ip -n "$A" link set pa arp on
	await "answered" 60 net_ping "$B" 10.77.0.1 1
}

test_bridge_port_is_received_from_by_hook()
{
	net_pair_links
	expect "bridge" ip -n "$A" link add br0 type bridge
	expect "port" ip -n "$A" link set pa master br0
	expect "bridge up" ip -n "$A" link set br0 up
	pp_own "$A" pa 10.77.0.1/24
	expect "kernel address" ip -n "$B" addr add 10.77.0.2/24 dev pb
	await "path works" 60 net_ping "$B" 10.77.0.1 1
	life_quick "link del" ip -n "$A" link del pa
	life_no_dev "$A" pa
}

test_attached_device_cannot_become_a_port()
{
	net_pair
	expect "bridge" ip -n "$A" link add br0 type bridge
	refuse_out "busy" "busy" ip -n "$A" link set pa master br0
	expect "detach" pp "$A" dev detach pa
	expect "then it can" ip -n "$A" link set pa master br0
}

test_addresses_belong_to_one_stack()
{
	net_pair
	refuse_out "kernel refused" "pktpath" \
		ip -n "$A" addr add 10.77.0.1/24 dev pa
	expect "kernel address" ip -n "$A" addr add 10.77.0.9/24 dev pa
	refuse_out "pktpath refused" "kernel" \
		pp "$A" addr add 10.77.0.9/24 dev pa
	expect "kernel gives up" ip -n "$A" addr del 10.77.0.9/24 dev pa
	expect "now it is ours" pp "$A" addr add 10.77.0.9/24 dev pa
	expect "path works" net_ping "$B" 10.77.0.9
	expect "we give up" pp "$A" addr del 10.77.0.9/24 dev pa
	expect "now the kernel's" ip -n "$A" addr add 10.77.0.9/24 dev pa
	expect "path works" net_ping "$B" 10.77.0.9
}

test_other_traffic_passes()
{
	net_pair
	expect "kernel address" ip -n "$A" addr add 10.77.0.9/24 dev pa
	expect "to the kernel" net_ping "$B" 10.77.0.9
	expect "to pktpath" net_ping "$B" 10.77.0.1
	expect "kernel out" net_ping "$A" 10.77.0.2
	expect "kernel's lo" net_ping "$A" 127.0.0.1
}

test_lo_is_always_attached()
{
	net_pair
	expect_out "shown" "lo" pp "$A" dev show lo
	refuse_out "no attach" "lo" pp "$A" dev attach lo
	refuse_out "no detach" "lo" pp "$A" dev detach lo
	expect "loop by own address" in_ns "$A" \
		"$PKTPATH_TESTS/lifecycle_traffic" -e 10.77.0.1
	expect "loop by 127" in_ns "$A" \
		"$PKTPATH_TESTS/lifecycle_traffic" -e 127.0.0.1
	expect "lo down" ip -n "$A" link set lo down
	expect "lo up" ip -n "$A" link set lo up
	expect "loop again" in_ns "$A" \
		"$PKTPATH_TESTS/lifecycle_traffic" -e 10.77.0.1
}

test_refusals_have_a_text()
{
	expect "module" net_load
	net_ns A
	refuse_out "unknown device" "." pp "$A" dev attach nothere0
	expect "dummy" ip -n "$A" link add d0 type dummy
	refuse_out "not attached" "attach" pp "$A" addr add 10.1.0.1/24 dev d0
	refuse_out "not attached" "attached" pp "$A" dev detach d0
	expect "attach" pp "$A" dev attach d0
	refuse_out "twice" "already" pp "$A" dev attach d0
	refuse_out "multicast" "multicast" \
		pp "$A" addr add 224.0.0.5/24 dev d0
	refuse_out "broadcast" "broadcast" \
		pp "$A" addr add 10.1.0.255/24 dev d0
	refuse_out "zero" "0.0.0.0/8" pp "$A" addr add 0.0.0.1/24 dev d0
	refuse_out "loopback" "[Ll]oopback" \
		pp "$A" addr add 127.1.2.3/8 dev d0
	expect "address" pp "$A" addr add 10.1.0.1/24 dev d0
	refuse_out "twice" "already" pp "$A" addr add 10.1.0.1/24 dev d0
	refuse_out "none" "No such" pp "$A" addr del 10.1.0.2/24 dev d0
}

# Growth of the claim table, and what it holds.
test_many_addresses()
{
	local i

	net_pair
	for ((i = 3; i < 43; i++)); do
		expect "add $i" pp "$A" addr add "10.77.0.$i/32" dev pa
	done
	for i in 3 20 42; do
		expect "reached" net_ping "$B" "10.77.0.$i"
	done
	for ((i = 3; i < 43; i++)); do
		expect "del $i" pp "$A" addr del "10.77.0.$i/32" dev pa
	done
	refuse "gone" net_ping "$B" 10.77.0.20 1
	expect "the first stays" net_ping "$B" 10.77.0.1
}

# The same again and again: it is gone, and comes back.
test_device_deleted_often()
{
	local i ms

	for ((i = 0; i < ROUNDS; i++)); do
		life_pair
		ms=${EPOCHREALTIME/[.,]/}
		life_quick "link del" ip -n "$A" link del pa
		ms=$(((${EPOCHREALTIME/[.,]/} - ms) / 1000))
		[ "$PKTPATH_KERNEL" = 7.2 ] || [ "$ms" -le 10000 ] ||
			fail "round $i: link del took $ms ms"
		life_no_dev "$A" pa
		life_end
		ktap_undefer
	done
}

ROUNDS=${1:-1}
if [ $# != 0 ]; then
	ktap_run test_device_deleted_often
	exit
fi
ktap_run test_device_deleted test_peer_deleted test_detached_and_attached \
	test_address_removed_and_added test_down_keeps_the_address \
	test_carrier_flap test_rename test_mtu test_mtu_below_68_detaches \
	test_hardware_address_changes test_arp_off_and_on \
	test_bridge_port_is_received_from_by_hook \
	test_attached_device_cannot_become_a_port \
	test_addresses_belong_to_one_stack test_other_traffic_passes \
	test_lo_is_always_attached test_refusals_have_a_text \
	test_many_addresses
