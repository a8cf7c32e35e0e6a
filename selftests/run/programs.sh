#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317,SC2016 # tests are called by name; awk
# Programs that know nothing of pktpath, by "pktpath run" in A, against the
# same programs on the kernel's stack in B: each as client and as server, the
# content compared. Counters prove that the traffic was ours.
#
#	usage: programs.sh web|data|shell
# Needs iperf3, nginx, curl, wrk, redis, python3, socat, nping, ssh.

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"

HERE=$(cd "$(dirname "$0")" && pwd)
OURS=10.77.0.1
THEIRS=10.77.0.2

# setup PROG...: the two namespaces, a directory, a file of random content
setup()
{
	local p

	for p; do
		PATH=$PATH:/usr/sbin:/sbin type "$p" >/dev/null 2>&1 ||
			skip "no $p"
	done
	net_pair
	DIR=$(mktemp -d)
	defer rm -rf "$DIR"
	chmod 755 "$DIR"
	head -c 1000000 /dev/urandom >"$DIR/file"
	SUM=$(sum_of "$DIR/file")
}

sum_of()
{
	sha256sum <"$1" | cut -d ' ' -f 1
}

same()
{
	expect "the content of $1 is the same" test "$(sum_of "$1")" = "$SUM"
}

# CMD in A on pktpath, in B on the kernel's stack
in_a()
{
	ip netns exec "$A" "$PKTPATH" run -- timeout 120 "$@"
}

in_b()
{
	ip netns exec "$B" timeout 120 "$@"
}

# launch a|b LOG CMD...: in the background until the end of the test; OPTIONS are
# those of `pktpath run`
OPTIONS=()
launch()
{
	local log=$2 in=(ip netns exec "$B")

	[ "$1" = b ] ||
		in=(ip netns exec "$A" "$PKTPATH" run "${OPTIONS[@]}" --)
	shift 2
	"${in[@]}" "$@" >"$log" 2>&1 &
	defer wait $!
	defer kill $!
}

# daemon a|b PORT CMD...: the same, and it listens
daemon()
{
	local where=$1 port=$2

	shift 2
	launch "$where" "$DIR/log.$port" "$@"
	listening "$where" "$port" ||
		fail "'$*' does not listen: $(cat "$DIR/log.$port")"
}

listening()
{
	if [ "$1" = a ]; then
		wait_until 30 out_matches ":$2 " pp "$A" sock -t -l
	else
		wait_until 30 out_matches ":$2 " in_ns "$B" ss -tln
	fi
}

# ours tcp|udp [N]: N connections or some datagrams, none by the kernel in A
ours()
{
	local n=${2:-1}

	if [ "$1" = tcp ]; then
		expect_out "no connection by the kernel" '^0 0$' in_ns "$A" \
			awk '/^Tcp: [0-9]/ { print $6, $7 }' /proc/net/snmp
		expect "connections by us" test \
			$(($(pp_stat "$A" TcpActiveOpens) +
			   $(pp_stat "$A" TcpPassiveOpens))) -ge "$n"
	else
		expect_out "no datagram by the kernel" '^0 0$' in_ns "$A" \
			awk '/^Udp: [0-9]/ { print $2, $5 }' /proc/net/snmp
		expect "datagrams from us" test \
			"$(pp_stat "$A" UdpOutDatagrams)" -ge "$n"
		expect "datagrams to us" test \
			"$(pp_stat "$A" UdpInDatagrams)" -ge "$n"
	fi
}

# ---- web: nginx, curl, wrk, Python's http.server ----

# start_nginx a|b [LINE]: two workers; each has a listener of its own by
# SO_REUSEPORT. LINE: one more of the server's
start_nginx()
{
	cat >"$DIR/nginx.conf" <<-CONF
		daemon off;
		pid $DIR/nginx.pid;
		error_log stderr warn;
		worker_processes 2;
		events { worker_connections 64; }
		http {
			access_log off;
			sendfile on;
			tcp_nopush on;
			types { }
			server {
				listen 8080 reuseport so_keepalive=on deferred;
				${2-}
				root $DIR;
			}
		}
	CONF
	daemon "$1" 8080 /usr/sbin/nginx -c "$DIR/nginx.conf"
}

test_curl()
{
	setup nginx curl
	start_nginx b
	expect "curl" in_a curl -sSf -o "$DIR/1" "http://$THEIRS:8080/file" \
		-o "$DIR/2" "http://$THEIRS:8080/file"
	same "$DIR/1"
	same "$DIR/2"
	ours tcp
}

test_nginx()
{
	setup nginx curl
	start_nginx a
	expect "curl" in_b curl -sSf -Z -o "$DIR/1" "http://$OURS:8080/file" \
		-o "$DIR/2" "http://$OURS:8080/file?2"
	same "$DIR/1"
	same "$DIR/2"
	expect "put is not allowed" out_matches 405 in_b curl -sS \
		-T "$DIR/file" "http://$OURS:8080/file"
	ours tcp 2
}

# A server that is told to listen by IPv6, too, as Debian's is.
test_nginx_ipv6()
{
	setup nginx curl
	OPTIONS=(--ipv6 leave)
	start_nginx a "listen [::]:8080;"
	OPTIONS=()
	expect "curl" in_b curl -sSf -o "$DIR/1" "http://$OURS:8080/file"
	same "$DIR/1"
	expect "IPv6 is the kernel's" out_matches ":8080 " \
		in_ns "$A" ss -tln6
	ours tcp
}

wrk_ran()
{
	[[ $1 =~ ([0-9]+)\ requests\ in ]] || fail "no figure: $1"
	[ "${BASH_REMATCH[1]}" -gt 10 ] || fail "too few requests: $1"
	[[ ! $1 =~ Socket\ errors|Non-2xx ]] || fail "errors: $1"
}

test_wrk()
{
	setup nginx wrk
	echo hello >"$DIR/small"
	start_nginx b
	wrk_ran "$(in_a wrk -t 2 -c 8 -d 3 --timeout 30s \
		"http://$THEIRS:8080/small" 2>&1)"
	ours tcp 8
}

test_nginx_wrk()
{
	setup nginx wrk
	echo hello >"$DIR/small"
	start_nginx a
	wrk_ran "$(in_b wrk -t 2 -c 8 -d 3 --timeout 30s \
		"http://$OURS:8080/small" 2>&1)"
	ours tcp 8
}

test_http_server()
{
	setup python3 curl
	daemon a 8000 python3 -m http.server -d "$DIR" --bind "$OURS" 8000
	expect "curl" in_b curl -sSf -o "$DIR/1" "http://$OURS:8000/file"
	same "$DIR/1"
	ours tcp
}

test_urllib()
{
	setup python3
	daemon b 8000 python3 -m http.server -d "$DIR" --bind "$THEIRS" 8000
	expect "urllib" in_a python3 -c 'import sys, urllib.request
urllib.request.urlretrieve(sys.argv[1], sys.argv[2])' \
		"http://$THEIRS:8000/file" "$DIR/1"
	same "$DIR/1"
	ours tcp
}

# ---- data: iperf3, redis, asyncio, a static binary ----

# iperf a|b SERVER_ADDR OPT...: the server listens anew after each test
iperf()
{
	local where=$1 addr=$2 by=in_a out

	shift 2
	[ "$where" = b ] || by=in_b
	listening "$where" 5201 || fail "iperf3 does not listen again"
	out=$("$by" iperf3 -c "$addr" "$@" 2>&1)
	[[ $out =~ receiver ]] || fail "nothing was received: $out"
}

iperf_all()
{
	iperf "$@" -n 2M
	iperf "$@" -n 2M -R -P 2
	iperf "$@" -u -b 4M -n 200K -l 1000
	iperf "$@" -u -b 4M -n 200K -l 1000 -R
	ours tcp 7
	ours udp 100
}

test_iperf3_client()
{
	local n

	setup iperf3 cmp
	daemon b 5201 iperf3 -s
	iperf_all b "$THEIRS"
	# what it sends can be a file's content, which it mixes up itself when
	# a write takes but a part; it does not wait for the end
	daemon b 5202 iperf3 -s -1 -p 5202 -F "$DIR/1"
	expect "a file" in_a iperf3 -c "$THEIRS" -p 5202 -n 600000 \
		-F "$DIR/file" -l 4096 -b 8M
	n=$(stat -c %s "$DIR/1")
	expect "most of it" test "$n" -ge 300000
	expect "the content is the same" cmp -n "$n" "$DIR/file" "$DIR/1"
}

test_iperf3_server()
{
	setup iperf3
	daemon a 5201 iperf3 -s
	iperf_all a "$OURS"
}

start_redis()
{
	daemon "$1" 6379 redis-server --bind "$2" --port 6379 --dir "$DIR" \
		--save '' --protected-mode no
}

redis_all()
{
	local by=$1 addr=$2

	expect_out "a value" OK "$by" sh -c \
		"redis-cli -h $addr -x set file <$DIR/file"
	"$by" redis-cli -h "$addr" --raw get file | head -c 1000000 >"$DIR/1"
	same "$DIR/1"
	expect_out "redis-benchmark" 'requests per second' "$by" \
		redis-benchmark -h "$addr" -n 300 -c 10 -P 4 -q -t set,get,lpush
	ours tcp 20
}

test_redis_client()
{
	setup redis-server redis-cli redis-benchmark
	start_redis b "$THEIRS"
	redis_all in_a "$THEIRS"
}

test_redis_server()
{
	setup redis-server redis-cli redis-benchmark
	start_redis a "$OURS"
	redis_all in_b "$OURS"
}

test_asyncio_client()
{
	setup python3
	daemon b 7000 python3 "$HERE/aio.py" serve "$THEIRS" 7000 0
	expect "asyncio" in_a python3 "$HERE/aio.py" ask "$THEIRS" 7000 300000
	ours tcp 4
	ours udp 8
}

test_asyncio_server()
{
	setup python3
	daemon a 7000 python3 "$HERE/aio.py" serve "$OURS" 7000 0
	expect "asyncio" in_b python3 "$HERE/aio.py" ask "$OURS" 7000 300000
	ours tcp 4
	ours udp 8
}

is_static()
{
	! readelf -l "$PKTPATH_TESTS/tcp_pump" | grep -q INTERP
}

test_static_client()
{
	setup readelf
	expect "a static binary" is_static
	daemon b 91 "$PKTPATH_TESTS/tcp_pump" inet listen "$THEIRS" 91 recv \
		1000000
	expect "the client" in_a "$PKTPATH_TESTS/tcp_pump" inet connect \
		"$THEIRS" 91 send 1000000
	expect "the server" wait %1
	ours tcp
}

test_static_server()
{
	setup readelf
	expect "a static binary" is_static
	daemon a 92 "$PKTPATH_TESTS/tcp_pump" inet listen "$OURS" 92 recv \
		1000000
	expect "the client" in_b "$PKTPATH_TESTS/tcp_pump" inet connect \
		"$OURS" 92 send 1000000
	expect "the server" wait %1
	ours tcp
}

# ---- shell: socat, ssh ----

test_socat_client()
{
	setup socat
	daemon b 93 socat -u TCP4-LISTEN:93,reuseaddr "OPEN:$DIR/1,creat"
	expect "socat" in_a socat -u "OPEN:$DIR/file" \
		"TCP4:$THEIRS:93,nodelay,keepalive"
	expect "the server" wait %1
	same "$DIR/1"
	ours tcp
}

test_socat_server()
{
	setup socat
	daemon a 94 socat -U TCP4-LISTEN:94,reuseaddr,fork "OPEN:$DIR/file"
	in_b socat -u "TCP4:$OURS:94" "OPEN:$DIR/1,creat" ||
		fail "socat: $?"
	same "$DIR/1"
	ours tcp
}

# echoed CMD ADDR: datagrams by bash come back
echoed()
{
	expect "five datagrams come back" "$1" bash -c "
		exec 3<>/dev/udp/$2/95 || exit 1
		for i in 1 2 3 4 5; do
			echo line \$i >&3
			line=\$(timeout 30 dd bs=99 count=1 <&3 2>/dev/null)
			[ \"\$line\" = \"line \$i\" ] || exit 1
		done"
	ours udp 5
}

as_long()
{
	[ "$(stat -c %s "$DIR/1")" = 20000 ]
}

# Twenty datagrams; the receiver's buffer has room for all.
socat_udp()
{
	head -c 20000 "$DIR/file" >"$DIR/part"
	SUM=$(sum_of "$DIR/part")
	expect "socat" "$1" socat -u -b 1000 "OPEN:$DIR/part" \
		"UDP4-SENDTO:$2:96"
	await "all of it" 30 as_long
	same "$DIR/1"
}

test_socat_udp_client()
{
	setup socat
	launch b "$DIR/log" socat UDP4-LISTEN:95,fork PIPE
	launch b "$DIR/log" socat -u UDP4-RECV:96 "OPEN:$DIR/1,creat"
	await "the echo" 30 out_matches ":95 " in_ns "$B" ss -uln
	await "the sink" 30 out_matches ":96 " in_ns "$B" ss -uln
	echoed in_a "$THEIRS"
	socat_udp in_a "$THEIRS"
}

test_socat_udp_server()
{
	setup socat
	launch a "$DIR/log" socat UDP4-LISTEN:95,fork PIPE
	launch a "$DIR/log" socat -u UDP4-RECV:96 "OPEN:$DIR/1,creat"
	await "the echo" 30 out_matches ":95 " pp "$A" sock -u -a
	await "the sink" 30 out_matches ":96 " pp "$A" sock -u -a
	echoed in_b "$OURS"
	socat_udp in_b "$OURS"
}

test_ping()
{
	setup ping
	expect "ping" in_a ping -n -q -c 2 -i 0.2 -W 30 "$THEIRS"
	expect_out "no echo by the kernel" '^0$' in_ns "$A" \
		awk '/^Icmp: [0-9]/ { print $11 + $25 }' /proc/net/snmp
	expect "ours" test "$(pp_stat "$A" IcmpInEchoReps)" -ge 2
}

# It asks the kernel for the way before it sends, and reads the answers off the
# device: the kernel has a route, but no address to use it.
test_nping()
{
	local mode

	setup nping
	expect "a route for its eyes" ip -n "$A" route add 10.77.0.0/24 dev pa
	for mode in "--icmp" "--udp -p 9 -g 4000" "--tcp -p 9 --flags syn"; do
		# shellcheck disable=SC2086 # words
		expect_out "nping $mode" 'Lost: 0 ' ip netns exec "$A" \
			"$PKTPATH" run --raw -- timeout 120 nping $mode -c 2 \
			--delay 200ms --send-ip -e pa -S "$OURS" "$THEIRS"
	done
	expect_out "nothing by the kernel" '^0$' in_ns "$A" \
		awk '/^Ip: [0-9]/ { print $11 }' /proc/net/snmp
	expect "echoes answered to us" test \
		"$(pp_stat "$A" IcmpInEchoReps)" -ge 2
	expect "all of it sent by us" test \
		"$(pp_stat "$A" IpOutRequests)" -ge 6
}

# Raw sockets, with the IP header of one's own and without.
test_raw()
{
	setup python3
	expect "raw" ip netns exec "$A" "$PKTPATH" run --raw -- timeout 120 \
		python3 "$HERE/raw.py" "$OURS" "$THEIRS"
	expect "sent by us" test "$(pp_stat "$A" IcmpOutEchos)" -ge 2
	refuse_out "not without the capability" "not permitted" \
		ip netns exec "$A" "$PKTPATH" run --raw -- setpriv \
		--reuid 65534 --regid 65534 --clear-groups \
		--bounding-set=-all --inh-caps=-all \
		python3 "$HERE/raw.py" "$OURS" "$THEIRS"
}

# sshd a|b ADDR: a key of its own, no look at the machine's files
start_sshd()
{
	local key=$DIR/host

	expect "keys" ssh-keygen -q -t ed25519 -N '' -f "$key"
	expect "keys" ssh-keygen -q -t ed25519 -N '' -f "$DIR/id"
	cp "$DIR/id.pub" "$DIR/authorized"
	# without PAM no user is let in whose password is locked
	[ ! -e /run/vm/env ] || expect "root" usermod -p '*' root
	mkdir -p /run/sshd
	daemon "$1" 2222 /usr/sbin/sshd -D -e -f /dev/null -p 2222 \
		-o ListenAddress="$2" -h "$key" -o UsePAM=no -o StrictModes=no \
		-o AuthorizedKeysFile="$DIR/authorized" -o PermitRootLogin=yes
	SSH=(ssh -F /dev/null -p 2222 -i "$DIR/id" -o BatchMode=yes
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null
		-o LogLevel=ERROR -o GlobalKnownHostsFile=/dev/null)
}

ssh_all()
{
	local by=$1 addr=$2

	"$by" "${SSH[@]}" "root@$addr" cat "$DIR/file" >"$DIR/1" ||
		fail "ssh: $(cat "$DIR/log.2222")"
	same "$DIR/1"
	"$by" "${SSH[@]}" "root@$addr" "cat >$DIR/2" <"$DIR/file" ||
		fail "ssh: $(cat "$DIR/log.2222")"
	same "$DIR/2"
	ours tcp 2
}

test_ssh()
{
	setup ssh sshd ssh-keygen
	start_sshd b "$THEIRS"
	ssh_all in_a "$THEIRS"
}

test_sshd()
{
	setup ssh sshd ssh-keygen
	start_sshd a "$OURS"
	ssh_all in_b "$OURS"
}

case ${1-} in
web)
	ktap_run test_curl test_nginx test_nginx_ipv6 test_wrk \
		test_nginx_wrk test_http_server test_urllib
	;;
data)
	ktap_run test_iperf3_client test_iperf3_server test_redis_client \
		test_redis_server test_asyncio_client test_asyncio_server \
		test_static_client test_static_server
	;;
shell)
	ktap_run test_socat_client test_socat_server test_socat_udp_client \
		test_socat_udp_server test_ping test_nping test_raw test_ssh \
		test_sshd
	;;
one)
	shift
	ktap_run "$@"
	;;
*)
	echo "usage: $0 web|data|shell|one TEST..." >&2
	exit 2
	;;
esac
