#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317,SC2016 # tests are called by name; awk
# Journeys: what `pktpath trace` records, of whom, for whom.

# shellcheck source=selftests/journey/trace.sh disable=SC1091
. "$(dirname "$0")/trace.sh"

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
	walks "$OUT"
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
	walks "$OUT"
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

# Two at once see the same, each by its own filter and in its own room.
test_several()
{
	local other

	one_ns
	trace -j trace
	ip netns exec "$A" "$PKTPATH" -j trace udp port 5000 >"$REC" 2>&1 &
	other=$!
	defer kill "$other"
	await "the other runs" 30 grep -q ^recording "$REC"
	expect "traffic" pump udp 127.0.0.1 5000 20 64
	expect "other" pump udp 127.0.0.1 5001 5 64
	stop
	kill -INT "$other"
	wait "$other" || fail "the other: $?"
	expect_out "all" '25 journeys, 0' cat "$OUT"
	expect_out "a part" '20 journeys, 0' cat "$REC"
	python3 - "$OUT" "$REC" <<'PY' || fail "not the same"
import json, sys
one, two = ([json.loads(l) for l in open(f) if l.startswith("{")]
            for f in sys.argv[1:])
ids = {j["id"]: j["stages"] for j in one}
sys.exit(any(ids.get(j["id"]) != j["stages"] for j in two))
PY
	walks "$OUT"
	walks "$REC"
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

# Those of one process: how its packets came is recorded, and who else drops is not.
test_drops_of()
{
	local pid

	one_ns
	mkfifo "$OUT.go"
	defer rm -f "$OUT.go"
	# shellcheck disable=SC2016 # its own $0
	ip netns exec "$A" bash -c 'read -r <"$1"; exec "$0" send 127.0.0.1 5009 1 10' \
		"$PUMP" "$OUT.go" >/dev/null &
	pid=$!
	defer kill "$pid"
	trace trace --drops pid "$pid"
	pump send 127.0.0.1 5009 1 10 >/dev/null
	echo >"$OUT.go"
	wait "$pid"
	stop
	expect_out "its own" 'TP_RCV +UdpNoPort +1 +udp .*:5009' cat "$OUT"
	expect_out "no others" '^1 journey, 0' tail -n 1 "$OUT"
}

test_filters()
{
	one_ns
	expect "address" pp "$A" addr add 10.77.0.9/32 dev lo
	trace trace udp dst 10.77.0.9/32 dport 5000 sample 10
	expect "other" pump udp 127.0.0.1 5000 50 64
	expect "other port" pump udp 10.77.0.9 5001 50 64
	# each CPU counts for itself
	expect "wanted" in_ns "$A" taskset -c 0 "$PUMP" udp 10.77.0.9 5000 200 64
	stop
	expect_out "a tenth of those wanted" '^20 journeys, 0' \
		tail -n 1 "$OUT"
	trace trace icmp
	expect "other" pump udp 127.0.0.1 5000 5 64
	stop
	expect_out "none" '0 journeys, 0' cat "$OUT"
}

# By process, and by what has none of it; each key on its own.
test_keys()
{
	local pid

	one_ns
	mkfifo "$OUT.go"
	defer rm -f "$OUT.go"
	# shellcheck disable=SC2016 # its own $0
	ip netns exec "$A" bash -c 'read -r <"$1"; exec "$0" udp 127.0.0.1 5000 10 64' \
		"$PUMP" "$OUT.go" >/dev/null &
	pid=$!
	defer kill "$pid"
	trace trace --hist --by pid pid "$pid"
	expect "other" pump udp 127.0.0.1 5001 5 64
	echo >"$OUT.go"
	wait "$pid" || fail "pump: $?"
	stop
	expect_out "its own" '^10 journeys, 0' tail -n 1 "$OUT"
	expect_out "by process" "pid $pid: 10 journeys" cat "$OUT"
	trace -j trace sock 1
	expect "other" pump udp 127.0.0.1 5001 5 64
	stop
	expect_out "nobody's" '^0 journeys, 0' tail -n 1 "$OUT"
	trace -j trace dev lo
	expect "two flows" pump udp 127.0.0.1 5000 3 64
	expect "two flows" pump udp 127.0.0.1 5001 5 64
	stop
	expect_out "all" '^8 journeys, 0' tail -n 1 "$OUT"
	[ "$(grep -c '"sockets":\[{"cookie":[0-9]*,"pid":[1-9][0-9]*,"cgroup":[1-9][0-9]*},{"cookie"' "$OUT")" = 8 ] ||
		fail "not two sockets each: $(cat "$OUT")"
}

# A program of AF_INET, and what it says; then it waits, if told so.
PROGRAM='
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 5000))
for i in range(5):
    s.sendto(b"x" * 64, ("127.0.0.1", 5000))
    s.recv(100)
print("said", flush=True)
time.sleep(int(sys.argv[1]))
sys.exit(int(sys.argv[2]))'

# with_cmd RC ARG...: `pktpath trace ARG...` in A
with_cmd()
{
	local want=$1 rc=0

	shift
	in_ns "$A" timeout 300 "$PKTPATH" "$@" >"$OUT" 2>"$REC" || rc=$?
	[ "$rc" = "$want" ] || fail "'$*' gave $rc: $(cat "$OUT" "$REC")"
}

is_gone()
{
	! pgrep -f "$1"
}

# Recorded from before it begins until it ends, and not left behind.
test_command()
{
	one_ns
	with_cmd 0 -j trace udp port 5000 -- python3 -c "$PROGRAM" 0 0
	walks "$OUT"
	refuse "its output is apart" grep -q said "$OUT"
	expect "and is there" grep -qx said "$REC"
	expect_out "all of it" '^5 journeys, 0' tail -n 1 "$REC"
	with_cmd 0 trace -- nice
	expect "as nice as ever" grep -qx 0 "$REC"
	with_cmd 2 trace -- python3 -c "$PROGRAM" 0 3
	expect "how it ended" grep -q 'ended with status 3' "$REC"
	with_cmd 2 trace -- /nonexistent/program
	expect "none" grep -q 'ended with status 127' "$REC"
	with_cmd 0 trace --count 1 udp port 5000 -- \
		python3 -c "$PROGRAM" 100123 0
	refuse "it ends with the recording" pgrep -f '[1]00123'
	ip netns exec "$A" "$PKTPATH" trace -- python3 -c "$PROGRAM" 100321 0 \
		>"$OUT" 2>&1 &
	TRACE=$!
	defer kill "$TRACE"
	await "it runs" 30 grep -q said "$OUT"
	kill -KILL "$TRACE"
	await "it ends with a reader that is killed" 30 is_gone '[1]00321'
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
	bad IP_NOWHERE
	bad udp tcpp
	bad host
	bad --compare inet6
	bad --hist --topp
	bad --
	bad --read /dev/null -- true
	bad port
	bad port 0
	bad host 10.0.0.0/33
	bad dev none
	bad pid 2147483646
	bad cgroup nonsense
	bad cgroup /nonexistent
	bad --by flow
	bad --hist --by nonsense
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

count_of()
{
	"$PKTPATH" -n "$A" -j stat --stages 2>/dev/null |
		sed -n "s/.*\"stage\":\"$1\",\"count\":\([0-9]*\).*/\1/p"
}

# counted STAGE eq|gt|lt N
counted()
{
	test "$(count_of "$1")" "-$2" "$3" 2>/dev/null
}

drawn_one()
{
	pump udp 127.0.0.1 5000 1 64 >/dev/null
	counted "$1" gt 0
}

# Histograms of every packet, of a sample, and the text for Prometheus.
test_stages()
{
	one_ns
	expect_out "a hint" 'journey_hist=1' pp "$A" stat --stages
	expect "all" in_ns "$A" sysctl -qw net.pktpath.journey_hist=2
	expect "traffic" pump udp 127.0.0.1 5000 50 64
	for i in SOCK_SEND TP_SEND TP_XMIT IP_LOCAL_OUT DEV_XMIT LINK_RCV \
		IP_RCV TP_RCV SOCK_QUEUE SOCK_WAKE FREE; do
		counted "$i" eq 50 || fail "$i: $(count_of "$i")"
	done
	expect "off" in_ns "$A" sysctl -qw net.pktpath.journey_hist=0
	expect "traffic" pump udp 127.0.0.1 5000 5 64
	counted TP_RCV eq 50 || fail "it counts when off"
	pp "$A" stat --openmetrics >"$OUT" || fail "openmetrics: $?"
	python3 "$(dirname "$0")/openmetrics.py" "$OUT" || fail "openmetrics"
	grep -qxF 'pktpath_stage_seconds_count{stage="TP_RCV"} 50' "$OUT" ||
		fail "no histogram"
	net_ns B
	A=$B
	expect "a sample" in_ns "$A" sysctl -qw net.pktpath.journey_hist=1
	await "the idle sees all" 30 drawn_one TP_RCV
	expect "much" pump udp 127.0.0.1 5000 1000 64
	counted TP_RCV lt 900 || fail "no sample: $(count_of TP_RCV)"
	refuse "a mode" in_ns "$A" sysctl -qw net.pktpath.journey_hist=3
	expect "rmmod with it" rmmod pktpath
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
for at, v in ((0, 2), (4, 4), (8, 1), (8, 1 << 18)):
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

ktap_run test_udp_timeline test_udp_way test_tcp_way test_all_or_lost \
	test_several test_drops test_drops_of test_filters test_keys \
	test_command test_bad_input test_privilege test_other_netns test_stages \
	test_reader_killed test_limits test_rmmod
