#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# traceroute, tracepath and mtr: through a router of pktpath's, to its addresses,
# and from a host of pktpath's by `pktpath run --raw`.
# Proves: RFC 792 and 1812 §4.3.3.4 (Time Exceeded), RFC 1122 §3.2.2.1 (port and
# protocol unreachable), RFC 1191 (path MTU), as the programs that ask for them
# see it.
#
#	H (kernel or pktpath)		R (pktpath)		K (kernel)
#	ha 10.81.0.2/24 ----------- ra 10.81.0.1/24
#				    rb 10.82.0.1/24 ------- kb 10.82.0.2/24

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

# topology kernel|pktpath: what H is; PROG...: what is needed
topology()
{
	local host=$1 p

	shift
	for p; do
		type "$p" >/dev/null 2>&1 || skip "no $p"
	done
	expect "module" net_load
	net_ns H
	net_ns R
	net_ns K
	net_veth "$H" ha "$R" ra
	net_veth "$R" rb "$K" kb
	expect "address" ip -n "$K" addr add 10.82.0.2/24 dev kb
	expect "route" ip -n "$K" route add default via 10.82.0.1
	pp_own "$R" ra 10.81.0.1/24
	pp_own "$R" rb 10.82.0.1/24
	expect "forwarding" in_ns "$R" sysctl -qw \
		net.pktpath.conf.all.forwarding=1
	if [ "$host" = kernel ]; then
		expect "address" ip -n "$H" addr add 10.81.0.2/24 dev ha
		expect "route" ip -n "$H" route add default via 10.81.0.1
		FROM=(ip netns exec "$H")
		await "a way" 30 net_ping "$H" 10.82.0.2 5
	else
		pp_own "$H" ha 10.81.0.2/24
		expect "route" pp "$H" route add default via 10.81.0.1
		FROM=(ip netns exec "$H" "$PKTPATH" run --raw --)
		await "a way" 30 net_ping "$K" 10.81.0.2 5
	fi
}

# says RE CMD...: what CMD prints in H matches RE, line ends as spaces
says()
{
	local re=$1 out

	shift
	out=$("${FROM[@]}" timeout 100 "$@" 2>&1)
	[[ ${out//$'\n'/ } =~ $re ]] || fail "$*: no '$re' in: $out"
}

# Probes one after the other: what answers has a limit on errors.
TRACEROUTE=(traceroute -n -q 1 -N 1 -w 10 -m 4)
THROUGH=' 1  10\.81\.0\.1  [0-9.]+ ms +2  10\.82\.0\.2  [0-9.]+ ms'

traceroute_through()
{
	topology "$1" traceroute
	says "$THROUGH\$" "${TRACEROUTE[@]}" 10.82.0.2
	says "$THROUGH\$" "${TRACEROUTE[@]}" -I 10.82.0.2
	says "$THROUGH\$" "${TRACEROUTE[@]}" -U -p 53 10.82.0.2
	says "$THROUGH\$" "${TRACEROUTE[@]}" -T -p 81 10.82.0.2
	says "$THROUGH !P\$" "${TRACEROUTE[@]}" -P 253 10.82.0.2
}

traceroute_to()
{
	local to re

	topology "$1" traceroute
	# eight errors to one host, of which six would go at once
	expect "no limit" in_ns "$R" sysctl -qw net.pktpath.icmp_ratemask=0
	for to in 10.81.0.1 10.82.0.1; do
		re=" 1  ${to//./\\.}  [0-9.]+ ms"
		says "$re\$" "${TRACEROUTE[@]}" "$to"
		says "$re\$" "${TRACEROUTE[@]}" -I "$to"
		says "$re\$" "${TRACEROUTE[@]}" -U -p 53 "$to"
		says "$re\$" "${TRACEROUTE[@]}" -T -p 81 "$to"
		says "$re !P\$" "${TRACEROUTE[@]}" -P 253 "$to"
	done
	# what the router has no way to, or refuses
	expect "unreachable" pp "$R" route add unreachable 203.0.113.0/24
	expect "prohibit" pp "$R" route add prohibit 198.51.100.0/24
	says ' 1  10\.81\.0\.1  [0-9.]+ ms !H' "${TRACEROUTE[@]}" 203.0.113.9
	says ' 1  10\.81\.0\.1  [0-9.]+ ms !X' "${TRACEROUTE[@]}" 198.51.100.9
}

# The MTU of the second link is learned on the way, that of the first is known.
tracepath_through()
{
	topology "$1" tracepath
	says 'pmtu 1500 .*1: +10\.81\.0\.1 .*2: +10\.82\.0\.2 .*reached.*Resume: pmtu 1500 hops 2 back 2' \
		tracepath -n 10.82.0.2
	expect "mtu" ip -n "$R" link set rb mtu 1300
	expect "mtu" ip -n "$K" link set kb mtu 1300
	says '1: +10\.81\.0\.1 .*pmtu 1300.*2: +10\.82\.0\.2 .*Resume: pmtu 1300 hops 2 back 2' \
		tracepath -n 10.82.0.2
	says '1: +10\.82\.0\.1 .*reached.*Resume: pmtu 1500 hops 1 back 1' \
		tracepath -n 10.82.0.1
}

MTR=(mtr -4 -n -r -c 2 -i 1 -G 3 -m 4)
MTR_THROUGH='1\.\|-- 10\.81\.0\.1 +0\.0% +2 .*2\.\|-- 10\.82\.0\.2 +0\.0% +2 '

mtr_through()
{
	topology "$1" mtr
	says "$MTR_THROUGH" "${MTR[@]}" 10.82.0.2
	says "$MTR_THROUGH" "${MTR[@]}" --udp 10.82.0.2
	says "$MTR_THROUGH" "${MTR[@]}" --tcp -P 81 10.82.0.2
	says '1\.\|-- 10\.82\.0\.1 +0\.0% +2 ' "${MTR[@]}" 10.82.0.1
	says '1\.\|-- 10\.82\.0\.1 +0\.0% +2 ' "${MTR[@]}" --udp 10.82.0.1
	says '1\.\|-- 10\.82\.0\.1 +0\.0% +2 ' "${MTR[@]}" --tcp -P 81 10.82.0.1
}

test_traceroute_through() { traceroute_through kernel; }
test_traceroute_to() { traceroute_to kernel; }
test_tracepath() { tracepath_through kernel; }
test_mtr() { mtr_through kernel; }
test_run_traceroute_through() { traceroute_through pktpath; }
test_run_traceroute_to() { traceroute_to pktpath; }
test_run_tracepath() { tracepath_through pktpath; }
test_run_mtr() { mtr_through pktpath; }

ktap_run test_traceroute_through test_traceroute_to test_tracepath test_mtr \
	test_run_traceroute_through test_run_traceroute_to test_run_tracepath \
	test_run_mtr
