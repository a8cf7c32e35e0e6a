#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# Faults on purpose: `pktpath fault`.

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

HOP=$PKTPATH_TESTS/journey_hop
OUT_STAGES="IP_LOCAL_OUT IP_OUTPUT IP_FINISH NEIGH DEV_QUEUE"
IN_STAGES="LINK_RCV IP_RCV IP_ROUTE_IN IP_LOCAL TP_RCV"

# One namespace; everything goes by lo and passes all stages but IP_FORWARD.
one_ns()
{
	expect "module" net_load
	net_ns A
}

hop()
{
	in_ns "$A" "$HOP" "$@"
}

# arrives TEXT "LIST" MODE ADDR PORT N WANT: what came, in this order
arrives()
{
	local text=$1 list=$2 got

	shift 2
	got=$(hop "$@" 2>&1)
	[ "$got" = "$list " ] || fail "$text: came: $got, not: $list"
}

# hits ID: how many packets a rule has hit
hits()
{
	local re="^(.*[^0-9])?\"id\":$1,[^}]*\"hits\":([0-9]+)"

	[[ $(pp "$A" -j fault show) =~ $re ]] && echo "${BASH_REMATCH[2]}"
}

has_hit()
{
	[ "$(hits "$ID")" -ge 1 ] || fail "$1: no hit"
}

# add WORDS: a rule; its number in $ID
add()
{
	local out

	out=$(pp "$A" -j fault add "$@" 2>&1) || fail "add $*: $out"
	ID=${out//[^0-9]/}
}

del_all()
{
	expect "delete" pp "$A" fault del all
}

# counted TEXT SEEN HITS
counted()
{
	local re="\"id\":$ID,[^}]*\"seen\":$2,\"hits\":$3\}" out

	out=$(pp "$A" -j fault show)
	[[ $out =~ $re ]] || fail "$1: not seen $2 and hit $3: $out"
}

test_drop()
{
	local s before

	one_ns
	for s in $OUT_STAGES $IN_STAGES; do
		before=$(pp_stat "$A" DropFault)
		add stage "$s" udp dport 5000 drop every 3
		arrives "$s" "1 2 4 5 7 8" udp 127.0.0.1 5000 9 6
		counted "$s" 9 3
		[ "$(pp_stat "$A" DropFault)" = $((before + 3)) ] ||
			fail "$s: counter"
		del_all
	done
}

test_dup()
{
	local s

	one_ns
	for s in $OUT_STAGES $IN_STAGES; do
		add stage "$s" udp dport 5000 dup every 4
		arrives "$s" "1 2 3 4 4 5 6 7 8 8 9" udp 127.0.0.1 5000 9 11
		counted "$s" 9 2
		del_all
	done
}

test_reorder()
{
	local s

	one_ns
	for s in $OUT_STAGES $IN_STAGES; do
		add stage "$s" udp dport 5000 reorder gap 2 within 10s every 4
		arrives "$s" "1 2 3 5 6 4 7 9 10 8" udp 127.0.0.1 5000 10 10
		counted "$s" 10 2
		del_all
	done
}

# What nothing passes goes on when its time is over, or its rule.
test_reorder_ends()
{
	one_ns
	add stage IP_LOCAL udp reorder gap 100 within 1s every 4
	arrives "time" "1 2 3 5 6 7 4" udp 127.0.0.1 5000 7 7
	del_all
	add stage IP_LOCAL udp reorder gap 100 within 10s every 4
	ip netns exec "$A" "$HOP" udp 127.0.0.1 5000 4 4 >"$KTAP_DIR/late" &
	await "held" 30 held_one
	del_all
	wait $! || fail "the rule's end: $(cat "$KTAP_DIR/late")"
}

held_one()
{
	[ "$(hits "$ID")" = 1 ]
}

test_delay()
{
	local s got ms

	one_ns
	for s in $OUT_STAGES $IN_STAGES; do
		add stage "$s" udp dport 5000 delay 300ms every 5
		got=$(hop wait 127.0.0.1 5000 6 6)
		[[ $got =~ ^[0-9]+:1\ .*\ [0-9]+:6\ ([0-9]+):5\ $ ]] ||
			fail "$s: $got"
		ms=${BASH_REMATCH[1]}
		[ "$ms" -ge 300 ] || fail "$s: after $ms ms"
		[ -z "$EXACT" ] || [ "$ms" -le 310 ] || fail "$s: after $ms ms"
		del_all
	done
}

# One bit: no datagram with one is taken for a good one.
test_corrupt()
{
	local s

	one_ns
	for s in $OUT_STAGES $IN_STAGES; do
		add stage "$s" udp dport 5000 corrupt payload every 2 seed 5
		arrives "$s" "1 3 5 7" udp 127.0.0.1 5000 8 4
		counted "$s" 8 4
		del_all
	done
	for s in DEV_QUEUE LINK_RCV IP_RCV; do
		add stage "$s" udp dport 5000 corrupt header every 2 seed 6
		arrives "$s header" "1 3 5 7" udp 127.0.0.1 5000 8 4
		counted "$s header" 8 4
		del_all
	done
}

test_seed()
{
	local a b c n

	one_ns
	add stage IP_RCV udp drop prob 50% seed 7
	a=$(hop udp 127.0.0.1 5000 60 1)
	del_all
	add stage IP_RCV udp drop prob 0.5 seed 7
	b=$(hop udp 127.0.0.1 5000 60 1)
	del_all
	add stage IP_RCV udp drop prob 0.5 seed 8
	c=$(hop udp 127.0.0.1 5000 60 1)
	[ "$a" = "$b" ] || fail "the same seed: $a and $b"
	[ "$a" != "$c" ] || fail "another seed: $a"
	n=$(wc -w <<<"$a")
	if [ "$n" -le 15 ] || [ "$n" -ge 45 ]; then
		fail "not half of them: $a"
	fi
}

test_filter()
{
	one_ns
	add stage IP_OUTPUT udp dport 5001 drop
	arrives "another port" "1 2 3" udp 127.0.0.1 5000 3 3
	counted "another port" 0 0
	del_all
	add stage IP_OUTPUT dst 127.0.0.0/8 src 127.0.0.2 drop
	arrives "another source" "1 2 3" udp 127.0.0.1 5000 3 3
	counted "another source" 0 0
	# the first that hits decides, and those behind it do not see it
	del_all
	add stage IP_OUTPUT udp drop every 2
	add stage IP_OUTPUT udp dup
	arrives "two rules" "1 1 3 3" udp 127.0.0.1 5000 4 4
	counted "two rules" 2 2
}

test_forward()
{
	local s

	expect "module" net_load
	net_ns A
	net_ns B
	net_ns C
	net_veth "$B" ba "$A" ab
	net_veth "$C" ca "$A" ac
	pp_own "$A" ab 10.78.1.1/24
	pp_own "$A" ac 10.78.2.1/24
	expect "router" in_ns "$A" sysctl -qw net.pktpath.conf.all.forwarding=1
	expect "address" ip -n "$B" addr add 10.78.1.2/24 dev ba
	expect "address" ip -n "$C" addr add 10.78.2.2/24 dev ca
	expect "route" ip -n "$B" route add 10.78.2.0/24 via 10.78.1.1
	expect "route" ip -n "$C" route add 10.78.1.0/24 via 10.78.2.1
	await "a way" 30 in_ns "$B" ping -c 1 -W 1 10.78.2.2
	for s in drop dup "delay 100ms" "corrupt payload" "reorder within 100ms"; do
		# shellcheck disable=SC2086 # words
		add stage IP_FORWARD icmp dst 10.78.2.2 $s
		case $s in
		drop|corrupt*)
			refuse "$s" in_ns "$B" ping -c 1 -W 2 10.78.2.2 ;;
		dup)
			expect_out "$s" "DUP" in_ns "$B" ping -c 2 -W 30 10.78.2.2 ;;
		*)
			expect_out "$s" "time=[0-9]{3}" in_ns "$B" \
				ping -c 1 -W 30 10.78.2.2 ;;
		esac
		has_hit "$s"
		del_all
	done
}

test_nomem()
{
	local before

	one_ns
	add stage TP_SEND udp nomem every 2
	arrives "a send" "-105 -105 1 3" udp 127.0.0.1 5000 4 2
	counted "a send" 4 2
	del_all
	add stage IP_ROUTE udp dst 127.0.0.1 nomem
	refuse_out "a route" "No buffer space" hop udp 127.0.0.1 5000 1 1
	del_all
	net_ns B
	net_veth "$A" pa "$B" pb
	pp_own "$A" pa 10.77.0.1/24
	expect "kernel address" ip -n "$B" addr add 10.77.0.2/24 dev pb
	before=$(pp_stat "$A" DropNeighCreate)
	add stage NEIGH nomem
	refuse "a neighbour" hop send 10.77.0.2 5000 3 3
	[ "$(pp_stat "$A" DropNeighCreate)" -gt "$before" ] ||
		fail "NeighCreate was not counted"
	del_all
	before=$(pp_stat "$A" DropNoMemory)
	add stage IP_ROUTE_IN icmp nomem every 1
	refuse "a route in" in_ns "$B" ping -c 1 -W 1 10.77.0.1
	[ "$(pp_stat "$A" DropNoMemory)" -gt "$before" ] ||
		fail "NoMemory was not counted"
	del_all
	expect "and again" in_ns "$B" ping -c 1 -W 30 10.77.0.1
}

# A half-open connection, then a child: the peer tries again.
test_nomem_tcp()
{
	one_ns
	# the second that is asked for is the child
	add stage TP_RCV tcp dport 5000 nomem every 2
	expect_out "a connection" "^10000$" hop tcp 127.0.0.1 5000 10000 0
	has_hit "a stream"
	del_all
	add stage TP_SEND tcp nomem every 2
	expect_out "a stream" "^300000$" hop tcp 127.0.0.1 5001 300000 0
	has_hit "a stream"
}

# A stream gets through all of it, with super-packets and without.
test_stream()
{
	one_ns
	expect "super-packets" ip -n "$A" link set lo mtu 1500
	add stage IP_FINISH tcp drop prob 0.02 seed 1
	add stage LINK_RCV tcp reorder gap 3 within 20ms prob 0.02 seed 3
	add stage IP_LOCAL tcp dup prob 0.05 seed 4
	add stage TP_RCV tcp delay 2ms prob 0.02 seed 5
	add stage DEV_QUEUE tcp corrupt payload every 20 seed 2
	expect_out "a stream" "^2000000$" hop tcp 127.0.0.1 5000 2000000 0
	has_hit "a stream"
	[ "$(pp_stat "$A" TcpInCsumErrors)" -ge 1 ] || fail "no wrong sum"
}

test_show()
{
	one_ns
	expect_out "nothing" "^$" pp "$A" fault show
	add stage IP_OUTPUT udp dst 10.0.0.0/8 dport 53 drop prob 2.5% every 3 \
		seed 77
	add stage LINK_RCV host 10.1.2.3 reorder gap 5 within 1.5ms
	add stage IP_RCV corrupt header seed 0
	expect_out "words" \
'stage IP_OUTPUT udp dst 10.0.0.0/8 dport 53 drop prob 0.025 every 3 seed 77
.*stage LINK_RCV host 10.1.2.3 reorder gap 5 within 1500us seed [0-9]+
.*stage IP_RCV corrupt header seed 0' pp "$A" fault show
	expect_out "counts" "seen 0 hits 0" pp "$A" fault show -s
	expect_out "json" '"filter":"host 10.1.2.3","action":"reorder","gap":5' \
		pp "$A" -j fault show
	expect "one" pp "$A" fault del "$ID"
	refuse_out "again" "no fault of that number" pp "$A" fault del "$ID"
	del_all
	expect_out "none left" "^$" pp "$A" fault show
}

# refused RE WORDS: one sentence, status 2
refused()
{
	local re=$1 out rc=0

	shift
	out=$(pp "$A" fault add "$@" 2>&1) || rc=$?
	if [ "$rc" != 2 ] || ! [[ $out =~ $re ]] || [[ $out == *$'\n'* ]]; then
		fail "$*: $rc $out"
	fi
}

test_bad_input()
{
	local i

	one_ns
	refused "no such stage.*IP_OUTPUT" stage NOWHERE drop
	refused "No packet can be taken there.*TP_RCV" stage SOCK_SEND drop
	refused "No packet can be taken there" stage DEV_XMIT dup
	refused "No memory is asked for there.*TP_SEND" stage IP_OUTPUT nomem
	refused "checks the header.*DEV_QUEUE" stage IP_OUTPUT corrupt header
	refused "not a word of a fault" stage IP_OUTPUT lose
	refused "needs a stage and an action" drop
	refused "needs a stage and an action" stage IP_OUTPUT udp
	refused "one action" stage IP_OUTPUT drop dup
	refused "not a share" stage IP_OUTPUT drop prob 1.5
	refused "not a share" stage IP_OUTPUT drop prob 0
	refused "not a time" stage IP_OUTPUT delay 11s
	refused "not a time" stage IP_OUTPUT delay 5
	refused "not a port" stage IP_OUTPUT dport 70000 drop
	refused "Only reorder" stage IP_OUTPUT drop gap 2
	refused "Only delay" stage IP_OUTPUT drop within 2ms
	for ((i = 0; i < 64; i++)); do
		echo "fault add stage IP_OUTPUT drop every 1000"
	done >"$KTAP_DIR/rules"
	expect "64" pp "$A" -batch "$KTAP_DIR/rules"
	refused "64 rules" stage IP_OUTPUT drop
	del_all
	add stage IP_OUTPUT drop every 1000
}

test_privilege()
{
	one_ns
	refuse_out "add" "not permitted" in_ns "$A" setpriv --reuid 65534 \
		--clear-groups "$PKTPATH" fault add stage IP_OUTPUT drop
	refuse_out "show" "not permitted" in_ns "$A" setpriv --reuid 65534 \
		--clear-groups "$PKTPATH" fault show
	net_ns B
	add stage IP_OUTPUT drop
	expect_out "another netns" "^$" pp "$B" fault show
}

# seconds CMD: how long it takes
seconds()
{
	local t0=$SECONDS

	"$@" || return
	[ $((SECONDS - t0)) -lt 60 ]
}

# Three packets that came in, or go out, wait in A for 10 s.
hold_in()
{
	add stage IP_LOCAL icmp delay 10s
	refuse "no answer" in_ns "$B" ping -q -c 3 -i 0.2 -W 1 10.77.0.1
	counted "held in" 3 3
}

hold_out()
{
	add stage IP_OUTPUT udp dport 5009 delay 10s
	expect "sent" hop send 10.77.0.2 5009 3 3
	counted "held out" 3 3
}

test_device_goes()
{
	local before

	net_pair
	before=$(pp_stat "$A" DropTeardown)
	hold_in
	hold_out
	expect "the device goes at once" seconds ip -n "$A" link del pa
	[ "$(pp_stat "$A" DropTeardown)" -ge $((before + 6)) ] ||
		fail "dropped: $(pp "$A" stat Drop)"
	counted "the rule stays" 3 3
}

test_netns_ends()
{
	net_pair
	hold_in
	expect "gone" ip netns del "$A"
	await "its end of the pair, too" 60 refuse_link
}

refuse_link()
{
	! ip -n "$B" link show pb
}

test_down()
{
	net_pair
	hold_in
	hold_out
	expect "down" seconds pp "$A" down
	expect_out "no rule" "^$" pp "$A" fault show
	await "rmmod" 60 rmmod pktpath
}

# What came in is charged to nobody: the module need not wait for it.
test_rmmod()
{
	net_pair
	add stage LINK_RCV icmp reorder gap 9 within 10s every 2
	add stage IP_LOCAL icmp delay 10s
	refuse "no answer" in_ns "$B" ping -q -c 3 -i 0.2 -W 1 10.77.0.1
	counted "held" 2 2
	expect "rmmod" seconds rmmod pktpath
	refuse "gone" test -d /sys/module/pktpath
}

# A queue is not longer than 1000 packets.
test_limit()
{
	local before

	one_ns
	before=$(pp_stat "$A" DropFaultLimit)
	add stage TP_RCV udp dport 5000 delay 10s
	hop send 127.0.0.1 5000 1100 1100 >/dev/null
	await "100 too many" 30 pp_stat_above "$A" DropFaultLimit \
		$((before + 99))
}

# ---- What TCP does about it ----

# One segment a packet, MTU 1500, both ends in A.
one_ns_tcp()
{
	one_ns
	expect "segments" ip -n "$A" link set lo mtu 1500 gso_max_segs 1
}

# was NAME...: the counters as they are, for grown
declare -A WAS

was()
{
	local n

	for n; do
		WAS[$n]=$(pp_stat "$A" "$n")
	done
}

# grown NAME OP N: a counter has grown so
grown()
{
	local by=$(($(pp_stat "$A" "$1") - WAS[$1]))

	test "$by" "$2" "$3" || fail "$1 has grown by $by, not $2 $3: $(pp "$A" stat Tcp)"
}

# stream_with WORDS: 300,000 bytes and one fault in 40 of their segments; $HITS
stream_with()
{
	was DropFault TcpRetransSegs TcpInCsumErrors TcpExtTCPOFOQueue \
		TcpExtTCPDSACKOldSent
	add "$@" every 40
	expect_out "a stream" "^300000$" hop tcp 127.0.0.1 5000 300000 0
	HITS=$(hits "$ID")
	[ "$HITS" -ge 5 ] || fail "only $HITS hits"
}

# Each 40th segment is lost: each is sent again, and no other is dropped.
test_tcp_loss()
{
	one_ns_tcp
	stream_with stage IP_FINISH tcp dport 5000 drop
	grown DropFault -eq "$HITS"
	grown TcpRetransSegs -ge "$HITS"
	[ -z "$EXACT" ] || grown TcpRetransSegs -eq "$HITS"
}

# Twice: the second is told by a D-SACK, and nothing is sent again.
test_tcp_dup()
{
	one_ns_tcp
	stream_with stage LINK_RCV tcp dport 5000 dup
	grown TcpExtTCPDSACKOldSent -ge "$HITS"
	[ -z "$EXACT" ] || grown TcpRetransSegs -eq 0
}

# Two pass it: they wait in the queue of what came too early.
test_tcp_reorder()
{
	one_ns_tcp
	stream_with stage IP_LOCAL tcp dport 5000 reorder gap 2 within 10s
	grown TcpExtTCPOFOQueue -ge $((2 * HITS))
	# by time they may look lost: what is sent again is told to be needless
	[ -z "$EXACT" ] || grown TcpRetransSegs -eq \
		$(($(pp_stat "$A" TcpExtTCPDSACKOldSent) - \
		   WAS[TcpExtTCPDSACKOldSent]))
}

# One bit: the sum tells each, and each is sent again.
test_tcp_corrupt()
{
	one_ns_tcp
	stream_with stage DEV_QUEUE tcp dport 5000 corrupt seed 3
	grown TcpInCsumErrors -eq "$HITS"
	grown TcpRetransSegs -ge "$HITS"
}

# ---- Each drop that is counted is recorded ----

# record ARG...: `trace` in A, to $KTAP_DIR/drops; returns when it records
record()
{
	ip netns exec "$A" "$PKTPATH" "$@" >"$KTAP_DIR/drops" 2>&1 &
	TRACE=$!
	defer kill "$TRACE"
	await "the recording runs" 30 grep -q ^recording "$KTAP_DIR/drops"
}

# Counters of drops beside what a recording of drops has, cause by cause.
same_drops()
{
	kill -INT "$TRACE"
	wait "$TRACE" || fail "trace: $(cat "$KTAP_DIR/drops")"
	pp "$A" -j stat -z >"$KTAP_DIR/stat"
	python3 - "$KTAP_DIR/drops" "$KTAP_DIR/stat" "$@" <<'PY' || fail "not the same"
import json, sys
have = {}
for line in open(sys.argv[1]):
    d = json.loads(line) if line.startswith("{") else None
    if d and not d["cause"].startswith("kernel"):
        have[d["cause"]] = have.get(d["cause"], 0) + d["count"]
want = {k[4:]: v for k, v in json.load(open(sys.argv[2]))["pktpath"].items()
        if k.startswith("Drop") and v}
print("# counted", want, "recorded", have)
missing = [c for c in sys.argv[3:] if not want.get(c)]
if missing:
    print("# not provoked:", *missing)
sys.exit(want != have or bool(missing))
PY
}

test_drop_records()
{
	local s

	net_pair
	record -j trace --drops --ring 131072
	for s in $OUT_STAGES $IN_STAGES; do
		add stage "$s" udp dport 5000 drop every 3
		arrives "$s" "1 2 4 5 7 8" udp 127.0.0.1 5000 9 6
		del_all
		add stage "$s" udp dport 5000 corrupt payload every 3 seed 5
		arrives "$s" "1 2 4 5 7 8" udp 127.0.0.1 5000 9 6
		del_all
	done
	for s in DEV_QUEUE LINK_RCV IP_RCV; do
		add stage "$s" udp dport 5000 corrupt header every 3 seed 6
		arrives "$s" "1 2 4 5 7 8" udp 127.0.0.1 5000 9 6
		del_all
	done
	expect "nobody is there" hop send 127.0.0.1 5009 1 1
	add stage NEIGH nomem
	hop send 10.77.0.9 5000 3 3 >/dev/null
	del_all
	add stage IP_ROUTE_IN icmp nomem
	refuse "a route in" in_ns "$B" ping -q -c 2 -i 0.2 -W 1 10.77.0.1
	del_all
	hold_in
	expect "the device goes" ip -n "$A" link del pa
	del_all
	add stage TP_RCV udp dport 5009 delay 10s
	hop send 127.0.0.1 5009 1100 1 >/dev/null
	await "100 too many" 30 pp_stat_above "$A" DropFaultLimit 99
	await "the others are late" 60 pp_stat_above "$A" DropUdpNoPort 1000
	same_drops Fault UdpChecksum NeighCreate NoMemory FaultLimit Teardown
}

# The same by chance, at all stages at once.
test_drop_records_mix()
{
	local s

	one_ns
	record -j trace --drops --ring 131072
	for s in $OUT_STAGES $IN_STAGES; do
		add stage "$s" udp drop prob 2% seed 1
		add stage "$s" udp corrupt payload prob 2% seed 2
		add stage "$s" udp dup prob 2% seed 3
		add stage "$s" udp reorder gap 3 within 5ms prob 2% seed 4
	done
	hop udp 127.0.0.1 5000 1000 1 >/dev/null
	hop send 127.0.0.1 5009 100 1 >/dev/null
	del_all
	await "all have come" 30 is_quiet
	same_drops Fault UdpChecksum UdpNoPort
}

is_quiet()
{
	local past

	past=$(pp "$A" stat Ip)
	sleep 0.5
	[ "$past" = "$(pp "$A" stat Ip)" ]
}

# In counted time a delay is as long as it was asked for, and nothing is sent
# again that was not lost.
EXACT=
case ${1:-} in
exact)
	EXACT=1
	set -- test_delay
	;;
tcp)
	[ "${PKTPATH_CLOCK:-real}" = real ] || EXACT=1
	set -- test_tcp_loss test_tcp_dup test_tcp_reorder test_tcp_corrupt
	;;
core)
	set -- test_drop test_corrupt test_nomem test_bad_input test_rmmod
	;;
drops)
	set -- test_drop_records test_drop_records_mix
	;;
'')
	set -- test_drop test_dup test_reorder test_reorder_ends test_delay \
		test_corrupt test_seed test_filter test_forward test_nomem \
		test_nomem_tcp test_stream test_show test_bad_input \
		test_privilege test_limit test_device_goes test_netns_ends \
		test_down test_rmmod
	;;
esac
ktap_run "$@"
