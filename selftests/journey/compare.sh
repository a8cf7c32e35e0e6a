#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# `pktpath trace --compare inet`, and files of journeys for other programs.

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

HERE=$(cd "$(dirname "$0")" && pwd)
KPROBES=/sys/kernel/debug/kprobes/list

setup()
{
	expect "module" net_load
	[ -e "$KPROBES" ] || mount -t debugfs none /sys/kernel/debug ||
		skip "no debugfs"
	net_ns A
	OUT=$(mktemp)
	defer rm -f "$OUT"
}

# compare ARG...: as root in A; output in $OUT, status in $RC
compare()
{
	RC=0
	pp "$A" -j trace --compare inet "$@" >"$OUT" 2>"$OUT.err" || RC=$?
	defer rm -f "$OUT.err"
}

groups()
{
	local at

	at=$(sed -n 's/^[^ ]* \([^ ]*\) cgroup2 .*/\1/p' /proc/mounts |
		head -n 1)
	[ -z "$at" ] || ls -d "$at"/pktpath-compare-* 2>/dev/null
}

no_probes()
{
	! grep -q . "$KPROBES"
}

# What it began has ended: probes, its cgroup and what was in it.
nothing_left()
{
	await "the probes go" 30 no_probes
	[ -z "$(groups)" ] || fail "left: $(groups)"
}

# table FIRST LAST JOURNEYS STAGE...: is it in $OUT, with these stages and at
# least so many journeys of each, and does it add up?
table()
{
	[ "$RC" = 0 ] || fail "status $RC: $(cat "$OUT.err")"
	sed 's/^/# /' "$OUT"
	python3 "$HERE/compare.py" "$OUT" "$@" || fail "not that table"
}

test_udp()
{
	setup
	compare --rounds 3 --count 100
	table SOCK_SEND "the return of recv()" 280 SOCK_SEND TP_SEND TP_XMIT \
		DEV_QUEUE DEV_XMIT DEV_RX IP_RCV TP_RCV SOCK_QUEUE SOCK_WAKE \
		SOCK_RECV FREE
	nothing_left
}

test_tcp()
{
	setup
	compare tcp --rounds 3 --count 100 --size 1000
	table SOCK_SEND "the return of recv()" 280 SOCK_SEND TP_SEND TP_XMIT \
		DEV_QUEUE DEV_XMIT DEV_RX IP_RCV TP_RCV SOCK_QUEUE SOCK_RECV '(copy)'
	nothing_left
}

# Away by a device: down to its driver.
test_device()
{
	setup
	net_pair
	expect "the kernel's address" ip -n "$A" addr add 10.77.0.3/24 dev pa
	compare udp dst 10.77.0.2 dport 7000 dev pa --rounds 3 --count 100
	table SOCK_SEND DEV_XMIT 200 SOCK_SEND TP_SEND TP_XMIT DEV_QUEUE
	nothing_left
}

test_command()
{
	setup
	cat >"$OUT.py" <<'PY'
import socket
a, b = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for i in "ab")
a.bind(("127.0.0.1", 0))
for i in range(100):
    b.sendto(b"x" * 64, a.getsockname())
    a.recv(100)
PY
	defer rm -f "$OUT.py"
	compare --rounds 2 -- python3 "$OUT.py"
	table SOCK_SEND "the return of recv()" 180 SOCK_SEND TP_SEND IP_ROUTE \
		TP_XMIT DEV_XMIT DEV_RX SOCK_QUEUE SOCK_RECV
	nothing_left
}

# What a command leaves behind is ended.
test_leftover()
{
	setup
	compare --rounds 2 -- sh -c "sleep 98765 & exec python3 -c '
import socket
a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
a.bind((\"127.0.0.1\", 0))
for i in range(20):
    a.sendto(b\"x\", a.getsockname())
    a.recv(100)'"
	[ "$RC" = 0 ] || fail "status $RC: $(cat "$OUT.err")"
	refuse "it has ended" pgrep -f "sleep 98765"
	nothing_left
}

# bad TEXT CMD...: one sentence with TEXT, status 2, nothing left
bad()
{
	local text=$1 rc=0

	shift
	"$@" >"$OUT" 2>&1 || rc=$?
	[ "$rc" = 2 ] || fail "'$*' gave $rc: $(cat "$OUT")"
	[ "$(wc -l <"$OUT")" = 1 ] || fail "'$*': $(cat "$OUT")"
	grep -q -- "$text" "$OUT" || fail "'$*': $(cat "$OUT")"
	nothing_left
}

test_refused()
{
	setup
	set -- in_ns "$A" "$PKTPATH" trace --compare
	bad "needs a value" "$@"
	bad "not with \"unix\"" "$@" unix
	bad "no device \"none\"" "$@" inet dst 127.0.0.1 dev none
	bad "need \"dst\"" "$@" inet dev lo
	bad "one address" "$@" inet dst 10.0.0.0/8
	bad "goes with udp" "$@" inet --top
	bad "goes with udp" "$@" inet icmp
	bad "number of rounds" "$@" inet --rounds 1
	bad "own traffic" "$@" inet udp -- true
	bad "no command" "$@" inet --
	bad "cannot run \"/nonexistent\"" "$@" inet -- /nonexistent
	bad "ended with status 3" "$@" inet -- sh -c "exit 3"
	bad "ended by signal 11" "$@" inet -- sh -c 'kill -SEGV $$'
	bad "no packet" "$@" inet --rounds 2 -- true
	bad "AF_INET the workload cannot reach" "$@" inet dst 198.51.100.1
	bad "needs root" in_ns "$A" setpriv --reuid 65534 --regid 65534 \
		--clear-groups --bounding-set -all --inh-caps -all \
		"$PKTPATH" trace --compare inet
	# shellcheck disable=SC2016 # of the inner shell
	bad "no probes at functions" unshare -m sh -c \
		'mount -t tmpfs none /sys/bus/event_source &&
		exec "$0" trace --compare inet' \
		"$PKTPATH"
	rmmod pktpath
	bad "not loaded" "$PKTPATH" trace --compare inet
}

# Is the workload there, with the probes in place?
is_probing()
{
	grep -q inet_sendmsg "$KPROBES"
}

# In the background, $TRACE, until it probes: from then on its command sleeps
start()
{
	"$PKTPATH" -n "$A" trace --compare inet --rounds 2 -- sh -c \
		"! grep -q inet_sendmsg $KPROBES || exec sleep 98765" \
		>"$OUT" 2>&1 &
	TRACE=$!
	defer kill "$TRACE"
	await "probes" 60 is_probing
}

test_interrupted()
{
	setup
	start
	kill -INT "$TRACE"
	RC=0
	wait "$TRACE" || RC=$?
	[ "$RC" = 2 ] || fail "status $RC: $(cat "$OUT")"
	expect_out "one sentence" "before two rounds" cat "$OUT"
	nothing_left
}

workload_ended()
{
	local g

	for g in $(groups); do
		grep -q . "$g/cgroup.procs" && return 1
	done
	return 0
}

test_killed()
{
	setup
	start
	kill -KILL "$TRACE"
	wait "$TRACE" 2>/dev/null
	await "the workload ends" 30 workload_ended
	refuse "it has ended" pgrep -f "sleep 98765"
	await "the probes go" 30 no_probes
	# shellcheck disable=SC2046 # a list
	rmdir $(groups) 2>/dev/null
}

# A recording's journeys as Perfetto and Wireshark read them.
test_files()
{
	setup
	ip netns exec "$A" "$PKTPATH" trace --record "$OUT.rec" >"$OUT" 2>&1 &
	TRACE=$!
	defer kill "$TRACE"
	defer rm -f "$OUT.rec" "$OUT.json" "$OUT.pcapng"
	await "the recording runs" 30 grep -q ^recording "$OUT"
	expect "datagrams" in_ns "$A" "$PKTPATH_TESTS/journey_pump" udp \
		127.0.0.1 5000 20 64
	expect "a stream" in_ns "$A" "$PKTPATH_TESTS/journey_pump" tcp \
		127.0.0.1 5000 20 64
	kill -INT "$TRACE"
	wait "$TRACE" || fail "trace: $?"
	expect "files" "$PKTPATH" trace --read "$OUT.rec" --perfetto \
		"$OUT.json" --pcapng "$OUT.pcapng"
	"$PKTPATH" -j trace --read "$OUT.rec" >"$OUT" 2>/dev/null ||
		fail "journeys"
	expect "tracks" python3 "$HERE/perfetto.py" "$OUT.json" "$OUT"
	command -v tshark >/dev/null || skip "no tshark"
	tshark -r "$OUT.pcapng" -Y udp.dstport==5000 -T fields -e frame.comment \
		-e udp.length >"$OUT" 2>/dev/null || fail "tshark: $?"
	[ "$(grep -c 'TP_XMIT +.*, SOCK_QUEUE +[0-9]*.* ns	72$' "$OUT")" = 20 ] ||
		fail "no 20 datagrams: $(cat "$OUT")"
}

ktap_run test_udp test_tcp test_device test_command test_leftover \
	test_refused test_interrupted test_killed test_files
