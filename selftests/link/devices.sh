#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# Kinds of devices other than the veth pair of all tests: VLAN, bridge master,
# tun without a link header, virtio_net; with "both": a veth pair with pktpath at
# both ends; with "more": QinQ, macvlan, bond, ifb, a
# bridge port. On each ping and UDP go both ways. VLAN, bridge master, tun,
# virtio_net, QinQ and macvlan are taken down, renamed, given another MTU and
# attached anew with servers running; VLAN, tun, virtio_net and macvlan are moved
# to another namespace, with a flood under way but for macvlan; all but virtio_net
# are taken away, those made by ip-link(8) under that flood.

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

UDP=$PKTPATH_TESTS/link_udp

# Echo servers on both sides: 9 in A (pktpath) and in B (the kernel's).
dev_servers()
{
	ip netns exec "$A" "$UDP" echo pktpath 9 >"$KTAP_DIR/a" &
	DEV_ECHO=$!
	defer kill "$DEV_ECHO"
	await "server in A" 30 grep -q up "$KTAP_DIR/a"
	[ -n "${B:-}" ] || return 0
	ip netns exec "$B" "$UDP" echo inet 9 >"$KTAP_DIR/b" &
	defer kill $!
	await "server in B" 30 grep -q up "$KTAP_DIR/b"
}

# Both directions, by our stack alone.
dev_works()
{
	local out in kout

	out=$(pp_stat "$A" UdpOutDatagrams)
	in=$(pp_stat "$A" UdpInDatagrams)
	kout=$(dev_kernel_out)
	expect "$1: UDP out" in_ns "$A" "$UDP" ask pktpath 10.77.0.2 9
	if [ -n "${B:-}" ]; then
		expect "$1: UDP in" in_ns "$B" "$UDP" ask inet 10.77.0.1 9
		await "$1: ping" 30 net_ping "$B" 10.77.0.1 1
	else
		: >"$KTAP_DIR/tun"
		await "$1: UDP and ping in" 30 grep -q answered "$KTAP_DIR/tun"
	fi
	expect "$1: sent by us" pp_stat_above "$A" UdpOutDatagrams "$out"
	expect "$1: received by us" pp_stat_above "$A" UdpInDatagrams "$in"
	expect "$1: not by the kernel" test "$(dev_kernel_out)" = "$kout"
}

# Datagrams that the kernel's own UDP in A has sent.
dev_kernel_out()
{
	in_ns "$A" awk '/^Udp:/ { v = $5 } END { print v }' /proc/net/snmp
}

# dev_changes IF [carrier CMD_DOWN CMD_UP]
dev_changes()
{
	local dev=$1

	dev_works "at first"
	expect "down" ip -n "$A" link set "$dev" down
	refuse "nowhere" pp "$A" route get 10.77.0.2
	expect "up" ip -n "$A" link set "$dev" up
	dev_works "after down and up"
	expect "mtu" ip -n "$A" link set "$dev" mtu 1300
	expect_out "mtu is seen" "mtu 1300" pp "$A" dev show "$dev"
	dev_works "with another MTU"
	expect "another address" pp "$A" addr add 10.77.0.5/24 dev "$dev"
	expect "address away" pp "$A" addr del 10.77.0.5/24 dev "$dev"
	expect "down" ip -n "$A" link set "$dev" down
	expect "rename" ip -n "$A" link set "$dev" name other0
	expect "up" ip -n "$A" link set other0 up
	dev_works "with another name"
	expect "down" ip -n "$A" link set other0 down
	expect "name back" ip -n "$A" link set other0 name "$dev"
	expect "up" ip -n "$A" link set "$dev" up
	expect "detach" pp "$A" dev detach "$dev"
	pp_own "$A" "$dev" 10.77.0.1/24
	dev_works "attached again"
}

# dev_moves IF: to a third namespace and back, with the servers running
dev_moves()
{
	local dev=$1 C

	net_ns C
	expect "move" timeout 60 ip -n "$A" link set "$dev" netns "$C"
	refuse "gone here" pp "$A" dev show "$dev"
	refuse "not attached there" pp "$C" dev show "$dev"
	expect "move back" timeout 60 ip -n "$C" link set "$dev" netns "$A"
	pp_own "$A" "$dev" 10.77.0.1/24
	dev_works "moved and back"
}

# dev_flood: packets on their way while things happen
dev_flood()
{
	ip netns exec "$A" "$PKTPATH_TESTS/lifecycle_traffic" 10.77.0.2 99 \
		>"$KTAP_DIR/flood" 2>&1 &
	defer kill $!
	await "flood" 30 grep -q ready "$KTAP_DIR/flood"
}

test_vlan()
{
	net_pair_links
	expect "vlan" ip -n "$A" link add link pa name pa.7 type vlan id 7
	expect "vlan" ip -n "$B" link add link pb name pb.7 type vlan id 7
	pp_own "$A" pa.7 10.77.0.1/24
	expect "kernel address" ip -n "$B" addr add 10.77.0.2/24 dev pb.7
	expect "up" ip -n "$B" link set pb.7 up
	dev_servers
	dev_changes pa.7
	dev_flood
	# the lower device may be ours too, with other addresses
	pp_own "$A" pa 10.78.0.1/24
	expect "kernel address" ip -n "$B" addr add 10.78.0.2/24 dev pb
	await "below the VLAN" 30 net_ping "$B" 10.78.0.1 1
	dev_works "with the lower device attached"
	expect "lower down" ip -n "$A" link set pa down
	expect "lower up" ip -n "$A" link set pa up
	expect "upper up" ip -n "$A" link set pa.7 up
	dev_works "after the lower one was down"
	dev_moves pa.7
	expect "lower away" timeout 60 ip -n "$A" link del pa
	refuse "and the VLAN with it" pp "$A" dev show pa.7
}

test_bridge_master()
{
	net_pair_links
	expect "bridge" ip -n "$A" link add br0 type bridge forward_delay 0
	expect "port" ip -n "$A" link set pa master br0
	pp_own "$A" br0 10.77.0.1/24
	expect "kernel address" ip -n "$B" addr add 10.77.0.2/24 dev pb
	dev_servers
	dev_changes br0
	dev_flood
	expect "no port" ip -n "$A" link set pa nomaster
	await "no carrier" 30 out_matches NO-CARRIER ip -n "$A" link show br0
	expect "port again" ip -n "$A" link set pa master br0
	dev_works "with its port back"
	expect "bridge away" timeout 60 ip -n "$A" link del br0
	refuse "gone" pp "$A" dev show br0
	expect "kernel has the port" ip -n "$A" addr add 10.77.0.1/24 dev pa
	await "which works" 30 net_ping "$B" 10.77.0.1 1
}

# No link header, no ARP, no hardware address.
test_tun()
{
	expect "module" net_load
	net_ns A
	[ -c /dev/net/tun ] || skip "no tun"
	B=
	ip netns exec "$A" "$UDP" tun pt0 10.77.0.1 >>"$KTAP_DIR/tun" 2>&1 &
	DEV_TUN=$!
	defer kill "$DEV_TUN"
	await "tun" 30 grep -q up "$KTAP_DIR/tun"
	pp_own "$A" pt0 10.77.0.1/24
	expect_out "ARP-less" "NOARP" pp "$A" dev show pt0
	dev_servers
	dev_changes pt0
	dev_flood
	expect_out "no neighbours" "^$" pp "$A" neigh show
	dev_moves pt0
	kill "$DEV_TUN"
	await "gone with its program" 60 dev_not_there pt0
}

dev_not_there()
{
	! pp "$A" dev show "$1"
}

# Two NICs that the machine has wired together (scripts/vm).
test_virtio_net()
{
	modprobe -a virtio_net 2>/dev/null
	wait_until 2 test -e /sys/class/net/eth1 ||
		skip "this machine has no pair of NICs"
	[ "$(basename "$(readlink /sys/class/net/eth0/device/driver)")" = \
		virtio_net ] || skip "eth0 is not of virtio_net"
	expect "module" net_load
	net_ns A
	net_ns B
	# a namespace that ends gives them back, under these names
	expect "eth0 into A" ip link set eth0 netns "$A"
	defer ip -n "$A" link set eth0 netns 1
	expect "eth1 into B" ip link set eth1 netns "$B"
	defer ip -n "$B" link set eth1 netns 1
	expect "up" ip -n "$A" link set eth0 up
	expect "up" ip -n "$B" link set eth1 up
	pp_own "$A" eth0 10.77.0.1/24
	expect "kernel address" ip -n "$B" addr add 10.77.0.2/24 dev eth1
	dev_servers
	dev_changes eth0
	dev_flood
	dev_works "under a flood"
	expect "address" ip -n "$A" link set eth0 down
	expect "address" ip -n "$A" link set eth0 address 02:00:00:00:77:09
	expect "up" ip -n "$A" link set eth0 up
	expect "B forgets" ip -n "$B" neigh flush dev eth1
	dev_works "with another hardware address"
	dev_moves eth0
}

# A VLAN in a VLAN: two tags.
test_qinq()
{
	net_pair_links
	for n in "$A pa" "$B pb"; do
		# shellcheck disable=SC2086 # two words
		set -- $n
		expect "outer tag" ip -n "$1" link add link "$2" name "$2.5" \
			type vlan proto 802.1ad id 5
		expect "inner tag" ip -n "$1" link add link "$2.5" \
			name "$2.5.6" type vlan id 6
		expect "up" ip -n "$1" link set "$2.5" up
	done
	pp_own "$A" pa.5.6 10.77.0.1/24
	expect "kernel address" ip -n "$B" addr add 10.77.0.2/24 dev pb.5.6
	expect "up" ip -n "$B" link set pb.5.6 up
	dev_servers
	dev_changes pa.5.6
	dev_flood
	expect "outer away" timeout 60 ip -n "$A" link del pa.5
	refuse "and the inner with it" pp "$A" dev show pa.5.6
}

test_macvlan()
{
	net_pair_links
	expect "macvlan" ip -n "$A" link add link pa name mv0 type macvlan \
		mode bridge
	pp_own "$A" mv0 10.77.0.1/24
	expect "kernel address" ip -n "$B" addr add 10.77.0.2/24 dev pb
	dev_servers
	dev_changes mv0
	dev_moves mv0
	# the lower device has the receive handler of macvlan
	expect "lower one by the ingress hook" pp "$A" dev attach pa
	expect_out "hook" "HOOK" pp "$A" dev show pa
	dev_works "with the lower device attached"
	dev_flood
	expect "lower away" timeout 60 ip -n "$A" link del pa
	refuse "and mv0 with it" pp "$A" dev show mv0
}

test_bond()
{
	net_pair_links
	expect "bond" ip -n "$A" link add bo0 type bond mode active-backup \
		miimon 50
	expect "down" ip -n "$A" link set pa down
	expect "slave" ip -n "$A" link set pa master bo0
	pp_own "$A" bo0 10.77.0.1/24
	expect "kernel address" ip -n "$B" addr add 10.77.0.2/24 dev pb
	await "carrier" 30 out_matches LOWER_UP ip -n "$A" link show bo0
	dev_servers
	dev_works "at first"
	expect "another one" ip -n "$A" link add d0 type dummy
	expect "slave" ip -n "$A" link set d0 master bo0
	expect "the dummy is active" ip -n "$A" link set bo0 type bond \
		active_slave d0
	expect "back" ip -n "$A" link set bo0 type bond active_slave pa
	dev_works "after a change of the active one"
	dev_flood
	expect "no slave" ip -n "$A" link set pa nomaster
	expect "bond away" timeout 60 ip -n "$A" link del bo0
	refuse "gone" pp "$A" dev show bo0
}

# Frames that come in go through ifb and are seen again on pa.
test_ifb()
{
	net_pair
	expect "ifb" ip -n "$A" link add if0 type ifb
	expect "up" ip -n "$A" link set if0 up
	expect "ingress" tc -n "$A" qdisc add dev pa ingress
	expect "redirect" tc -n "$A" filter add dev pa parent ffff: \
		protocol all u32 match u32 0 0 action mirred egress redirect \
		dev if0
	dev_servers
	dev_works "through ifb"
	expect_out "it went there" "Sent [1-9]" tc -n "$A" -s qdisc show dev if0
	dev_flood
	dev_works "under a flood"
	expect "ifb away" timeout 60 ip -n "$A" link del if0
}

# The bridge has the receive handler: pktpath comes before it by a hook.
test_bridge_port()
{
	net_pair_links
	expect "bridge" ip -n "$A" link add br0 type bridge forward_delay 0
	expect "up" ip -n "$A" link set br0 up
	expect "port" ip -n "$A" link set pa master br0
	expect "kernel address" ip -n "$A" addr add 10.78.0.1/24 dev br0
	pp_own "$A" pa 10.77.0.1/24
	expect_out "hook" "HOOK" pp "$A" dev show pa
	expect "kernel address" ip -n "$B" addr add 10.77.0.2/24 dev pb
	expect "kernel address" ip -n "$B" addr add 10.78.0.2/24 dev pb
	dev_servers
	dev_works "as a port"
	await "the bridge's own" 30 net_ping "$B" 10.78.0.1 1
	expect "no port" ip -n "$A" link set pa nomaster
	dev_works "no port any more"
	dev_flood
	expect "away" timeout 60 ip -n "$A" link del pa
}

# What an attached device cannot become, in words.
test_refused()
{
	net_pair
	expect "bridge" ip -n "$A" link add br0 type bridge
	expect "bond" ip -n "$A" link add bo0 type bond
	refuse_out "no port" "busy|Busy|use" ip -n "$A" link set pa master br0
	expect "detach" pp "$A" dev detach pa
	expect "port" ip -n "$A" link set pa master br0
	refuse_out "lo" "pktpath: " pp "$A" dev attach lo
}

# lo with a small MTU is none of ours, and ours again with a larger one.
test_lo_mtu()
{
	net_pair
	ip netns exec "$A" "$PKTPATH_TESTS/link_udp" echo pktpath 9 \
		>/dev/null 2>&1 &
	defer kill $!
	expect "by lo" in_ns "$A" "$PKTPATH_TESTS/link_udp" ask pktpath \
		10.77.0.1 9
	expect "small" ip -n "$A" link set lo mtu 60
	refuse "detached" pp "$A" dev show lo
	expect "still small" ip -n "$A" link set lo mtu 61
	refuse "detached" pp "$A" dev show lo
	expect "large" ip -n "$A" link set lo mtu 65536
	expect "attached" pp "$A" dev show lo
	expect "by lo" in_ns "$A" "$PKTPATH_TESTS/link_udp" ask pktpath \
		10.77.0.1 9
	expect "and its own" in_ns "$A" "$PKTPATH_TESTS/link_udp" ask pktpath \
		127.0.0.1 9
}

# Both ends are ours: UDP, echo and ARP, and the kernels do not move.
test_both_ends()
{
	local ns

	net_pair_pp
	ip netns exec "$B" "$UDP" echo pktpath 9 >"$KTAP_DIR/b" &
	defer kill $!
	await "server in B" 30 grep -q up "$KTAP_DIR/b"
	expect "UDP" in_ns "$A" "$UDP" ask pktpath 10.77.0.2 9
	for ns in "$A" "$B"; do
		expect "pings" in_ns "$ns" sysctl -qw \
			"net.pktpath.ping_group_range=0 2147483647"
	done
	expect "echo" in_ns "$A" "$PKTPATH" run -- ping -n -q -c 1 -W 30 \
		10.77.0.2
	expect_out "neighbour" "10.77.0.2 .*lladdr" pp "$A" neigh
	expect_out "neighbour" "10.77.0.1 .*lladdr" pp "$B" neigh
	for ns in "$A" "$B"; do
		expect "UDP in" pp_stat_above "$ns" UdpInDatagrams 0
		expect "UDP out" pp_stat_above "$ns" UdpOutDatagrams 0
		expect "not the kernel's" in_ns "$ns" awk '
			/^Udp: [0-9]/ { n += $2 + $5 }
			/^Icmp: [0-9]/ { n += $2 + $15 }
			END { exit n != 0 }' /proc/net/snmp
	done
	expect "asked" pp_stat_above "$B" IcmpInEchos 0
	expect "answered" pp_stat_above "$A" IcmpInEchoReps 0
}

if [ "${1:-}" = both ]; then
	ktap_run test_both_ends
	exit
fi
if [ "${1:-}" = more ]; then
	modprobe -a 8021q macvlan bonding ifb act_mirred cls_u32 2>/dev/null
	ktap_run test_qinq test_macvlan test_bond test_ifb test_bridge_port \
		test_refused
fi
ktap_run test_vlan test_bridge_master test_tun test_virtio_net test_lo_mtu
