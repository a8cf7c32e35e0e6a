#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317,SC2016 # tests are called by name; awk
# Two machines on a wire by virtio_net, with checksum offload, segmentation and
# mergeable buffers: each runs this at the same time as the other, in step by
# files in /out (scripts/check.d/77-two-machines).
#
#	machine a			machine b
#	eth0 10.77.0.1/24 ---- bridge ---- eth0 10.77.0.2/24
#	pktpath				the kernel's stack, then pktpath
#
#	usage: machines.sh a|b

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

ME=${1-}
case $ME in
a) OTHER=b MINE=10.77.0.1 THEIRS=10.77.0.2 ;;
b) OTHER=a MINE=10.77.0.2 THEIRS=10.77.0.1 ;;
*) echo "usage: $0 a|b" >&2; exit 2 ;;
esac
BYTES=3000000

# meet NAME: until the other one is here, too
meet()
{
	touch "/out/$ME.$TEST.$1"
	await "$1: the other machine" 600 test -e "/out/$OTHER.$TEST.$1"
}

# up NAME FAMILY: eth0 in a namespace $N, with that stack
up()
{
	TEST=$1
	STACK=$2
	modprobe -a virtio_net 2>/dev/null
	await "a NIC" 10 test -e /sys/class/net/eth0
	expect "module" net_load
	net_ns N
	expect "eth0 into it" ip link set eth0 netns "$N"
	defer ip -n "$N" link set eth0 netns 1
	expect "up" ip -n "$N" link set eth0 up
	if [ "$STACK" = pktpath ]; then
		pp_own "$N" eth0 "$MINE/24"
	else
		expect "address" ip -n "$N" addr add "$MINE/24" dev eth0
	fi
	await "running" 60 out_matches "state UP" ip -n "$N" link show eth0
}

# Bits of the virtio specification, §5.1.3.
negotiated()
{
	local f

	f=$(in_ns "$N" cat /sys/class/net/eth0/device/features)
	expect "checksum out" test "${f:0:1}" = 1
	expect "checksum in" test "${f:1:1}" = 1
	expect "segments in" test "${f:7:1}" = 1
	expect "segments out" test "${f:11:1}" = 1
	expect "mergeable buffers" test "${f:15:1}" = 1
	expect_out "checksum offload" 'tx-checksumming: on' \
		in_ns "$N" ethtool -k eth0
	expect_out "segmentation" 'tcp-segmentation-offload: on' \
		in_ns "$N" ethtool -k eth0
}

# what DIR: packets, bytes by eth0
nic()
{
	in_ns "$N" cat "/sys/class/net/eth0/statistics/$1_$2"
}

# listen, connect: one end of a stream, checked byte by byte by who receives
listen()
{
	ip netns exec "$N" timeout 600 "$PKTPATH_TESTS/tcp_pump" "$STACK" \
		listen "$MINE" 81 recv "$BYTES" >"$KTAP_DIR/pump" 2>&1 &
	PUMP=$!
	await "the server listens" 60 grep -q ready "$KTAP_DIR/pump"
}

# average tx|rx PACKETS BYTES: since then, longer than the wire's packets
average()
{
	local p b

	p=$(($(nic "$1" packets) - $2))
	b=$(($(nic "$1" bytes) - $3))
	note "$1: $b bytes in $p packets"
	expect "$1: the bytes of the stream" test "$b" -gt "$BYTES"
	expect "$1: many segments at once" test $((b / p)) -gt 2000
}

# stream FROM: in this direction
stream()
{
	local p b

	if [ "$ME" = "$1" ]; then
		meet "listens.$1"
		p=$(nic tx packets) b=$(nic tx bytes)
		expect "client" in_ns "$N" timeout 600 \
			"$PKTPATH_TESTS/tcp_pump" "$STACK" connect "$THEIRS" \
			81 send "$BYTES" 65536
		average tx "$p" "$b"
	else
		p=$(nic rx packets) b=$(nic rx bytes)
		listen
		meet "listens.$1"
		wait "$PUMP" || fail "server: $(cat "$KTAP_DIR/pump")"
		average rx "$p" "$b"
	fi
	meet "streamed.$1"
}

# Everything by the stack that was asked for.
by_whom()
{
	local udp tcp

	udp=$(in_ns "$N" awk '/^Udp: [0-9]/ { print $5 }' /proc/net/snmp)
	tcp=$(in_ns "$N" awk '/^Tcp: [0-9]/ { print $12 }' /proc/net/snmp)
	if [ "$STACK" = pktpath ]; then
		expect "UDP by us" pp_stat_above "$N" UdpOutDatagrams 100
		expect "TCP by us" pp_stat_above "$N" TcpOutSegs 50
		expect "none by the kernel" test "$udp.$tcp" = 0.0
		expect "no checksum was wrong" test "$(pp_stat "$N" \
			UdpInCsumErrors).$(pp_stat "$N" TcpInCsumErrors)" = 0.0
	else
		expect "UDP by the kernel" test "$udp" -gt 100
		expect "TCP by the kernel" test "$tcp" -gt 50
		expect_out "no checksum was wrong" '^0$' in_ns "$N" \
			awk '/^(Udp|Tcp): [0-9]/ {
				s += /^Tcp/ ? $15 : $8
			} END { print s + 0 }' /proc/net/snmp
	fi
}

# talk NAME FAMILY
talk()
{
	up "$1" "$2"
	negotiated
	ip netns exec "$N" "$PKTPATH_TESTS/link_udp" echo "$STACK" 9 \
		>"$KTAP_DIR/echo" 2>&1 &
	defer kill $!
	await "server" 30 grep -q up "$KTAP_DIR/echo"
	meet serving
	expect "the first answer" in_ns "$N" "$PKTPATH_TESTS/link_udp" ask \
		"$STACK" "$THEIRS" 9
	expect "datagrams" in_ns "$N" timeout 600 "$PKTPATH_TESTS/link_udp" \
		many "$STACK" "$THEIRS" 9 200
	meet datagrams
	stream a
	stream b
	by_whom
	meet end
}

test_pktpath_to_kernel()
{
	if [ "$ME" = a ]; then
		talk kernel pktpath
	else
		talk kernel inet
	fi
}

test_pktpath_to_pktpath()
{
	talk both pktpath
}

test_unload()
{
	expect "rmmod" timeout 60 rmmod pktpath
}

ktap_run test_pktpath_to_kernel test_pktpath_to_pktpath test_unload
