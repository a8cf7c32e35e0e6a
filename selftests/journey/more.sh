#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317,SC2016 # tests are called by name; awk
# Journeys that part and meet, files of them, and what ends under a recording.

# shellcheck source=selftests/journey/trace.sh disable=SC1091
. "$(dirname "$0")/trace.sh"

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

# sends DEV: in A by DEV to B what it cannot send whole, recorded into $OUT: a
# stream, then 40 super-packets of datagrams
sends()
{
	local dev=$1

	OUT=$(mktemp)
	defer rm -f "$OUT" "$OUT.b"
	expect "no TSO" in_ns "$A" ethtool -K "$dev" tso off \
		tx-udp-segmentation off
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
	trace -j trace --ring 131072 dst 10.77.0.2
	expect "traffic" in_ns "$A" taskset -c 1 "$PKTPATH" run -- python3 -c '
import socket
c = socket.create_connection(("10.77.0.2", 5000))
c.sendall(bytes(200000))
c.close()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.setsockopt(socket.SOL_SOCKET, 32, 1 << 24)
u.setsockopt(17, 103, 1000)
for i in range(40):
    u.sendto(bytes(50000), ("10.77.0.2", 5000))'
	wait "$PEER" || fail "the peer: $?"
	await "all are sent" 30 is_sent "$dev"
	# a driver may free what it has sent when the next but one comes
	expect "two more" net_ping "$B" 10.77.0.1
	expect "two more" net_ping "$B" 10.77.0.1
	stop
	expect_out "none lost" ' 0 records lost' cat "$OUT"
	walks "$OUT"
}

is_sent()
{
	! in_ns "$A" tc -s qdisc show dev "$1" | grep -q 'backlog [^0]'
}

# all_segments PROTO...: each of a super-packet that was cut is followed
all_segments()
{
	python3 - "$OUT" "$@" <<'PY' || fail "not all segments"
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
        assert len(mine) == end["segments"], (len(mine), j)
        assert all(p["cookie"] == j["cookie"] and p["proto"] == j["proto"] and
                   p["stages"][0]["time"] >= end["time"] for p in mine), mine
print("#", [(j["proto"], j["stages"][-1]["segments"]) for j in cut.values()])
assert not parts, parts
assert "tcp" not in sys.argv or sum(
    j["stages"][-1]["segments"] for j in cut.values()
    if j["proto"] == "tcp") > 50
assert [j["stages"][-1]["segments"] for j in cut.values()
        if j["proto"] == "udp"] == [50] * 40
PY
}

# A device that cannot cut super-packets gets the segments: each is followed.
test_segments()
{
	net_pair
	sends pa
	all_segments tcp udp
}

requeues()
{
	in_ns "$A" tc -s qdisc show dev "$1" |
		awk '{ for (i = 1; i < NF; i++) if ($i == "requeues")
			n += $(i + 1) } END { print n + 0 }'
}

# One whose driver has no room for all of them at once gets the rest later, on
# whichever processor it says that there is room. This one stops when fewer than
# 19 of its 64 places are free: of fifty segments some wait.
test_no_room()
{
	local n

	modprobe -a virtio_net 2>/dev/null
	wait_until 2 test -e /sys/class/net/eth1 || skip "no two NICs"
	expect "module" net_load
	net_ns A
	net_ns B
	expect "one" ip link set eth0 netns "$A"
	defer ip -n "$A" link set eth0 netns 1
	expect "the other" ip link set eth1 netns "$B"
	defer ip -n "$B" link set eth1 netns 1
	expect "it is up" ip -n "$B" link set eth1 up
	expect "kernel address" ip -n "$B" addr add 10.77.0.2/24 dev eth1
	pp_own "$A" eth0 10.77.0.1/24
	await "they are joined" 60 net_ping "$B" 10.77.0.1 1
	in_ns "$A" ethtool -G eth0 tx 64 || skip "its ring does not shrink"
	# which throws nothing away for having waited
	expect "queue" in_ns "$A" tc qdisc replace dev eth0 root pfifo
	n=$(requeues eth0)
	sends eth0
	n=$(($(requeues eth0) - n))
	note "$n times there was no room"
	expect "that happened" test "$n" -gt 0
	# a stream gives none to a device that sums nothing
	all_segments udp
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

case ${1:-} in
nics)
	set -- test_no_room
	;;
'')
	set -- test_raw test_fragments test_segments test_file test_veth \
		test_netns_ends test_poll test_tracepoints
	;;
esac
ktap_run "$@"
