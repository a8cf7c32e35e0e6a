# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the life_*.sh tests: traffic, and what must hold afterwards.

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "${BASH_SOURCE[0]}")/../lib/net.sh"

# Both directions at once: A sends UDP, B sends A echo requests. Not through
# in_ns: the process itself must get the signal at the end.
life_traffic()
{
	local out=$KTAP_DIR/traffic

	: >"$out"
	ip netns exec "$A" "$PKTPATH_TESTS/lifecycle_traffic" 10.77.0.2 9 \
		>"$out" 2>&1 &
	LIFE_TX=$!
	defer kill "$LIFE_TX"
	ip netns exec "$B" ping -i 0.01 -n -q 10.77.0.1 >"$out.ping" 2>&1 &
	LIFE_RX=$!
	defer kill "$LIFE_RX"
	await "traffic begins" 60 grep -q ready "$out"
}

life_pair()
{
	net_pair
	expect "path works" net_ping "$B" 10.77.0.1
	life_traffic
	life_moving
}

# Packets of the traffic still come in: the counter of received ones rises.
life_moving()
{
	local n

	n=$(pp_stat "$A" IpInReceives)
	await "traffic moves" 60 pp_stat_above "$A" IpInReceives "$n"
}

# Ends the sender and sees that its sockets close without hanging.
life_end()
{
	kill "$LIFE_RX" "$LIFE_TX" 2>/dev/null
	await "sender ends" 60 life_gone "$LIFE_TX"
}

life_gone()
{
	local s

	[ -e "/proc/$1" ] || return 0
	s=$(awk '{ print $3 }' "/proc/$1/stat" 2>/dev/null) || return 0
	[ "$s" = Z ]
}

# An operation on a device must not wait for references that never go.
life_quick()
{
	local text=$1

	shift
	expect "$text" timeout 60 "$@"
	refuse "no reference is waited for" \
		sh -c 'dmesg | grep -q "waiting for .* to become free"'
}

life_no_dev()
{
	refuse "$2 is not attached" pp "$1" dev show "$2"
}

life_no_addr()
{
	! out_matches "10\\.77\\.0\\.1/" pp "$1" addr show
}
