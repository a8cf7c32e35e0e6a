# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Namespaces, links and pktpath for shell tests; uses ktap.sh.
#
#	A (pktpath)			B (the kernel's stack)
#	pa 10.77.0.1/24 ---- veth ---- pb 10.77.0.2/24
#
#	net_pair	makes that; $A and $B name the namespaces
#	net_pair_pp	the same with B on pktpath too
#	net_ns VAR	a namespace of its own, its name in $VAR, lo up
#	net_veth NSA IFA NSB IFB
#	in_ns NS CMD...	(in the background: ip netns exec, for its process id)
#	pp NS ARG...	the pktpath tool in NS
#	pp_own NS IF A/LEN	attach (unless it is), up, address
#	pp_stat NS NAME	one counter of pktpath, 0 if never counted
#	tp PROG ARG...	a test program by its name in build/tests
#
# All of it is taken down at the end of the test.

NET_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PKTPATH=${PKTPATH:-$NET_TOP/scripts/pktpath/pktpath}
PKTPATH_KO=${PKTPATH_KO:-$NET_TOP/pktpath.ko}
PKTPATH_TESTS=${PKTPATH_TESTS:-$NET_TOP/build/tests}
NET_N=0

# shellcheck source=selftests/lib/ktap.sh disable=SC1091
. "$NET_TOP/selftests/lib/ktap.sh"

in_ns()
{
	local ns=$1

	shift
	ip netns exec "$ns" "$@"
}

pp()
{
	local ns=$1

	shift
	"$PKTPATH" -n "$ns" "$@"
}

tp()
{
	local prog=$1

	shift
	"$PKTPATH_TESTS/$prog" "$@"
}

net_load()
{
	[ -d /sys/module/pktpath ] || insmod "$PKTPATH_KO"
}

net_ns()
{
	local name

	NET_N=$((NET_N + 1))
	name=ppt$BASHPID.$NET_N
	expect "netns" ip netns add "$name"
	defer ip netns del "$name"
	expect "lo up" ip -n "$name" link set lo up
	printf -v "$1" %s "$name"
}

# LOWER_UP alone is too early: until the kernel has told everybody of the
# carrier, what is sent is thrown away.
net_veth()
{
	expect "veth" ip -n "$1" link add "$2" type veth peer name "$4" \
		netns "$3"
	expect "$2 up" ip -n "$1" link set "$2" up
	expect "$4 up" ip -n "$3" link set "$4" up
	await "$2 running" 60 out_matches "state UP" ip -n "$1" link show "$2"
	await "$4 running" 60 out_matches "state UP" ip -n "$3" link show "$4"
}

pp_attached()
{
	pp "$1" dev show "$2"
}

pp_own()
{
	expect "up" ip -n "$1" link set "$2" up
	pp_attached "$1" "$2" >/dev/null 2>&1 ||
		expect "attach" pp "$1" dev attach "$2"
	expect "address" pp "$1" addr add "$3" dev "$2"
}

pp_stat()
{
	pp "$1" stat | awk -v n="$2" '$1 == n { v = $2 } END { print v + 0 }'
}

pp_stat_above()
{
	[ "$(pp_stat "$1" "$2")" -gt "$3" ]
}

net_pair_links()
{
	expect "module" net_load
	net_ns A
	net_ns B
	net_veth "$A" pa "$B" pb
}

net_pair()
{
	net_pair_links
	pp_own "$A" pa 10.77.0.1/24
	expect "kernel address" ip -n "$B" addr add 10.77.0.2/24 dev pb
}

net_pair_pp()
{
	net_pair_links
	pp_own "$A" pa 10.77.0.1/24
	pp_own "$B" pb 10.77.0.2/24
}

# net_ping NS A [S]: does NS reach A?  One echo, for which S seconds are waited.
net_ping()
{
	in_ns "$1" ping -n -q -c 1 -W "${3:-30}" "$2"
}
