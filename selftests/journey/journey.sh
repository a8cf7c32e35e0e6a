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

# walks FILE [STAMPS]: are the journeys in FILE true?
walks()
{
	python3 "$(dirname "$0")/walk.py" "$NET_TOP/module/journey/ways.h" \
		"$@" || fail "no true journeys"
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

# once JSON: has each packet since the namespace was made one journey, and each
# drop that is counted its record?
once()
{
	"$PKTPATH" -n "$A" -j stat -z >"$OUT.stat"
	defer rm -f "$OUT.stat"
	python3 - "$1" "$OUT.stat" <<'PY' || fail "not all once"
import json, sys
js = [json.loads(l) for l in open(sys.argv[1]) if l.startswith("{")]
st = json.load(open(sys.argv[2]))["pktpath"]
at = lambda s: sum(any(x["stage"] == s and "drop" not in x
                       for x in j["stages"]) for j in js)
drops = sum("drop" in x and not x["drop"].startswith("kernel")
            for j in js for x in j["stages"])
want = {"IP_LOCAL_OUT": st["IpOutRequests"], "IP_RCV": st["IpInReceives"],
        "drops": sum(v for k, v in st.items() if k.startswith("Drop"))}
have = {"IP_LOCAL_OUT": at("IP_LOCAL_OUT"), "IP_RCV": at("IP_RCV"),
        "drops": drops}
print("# counted", want, "recorded", have)
sys.exit(want != have)
PY
}

# Much of both, with loss: each packet once, each drop told, and all of them
# walks of the graph.
test_property()
{
	one_ns
	expect "loss" in_ns "$A" tc qdisc add dev lo root netem loss 3%
	trace trace --ring 131072 --record "$REC"
	in_ns "$A" "$PUMP" tcp 127.0.0.1 5001 "${N:-300}" 500 >/dev/null &
	defer kill $!
	expect "datagrams" pump flood 127.0.0.1 5000 "${N:-3000}" 100
	# nobody is there
	expect "refused" pump send 127.0.0.1 5009 1 100
	wait $! || fail "the stream ended with $?"
	await "all have come" 30 is_quiet
	stop
	"$PKTPATH" -j trace --read "$REC" >"$OUT.json" 2>"$OUT"
	defer rm -f "$OUT.json"
	walks "$OUT.json"
	once "$OUT.json"
	expect_out "none lost" ' 0 records lost' cat "$OUT"
}

is_quiet()
{
	local was

	was=$("$PKTPATH" -n "$A" stat Ip)
	sleep 0.5
	[ "$was" = "$("$PKTPATH" -n "$A" stat Ip)" ]
}

# The sum of a journey's stages is the time its sender and receiver measure,
# but for what their system calls take themselves, the same each time.
test_truth()
{
	one_ns
	trace -j trace udp port 5000
	pump udp 127.0.0.1 5000 200 64 >"$REC"
	stop
	if [ -n "${ICOUNT:-}" ]; then
		walks "$OUT" "$REC"
	else
		walks "$OUT"
	fi
}

# A hundred thousand journeys: datagrams and a stream, of which some are lost and
# sent again, each in its stamps, then what nobody waits for. Nothing is left out.
test_mix()
{
	local i all=0

	for ((i = 0; i < ${ROUNDS:-20}; i++)); do
		one_ns
		expect "loss" in_ns "$A" tc qdisc add dev lo root netem loss 1%
		trace trace --ring 131072 --record "$REC"
		pump lossy 127.0.0.1 5000 1000 64 >"$OUT.udp"
		pump tcp 127.0.0.1 5001 1000 500 >"$OUT.tcp"
		pump flood 127.0.0.1 5002 2000 100 >/dev/null
		pump send 127.0.0.1 5009 1 100 >/dev/null
		await "all have come" 30 is_quiet
		stop
		expect_out "none lost" ' 0 records lost' cat "$OUT"
		"$PKTPATH" -j trace --read "$REC" >"$OUT.json" 2>"$OUT"
		walks "$OUT.json" "$OUT.udp" 5000
		walks "$OUT.json" "$OUT.tcp" 5001
		once "$OUT.json"
		all=$((all + $(grep -c '^{' "$OUT.json")))
		rm -f "$OUT" "$OUT".* "$REC"
		expect "the namespace goes" ip netns del "$A"
	done
	echo "# $all journeys"
	[ -n "${ROUNDS:-}" ] || [ "$all" -ge 100000 ] || fail "too few"
}

# A raw socket of TCP's number has datagrams, not a stream.
test_raw()
{
	one_ns
	trace -j trace
	pump raw 127.0.0.1 5000 3 0 >/dev/null
	stop
	ways "$OUT" >"$REC"
	[ "$(grep -c "^SOCK_SEND TP_SEND .*TP_XMIT $DOWN " "$REC")" = 3 ] ||
		fail "no whole ways: $(cat "$OUT")"
	! grep -Eq '"(sport|dport|seq)":[1-9]' "$OUT" ||
		fail "what lies behind it: $(cat "$OUT")"
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

# A datagram is cut, sent as fragments, and put together: which are of one is told.
test_fragments()
{
	one_ns
	expect "short" in_ns "$A" ip link set lo mtu 1500
	trace -j trace udp host 127.0.0.1
	expect "long" pump udp 127.0.0.1 5000 5 4000
	stop
	python3 - "$OUT" <<'PY' || fail "not together: $(cat "$OUT")"
import json, sys
js = [json.loads(l) for l in open(sys.argv[1]) if l.startswith("{")]
at = {j["id"]: j for j in js}
whole = [j for j in js if j["stages"][0]["stage"] == "SOCK_SEND"]
put = [j for j in js if "fragments" in j]
assert len(whole) == len(put) == 5 and len(js) == 25, (len(whole), len(put))
for j in put:
    parts = [at[i] for i in j["fragments"]]
    assert len(parts) == 3, j
    assert {p["joined_into"] for p in parts} == {j["id"]}, parts
    of, = {p["fragment_of"] for p in parts}
    assert at[of]["seq"] == j["seq"] and at[of] in whole, at[of]
    assert [p["stages"][0]["stage"] for p in parts] == ["NEIGH"] * 3, parts
PY
	walks "$OUT"
}

# A device that cannot cut super-packets gets the segments: each is followed.
test_segments()
{
	net_pair
	OUT=$(mktemp)
	defer rm -f "$OUT" "$OUT.b"
	expect "no TSO" in_ns "$A" ethtool -K pa tso off tx-udp-segmentation off
	ip netns exec "$B" python3 -c '
import socket
s = socket.create_server(("10.77.0.2", 5000))
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("10.77.0.2", 5000))
print("ready", flush=True)
c = s.accept()[0]
while c.recv(65536):
    pass
for i in range(10):
    assert len(u.recv(65536)) == 1000' >"$OUT.b" &
	PEER=$!
	defer kill "$PEER"
	await "the peer" 30 grep -q ready "$OUT.b"
	trace -j trace dst 10.77.0.2
	expect "traffic" in_ns "$A" "$PKTPATH" run -- python3 -c '
import socket
c = socket.create_connection(("10.77.0.2", 5000))
c.sendall(bytes(200000))
c.close()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.setsockopt(17, 103, 1000)
u.sendto(bytes(10000), ("10.77.0.2", 5000))'
	wait "$PEER" || fail "the peer: $?"
	stop
	expect_out "none lost" ' 0 records lost' cat "$OUT"
	walks "$OUT"
	python3 - "$OUT" <<'PY' || fail "not all segments: $(cat "$OUT")"
import json, sys
js = [json.loads(l) for l in open(sys.argv[1]) if l.startswith("{")]
parts = {}
for j in js:
    names = [s["stage"] for s in j["stages"]]
    assert ("segment_of" in j) == (names[0] == "DEV_XMIT"), j
    if "segment_of" in j:
        assert names == ["DEV_XMIT", "TX_DONE"], j
        parts.setdefault(j["segment_of"], []).append(j)
cut = {}
for j in js:
    end = j["stages"][-1]
    if end["stage"] == "FREE" and "segments" in end:
        cut[j["id"]] = j
        mine = parts.pop(j["id"])
        assert len(mine) == end["segments"], (j, mine)
        assert all(p["cookie"] == j["cookie"] and p["proto"] == j["proto"] and
                   p["stages"][0]["time"] >= end["time"] for p in mine), mine
print("#", [(j["proto"], j["stages"][-1]["segments"]) for j in cut.values()])
assert not parts, parts
assert sum(j["stages"][-1]["segments"] for j in cut.values()
           if j["proto"] == "tcp") > 50
assert [j["stages"][-1]["segments"] for j in cut.values()
        if j["proto"] == "udp"] == [10]
PY
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
	bad -- true
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

# spoilt ARG...: read to its end, or refused
spoilt()
{
	local rc=0

	timeout 30 "$PKTPATH" "$@" >/dev/null 2>&1 || rc=$?
	[ "$rc" = 0 ] || [ "$rc" = 2 ] || fail "a spoilt recording: status $rc"
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
	for i in journeys hist top; do
		n=--$i
		[ "$i" != journeys ] || n=
		# shellcheck disable=SC2086 # or none
		"$PKTPATH" -j trace --read "$REC" $n >"$OUT.$i" 2>/dev/null ||
			fail "$i"
		defer rm -f "$OUT.$i"
	done
	expect "sums" python3 "$(dirname "$0")/sums.py" "$OUT.journeys" \
		"$OUT.hist" "$OUT.top"
	expect "a page" "$PKTPATH" trace --read "$REC" --html "$OUT.html" \
		--pcapng "$OUT.pcapng"
	defer rm -f "$OUT.html" "$OUT.pcapng"
	expect "the page is whole" python3 "$(dirname "$0")/page.py" \
		"$OUT.html"
	expect "pcapng" pcapng_ok "$OUT.pcapng" 20
	expect_out "a connection" ' > seq .* most in ' \
		"$PKTPATH" trace --read "$REC" --follow tcp
	"$PKTPATH" -j trace --read "$REC" --follow tcp >"$OUT.json" 2>/dev/null
	defer rm -f "$OUT.json"
	expect "as JSON, line by line" python3 -c \
		"import json, sys; [json.loads(l) for l in sys.stdin]" <"$OUT.json"
	expect "not empty" test -s "$OUT.json"
	n=$(stat -c %s "$REC")
	head -c $((n - 10)) "$REC" >"$OUT"
	refuse_out "a part of a record" 'in the middle of a record' \
		"$PKTPATH" trace --read "$OUT"
	for ((i = 0; i < 20; i++)); do
		cp "$REC" "$OUT"
		dd if=/dev/urandom of="$OUT" bs=1 count=300 conv=notrunc \
			seek=$((6000 + RANDOM % (n - 7000))) 2>/dev/null
		truncate -s $((n - RANDOM % 5000)) "$OUT"
		spoilt -j trace --read "$OUT"
		spoilt trace --read "$OUT" --hist --top --drops \
			--perfetto "$OUT.json" --html "$OUT.html" \
			--pcapng "$OUT.pcapng"
	done
	expect "JSON" python3 -m json.tool "$OUT.json" /dev/null
	rm -f "$OUT.json"
}

# pcapng_ok FILE N: whole blocks, at least N packets, each with its stages: a
# packet of a socket has been at TP_XMIT, and what begins where IP sends it is an
# answer that no socket makes: ICMP, or TCP's without data and end (PSH, FIN)
pcapng_ok()
{
	python3 - "$@" <<'PY' || return 1
import struct, sys
b = open(sys.argv[1], "rb").read()
at = packets = 0
while at < len(b):
    kind, size = struct.unpack_from("<II", b, at)
    assert size % 4 == 0 and size >= 12, (at, size)
    assert struct.unpack_from("<I", b, at + size - 4)[0] == size, at
    if kind == 6:
        packets += 1
        cap, = struct.unpack_from("<I", b, at + 20)
        code, n = struct.unpack_from("<HH", b, at + 28 + (cap + 3) // 4 * 4)
        text = b[at + 32 + (cap + 3) // 4 * 4:][:n]
        ip = b[at + 28:][:cap]
        l4 = ip[(ip[0] & 15) * 4:]
        stages = [s.split(b" ")[0] for s in text.split(b", ")]
        assert code == 1 and text.endswith(b" ns"), text
        if stages[0] == b"IP_LOCAL_OUT":
            assert ip[9] == 1 or ip[9] == 6 and not l4[13] & 9, text
            assert b"TP_XMIT" not in stages, text
        else:
            assert stages[0] in (b"SOCK_SEND", b"TP_XMIT"), text
            assert b"TP_XMIT" in stages[:4], text
    at += size
assert at == len(b) and packets >= int(sys.argv[2]), packets
PY
	wireshark_ok "$1"
}

# wireshark_ok FILE: as tshark reads it, it is what was recorded
wireshark_ok()
{
	local rc=0

	"$PKTPATH" -j trace --read "$REC" >"$OUT.json" 2>/dev/null
	python3 "$(dirname "$0")/capture.py" "$1" "$OUT.json" || rc=$?
	rm -f "$OUT.json"
	[ "$rc" = 0 ] || [ "$rc" = 4 ]
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

# poll() waits for records, and does not keep the module.
test_poll()
{
	one_ns
	cat >"$OUT.py" <<'PY'
import os, select, struct, sys
fd = os.open("/proc/net/pktpath/journey", os.O_RDWR | os.O_NONBLOCK)
conf = struct.pack("=IIIIIIIHHHBBBBBB", 1, 0, 0, *[0] * 13)
assert os.write(fd, conf) == len(conf)
p = select.poll() if sys.argv[1] == "poll" else select.epoll()
p.register(fd, select.POLLIN)
assert p.poll(0) == []
print("recording", flush=True)
while True:
    got = p.poll()
    assert got[0][1] & select.POLLIN, got
    try:
        n = len(os.read(fd, 1 << 20))
    except OSError as e:
        n = 0
        if e.errno == 5:
            sys.exit(0)     # the module has gone
    if n:
        print("records", n, flush=True)
PY
	defer rm -f "$OUT.py"
	ip netns exec "$A" python3 "$OUT.py" poll >"$OUT" 2>&1 &
	TRACE=$!
	defer kill "$TRACE"
	ip netns exec "$A" python3 "$OUT.py" epoll >"$REC" 2>&1 &
	POLLER=$!
	defer kill "$POLLER"
	await "poll" 30 grep -q ^recording "$OUT"
	await "epoll" 30 grep -q ^recording "$REC"
	expect "traffic" pump udp 127.0.0.1 5000 3 64
	await "poll wakes" 30 grep -q ^records "$OUT"
	await "epoll wakes" 30 grep -q ^records "$REC"
	expect "rmmod under poll" rmmod pktpath
	await "poll ends" 30 refuse_pid "$TRACE"
	await "epoll ends" 30 refuse_pid "$POLLER"
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

# traced N EVENT...: has each been written so often since? (connect() asks for a
# route, too)
traced()
{
	local n=$1 e got

	shift
	for e; do
		got=$(grep -c " $e: " "$TRACING/trace")
		[ "$got" = "$n" ] || fail "$got times $e, not $n"
	done
}

# The stages' tracepoints, for who records nothing, and beside a recording.
test_tracepoints()
{
	local on i n

	one_ns
	TRACING=/sys/kernel/tracing
	[ -e "$TRACING/events" ] || mount -t tracefs none "$TRACING" ||
		skip "no tracefs"
	on=$TRACING/events/pktpath/enable
	# in one that has never recorded, under way
	expect "rmmod" rmmod pktpath
	expect "insmod" net_load
	ip netns exec "$A" "$PUMP" udp 127.0.0.1 5001 100000000 64 >/dev/null &
	n=$!
	defer kill "$n"
	for ((i = 0; i < 10; i++)); do
		echo 1 >"$on" || fail "on"
		echo 0 >"$on" || fail "off"
	done
	expect "it still sends" kill -0 "$n"
	kill "$n"
	wait "$n"
	echo >"$TRACING/trace"
	echo 1 >"$on"
	expect "traffic" pump udp 127.0.0.1 5000 20 64
	traced 20 pp_sock_send pp_tp_send pp_tp_xmit \
		pp_ip_local_out pp_ip_output pp_ip_finish pp_neigh \
		pp_dev_queue pp_link_rcv pp_ip_rcv pp_ip_route_in pp_ip_local \
		pp_tp_rcv pp_sock_queue pp_sock_wake pp_sock_recv
	trace -j trace udp port 5000
	expect "traffic" pump udp 127.0.0.1 5000 20 64
	stop
	traced 40 pp_sock_send pp_tp_xmit pp_dev_queue pp_sock_recv
	walks "$OUT"
	expect "rmmod with them on" rmmod pktpath
	refuse "none left" test -e "$on"
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

# As the guest's clock counts instructions, times can be compared.
if [ "${1:-}" = truth ]; then
	ICOUNT=1
	ktap_run test_truth
	exit
fi
if [ "${1:-}" = mix ]; then
	ktap_run test_mix
	exit
fi
ktap_run test_udp_timeline test_udp_way test_tcp_way test_truth \
	test_property test_poll test_stages test_all_or_lost test_several \
	test_drops test_drops_of test_raw test_filters test_fragments test_segments \
	test_keys test_bad_input test_file test_privilege \
	test_other_netns test_veth test_reader_killed test_netns_ends \
	test_limits test_tracepoints test_rmmod
