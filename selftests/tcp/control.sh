#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317,SC2016 # tests are called by name; awk
# TCP as tools see and set it: /proc/net/pktpath, `pktpath sock`, its end by
# `sock kill`, and what net.pktpath.tcp_* do.

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

S=/proc/sys/net/pktpath
PUMP=$PKTPATH_TESTS/tcp_pump

set_to()
{
	# shellcheck disable=SC2016 # the inner shell's
	in_ns "$1" sh -c 'printf %s "$1" >"$2"' sh "$3" "$S/$2"
}

# serve NS FAMILY ADDR PORT WHAT BYTES: in the background, $OUT its output
serve()
{
	OUT=$(mktemp)
	defer rm -f "$OUT"
	ip netns exec "$1" "$PUMP" "$2" listen "$3" "$4" "$5" "$6" \
		>"$OUT" 2>&1 &
	SERVER=$!
	defer kill "$SERVER"
	await "the server listens" 30 grep -q ready "$OUT"
}

call()
{
	ip netns exec "$1" "$PUMP" "$2" connect "$3" "$4" "$5" "$6" \
		>/dev/null 2>&1 &
	CLIENT=$!
	defer kill "$CLIENT"
}

# A (pktpath) holds a connection to B (the kernel) of 3000 bytes, which have come
# and been acknowledged.
held()
{
	serve "$B" inet 10.77.0.2 "$1" hold 3000
	call "$A" pktpath 10.77.0.2 "$1" push 3000
	await "all has come" 30 grep -q held "$OUT"
	await "and is acknowledged" 30 out_matches 'bytes_acked:3001 ' \
		socks -ti dport "$1"
}

proc_tcp()
{
	in_ns "$A" cat /proc/net/pktpath/tcp
}

socks()
{
	pp "$A" sock "$@"
}

names()
{
	in_ns "$1" awk -v g="$3:" '$1 == g { $1 = ""; print; exit }' \
		"/proc/net/$2"
}

test_formats()
{
	local name
	local new=" BeyondWindow TSEcrRejected PAWSOldAck PAWSTimewait "

	new+="TCPAORequired TCPAOBad TCPAOKeyNotFound TCPAOGood "
	new+="TCPAODroppedIcmps "

	net_pair
	held 81
	expect "heading of tcp" test \
		"$(in_ns "$B" head -n 1 /proc/net/tcp)" = \
		"$(in_ns "$A" head -n 1 /proc/net/pktpath/tcp)"
	expect_out "widths" '^150$' sh -c "ip netns exec $A \
		awk '{ print length(\$0) + 1 }' /proc/net/pktpath/tcp | sort -u"
	expect "names of Tcp" test "$(names "$B" snmp Tcp)" = \
		"$(names "$A" pktpath/snmp Tcp)"
	expect_out "constants of Tcp" '^Tcp: 1 200 120000 -1 1 0 0 0 1 ' \
		in_ns "$A" grep '^Tcp: [0-9]' /proc/net/pktpath/snmp
	expect "enough counters" test \
		"$(names "$A" pktpath/netstat TcpExt | wc -w)" -gt 80
	for name in $(names "$A" pktpath/netstat TcpExt); do
		[[ $new == *" $name "* ]] && continue
		[[ " $(names "$B" netstat TcpExt) " == *" $name "* ]] ||
			fail "the kernel has no TcpExt $name"
	done
	if command -v nstat >/dev/null; then
		expect_out "nstat reads them" 'TcpExtTCPOrigDataSent +[1-9]' \
			in_ns "$A" env NSTAT_HISTORY=/dev/null \
			PROC_NET_SNMP=/proc/net/pktpath/snmp \
			PROC_NET_NETSTAT=/proc/net/pktpath/netstat nstat -azs
	fi
	expect "delivered" test "$(pp_stat "$A" TcpExtTCPDelivered)" -ge 3
}

test_established()
{
	net_pair
	held 82
	expect_out "in proc" ' 0100?4D0A:[0-9A-F]{4} 02004D0A:0052 01 ' \
		proc_tcp
	expect_out "in sock" 'tcp +ESTAB +0 +0 .*10.77.0.2:82' socks -t
	expect_out "with details" \
		' ts sack cubic wscale:[0-9]+,[0-9]+ rto:[0-9.]+ rtt:' \
		socks -tinma
	# more only if some were sent again, as when the machine stood still
	expect_out "counts" \
		'bytes_sent:(3000|[0-9]+ bytes_retrans:[0-9]+) bytes_acked:3001 ' \
		socks -ti
	expect_out "memory" 'skmem:\(r0,rb' socks -tm
	expect_out "as JSON" '"tcp_info":\{.*"bytes_acked":3001' \
		"$PKTPATH" -j -n "$A" sock -ti
	expect_out "killed" '^1 socket ended' socks kill tcp dst 10.77.0.2 \
		dport 82
	expect "its owner learns of it" wait_until 30 sh -c \
		"! kill -0 $CLIENT"
	refuse "it is gone" out_matches ESTAB socks -t
	expect "the peer too" wait_until 30 sh -c \
		"! ip netns exec $B ss -tn | grep -q ESTAB"
}

test_listening()
{
	net_pair
	serve "$A" pktpath 10.77.0.1 83 hold 1
	expect_out "in proc" ' 01004D0A:0053 00000000:0000 0A 00000000:00000000 ' \
		proc_tcp
	refuse "not by default" out_matches LISTEN socks -t
	expect_out "in sock" 'LISTEN +0 +8 .*10.77.0.1:83' socks -tl
	expect_out "killed" '^1 socket ended' socks kill tcp sport 83
	refuse "it is gone" out_matches LISTEN socks -tl
	expect "its owner learns of it" wait_until 30 sh -c \
		"! kill -0 $SERVER"
}

test_half_open()
{
	net_pair
	serve "$A" pktpath 10.77.0.1 84 hold 1
	expect "no SYN-ACK comes" in_ns "$B" nft -f - <<-EOT
		table ip t {
			chain c {
				type filter hook input priority 0;
				tcp sport 84 drop
			}
		}
	EOT
	call "$B" inet 10.77.0.1 84 push 1
	await "in proc" 30 out_matches ':0054 02004D0A:[0-9A-F]{4} 03 .* 01:' \
		proc_tcp
	expect_out "in sock" 'SYN-RECV .*10.77.0.1:84 .*timer:\(on,' \
		socks -tao
	await "it is said again" 30 pp_stat_above "$A" TcpExtTCPSynRetrans 0
	kill "$CLIENT"
	expect_out "killed" '^1 socket ended' socks kill tcp dst 10.77.0.2 \
		sport 84
	refuse "it is gone" out_matches SYN-RECV socks -ta
	expect_out "the listener is not" LISTEN socks -ta
}

test_time_wait()
{
	net_pair
	serve "$B" inet 10.77.0.2 85 recv 100
	expect "a connection" in_ns "$A" "$PUMP" pktpath connect 10.77.0.2 85 \
		send 100
	await "in proc" 30 out_matches ' 02004D0A:0055 06 .* 03:' proc_tcp
	expect_out "in sock" 'TIME-WAIT .*10.77.0.2:85 .*timer:\(timewait,' \
		socks -tao
	refuse "not by default" out_matches TIME-WAIT socks -t
	expect_out "counted" '^1$' pp_stat "$A" TcpExtTW
	expect_out "killed" '^1 socket ended' socks kill tcp dport 85
	refuse "it is gone" out_matches TIME-WAIT socks -ta
}

# What the SYN offers and the peer sees.
test_options()
{
	net_pair
	held 86
	expect_out "by default" ' ts sack .*wscale:' in_ns "$B" ss -tino sport = :86
	for name in tcp_timestamps tcp_sack tcp_window_scaling; do
		expect "$name" set_to "$A" "$name" 0
	done
	expect "tcp_ecn" set_to "$A" tcp_ecn 1
	held 87
	expect_out "the peer sees ECN" ' ecn ' in_ns "$B" ss -tino sport = :87
	expect_out "so do we" ' ecn ' socks -ti dport 87
	refuse "no timestamps" out_matches ' ts ' in_ns "$B" ss -tino sport = :87
	refuse "nor here" out_matches ' ts ' socks -ti dport 87
	refuse "no SACK" out_matches ' sack ' in_ns "$B" ss -tino sport = :87
	refuse "no scaling" out_matches 'wscale' in_ns "$B" ss -tino sport = :87
	expect "another algorithm" set_to "$A" tcp_congestion_control reno
	held 88
	expect_out "is used" ' reno ' socks -ti dport 88
	refuse "one that is not there" set_to "$A" tcp_congestion_control none
}

test_cookies()
{
	net_pair
	expect "always" set_to "$A" tcp_syncookies 2
	serve "$A" pktpath 10.77.0.1 89 echo 2000
	expect "a connection" in_ns "$B" "$PUMP" inet connect 10.77.0.1 89 \
		ping 2000 100
	expect "sent" test "$(pp_stat "$A" TcpExtSyncookiesSent)" -ge 1
	# two, if the first data are looked at beside the handshake's ACK
	expect "received" test "$(pp_stat "$A" TcpExtSyncookiesRecv)" -ge 1
	expect_out "one connection" '^1$' pp_stat "$A" TcpPassiveOpens
	expect_out "none was wrong" '^0$' pp_stat "$A" TcpExtSyncookiesFailed
}

test_syn_retries()
{
	net_pair
	expect "once" set_to "$A" tcp_syn_retries 1
	expect "nobody answers" in_ns "$B" nft -f - <<-EOT
		table ip t {
			chain c {
				type filter hook input priority 0;
				tcp dport 90 drop
			}
		}
	EOT
	refuse_out "given up" "timed out" in_ns "$A" "$PUMP" pktpath connect \
		10.77.0.2 90 push 1
	expect_out "after one more SYN" '^1$' pp_stat "$A" TcpExtTCPSynRetrans
	expect_out "and two time-outs" '^2$' pp_stat "$A" TcpExtTCPTimeouts
	expect_out "counted" '^1$' pp_stat "$A" TcpExtTCPAbortOnTimeout
	expect_out "as failed" '^1$' pp_stat "$A" TcpAttemptFails
}

test_buffers()
{
	net_pair
	expect "small" set_to "$A" tcp_rmem "4096 5000 6000"
	expect_out "reads back" '^4096.5000.6000$' in_ns "$A" cat "$S/tcp_rmem"
	refuse "too small" set_to "$A" tcp_rmem "4095 5000 6000"
	refuse "a word" set_to "$A" tcp_rmem "4096 x 6000"
	held 91
	expect_out "used" 'skmem:\(r0,rb[56]000,' socks -tm
}

ktap_run test_formats test_established test_listening test_half_open \
	test_time_wait test_options test_cookies test_syn_retries test_buffers
