#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs inside the demo guest, module loaded: one datagram from AF_PKTPATH to an
# ordinary host and its answer, stage by stage with times, from the module's
# tracepoints and the kernel's own at the device.
#
#   this netns: va  10.9.0.1 (pktpath)  ---veth---  vb 10.9.0.2 netns host
#                                                    AF_INET echo server
#
# usage: demo.sh [TOOL PROG]    (the tool; the program built from demo/udp.c)
set -eu
tool=${1:-pktpath} prog=${2:-$PKTPATH_TESTS/demo_udp}
here=$(dirname "$(readlink -f "$0")")
tr=/sys/kernel/tracing
[ -d $tr/events ] || mount -t tracefs tracefs $tr

say() { printf '\n== %s\n' "$*"; }

say "an ordinary host behind a veth pair, and a device for pktpath"
ip netns add host
ip link add va type veth peer name vb netns host
ip link set va up
ip -n host link set vb up
ip -n host addr add 10.9.0.2/24 dev vb
"$tool" dev attach va
"$tool" addr add 10.9.0.1/24 dev va
"$tool" dev show va
"$tool" addr
"$tool" route

say "ten requests from AF_PKTPATH to the host's AF_INET echo server"
# One exchange resolves the neighbour; the traced one is the last.
ip netns exec host "$prog" serve 10.9.0.2 7 &
server=$!
trap 'kill $server 2>/dev/null || :' EXIT
"$prog" wait host 10.9.0.2 7
before=$(ip netns exec host cat /proc/net/snmp | grep ^Udp: | tail -1)
mine=$(grep ^Udp: /proc/net/snmp | tail -1)
"$prog" ask 10.9.0.2 7 9
echo nop > $tr/current_tracer
echo mono > $tr/trace_clock
echo > $tr/trace
for e in events/pktpath events/net/net_dev_start_xmit \
	 events/net/netif_receive_skb; do
	[ -e $tr/$e/enable ] && echo 1 > $tr/$e/enable
done
"$prog" ask 10.9.0.2 7 1
echo 0 > $tr/events/enable
cat $tr/trace > /tmp/demo.trace

say "the last one, stage by stage"
python3 "$here/path.py" /tmp/demo.trace

say "who carried it"
echo "pktpath's counters here:"
"$tool" stat Udp
"$tool" stat Link
after=$(ip netns exec host cat /proc/net/snmp | grep ^Udp: | tail -1)
now=$(grep ^Udp: /proc/net/snmp | tail -1)
[ "$mine" = "$now" ] || { echo "the kernel's UDP moved here: $now"; exit 1; }
[ "$before" != "$after" ] || { echo "the host saw nothing"; exit 1; }
echo "the kernel's own UDP counters here did not move; the host's did:"
echo "  host before $before"
echo "  host after  $after"

say "neighbours, sockets, and the way out"
"$tool" neigh
"$tool" -d neigh >/dev/null
"$tool" sock -a
"$tool" down
echo "DEMO OK"
