#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# The module goes while others hold what is of it: packets in NFQUEUE, packets
# in a queueing discipline, sockets in flight between processes.
# Proves: attacks J1 (rmmod with packets held elsewhere).

# shellcheck source=selftests/lifecycle/life.sh disable=SC1091
. "$(dirname "$0")/life.sh"

HELD=$PKTPATH_TESTS/lifecycle_held

held_rmmod()
{
	await "$1" 30 timeout 60 rmmod pktpath
	expect "unloaded" test ! -d /sys/module/pktpath
}

held_load()
{
	expect "load" net_load
	expect "it works" pp_own "$A" pa 10.77.0.1/24
	await "path works" 60 net_ping "$B" 10.77.0.1 1
}

# held_queue RULE: a listener on queue 5, behind RULE in A
held_queue()
{
	net_pair
	expect "path works" net_ping "$B" 10.77.0.1
	modprobe -a nfnetlink_queue nft_queue 2>/dev/null
	ip netns exec "$A" "$HELD" queue 5 >"$KTAP_DIR/queue" 2>&1 &
	HELD_Q=$!
	defer kill "$HELD_Q"
	await "listener" 30 grep -q up "$KTAP_DIR/queue"
	in_ns "$A" nft "$1" 2>"$KTAP_DIR/nft" ||
		skip "no rules of that kind: $(cat "$KTAP_DIR/nft")"
}

# What the listener still has are identifiers of nothing.
held_release()
{
	kill -USR1 "$HELD_Q"
	await "listener ends" 30 grep -q released "$KTAP_DIR/queue"
}

test_packets_in_nfqueue()
{
	local hook

	for hook in prerouting input postrouting; do
		(
			trap ktap_undefer EXIT
			held_queue "table ip t { chain c { type filter hook $hook priority 0; meta l4proto icmp queue num 5; }; }"
			net_ping "$B" 10.77.0.1 1 >/dev/null
			await "$hook: one is held" 30 \
				grep -q held "$KTAP_DIR/queue"
			held_rmmod "rmmod with one at $hook"
			held_release
			in_ns "$A" nft delete table ip t
			held_load
		) || exit
	done
}

# The sender has ended; its packet keeps the socket until "down".
test_sent_packets_in_nfqueue()
{
	held_queue "table ip t { chain c { type filter hook output priority 0; udp dport 77 queue num 5; }; }"
	expect "send" in_ns "$A" "$HELD" send 10.77.0.2 77
	await "one is held" 30 grep -q held "$KTAP_DIR/queue"
	expect "down" pp "$A" down
	await "rmmod after down" 30 timeout 60 rmmod pktpath
	held_release
	in_ns "$A" nft delete table ip t
	held_load
}

# A packet in a discipline keeps its socket, as any packet does; answers of
# ours have none.
test_packets_in_a_qdisc()
{
	net_pair
	expect "path works" net_ping "$B" 10.77.0.1
	modprobe sch_netem 2>/dev/null
	in_ns "$A" tc qdisc add dev pa root netem delay 100s 2>/dev/null ||
		skip "no netem"
	refuse "nothing comes out" net_ping "$B" 10.77.0.1 1
	expect "send" in_ns "$A" "$HELD" send 10.77.0.2 77
	await "both are held" 30 out_matches "backlog [0-9]+b [1-9][0-9]*p" \
		in_ns "$A" tc -s qdisc show dev pa
	expect "down" pp "$A" down
	await "rmmod after down" 30 timeout 60 rmmod pktpath
	in_ns "$A" tc qdisc del dev pa root
	held_load
}

# On lo the packets hold routes of ours too.
test_packets_in_a_qdisc_of_lo()
{
	net_pair
	modprobe sch_netem 2>/dev/null
	in_ns "$A" tc qdisc add dev lo root netem delay 100s 2>/dev/null ||
		skip "no netem"
	expect "send" in_ns "$A" "$HELD" send 10.77.0.1 77
	await "it is held" 30 out_matches "backlog [0-9]+b 1p" \
		in_ns "$A" tc -s qdisc show dev lo
	refuse "in use" rmmod pktpath
	expect "down" pp "$A" down
	await "rmmod after down" 30 timeout 60 rmmod pktpath
	expect "discipline away" in_ns "$A" tc qdisc del dev lo root
	held_load
	expect "loop" in_ns "$A" "$PKTPATH_TESTS/lifecycle_traffic" -e 127.0.0.1
}

# Only answers are held: nothing of them is ours any more.
test_answers_in_a_qdisc()
{
	net_pair
	expect "path works" net_ping "$B" 10.77.0.1
	modprobe sch_netem 2>/dev/null
	in_ns "$A" tc qdisc add dev pa root netem delay 100s 2>/dev/null ||
		skip "no netem"
	refuse "nothing comes out" net_ping "$B" 10.77.0.1 1
	await "it is held" 30 out_matches "backlog [0-9]+b [1-9][0-9]*p" \
		in_ns "$A" tc -s qdisc show dev pa
	held_rmmod "rmmod"
	in_ns "$A" tc qdisc del dev pa root
	held_load
}

# A socket in flight is open, though no process has it: "down" says that
# somebody holds it; it goes with the queue it waits in.
test_sockets_in_flight()
{
	net_pair
	ip netns exec "$A" "$HELD" flight >"$KTAP_DIR/flight" 2>&1 &
	HELD_F=$!
	defer kill "$HELD_F"
	await "in flight" 30 grep -q "in flight" "$KTAP_DIR/flight"
	refuse "in use" rmmod pktpath
	refuse_out "down tells of it" "passed between processes" pp "$A" down
	refuse "still in use" rmmod pktpath
	kill "$HELD_F"
	await "rmmod when its queue is gone" 30 timeout 60 rmmod pktpath
	held_load
}

# A circle of descriptors in flight is freed by the collector of AF_UNIX, which
# runs when sockets of that kind close.
test_sockets_in_a_circle()
{
	net_pair
	ip netns exec "$A" "$HELD" flight >"$KTAP_DIR/flight" 2>&1 &
	HELD_F=$!
	await "in flight" 30 grep -q "in flight" "$KTAP_DIR/flight"
	kill -USR1 "$HELD_F"
	wait "$HELD_F"
	expect "down runs the collector" pp "$A" down
	await "rmmod" 30 timeout 60 rmmod pktpath
	held_load
}

# Who holds them is found by one walk over all processes, not one for each.
test_down_of_many_sockets()
{
	net_pair
	ip netns exec "$A" "$HELD" many 3000 >"$KTAP_DIR/many" 2>&1 &
	HELD_M=$!
	defer kill "$HELD_M"
	await "open" 300 grep -q open "$KTAP_DIR/many"
	refuse_out "named" "held.*pid $HELD_M.*dead socket" \
		timeout 60 "$PKTPATH" -n "$A" down
	expect "ended" timeout 60 "$PKTPATH" -n "$A" down --kill
	await "gone" 30 life_gone "$HELD_M"
	held_rmmod "rmmod"
	held_load
}

ktap_run test_down_of_many_sockets test_packets_in_nfqueue test_sent_packets_in_nfqueue \
	test_packets_in_a_qdisc \
	test_packets_in_a_qdisc_of_lo test_answers_in_a_qdisc \
	test_sockets_in_flight test_sockets_in_a_circle
