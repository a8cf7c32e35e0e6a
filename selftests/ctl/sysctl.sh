#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Settings under /proc/sys/net/pktpath: names, defaults, ranges, who has them,
# and what becomes of them when a device or a namespace goes.
# Proves: attacks I9 (settings that change under traffic), of I1 who may set them.
# shellcheck source=selftests/lifecycle/life.sh disable=SC1091
. "$(dirname "$0")/../lifecycle/life.sh"

S=/proc/sys/net/pktpath

get()
{
	in_ns "$1" cat "$S/$2"
}

# set NS NAME VALUE
set_to()
{
	# shellcheck disable=SC2016 # the inner shell's
	in_ns "$1" sh -c 'printf %s "$1" >"$2"' sh "$3" "$S/$2"
}

is()
{
	[ "$(get "$1" "$2" | tr '\t' ' ')" = "$3" ]
}

# NAME MIN MAX, as in net.ipv4 or stricter
ranges="
ip_default_ttl 1 255
ip_no_pmtu_disc 0 3
ip_nonlocal_bind 0 1
ip_forward 0 1
ip_forward_update_priority 0 1
fib_multipath_hash_policy 0 1
ipfrag_time 0 86400
ipfrag_max_dist 0 2147483647
icmp_echo_ignore_all 0 1
icmp_echo_ignore_broadcasts 0 1
icmp_ignore_bogus_error_responses 0 1
icmp_errors_use_inbound_ifaddr 0 1
icmp_ratelimit 0 86400000
icmp_ratemask -2147483648 2147483647
icmp_msgs_per_sec 0 2147483647
icmp_msgs_burst 0 2147483647
igmp_max_memberships 0 2147483647
igmp_max_msf 0 65535
igmp_qrv 1 7
igmp_link_local_mcast_reports 0 1
udp_rmem_min 1 2147483647
udp_wmem_min 1 2147483647
inet_addr 0 1
tcp_ecn 0 5
tcp_ecn_option 0 3
tcp_ecn_option_beacon 0 3
tcp_ecn_fallback 0 1
tcp_timestamps 0 255
tcp_sack 0 255
tcp_dsack 0 255
tcp_window_scaling 0 255
tcp_syncookies 0 255
tcp_syn_retries 1 127
tcp_synack_retries 0 255
tcp_retries1 0 255
tcp_retries2 0 255
tcp_orphan_retries 0 255
tcp_fin_timeout 1 2147483
tcp_max_syn_backlog -2147483648 2147483647
tcp_max_tw_buckets -2147483648 2147483647
tcp_tw_reuse 0 2
tcp_tw_reuse_delay 1 60000
tcp_rfc1337 0 255
tcp_stdurg 0 255
tcp_keepalive_time 1 2147483
tcp_keepalive_intvl 1 2147483
tcp_keepalive_probes 0 255
tcp_moderate_rcvbuf 0 255
tcp_abort_on_overflow 0 255
tcp_challenge_ack_limit -2147483648 2147483647
tcp_invalid_ratelimit 0 86400000
tcp_slow_start_after_idle 0 255
tcp_min_snd_mss 48 65535
tcp_mtu_probing 0 255
tcp_base_mss -2147483648 2147483647
tcp_mtu_probe_floor 48 65535
tcp_probe_threshold -2147483648 2147483647
tcp_probe_interval 0 4294967295
tcp_limit_output_bytes -2147483648 2147483647
tcp_notsent_lowat 0 4294967295
tcp_reordering 1 300
tcp_max_reordering 1 2147483647
tcp_early_retrans 0 4
tcp_frto 0 255
tcp_recovery 0 255
tcp_tso_rtt_log 0 255
tcp_rto_min_us 1 2147483647
tcp_reflect_tos 0 1
tcp_fwmark_accept 0 255
tcp_pacing_ss_ratio 0 1000
tcp_pacing_ca_ratio 0 1000
tcp_fastopen -2147483648 2147483647
route/min_pmtu 68 65535
neigh/default/gc_thresh1 0 2147483647
neigh/default/gc_thresh2 0 2147483647
neigh/default/gc_thresh3 0 2147483647
neigh/default/gc_interval 1 86400
"

# As in net.ipv4.
same="
ip_default_ttl ip_no_pmtu_disc ip_nonlocal_bind ip_unprivileged_port_start
ip_forward
ip_local_port_range ip_local_reserved_ports ipfrag_high_thresh
ipfrag_low_thresh ipfrag_time ipfrag_max_dist icmp_echo_ignore_all
icmp_echo_ignore_broadcasts icmp_ratelimit icmp_ratemask
icmp_ignore_bogus_error_responses udp_rmem_min udp_wmem_min
icmp_errors_use_inbound_ifaddr ping_group_range
tcp_congestion_control tcp_timestamps tcp_sack tcp_dsack tcp_window_scaling
tcp_syncookies tcp_syn_retries tcp_synack_retries tcp_retries1 tcp_retries2
tcp_orphan_retries tcp_fin_timeout tcp_tw_reuse tcp_rfc1337 tcp_stdurg
tcp_keepalive_time tcp_keepalive_intvl tcp_keepalive_probes
tcp_moderate_rcvbuf tcp_abort_on_overflow tcp_invalid_ratelimit
tcp_slow_start_after_idle tcp_min_snd_mss tcp_notsent_lowat tcp_ecn
tcp_ecn_fallback tcp_mtu_probing tcp_base_mss tcp_mtu_probe_floor
tcp_probe_threshold tcp_probe_interval tcp_reordering tcp_max_reordering
tcp_early_retrans tcp_frto tcp_pacing_ss_ratio tcp_pacing_ca_ratio
tcp_fastopen tcp_fastopen_blackhole_timeout_sec tcp_fastopen_key
tcp_recovery tcp_tso_rtt_log tcp_rto_min_us tcp_reflect_tos tcp_fwmark_accept
"

# Without a process per step: the debug kernel is slow to make them.
defaults_in()
{
	local name theirs ours n=0

	for name in $1; do
		[ -e "/proc/sys/net/ipv4/$name" ] || continue
		read -r theirs <"/proc/sys/net/ipv4/$name"
		read -r ours <"$S/$name"
		if [ "${ours//$'\t'/ }" != "${theirs//$'\t'/ }" ]; then
			echo "$name: '$ours', of the kernel '$theirs'"
			return 1
		fi
		n=$((n + 1))
	done
	echo "compared $n"
	[ "$n" -ge 40 ]
}

test_defaults()
{
	local name

	net_load
	net_ns A
	expect "as in net.ipv4" in_ns "$A" env S="$S" bash -c \
		"$(declare -f defaults_in); defaults_in \"\$1\"" bash "$same"
	expect "sockets are for nobody" is "$A" group_range "1 0"
	for name in tcp_mem tcp_max_orphans; do
		refuse "$name is the host's" in_ns "$A" test -e "$S/$name"
		expect "$name" test -e "$S/$name"
	done
	for name in icmp_msgs_per_sec icmp_msgs_burst; do
		expect "$name is the kernel's" \
			cmp "/proc/sys/net/ipv4/$name" "$S/$name"
	done
}

# What a device starts with, and what counts for all.
test_all_and_default()
{
	local name

	net_pair_links
	expect "default" set_to "$A" conf/default/rp_filter 2
	expect "default" set_to "$A" conf/default/arp_accept 1
	expect "default" set_to "$A" neigh/default/gc_stale_time 77
	refuse "above" set_to "$A" conf/default/rp_filter 3
	refuse "above" set_to "$A" conf/all/rp_filter 3
	pp_own "$A" pa 10.77.0.1/24
	expect "copied" is "$A" conf/pa/rp_filter 2
	expect "copied" is "$A" conf/pa/arp_accept 1
	expect "copied" is "$A" neigh/pa/gc_stale_time 77
	expect "rest untouched" is "$A" conf/pa/log_martians 0
	expect "no more" set_to "$A" conf/default/rp_filter 0
	expect "unchanged there" is "$A" conf/pa/rp_filter 2
	expect "own value" set_to "$A" conf/pa/rp_filter 0

	expect "all forward" set_to "$A" conf/all/forwarding 1
	expect "this one does" is "$A" conf/pa/forwarding 1
	expect "new ones will" is "$A" conf/default/forwarding 1
	expect "none forwards" set_to "$A" conf/all/forwarding 0
	expect "nor this one" is "$A" conf/pa/forwarding 0
	expect "nor new ones" is "$A" conf/default/forwarding 0

	expect "by the usual name" set_to "$A" ip_forward 1
	for name in all default pa; do
		expect "$name does" is "$A" "conf/$name/forwarding" 1
	done
	expect "not this one" set_to "$A" conf/pa/forwarding 0
	expect "all still do" is "$A" ip_forward 1
	expect "none" set_to "$A" conf/all/forwarding 0
	expect "the same by either name" is "$A" ip_forward 0
	expect "this one" set_to "$A" conf/pa/forwarding 1
	expect "not all for that" is "$A" ip_forward 0
	expect "all" set_to "$A" ip_forward 1
	expect "none by the usual name" set_to "$A" ip_forward 0
	for name in all default pa; do
		expect "$name does not" is "$A" "conf/$name/forwarding" 0
	done

	# from 192.0.2.1 there is no way back
	expect "foreign source" ip -n "$B" addr add 10.77.0.2/24 dev pb
	expect "foreign source" ip -n "$B" addr add 192.0.2.1/32 dev pb
	expect "elsewhere" pp "$A" route add 192.0.2.0/24 dev lo
	await "path works" 30 net_ping "$B" 10.77.0.1 1
	all_rp 1
	expect "strict for all" set_to "$A" conf/all/rp_filter 1
	all_rp 0
	expect "off again" set_to "$A" conf/all/rp_filter 0
	all_rp 1
}

# all_rp DELIVERED: whether what comes from a source that A would not reach by
# that device is taken
all_rp()
{
	local n

	n=$(pp_stat "$A" IcmpInEchos)
	in_ns "$B" ping -n -q -c 1 -W 1 -I 192.0.2.1 10.77.0.1 >/dev/null 2>&1
	[ "$1" = 0 ] ||
		await "delivered" 30 pp_stat_above "$A" IcmpInEchos "$n"
	expect "delivered: $1" test $(($(pp_stat "$A" IcmpInEchos) - n)) = "$1"
}

ranges_in()
{
	local name min max v got

	while read -r name min max; do
		[ -n "$name" ] || continue
		for v in "$max" "$min"; do
			printf %s "$v" >"$S/$name" && read -r got <"$S/$name" &&
				[ "$got" = "$v" ] || {
				echo "$name: $v gives '$got'"
				return 1
			}
		done
		for v in $((min - 1)) $((max + 1)) 99999999999999999999 yes; do
			if printf %s "$v" 2>/dev/null >"$S/$name"; then
				echo "$name: takes $v"
				return 1
			fi
		done
		read -r got <"$S/$name"
		if [ "$got" != "$min" ]; then
			echo "$name: changed to $got by what was refused"
			return 1
		fi
	done <<<"$1"
}

test_ranges()
{
	net_load
	net_ns A
	expect "ranges" in_ns "$A" env S="$S" bash -c \
		"$(declare -f ranges_in); ranges_in \"\$1\"" bash "$ranges"
}

test_ports()
{
	net_load
	net_ns A
	expect "range" set_to "$A" ip_local_port_range "2000 3000"
	expect "range reads" is "$A" ip_local_port_range "2000 3000"
	expect "low alone" set_to "$A" ip_local_port_range "2500"
	expect "high kept" is "$A" ip_local_port_range "2500 3000"
	refuse "reversed" set_to "$A" ip_local_port_range "3000 2000"
	refuse "port 0" set_to "$A" ip_local_port_range "0 2000"
	refuse "port 65536" set_to "$A" ip_local_port_range "2000 65536"
	refuse "into privileged" set_to "$A" ip_local_port_range "1023 3000"
	refuse "privileged into it" set_to "$A" ip_unprivileged_port_start 2501
	expect "up to it" set_to "$A" ip_unprivileged_port_start 2500
	expect "range kept" is "$A" ip_local_port_range "2500 3000"
	expect "reserve" set_to "$A" ip_local_reserved_ports "80,8000-8003,9"
	expect "reserved" is "$A" ip_local_reserved_ports "9,80,8000-8003"
	refuse "reserve 65536" set_to "$A" ip_local_reserved_ports "65536"
	refuse "reserve words" set_to "$A" ip_local_reserved_ports "a-b"
	expect "none" set_to "$A" ip_local_reserved_ports ""
}

test_groups()
{
	local f

	net_load
	net_ns A
	for f in group_range ping_group_range; do
		expect "$f" set_to "$A" "$f" "100 200"
		expect "$f reads" is "$A" "$f" "100 200"
		refuse "$f huge" set_to "$A" "$f" "0 4294967295"
		refuse "$f word" set_to "$A" "$f" "root"
		expect "$f reversed" set_to "$A" "$f" "200 100"
		expect "$f is nobody" is "$A" "$f" "1 0"
	done
}

# Ids are those of the namespace of who writes.
test_groups_userns()
{
	local run=(unshare -Urn --map-root-user)

	net_load
	"${run[@]}" true || skip "no user namespaces"
	expect "own group" "${run[@]}" sh -c "echo 0 0 >$S/group_range"
	refuse "unmapped group" "${run[@]}" sh -c "echo 0 5 >$S/group_range"
	expect_out "reads back" "^0.0$" "${run[@]}" \
		sh -c "echo 0 0 >$S/group_range; cat $S/group_range"
}

# What packets make is paid by nobody's cgroup: the machine's root alone lifts
# the bounds of the neighbour table.
test_neigh_userns()
{
	local t run=(unshare -Urn --map-root-user)

	net_pair
	"${run[@]}" true || skip "no user namespaces"
	for t in 1 2 3; do
		t=$S/neigh/default/gc_thresh$t
		refuse "beyond the bound: $t" "${run[@]}" \
			sh -c "echo 1000000 >$t"
		expect_out "unchanged: $t" "^(128|512|1024)$" "${run[@]}" \
			sh -c "echo 16385 >$t 2>/dev/null; cat $t"
		expect_out "up to the bound: $t" "^16384$" "${run[@]}" \
			sh -c "echo 16384 >$t; cat $t"
	done
	expect "root may" set_to "$A" neigh/default/gc_thresh3 1000000
	expect "root's" is "$A" neigh/default/gc_thresh3 1000000
}

test_netns()
{
	net_load
	net_ns A
	net_ns B
	expect "set in A" set_to "$A" ip_default_ttl 33
	expect "A has it" is "$A" ip_default_ttl 33
	expect "B has not" is "$B" ip_default_ttl 64
	expect "host-wide here" test -e "$S/udp_mem"
	refuse "but not there" in_ns "$A" test -e "$S/udp_mem"
	expect_out "three page counts" "^[0-9]+.[0-9]+.[0-9]+$" cat "$S/udp_mem"
	refuse "nobody writes" in_ns "$A" setpriv --reuid 65534 --clear-groups \
		--bounding-set=-all --inh-caps=-all \
		sh -c "echo 5 >$S/ip_default_ttl"
	expect "unchanged" is "$A" ip_default_ttl 33
}

test_device()
{
	local f n

	net_pair
	for f in forwarding:1 mc_forwarding:1 accept_local:1 rp_filter:2 log_martians:1 force_igmp_version:3 \
		accept_source_route:1 accept_redirects:1 arp_accept:1 \
		secure_redirects:1 send_redirects:1 shared_media:1 \
		src_valid_mark:1 arp_announce:2 arp_filter:1 arp_ignore:8 \
		drop_gratuitous_arp:1 proxy_arp:1 \
		arp_notify:1; do
		n=${f#*:}
		f=conf/pa/${f%:*}
		expect "$f $n" set_to "$A" "$f" "$n"
		expect "$f reads" is "$A" "$f" "$n"
		refuse "$f above" set_to "$A" "$f" $((n + 1))
		refuse "$f below" set_to "$A" "$f" -1
		expect "$f 0" set_to "$A" "$f" 0
	done
	for f in base_reachable_time_ms retrans_time_ms; do
		expect "$f" set_to "$A" "neigh/pa/$f" 2000
		expect "$f reads" is "$A" "neigh/pa/$f" 2000
		refuse "$f 0" set_to "$A" "neigh/pa/$f" 0
	done
	for f in delay_first_probe_time gc_stale_time mcast_solicit \
		proxy_qlen ucast_solicit unres_qlen_bytes; do
		expect "$f" set_to "$A" "neigh/pa/$f" 7
		expect "$f reads" is "$A" "neigh/pa/$f" 7
		refuse "$f below" set_to "$A" "neigh/pa/$f" -1
	done
	expect "locktime" set_to "$A" neigh/pa/locktime 300
	expect "locktime reads" is "$A" neigh/pa/locktime 300
	expect "proxy_delay" set_to "$A" neigh/pa/proxy_delay 300
	expect "proxy_delay reads" is "$A" neigh/pa/proxy_delay 300
	expect "acd" set_to "$A" neigh/pa/acd 0
	refuse "acd 2" set_to "$A" neigh/pa/acd 2
}

test_device_comes_and_goes()
{
	net_pair
	expect "value" set_to "$A" neigh/pa/locktime 300
	expect "down" ip -n "$A" link set pa down
	expect "rename" ip -n "$A" link set pa name eth0.5
	expect "value went along" is "$A" neigh/eth0.5/locktime 300
	refuse "old name gone" in_ns "$A" test -e "$S/neigh/pa"
	refuse "old name gone" in_ns "$A" test -e "$S/conf/pa"
	expect "detach" pp "$A" dev detach eth0.5
	refuse "gone" in_ns "$A" test -e "$S/neigh/eth0.5"
	refuse "gone" in_ns "$A" test -e "$S/conf/eth0.5"
	expect "attach" pp "$A" dev attach eth0.5
	expect "fresh" is "$A" neigh/eth0.5/locktime 100
}

# A descriptor that outlives what it is of reaches nothing.
open_dead()
{
	exec 3>"$S/conf/pa/forwarding" 4<"$S/neigh/pa/locktime"
	case $1 in
	detach) "$PKTPATH" dev detach pa ;;
	del) ip link del pa ;;
	rename) ip link set pa down && ip link set pa name pz ;;
	esac || return 9
	if echo 1 >&3; then
		return 1
	fi
	if cat <&4; then
		return 2
	fi
	return 0
}

test_open_across_removal()
{
	local how

	for how in detach del rename; do
		net_pair
		expect "$how" in_ns "$A" env PKTPATH="$PKTPATH" S="$S" \
			bash -c "$(declare -f open_dead); open_dead $how"
	done
}

# Writers and readers while the device goes and comes.
writers()
{
	local i

	while [ ! -e "$1" ]; do
		for i in 1 2 3 4 5 6 7 8 9; do
			echo $((i & 1))
		done >"$S/conf/pa/forwarding"
		cat "$S/neigh/pa/"*
	done
}

test_write_while_detaching()
{
	local i pids=()

	net_pair
	for i in 1 2 3; do
		in_ns "$A" env S="$S" bash -c "$(declare -f writers)
			writers $KTAP_DIR/stop" >/dev/null 2>&1 &
		pids+=($!)
	done
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		expect "detach $i" pp "$A" dev detach pa
		expect "attach $i" pp "$A" dev attach pa
	done
	touch "$KTAP_DIR/stop"
	wait "${pids[@]}"
	expect "still there" is "$A" neigh/pa/locktime 100
}

# storm FILE ROUNDS: every "name default min max" of FILE goes up and down
storm()
{
	local i name was min max v

	for ((i = 0; i < $2; i++)); do
		while read -r name was min max; do
			for v in "$max" "$min" "$was"; do
				echo "$v" >"$S/$name"
			done
		done <"$1"
	done
}

# Each setting at its ends while packets go both ways; then all are as before.
test_write_under_traffic()
{
	local name min max was i pids=() list=$KTAP_DIR/list

	life_pair
	while read -r name min max; do
		[ -n "$name" ] || continue
		was=$(get "$A" "$name")
		echo "$name $was $min $max"
	done <<<"$ranges" >"$list"
	for name in forwarding mc_forwarding accept_local rp_filter log_martians \
		arp_accept arp_notify send_redirects shared_media; do
		was=$(get "$A" "conf/all/$name")
		echo "conf/all/$name $was 0 1"
	done >>"$list"
	for i in 1 2; do
		in_ns "$A" env S="$S" bash -c "$(declare -f storm)
			storm $list 10" >"$KTAP_DIR/storm.$i" 2>&1 &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || fail "writer: $(tail -n 3 "$KTAP_DIR"/storm.*)"
	done
	while read -r name was min max; do
		expect "$name as before" is "$A" "$name" "$was"
	done <"$list"
	await "path works again" 60 net_ping "$B" 10.77.0.1 1
	life_moving
	life_end
}

ktap_run test_defaults test_all_and_default test_ranges test_ports \
	test_groups test_groups_userns test_neigh_userns test_netns \
	test_device test_device_comes_and_goes \
	test_open_across_removal test_write_while_detaching \
	test_write_under_traffic
