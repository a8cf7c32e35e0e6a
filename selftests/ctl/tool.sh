#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# The tool in the corners: files that cannot be read, words that mean another
# thing than they seem to, names that a terminal would obey.

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

# returns STATUS CMD...
returns()
{
	local want=$1 rc=0

	shift
	"$@" || rc=$?
	[ "$rc" = "$want" ]
}

test_batch()
{
	net_pair_links
	expect "a directory" returns 2 pp "$A" -batch /etc
	refuse_out "says why" 'cannot read "/etc"' pp "$A" -batch /etc
	expect "no file" returns 2 pp "$A" -batch /nonexistent
	expect "none to restore" returns 2 pp "$A" restore /nonexistent
	F=$(mktemp)
	defer rm -f "$F"
	expect "words behind it" returns 1 pp "$A" -batch "$F" dev attach pa
	refuse "are not done" pp_attached "$A" pa
	# what comes behind is done here, not where the visit ended
	printf 'down --all\ndev attach pa\n' >"$F"
	expect "and on" pp "$A" -batch "$F"
	expect "here" pp_attached "$A" pa
}

test_filter()
{
	net_pair_links
	expect "a cookie is hex" pp "$A" sock cookie a
	expect "a 0x may stand there" pp "$A" sock cookie 0xa
	expect "too large" returns 1 pp "$A" sock cookie 10000000000000000
	expect "negative" returns 1 pp "$A" sock cookie -1
	expect "twice" returns 1 pp "$A" sock sport 80 sport 443
	expect "two protocols" returns 1 pp "$A" sock tcp udp
	expect "a long option" pp "$A" sock --tcp
	expect "not heeded" returns 1 pp "$A" sock kill -l sport 80
	expect "nothing" returns 1 pp "$A" sock kill
	expect_out "an option is a filter" '^0 sockets' pp "$A" sock kill -t
}

test_names()
{
	# ESC, a byte that is no character, and a character of two bytes
	local odd=$'a\e[2J\xff\xc3\xa4' me=$'\xff\xc3\xa4\x1b'

	net_pair_links
	expect "rename" ip -n "$A" link set pa down
	expect "rename" ip -n "$A" link set pa name "$odd"
	pp_own "$A" "$odd" 10.77.0.1/24
	expect "rule" pp "$A" rule add iif "$odd" pref 300 prohibit
	for what in dev addr route rule "neigh"; do
		refuse "no escape in $what" out_matches $'\e' pp "$A" "$what"
	done
	for what in dev addr route rule; do
		expect_out "a mark in $what" $'a\\?\\[2J\\?\xc3\xa4' \
			pp "$A" "$what"
		expect "$what as JSON" keys -- "$PKTPATH" -j -n "$A" "$what"
	done
	expect_out "JSON has it" $'a\\\\u001b\\[2J\\\\u00ff\xc3\xa4' \
		"$PKTPATH" -j -n "$A" dev
	# a process is called as its program is
	ln -s "$PKTPATH_TESTS/link_udp" "$KTAP_DIR/$me"
	ip netns exec "$A" "$KTAP_DIR/$me" echo pktpath 9 >"$KTAP_DIR/up" 2>&1 &
	defer kill $!
	await "a socket" 30 grep -q up "$KTAP_DIR/up"
	expect_out "its name" $'"\\?\xc3\xa4\\?"' pp "$A" sock -u -a -p
	expect "its name as JSON" keys users name -- \
		"$PKTPATH" -j -n "$A" sock -u -a -p
	expect_out "JSON has it" $'"\\\\u00ff\xc3\xa4\\\\u001b"' \
		"$PKTPATH" -j -n "$A" sock -u -a -p
}

# wrong WORDS: one sentence, status 2
wrong()
{
	local out rc=0

	# shellcheck disable=SC2086 # words
	out=$(pp "$A" $1 2>&1) || rc=$?
	[ "$rc" = 2 ] && [[ $out == pktpath:* ]] && [[ $out != *$'\n'* ]] ||
		fail "$1: $rc $out"
}

test_fault_words()
{
	net_ns A
	expect "module" net_load
	for words in nonsense del "del all all" "del x" "del 1" "show it" \
		add "add stage" "add nonsense"; do
		wrong "fault $words"
	done
	expect "help is usage" returns 1 pp "$A" fault help
}

# stopped N: the tool has been stopped more than N times, or is done
stopped()
{
	[ "$(grep -c 'stopped by SIGSTOP' "$KTAP_DIR/log")" -gt "$1" ] ||
		grep -q '^+++' "$KTAP_DIR/log"
}

# changing WHEN STATUS ARG...: the tool ends with STATUS; as often as it reads
# from its socket, beginning with the third time (once, or with a + each time),
# something is changed meanwhile. What it writes is in $KTAP_DIR/out and err.
changing()
{
	local when=$1 want=$2 n=0 rc=0 tool

	shift 2
	: >"$KTAP_DIR/log"
	strace -o "$KTAP_DIR/log" -e trace=recvmsg -e raw=recvmsg \
		-e "inject=recvmsg:signal=SIGSTOP:when=$when" \
		sh -c 'echo $$ >"$0"; exec "$@"' "$KTAP_DIR/pid" \
		"$PKTPATH" -n "$A" "$@" >"$KTAP_DIR/out" 2>"$KTAP_DIR/err" &
	tool=$!
	while await "stopped or done" 300 stopped "$n" &&
		! grep -q '^+++' "$KTAP_DIR/log"; do
		n=$((n + 1))
		CHANGES=$((CHANGES + 1))
		expect "a change" pp "$A" route add "10.90.0.$CHANGES" dev pa
		kill -CONT "$(cat "$KTAP_DIR/pid")"
	done
	wait "$tool" || rc=$?
	[ "$n" -gt 0 ] || fail "$*: was not stopped"
	[ "$rc" = "$want" ] || fail "$*: $rc $(cat "$KTAP_DIR/err")"
}

# What changes while it is read is read again; half of it is never shown.
test_changes()
{
	type strace >/dev/null 2>&1 || skip "no strace"
	CHANGES=0
	net_pair_links
	pp_own "$A" pa 10.77.0.1/24
	for i in {0..4}; do
		for j in {0..199}; do
			echo "route add 10.$((80 + i)).$j.0/24 via 10.77.0.2"
		done
	done >"$KTAP_DIR/routes"
	expect "routes" pp "$A" -batch "$KTAP_DIR/routes"
	changing 3 0 route
	expect "all routes" test "$(grep -c ^10.8 "$KTAP_DIR/out")" = 1000
	expect "the new one" grep -q '^10.90.0.1 ' "$KTAP_DIR/out"
	expect "not a word" test ! -s "$KTAP_DIR/err"
	for what in route save; do
		changing 3+ 2 "$what"
		refuse "not half a list" grep -F 10.80. "$KTAP_DIR/out"
		expect "says why" grep -qx \
			'pktpath: it changed while it was read; try again' \
			"$KTAP_DIR/err"
	done
}

# A request has a size, whatever a command line has.
test_long()
{
	local many word

	net_pair_links
	pp_own "$A" pa 10.77.0.1/24
	mapfile -t many < <(yes $'metric\n1' | head -n 6000)
	expect "many words" returns 1 pp "$A" route add 10.78.0.0/16 dev pa \
		"${many[@]}"
	word=$(printf '%0100000d' 1)
	expect "a long word" returns 1 pp "$A" route add 10.78.0.0/16 dev pa \
		congctl "$word"
	refuse "nothing was done" out_matches 10.78 pp "$A" route
	mapfile -t many < <(printf 'nexthop\nvia\n10.77.0.%d\n' {2..65})
	expect "64 ways" pp "$A" route add 10.79.0.0/16 "${many[@]}"
}

# Who may not is told what is missing.
test_no_permission()
{
	local tool=/tmp/pktpath.$$ nobody

	net_pair_links
	pp_own "$A" pa 10.77.0.1/24
	# where anybody may read it
	expect "a copy" install -m 755 "$PKTPATH" "$tool"
	defer rm -f "$tool"
	nobody=(in_ns "$A" setpriv --reuid 65534 --clear-groups
		--bounding-set=-all --inh-caps=-all "$tool")
	for words in "addr add 10.77.0.9/24 dev pa" "route add default dev pa" \
		"dev detach pa" "neigh flush" "sock kill all" "down"; do
		# shellcheck disable=SC2086 # words
		refuse_out "$words" "not permitted: CAP_NET_ADMIN" \
			"${nobody[@]}" $words
	done
	expect "all may look" "${nobody[@]}" addr
	expect_out "nothing was done" 10.77.0.1 pp "$A" addr
	refuse "nothing was done" out_matches 10.77.0.9 pp "$A" addr
}

# keys KEY... -- CMD...: what CMD prints is JSON and has all these keys
keys()
{
	local want=()

	while [ "$1" != -- ]; do
		want+=("$1")
		shift
	done
	shift
	"$@" | python3 -c '
import json, sys

def walk(v):
    if isinstance(v, dict):
        for key, value in v.items():
            yield key
            yield from walk(value)
    elif isinstance(v, list):
        for value in v:
            yield from walk(value)

missing = set(sys.argv[1:]) - set(walk(json.load(sys.stdin.buffer)))
if missing:
    sys.exit("missing: " + " ".join(sorted(missing)))' "${want[@]}"
}

# As the manual says.
test_json()
{
	local json=("$PKTPATH" -j)

	net_pair
	ip netns exec "$A" "$PKTPATH_TESTS/link_udp" echo pktpath 9 \
		>"$KTAP_DIR/up" 2>&1 &
	defer kill $!
	await "a socket" 30 grep -q up "$KTAP_DIR/up"
	await "path works" 30 net_ping "$B" 10.77.0.1 1
	expect "route" pp "$A" route add 10.78.0.0/16 via 10.77.0.2 \
		mtu lock 1400 hoplimit 9 initcwnd 20 rto_min 300ms quickack 1 \
		advmss 1000 window 50000 initrwnd 5 features ecn
	expect "two ways" pp "$A" route add 10.79.0.0/16 \
		nexthop via 10.77.0.2 weight 2 nexthop via 10.77.0.3
	expect "addr" keys ifname addr_info family local prefixlen acd -- \
		"${json[@]}" -n "$A" addr
	expect "route" keys dst gateway dev mtu mtu_lock hoplimit initcwnd \
		rto_min quickack advmss window initrwnd features weight -- \
		"${json[@]}" -n "$A" route
	expect "neigh" keys dst dev lladdr state used confirmed updated probes \
		queued -- "${json[@]}" -d -n "$A" neigh
	expect "sock" keys netid state recv-q send-q local peer addr port \
		users name pid fd uid ino cookie skmem -- \
		"${json[@]}" -n "$A" sock -u -a -e -m -p
	expect "dev" keys ifname link_type addrs rx_packets tx_packets -- \
		"${json[@]}" -d -n "$A" dev
	expect "stat" keys pktpath IpInReceives -- "${json[@]}" -n "$A" stat
}

# Addresses of a point-to-point link: the route leads to the other end.
test_peer()
{
	local bad

	net_pair_links
	expect "attach" pp "$A" dev attach pa
	expect "peer" pp "$A" addr add 10.79.0.1 peer 10.79.0.2 dev pa
	expect_out "text" 'inet 10\.79\.0\.1 peer 10\.79\.0\.2/32 acd' \
		pp "$A" addr
	expect_out "JSON" \
		'"10\.79\.0\.1", *"address": *"10\.79\.0\.2", *"prefixlen": *32' \
		"$PKTPATH" -j -n "$A" addr
	expect_out "route" '10\.79\.0\.2 dev pa .*src 10\.79\.0\.1' \
		pp "$A" route
	expect_out "ours" '^local ' pp "$A" route get 10.79.0.1
	expect "kernel" ip -n "$B" addr add 10.79.0.2 peer 10.79.0.1 dev pb
	await "ping" 30 net_ping "$B" 10.79.0.1 1
	refuse_out "twice" 'already' pp "$A" addr add 10.79.0.1 \
		peer 10.79.0.2 dev pa
	refuse_out "without the peer" 'No such' pp "$A" addr del 10.79.0.1 dev pa
	# the same address on the way to a net
	expect "second" pp "$A" addr add 10.79.0.1 peer 10.80.0.2/24 dev pa
	expect_out "route" '10\.80\.0\.0/24 dev pa .*src 10\.79\.0\.1' \
		pp "$A" route
	expect_out "broadcast" '^broadcast ' pp "$A" route get 10.80.0.255
	for bad in 0.0.0.1 224.0.0.1 240.0.0.1 255.255.255.255 127.0.0.2 \
		10.81.0.255/24; do
		refuse "peer $bad" pp "$A" addr add 10.79.0.9 peer "$bad" dev pa
	done
	refuse_out "lo" 'loopback' pp "$A" addr add 127.0.0.2 peer 127.0.0.3 \
		dev lo
	expect "saved" pp "$A" save "$KTAP_DIR/a"
	expect "as it is said" grep -q '^addr add 10.79.0.1 peer 10.80.0.2/24 dev pa$' \
		"$KTAP_DIR/a"
	expect "away" pp "$A" addr del 10.79.0.1 peer 10.80.0.2/24 dev pa
	refuse "and its route" pp "$A" route get 10.80.0.2
	await "the first one stays" 30 net_ping "$B" 10.79.0.1 1
	expect "restore" pp "$A" restore "$KTAP_DIR/a"
	expect_out "back" '^10\.80\.0\.2 dev pa ' pp "$A" route get 10.80.0.2
	expect "nothing more" test "$(pp "$A" save)" = "$(cat "$KTAP_DIR/a")"
	expect "away" pp "$A" addr del 10.79.0.1 peer 10.80.0.2/24 dev pa
	expect "away" pp "$A" addr del 10.79.0.1 peer 10.79.0.2 dev pa
	refuse "nor to the peer" pp "$A" route get 10.79.0.2
}

ktap_run test_peer test_batch test_filter test_names test_fault_words test_changes \
	test_long test_no_permission test_json
