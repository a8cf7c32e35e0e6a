#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# pktpath save and restore: the configuration as text, put back as a difference.
# pktpath host-link: the kernel's stack and pktpath on one machine.

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

# Two devices in A, with something of every kind.
configured()
{
	net_pair_links
	net_veth "$A" pc "$B" pd
	pp_own "$A" pc 10.78.0.1/24
	pp_own "$A" pa 10.77.0.1/24
	pp_own "$A" pa 10.77.0.9/32
	expect "peer" pp "$A" addr add 10.79.0.1 peer 10.79.0.2 dev pc
	expect "batch" pp "$A" -batch - <<-'EOF'
		route add default via 10.77.0.2 metric 7 mtu lock 1300
		route add 10.80.0.0/16 via 10.78.0.2 src 10.78.0.1 table 90
		route add 10.81.0.0/16 nexthop via 10.77.0.2 weight 3 nexthop via 10.78.0.2
		route add unreachable 10.82.0.0/16 metric 4000
		route add 10.83.0.0/16 dev pa proto static tos 16
		route add 192.0.2.7 via 10.99.0.1 dev pc onlink
		route add local 10.86.0.1 dev pa
		route add local 10.86.0.2 dev pa table main
		rule add from 10.1.0.0/16 fwmark 0x5/0xff pref 100 table 90
		rule add not to 10.0.0.0/8 pref 200 prohibit
		rule add iif pa tos 4 pref 201 unreachable
		rule add ipproto udp sport 7 dport 80-90 uidrange 5-6 pref 202 table 90 suppress_prefixlength 0
		rule add pref 203 goto 300
		rule add from 10.4.0.0/16 l3mdev pref 204
		rule add l3mdev pref 205 unreachable
		neigh add 10.77.0.3 lladdr 02:00:00:00:00:03 dev pa
		neigh add 10.78.0.3 lladdr 02:00:00:00:00:04 dev pc
	EOF
	F=$(mktemp -d)
	defer rm -rf "$F"
}

same()
{
	pp "$A" save "$F/now"
	diff "$1" "$F/now"
}

test_round_trip()
{
	configured
	expect "save" pp "$A" save "$F/a"
	note "$(cat "$F/a")"
	expect "each kind" test "$(cut -d ' ' -f 1 "$F/a" | sort -u | tr '\n' ' ')" = \
		"addr dev neigh route rule "
	expect "nine routes" test "$(grep -c ^route "$F/a")" = 9
	expect "down" pp "$A" down
	for r in $(grep ^rule "$F/a" | sed 's/.*pref \([0-9]*\).*/\1/'); do
		expect "rule away" pp "$A" rule del pref "$r"
	done
	expect_out "all is away" '^$' pp "$A" save
	expect "restore" pp "$A" restore "$F/a"
	expect "the same" same "$F/a"
	expect_out "on standard output, too" "dev attach pc" pp "$A" save -
	expect "works" pp "$A" route get 10.81.3.3
}

test_idempotent()
{
	configured
	expect "save" pp "$A" save "$F/a"
	expect "restore" pp "$A" restore "$F/a"
	expect "again" pp "$A" restore "$F/a"
	expect "the same" same "$F/a"
	# words in another order, what is usual left out, comments
	sed -e 's/^route append \(.*\) via \(.*\) dev \(p[ac]\)$/route append \1 dev \3 via \2/' \
		-e 's/^neigh add/neigh replace/' -e '1i # mine' -e 's/$/ # ok/' \
		"$F/a" >"$F/b"
	expect "in other words" pp "$A" restore "$F/b"
	expect "the same" same "$F/a"
}

# Names of devices, and what has meaning in a line.
test_names()
{
	local odd='a#b\043"c'

	configured
	expect "rename" ip -n "$A" link set pc down
	expect "rename" ip -n "$A" link set pc name "$odd"
	expect "up" ip -n "$A" link set "$odd" up
	expect "route" pp "$A" route add 10.84.0.0/16 dev "$odd" metric 5
	expect "rule" pp "$A" rule add iif "$odd" pref 300 prohibit
	expect "rule" pp "$A" rule add iif "# x" pref 301 prohibit
	expect "save" pp "$A" save "$F/a"
	note "$(cat "$F/a")"
	expect "a word" grep -qF 'dev a\043b\134043"c metric 5' "$F/a"
	expect "restore" pp "$A" restore "$F/a"
	expect "the same" same "$F/a"
	grep -v metric "$F/a" >"$F/b"
	expect "without" pp "$A" restore "$F/b"
	refuse "gone" out_matches "10.84" pp "$A" route
	expect "and back" pp "$A" restore "$F/a"
	expect "the same" test "$(sort "$F/a")" = "$(pp "$A" save | sort)"
}

test_difference()
{
	configured
	expect "save" pp "$A" save "$F/a"
	sed -e '/10.83/d' -e 's/metric 7/metric 9/' \
		-e 's,10.77.0.9/32,10.77.0.10/32,' -e '/pref 100/d' "$F/a" >"$F/b"
	echo "route add 10.84.0.0/16 via 10.78.0.2 dev pc" >>"$F/b"
	expect "restore" pp "$A" restore "$F/b"
	refuse "gone" out_matches "10.83" pp "$A" route
	expect_out "changed" "metric 9" pp "$A" route
	expect_out "new" "10.84.0.0/16" pp "$A" route
	expect_out "address" "10.77.0.10/32" pp "$A" addr
	refuse "address" out_matches "10.77.0.9/" pp "$A" addr
	refuse "rule" out_matches "^100:" pp "$A" rule
	expect "and back" pp "$A" restore "$F/a"
	expect "the same" test "$(sort "$F/a")" = "$(pp "$A" save | sort)"
}

# What differs in little: the right one goes, and nothing else.
test_alike()
{
	local all='pref 100 table 10
pref 32766 from 10.9.0.0/16 table 10
pref 100 dport 80 table 10
pref 100 dport 443 table 10
pref 100 ipproto tcp table 10
pref 100 uidrange 5-6 table 10
pref 100 suppress_prefixlength 0 table 10
pref 100 l3mdev'
	local gone

	net_pair_links
	pp_own "$A" pa 10.77.0.1/24
	F=$(mktemp -d)
	defer rm -rf "$F"
	{
		pp "$A" save
		sed 's/^/rule add /' <<<"$all"
		echo "route append 10.85.0.0/16 via 10.77.0.2 dev pa"
		echo "route append 10.85.0.0/16 via 10.77.0.2 dev pa mtu 1300 metric 5"
	} >"$F/all"
	expect "all" pp "$A" restore "$F/all"
	pp "$A" save | grep ^rule >"$F/a"
	expect "all are there" test "$(wc -l <"$F/a")" = 8
	while read -r gone; do
		# in this order, so that the one that goes is not the first
		grep -v ^rule "$F/all" >"$F/b"
		expect "no rules" pp "$A" restore "$F/b"
		expect "all again" pp "$A" restore "$F/all"
		grep -vF "rule add $gone" "$F/all" >"$F/b"
		expect "without $gone" pp "$A" restore "$F/b"
		pp "$A" save | grep ^rule >"$F/now"
		expect_out "the others as they were without $gone" \
			$'^[0-9]+d[0-9]+\n< [^<>]*$' \
			echo "$(diff "$F/a" "$F/now")"
	done <<<"$all"
	expect "all again" pp "$A" restore "$F/all"
	grep -v 'dev pa$' "$F/all" >"$F/b"
	expect "one of two routes" pp "$A" restore "$F/b"
	expect_out "the other" "10.85.0.0/16 .*metric 5" pp "$A" route
	expect "it alone" test "$(pp "$A" route | grep -c 10.85)" = 1
}

# LINE: put behind a good file, it is refused with its number
bad_line()
{
	local n

	cp "$F/a" "$F/b"
	echo "$1" >>"$F/b"
	n=$(wc -l <"$F/b")
	refuse_out "$1" "b:$n: this line" pp "$A" restore "$F/b"
	expect "nothing has changed by: $1" test "$(sort "$F/a")" = \
		"$(pp "$A" save | sort)"
}

test_bad_lines()
{
	configured
	expect "save" pp "$A" save "$F/a"
	bad_line "route add 10.0.0.0/33 dev pa"
	bad_line "addr add 10.0.0.1/24"
	bad_line "dev detach pa"
	bad_line "down --kill"
	bad_line "restore $F/a"
	bad_line "nonsense"
	bad_line "route get 10.77.0.1"
	bad_line "route add 10.0.0.0/8 dev nosuch"
	bad_line "dev attach nosuch"
	bad_line "addr add 127.0.0.2/8 dev pa"
	bad_line "route add 10.0.0.0/8 via 10.99.9.9"
	# what would have been taken away is back
	{
		grep -v 10.83 "$F/a"
		echo "route add 10.0.0.0/8 via 10.99.9.9"
	} >"$F/b"
	refuse_out "half a file" "is back" pp "$A" restore "$F/b"
	expect "nothing is lost" test "$(sort "$F/a")" = \
		"$(pp "$A" save | sort)"
	refuse_out "no file" "cannot open" pp "$A" restore "$F/none"
	refuse_out "no directory" "cannot write" pp "$A" save "$F/none/a"
	refuse_out "no name" "Usage" pp "$A" restore
}

test_many()
{
	local many=20000

	# a debug kernel takes ten times as long for each
	[ ! -e /sys/kernel/debug/kmemleak ] || many=2000
	configured
	awk -v n="$many" 'BEGIN { for (i = 0; i < n; i++)
		printf "route add 11.%d.%d.0/24 via 10.77.0.2 dev pa\n",
			i / 256, i % 256 }' >"$F/r"
	expect "save" pp "$A" save "$F/a"
	cat "$F/a" "$F/r" >"$F/b"
	expect "restore" timeout 100 ip netns exec "$A" "$PKTPATH" restore \
		"$F/b"
	expect "all" test "$(pp "$A" save | grep -c ' 11\.')" = "$many"
	expect "back" timeout 100 ip netns exec "$A" "$PKTPATH" restore "$F/a"
	expect "none" same "$F/a"
}

echo_in()
{
	ip netns exec "$A" "$PKTPATH_TESTS/link_udp" echo "$1" "$2" \
		>"$F/echo.$2" &
	defer kill $!
	await "an echo server of $1" 30 grep -q up "$F/echo.$2"
}

asks()
{
	in_ns "$A" "$PKTPATH_TESTS/link_udp" ask "$@"
}

# Both ways, and to the addresses that each stack has on other devices.
linked()
{
	expect "$1: pktpath to the kernel" asks pktpath 198.18.18.1 7
	expect "$1: the kernel to pktpath" asks inet 198.18.18.2 8
	expect "$1: ping" net_ping "$A" 198.18.18.2 5
	expect "$1: pktpath to another address" asks pktpath 10.79.0.1 7
	expect "$1: the kernel to another address" asks inet 10.77.0.1 8
}

test_host_link()
{
	net_pair_links
	F=$(mktemp -d)
	defer rm -rf "$F"
	pp_own "$A" pa 10.77.0.1/24
	net_veth "$A" pe "$B" pf
	expect "another address of the kernel" ip -n "$A" addr add \
		10.79.0.1/24 dev pe
	refuse_out "none yet" "there is no host-link" pp "$A" host-link del
	refuse_out "none yet" "there is no host-link" pp "$A" host-link
	expect_out "add" "kernel 198.18.18.1 dev pphost" pp "$A" host-link add
	expect_out "add again" "198.18.18.2 dev pplink" pp "$A" host-link add
	expect_out "json" '"local":"198.18.18.2"' pp "$A" -j host-link
	echo_in inet 7
	echo_in pktpath 8
	linked "plain"
	# each packet is seen twice: by the sender's stack and the receiver's
	expect "nft" in_ns "$A" nft -f - <<-'EOF'
		table ip t {
			chain in { type filter hook input priority 0; ct state invalid counter drop; }
			chain out { type filter hook output priority 0; ct state new,established counter; }
			chain nat { type nat hook postrouting priority 100; oifname "pe" masquerade; }
			chain pre { type nat hook prerouting priority -100; }
		}
	EOF
	linked "with conntrack and masquerade"
	expect_out "nothing was dropped" "invalid counter packets 0" \
		in_ns "$A" nft list chain ip t in
	expect "del" pp "$A" host-link del
	refuse "no device" ip -n "$A" link show pphost
	refuse "no device of pktpath's" pp "$A" dev show pplink
	refuse "no route" out_matches pphost ip -n "$A" route
	refuse "no route of pktpath's" out_matches pplink pp "$A" route
	expect "another network" pp "$A" host-link add net 10.200.0.4
	expect "ping" net_ping "$A" 10.200.0.6 5
	expect "its addresses are kept" pp "$A" host-link add
	expect "del" pp "$A" host-link del
	# what is in the way
	expect "own device" ip -n "$A" link add pphost type dummy
	refuse_out "not ours" "not host-link's" pp "$A" host-link add
	expect "away" ip -n "$A" link del pphost
	expect "own device" ip -n "$A" link add pplink type dummy
	refuse_out "not ours" "not host-link's" pp "$A" host-link add
	refuse_out "words" "Usage" pp "$A" host-link nonsense
}

# unit WHAT: runs the commands of the unit's lines WHAT that are systemd-sysctl's
unit()
{
	local cmd n=0

	while read -r cmd; do
		# words that systemd would split, too
		# shellcheck disable=SC2086
		in_ns "$A" $cmd || true
		n=$((n + 1))
	done < <(sed -n "s,^$1=-\(.*systemd-sysctl.*\),\1,p" \
		"$(dirname "$0")/../../scripts/pktpath/pktpath.service")
	[ "$n" = 1 ]
}

setting()
{
	[ "$(in_ns "$A" cat "/proc/sys/net/pktpath/$1")" = "$2" ]
}

# What the unit for systemd does with settings: those of a device have to wait
# until it is attached.
test_boot_settings()
{
	[ -x /lib/systemd/systemd-sysctl ] || skip "no systemd-sysctl"
	mkdir -p /etc/sysctl.d
	defer rm -f /etc/sysctl.d/99-pktpath-test.conf
	cat >/etc/sysctl.d/99-pktpath-test.conf <<-'EOF'
		net.pktpath.ip_forward = 1
		net.pktpath.conf.pa.rp_filter = 2
		net.pktpath.neigh.pa.acd = 0
	EOF
	net_pair_links
	expect "before" unit ExecStartPre
	expect "of the namespace" setting ip_forward 1
	pp_own "$A" pa 10.77.0.1/24
	expect "new devices, too" setting conf/pa/forwarding 1
	expect "not yet the device's" setting conf/pa/rp_filter 0
	expect "after" unit ExecStartPost
	expect "the device's" setting conf/pa/rp_filter 2
	expect "and its neighbours'" setting neigh/pa/acd 0
	expect "own value" in_ns "$A" sh -c \
		'echo 0 >/proc/sys/net/pktpath/conf/pa/rp_filter'
	expect "reload" unit ExecReload
	expect "again" setting conf/pa/rp_filter 2
}

case ${1:-} in
host_link)
	ktap_run test_host_link
	;;
*)
	ktap_run test_round_trip test_idempotent test_names test_difference test_alike \
		test_bad_lines test_many test_boot_settings
	;;
esac
