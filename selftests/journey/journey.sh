#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317,SC2016 # tests are called by name; awk
# Journeys: `pktpath trace` and the file it reads, /proc/net/pktpath/journey.

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

PUMP=$PKTPATH_TESTS/journey_pump

# One namespace; everything goes by lo.
one_ns()
{
	expect "module" net_load
	net_ns A
	OUT=$(mktemp)
	REC=$(mktemp)
	defer rm -f "$OUT" "$REC"
}

# trace ARG...: in the background in A, $TRACE; it records when this returns
trace()
{
	ip netns exec "$A" "$PKTPATH" "$@" >"$OUT" 2>&1 &
	TRACE=$!
	defer kill "$TRACE"
	await "the recording runs" 30 grep -q ^recording "$OUT"
}

pump()
{
	in_ns "$A" "$PUMP" "$@"
}

# stop: as by Ctrl-C; what it said is in $OUT
stop()
{
	kill -INT "$TRACE"
	wait "$TRACE"
	RC=$?
	[ "$RC" = 0 ] || fail "trace ended with $RC: $(cat "$OUT")"
}

# Reads JSON lines: prints for each journey its stages, in order.
ways()
{
	python3 -c '
import json, sys
for line in open(sys.argv[1]):
    if line.startswith("{"):
        print(*(s["stage"] for s in json.loads(line)["stages"]))' "$1"
}

DOWN="IP_LOCAL_OUT IP_OUTPUT IP_FINISH NEIGH DEV_QUEUE DEV_XMIT"
UP="DEV_RX LINK_RCV IP_RCV IP_ROUTE_IN IP_LOCAL TP_RCV"

test_udp_timeline()
{
	one_ns
	trace trace --count 1 udp dport 5000
	expect "traffic" pump udp 127.0.0.1 5000 1 64
	wait "$TRACE" || fail "trace: $?"
	expect_out "heading" 'udp 127.0.0.1:[0-9]+ > 127.0.0.1:5000, 106 B' \
		cat "$OUT"
	expect_out "the last stage" 'SOCK_RECV .* pid [0-9]+ 64 B' cat "$OUT"
}

test_udp_way()
{
	one_ns
	trace -j trace udp port 5000
	expect "traffic" pump udp 127.0.0.1 5000 20 64
	stop
	ways "$OUT" >"$REC"
	[ "$(wc -l <"$REC")" = 20 ] || fail "not 20 journeys: $(cat "$OUT")"
	refuse_out "all went the documented way" '^$' grep -vxE \
		"SOCK_SEND TP_SEND (IP_ROUTE )+TP_XMIT $DOWN $UP \
SOCK_QUEUE SOCK_WAKE FREE SOCK_RECV" "$REC"
}

test_tcp_way()
{
	one_ns
	trace -j trace tcp dport 5000
	expect "traffic" pump tcp 127.0.0.1 5000 20 700
	stop
	ways "$OUT" >"$REC"
	[ "$(grep -cxE "SOCK_SEND TP_SEND TP_XMIT IP_ROUTE $DOWN $UP \
SOCK_QUEUE (SOCK_WAKE )?SOCK_RECV" "$REC")" = 20 ] ||
		fail "not 20 whole ways: $(cat "$REC")"
}

# The sum of a journey's stages is the time its sender and receiver measure.
test_truth()
{
	one_ns
	trace -j trace udp port 5000
	pump udp 127.0.0.1 5000 200 64 >"$REC"
	stop
	python3 - "$REC" "$OUT" <<'PY' || fail "the times do not agree"
import json, sys
stamps = [tuple(map(int, l.split())) for l in open(sys.argv[1])]
ways = [[s["time"] for s in json.loads(l)["stages"]]
        for l in open(sys.argv[2]) if l.startswith("{")]
if len(stamps) != 200 or len(ways) != 200:
    sys.exit("%d stamps, %d journeys" % (len(stamps), len(ways)))
part = []
for (t0, t1), w in zip(stamps, sorted(ways)):
    if not t0 <= w[0] <= w[-1] <= t1 or w != sorted(w):
        sys.exit("outside of its stamps: %s %s" % ((t0, t1), w))
    part.append((w[-1] - w[0]) / (t1 - t0))
part.sort()
print("# part of the measured time: median %.4f, least %.4f"
      % (part[100], part[0]))
PY
}

# Each packet of an unsampled recording once, or counted as lost.
test_all_or_lost()
{
	one_ns
	trace -j trace --ring 64 udp port 5000
	kill -STOP "$TRACE"
	expect "traffic" pump udp 127.0.0.1 5000 300 64
	kill -CONT "$TRACE"
	stop
	expect_out "lost records are told" ' [1-9][0-9]* records lost' \
		cat "$OUT"
	trace trace udp port 5000
	expect "traffic" pump udp 127.0.0.1 5000 300 64
	stop
	expect_out "none lost" '300 journeys, 0 records lost' cat "$OUT"
}

test_drops()
{
	one_ns
	trace trace --drops
	pump send 127.0.0.1 5009 1 10 >/dev/null
	stop
	expect_out "stage and cause" 'TP_RCV +UdpNoPort +1 +udp .*:5009' \
		cat "$OUT"
	[ "$(pp_stat "$A" DropUdpNoPort)" = 1 ] || fail "another count"
}

test_filters()
{
	one_ns
	expect "address" pp "$A" addr add 10.77.0.9/32 dev lo
	trace trace udp dst 10.77.0.9/32 dport 5000 sample 10
	expect "other" pump udp 127.0.0.1 5000 50 64
	expect "other port" pump udp 10.77.0.9 5001 50 64
	expect "wanted" pump udp 10.77.0.9 5000 200 64
	stop
	expect_out "a tenth of those wanted" '^20 journeys, 0' \
		tail -n 1 "$OUT"
	trace trace icmp
	expect "other" pump udp 127.0.0.1 5000 5 64
	stop
	expect_out "none" '0 journeys, 0' cat "$OUT"
}

bad()
{
	local rc=0

	in_ns "$A" "$PKTPATH" trace "$@" >"$OUT" 2>&1 || rc=$?
	[ "$rc" = 2 ] || fail "'$*' gave $rc: $(cat "$OUT")"
	[ "$(wc -l <"$OUT")" = 1 ] || fail "'$*': $(cat "$OUT")"
}

test_bad_input()
{
	one_ns
	bad nonsense
	bad port
	bad port 0
	bad host 10.0.0.0/33
	bad dev none
	bad sock xyz
	bad --count -1
	bad --read /nonexistent
	bad --record /nonexistent/file --for 1
	head -c 1000 /dev/urandom >"$REC"
	bad --read "$REC"
	head -c 10 "$REC" >"$OUT.short"
	defer rm -f "$OUT.short"
	bad --read "$OUT.short"
}

test_file()
{
	local i n

	one_ns
	trace trace --record "$REC"
	expect "traffic" pump udp 127.0.0.1 5000 20 64
	expect "traffic" pump tcp 127.0.0.1 5000 20 64
	stop
	expect_out "the same journeys" '20 journeys, 0' \
		"$PKTPATH" trace --read "$REC" udp
	n=$(stat -c %s "$REC")
	for ((i = 0; i < 20; i++)); do
		cp "$REC" "$OUT"
		dd if=/dev/urandom of="$OUT" bs=1 count=300 conv=notrunc \
			seek=$((6000 + RANDOM % (n - 7000))) 2>/dev/null
		truncate -s $((n - RANDOM % 5000)) "$OUT"
		timeout 30 "$PKTPATH" -j trace --read "$OUT" >/dev/null 2>&1 ||
			fail "a spoilt recording: status $?"
		timeout 30 "$PKTPATH" trace --read "$OUT" --hist --top --drops \
			--perfetto "$OUT.json" >/dev/null 2>&1 ||
			fail "a spoilt recording: status $?"
	done
	expect "JSON" python3 -m json.tool "$OUT.json" /dev/null
	rm -f "$OUT.json"
}

test_privilege()
{
	one_ns
	refuse_out "without CAP_NET_ADMIN" 'needs CAP_NET_ADMIN' \
		in_ns "$A" setpriv --bounding-set -net_admin \
		--inh-caps -net_admin "$PKTPATH" trace --for 1
}

# Traffic of B is none of A's.
test_other_netns()
{
	one_ns
	net_ns B
	trace trace
	expect "traffic of B" in_ns "$B" "$PUMP" udp 127.0.0.1 5000 20 64
	expect "traffic of A" pump udp 127.0.0.1 5000 3 64
	stop
	expect_out "A's alone" '^3 journeys' tail -n 1 "$OUT"
}

test_veth()
{
	net_pair_pp
	OUT=$(mktemp)
	REC=$(mktemp)
	defer rm -f "$OUT" "$REC"
	trace -j trace udp dport 5000
	pump send 10.77.0.2 5000 3 64 >/dev/null 2>&1
	await "B gets one" 30 pp_stat_above "$B" DropUdpNoPort 0
	stop
	ways "$OUT" >"$REC"
	[ "$(grep -c "^SOCK_SEND .* $DOWN TX_DONE\$" "$REC")" -ge 1 ] ||
		fail "no way out: $(cat "$REC")"
}

test_reader_killed()
{
	one_ns
	trace trace
	kill -KILL "$TRACE"
	wait "$TRACE" 2>/dev/null
	expect "traffic" pump udp 127.0.0.1 5000 20 64
	trace trace
	expect "traffic" pump udp 127.0.0.1 5000 2 64
	stop
	expect_out "the next one" '^2 journeys' tail -n 1 "$OUT"
}

test_netns_ends()
{
	local ns

	expect "module" net_load
	net_ns A
	OUT=$(mktemp)
	defer rm -f "$OUT"
	ns=$A
	trace trace
	# a reader asleep inside read()
	in_ns "$A" dd if=/proc/net/pktpath/journey of=/dev/null bs=64 \
		2>/dev/null
	expect "traffic" pump udp 127.0.0.1 5000 20 64
	expect "the namespace goes" ip netns del "$ns"
	kill -INT "$TRACE"
	wait "$TRACE" || fail "trace: $?"
}

# Too many at once, and what is not a configuration.
test_limits()
{
	one_ns
	expect_out "four" '^ok' in_ns "$A" python3 -c '
import os, struct
P = "/proc/net/pktpath/journey"
conf = struct.pack("=IIIIIIIHHHBBBBBB", 1, 0, 64, *[0] * 13)
fds = [os.open(P, os.O_RDWR | os.O_NONBLOCK) for i in range(4)]
def no(e, f, *a):
    try:
        f(*a)
    except OSError as x:
        assert x.errno == e, (x, e)
    else:
        assert False, a
no(16, os.open, P, os.O_RDWR)
no(61, os.read, fds[0], 64)
no(22, os.write, fds[0], conf[1:])
no(22, os.write, fds[0], conf + b"x")
for at, v in ((0, 2), (4, 2), (8, 1), (8, 1 << 18)):
    no(22, os.write, fds[0], conf[:at] + struct.pack("=I", v) + conf[at + 4:])
no(22, os.write, fds[0], conf[:34] + b"\x21" + conf[35:])
for fd in fds:
    assert os.write(fd, conf) == len(conf)
    no(16, os.write, fd, conf)
    no(22, os.read, fd, 63)
    no(11, os.read, fd, 64)
print("ok")'
}

test_rmmod()
{
	one_ns
	trace trace
	expect "traffic" pump udp 127.0.0.1 5000 20 64
	expect "rmmod while it records" rmmod pktpath
	await "trace ends" 30 refuse_pid "$TRACE"
	refuse "gone" test -d /sys/module/pktpath
}

refuse_pid()
{
	! grep -qs '^State:.[^Z]' "/proc/$1/status"
}

ktap_run test_udp_timeline test_udp_way test_tcp_way test_truth \
	test_all_or_lost test_drops test_filters test_bad_input test_file \
	test_privilege test_other_netns test_veth test_reader_killed \
	test_netns_ends test_limits test_rmmod
