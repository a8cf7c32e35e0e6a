#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs inside the benchmark guest: the same workloads over AF_INET and over
# AF_PKTPATH, each on its own pair of devices so that neither pays for the
# other. Prints one line a figure:
#   FIG name family x value        x: number of sockets or routes, else 0
#
#   this netns                         netns peer
#   bi (inet) or bp (pktpath) veth --- bi1, bp1   10.61.0.2, 10.62.0.2
#   di, dp dummy: sending only
#
# usage: bench-guest.sh DIR TOOL [quick] [PART...]
# DIR has the programs perf_*; PART is one of basic, forward, socks, routes,
# tcp, conns, journey
set -eu
dir=$1 tool=$2
shift 2
quick=
if [ "${1-}" = quick ]; then
	quick=1
	shift
fi

fig() { # name family x program op keys...
	local name=$1 fam=$2 x=$3 prog=$4
	shift 4
	echo "FIG $name $fam $x $("$dir/perf_$prog" "$fam" "$@")"
}

udp() { # name family x op keys...
	local name=$1 fam=$2 x=$3
	shift 3
	fig "$name" "$fam" "$x" bench "$@" count=2000
}

setup() {
	ip netns add peer
	ip link set lo up
	local k n
	for k in i p; do
		n=61
		[ "$k" = i ] || n=62
		ip link add "b$k" type veth peer name "b${k}1" netns peer
		ip link add "d$k" type dummy
		ip link set "b$k" up
		ip link set "d$k" up
		ip -n peer addr add "10.$n.0.2/24" dev "b${k}1"
		ip -n peer link set "b${k}1" up
	done
	ip -n peer link set lo up
	ip addr add 10.61.0.1/24 dev bi
	ip addr add 10.61.1.1/24 dev di
	own
	# No neighbour ages while the guest's clock races.
	ip neigh replace 10.61.0.2 lladdr "$(mac peer bi1)" dev bi nud permanent
	ip -n peer neigh replace 10.61.0.1 lladdr "$(mac '' bi)" dev bi1 nud permanent
	ip -n peer neigh replace 10.62.0.1 lladdr "$(mac '' bp)" dev bp1 nud permanent
}

# what a module just loaded has to know
own() {
	sysctl -qw net.pktpath.neigh.default.acd=0 2>/dev/null || :
	"$tool" dev attach bp
	"$tool" dev attach dp
	"$tool" addr add 10.62.0.1/24 dev bp
	"$tool" addr add 10.62.1.1/24 dev dp
	"$tool" neigh replace 10.62.0.2 lladdr "$(mac peer bp1)" dev bp
}

# Connections of what was measured before may still be on their way out.
unload() {
	local i

	for ((i = 0; i < 100; i++)); do
		"$tool" down --all >/dev/null 2>&1 && rmmod pktpath && return
		sleep 0.1
	done
	return 1
}

mac() { # netns or '' , device
	${1:+ip netns exec "$1"} cat "/sys/class/net/$2/address"
}

basic() {
	local fam n k
	udp raw_64 inet 0 raw dev=di src=10.61.1.1 dst=10.61.1.2 size=22
	for fam in inet pktpath; do
		n=61 k=i
		[ "$fam" = inet ] || n=62 k=p
		udp udp_tx_64 $fam 0 tx dst=10.$n.1.2 size=64
		udp udp_txu_64 $fam 0 txu dst=10.$n.1.2 size=64
		udp udp_tx_1400 $fam 0 tx dst=10.$n.1.2 size=1400
		udp udp_rx_64 $fam 0 rx dst=10.$n.0.1 src=10.$n.0.2 port=4000 \
			peer=peer peerdev=b${k}1 mac="$(mac '' b$k)" size=64
		udp udp_rr_1 $fam 0 rr dst=10.$n.0.2 port=4001 peer=peer size=1
	done
}

socks() {
	local fam n k x list="1 100 10000 100000"
	[ -z "$quick" ] || list="1 1000"
	for x in $list; do
		for fam in inet pktpath; do
			n=61 k=i
			[ "$fam" = inet ] || n=62 k=p
			udp udp_rx_socks $fam "$x" rx dst=10.$n.0.1 \
				src=10.$n.0.2 port=4000 peer=peer \
				peerdev=b${k}1 mac="$(mac '' b$k)" size=64 \
				socks="$x"
		done
	done
}

routes() {
	local x have=0 list="10 1000 100000 1000000"
	[ -z "$quick" ] || list="10 1000 10000"
	for x in $list; do
		"$dir/perf_routes" inet di "$have" "$x" >/dev/null
		"$dir/perf_routes" pktpath dp "$have" "$x" >/dev/null
		have=$x
		udp udp_tx_routes inet "$x" txu dst=16.0.0.5 size=64
		udp udp_tx_routes pktpath "$x" txu dst=16.0.0.5 size=64
		look inet di "$x"
		look pktpath dp "$x"
	done
}

# What it takes to find a route among x: a datagram that one refuses, less one
# that is refused before.
look() { # family dev x
	local n=$3 step=1 with without
	[ "$n" -le 1000 ] || n=1000 step=$(($3 / 1000))
	"$dir/perf_routes" "$1" "$2" 0 "$n" "$step" >/dev/null
	with=$("$dir/perf_bench" "$1" look dst=16.0.0.200 dsts="$n" \
		step="$step" count=2000)
	without=$("$dir/perf_bench" "$1" look dst=16.0.0.200 dsts="$n" \
		step="$step" count=2000 port=0)
	echo "FIG route_look $1 $3 $((with - without))"
}

# From the veth pair out by the dummy.
forward() {
	local fam n k
	sysctl -qw net.ipv4.ip_forward=1 net.pktpath.conf.all.forwarding=1
	for fam in inet pktpath; do
		n=61 k=i
		[ "$fam" = inet ] || n=62 k=p
		udp forward_64 $fam 0 raw dev=b${k}1 peer=peer \
			src=10.$n.0.2 dst=10.$n.1.2 mac="$(mac '' b$k)" size=64
	done
	sysctl -qw net.ipv4.ip_forward=0 net.pktpath.conf.all.forwarding=0
}

tcp() {
	local fam n
	for fam in inet pktpath; do
		n=61
		[ "$fam" = inet ] || n=62
		set -- dst=10.$n.0.2 src=10.$n.0.1 peer=peer
		fig tcp_tx $fam 0 tcp tx "$@" port=5000 count=300
		fig tcp_rx $fam 0 tcp rx "$@" port=5001 count=300
		fig tcp_rr $fam 0 tcp rr "$@" port=5002 count=1000
		fig tcp_crr $fam 0 tcp crr "$@" port=5003 count=500
		fig tcp_acc $fam 0 tcp acc "$@" port=5004 count=500
		fig tcp_mem $fam 0 tcp mem "$@" port=5005 count=1000
	done
}

# What the recorder costs; nobody reads while it is measured. By the time of
# its last row the sample of the histograms has been drawn many times. At the
# end the same without tracepoints, of another module.
journey() {
	local n=2000000 file=/proc/net/pktpath/journey conf
	[ -z "$quick" ] || n=200000
	# version 1, rings of 131072 records, all packets
	conf='\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00'
	conf="$conf$(printf '\\x00%.0s' {1..28})"
	udp journey_off pktpath 0 tx dst=10.62.1.2 size=64
	exec 9<>"$file"
	# shellcheck disable=SC2059 # the format has the bytes
	printf "$conf" >&9
	udp journey_tx pktpath 0 tx dst=10.62.1.2 size=64
	exec 9>&-
	sysctl -qw net.pktpath.journey_hist=2
	udp journey_hist2 pktpath 0 tx dst=10.62.1.2 size=64
	sysctl -qw net.pktpath.journey_hist=0
	sleep 2
	fig journey_base pktpath 0 bench tx dst=10.62.1.2 size=64 count=$n
	sysctl -qw net.pktpath.journey_hist=1
	fig journey_hist1 pktpath 0 bench tx dst=10.62.1.2 size=64 count=$n
	sysctl -qw net.pktpath.journey_hist=0
	[ -e "${untraced:=${PKTPATH_KO%/*}-untraced/pktpath.ko}" ] || return 0
	unload
	insmod "$untraced"
	own
	udp journey_out pktpath 0 tx dst=10.62.1.2 size=64
	unload
	insmod "$PKTPATH_KO"
	own
}

conns() {
	local x fam n list="1 100 10000 100000" port=6000
	[ -z "$quick" ] || list="1 1000"
	for x in $list; do
		for fam in inet pktpath; do
			n=61
			[ "$fam" = inet ] || n=62
			fig tcp_rr_conns $fam "$x" tcp rr dst=10.$n.0.2 \
				peer=peer port=$port count=1000 conns="$x"
		done
		port=$((port + 100))
	done
}

setup
[ $# -gt 0 ] || set -- basic forward tcp socks conns routes journey
for part; do
	"$part"
done
