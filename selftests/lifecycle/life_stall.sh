#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# Nothing of ours keeps a processor: while tables, sockets and queues as large as
# an attacker gets them are made, shown and taken away, a real-time process is
# never kept waiting for long, and the kernel's own watchdogs, set to their
# shortest times, do not bark.
# Proves: attacks G0 (soft lockup, stall).

# shellcheck source=selftests/lifecycle/life.sh disable=SC1091
. "$(dirname "$0")/life.sh"

# The shortest soft-lockup limit is 2 s; a tenth of it, in ms.
LIMIT=200
# The debug kernel takes ten times as long over each.
SCALE=1
[ ! -e /sys/kernel/debug/kmemleak ] || SCALE=10
ROUTES=$((50000 / SCALE))

STALL=$PKTPATH_TESTS/lifecycle_stall

# watched TEXT CMD...: nobody waits for longer meanwhile
watched()
{
	local text=$1 out=$KTAP_DIR/watched

	shift
	"$STALL" watch "$LIMIT" "$@" >"$out" 2>&1 ||
		fail "$text: '$*': $(tail -n 3 "$out")"
	note "$text: $(tail -n 1 "$out")"
}

# made TEXT NS WORDS...: much of something, by a process of $MADE
made()
{
	local text=$1 ns=$2

	shift 2
	: >"$KTAP_DIR/made"
	watched "$text are made" ip netns exec "$ns" "$KTAP_DIR/start" "$@"
	MADE=$(cat "$KTAP_DIR/made.pid")
	defer kill "$MADE"
}

stall_pair()
{
	# the kernel gives a processor up where its code says so, nowhere else
	[ ! -w /sys/kernel/debug/sched/preempt ] ||
		echo none >/sys/kernel/debug/sched/preempt
	if [ -e /proc/sys/kernel/soft_watchdog ]; then
		echo 1 >/proc/sys/kernel/watchdog_thresh
		echo 1 >/proc/sys/kernel/watchdog
		expect "a watchdog" grep -q watchdog_timer_fn /proc/timer_list
	else
		note "this kernel looks for no soft lockups"
	fi
	echo 3 >/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout
	net_pair
	expect "path works" net_ping "$B" 10.77.0.1
	# begins what stays, and ends when it is all there
	cat >"$KTAP_DIR/start" <<-END
		#!/bin/sh
		$STALL "\$@" >$KTAP_DIR/made 2>&1 &
		echo \$! >$KTAP_DIR/made.pid
		until grep -q open $KTAP_DIR/made; do
			kill -0 \$! 2>/dev/null || exit 1
			sleep 0.1
		done
	END
	chmod +x "$KTAP_DIR/start"
}

ended()
{
	cat >"$KTAP_DIR/end" <<-END
		#!/bin/sh
		kill $MADE
		while grep -qv ') Z' /proc/$MADE/stat 2>/dev/null; do
			sleep 0.1
		done
	END
	chmod +x "$KTAP_DIR/end"
	watched "$1 are closed" "$KTAP_DIR/end"
}

# batch_of N FORM: with three numbers that count up; the first two lines, which
# may be ours and the neighbour's, are left out
batch_of()
{
	awk -v n="$1" -v form="$2" 'BEGIN {
		for (i = 2; i < n; i++)
			printf form "\n", i / 65536, i / 256 % 256, i % 256
	}' >"$KTAP_DIR/batch"
}

# What is to be seen is seen.
test_a_stall_is_seen()
{
	stall_pair
	refuse "spinning" "$STALL" watch "$LIMIT" "$STALL" spin 400
	watched "spinning for a moment" "$STALL" spin 50
}

test_routes()
{
	stall_pair
	batch_of "$ROUTES" "route add 2%d.%d.%d.0/24 via 10.77.0.2"
	watched "routes are made" "$PKTPATH" -n "$A" -batch "$KTAP_DIR/batch"
	watched "routes are shown" "$PKTPATH" -n "$A" route show
	watched "link down" ip -n "$A" link set pa down
	watched "link up" ip -n "$A" link set pa up
	watched "detach" "$PKTPATH" -n "$A" dev detach pa
	pp_own "$A" pa 10.77.0.1/24
	watched "routes are made again" "$PKTPATH" -n "$A" -batch "$KTAP_DIR/batch"
	watched "down" "$PKTPATH" -n "$A" down
}

test_neighbours()
{
	local n

	stall_pair
	for n in 1 2 3; do
		ip netns exec "$A" sysctl -qw "net.pktpath.neigh.default.gc_thresh$n=16000"
	done
	expect "address" "$PKTPATH" -n "$A" addr add 10.70.0.1/16 dev pa
	batch_of $((12000 / SCALE)) "neigh add 10.7%d.%d.%d lladdr 02:00:00:00:00:01 dev pa"
	watched "neighbours are made" "$PKTPATH" -n "$A" -batch "$KTAP_DIR/batch"
	watched "neighbours are shown" "$PKTPATH" -n "$A" neigh show
	watched "link down" ip -n "$A" link set pa down
	watched "link up" ip -n "$A" link set pa up
	made "unknown neighbours" "$A" scan $((20000 / SCALE))
	ended "asking sockets"
	watched "flush" "$PKTPATH" -n "$A" neigh flush permanent
	watched "down" "$PKTPATH" -n "$A" down
}

test_addresses()
{
	stall_pair
	batch_of $((10000 / SCALE)) "addr add 10.8%d.%d.%d/16 dev pa"
	watched "addresses are made" "$PKTPATH" -n "$A" -batch "$KTAP_DIR/batch"
	watched "addresses are shown" "$PKTPATH" -n "$A" addr show
	watched "link down" ip -n "$A" link set pa down
	watched "link up" ip -n "$A" link set pa up
	watched "the device goes" ip -n "$A" link del pa
}

test_sockets()
{
	stall_pair
	made "sockets" "$A" sockets $((15000 / SCALE))
	watched "sockets are shown" "$PKTPATH" -n "$A" sock show
	watched "sockets in /proc" ip netns exec "$A" cat /proc/net/pktpath/udp
	watched "sockets are ended" "$PKTPATH" -n "$A" sock kill all
	ended "sockets"
	made "more sockets" "$A" sockets $((15000 / SCALE))
	# it complains of the process that still has them, dead
	watched "down" sh -c "$PKTPATH -n $A down >$KTAP_DIR/down 2>&1
		grep -q '^$((15000 / SCALE)) sockets ended' $KTAP_DIR/down"
	ended "more sockets"
	pp_own "$A" pa 10.77.0.1/24
	made "sockets of one port" "$A" shared $((3000 / SCALE))
	# each gets one of each
	watched "broadcasts" ip netns exec "$B" "$STALL" cast 10.77.0.255 50
	ended "sockets of one port"
}

test_groups()
{
	stall_pair
	ip netns exec "$A" sysctl -qw net.pktpath.igmp_max_memberships=5000
	# what options of one socket may take: of the machine, later of a netns
	sysctl -qw net.core.optmem_max=8000000
	ip netns exec "$A" sysctl -qw net.core.optmem_max=8000000 2>/dev/null
	made "groups" "$A" groups $((4000 / SCALE))
	watched "groups in /proc" ip netns exec "$A" cat /proc/net/pktpath/igmp
	watched "link down" ip -n "$A" link set pa down
	watched "link up" ip -n "$A" link set pa up
	ended "groups"
	made "groups again" "$A" groups $((4000 / SCALE))
	watched "detach" "$PKTPATH" -n "$A" dev detach pa
	ended "groups again"
}

test_connections()
{
	stall_pair
	made "connections" "$A" connections $((1500 / SCALE))
	watched "connections are shown" "$PKTPATH" -n "$A" sock show
	ended "connections"
	made "more connections" "$A" connections $((1500 / SCALE))
	watched "connections are ended" "$PKTPATH" -n "$A" sock kill all
	ended "what is left of them"
}

test_fragments()
{
	stall_pair
	made "fragments" "$B" fragments 10.77.0.1 $((20000 / SCALE))
	ended "their senders"
	watched "detach" "$PKTPATH" -n "$A" dev detach pa
}

# All of it in a namespace that goes; the module waits for that.
test_namespace()
{
	stall_pair
	batch_of "$ROUTES" "route add 2%d.%d.%d.0/24 via 10.77.0.2"
	expect "routes" "$PKTPATH" -n "$A" -batch "$KTAP_DIR/batch"
	made "fragments" "$B" fragments 10.77.0.1 $((20000 / SCALE))
	made "connections" "$A" connections $((500 / SCALE))
	ended "connections"
	watched "namespace and module go" \
		sh -c "ip netns del $A; until rmmod pktpath; do sleep 0.1; done"
	expect "load" net_load
}

ktap_run test_a_stall_is_seen test_routes test_neighbours test_addresses \
	test_sockets test_groups test_connections test_fragments test_namespace
