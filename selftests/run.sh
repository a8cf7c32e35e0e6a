#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs inside the guest: test programs one after the other, each with the
# module freshly loaded; afterwards nothing may have been left behind.
#
#   run.sh LIST      lines "NAME TIMEOUT COMMAND", TIMEOUT in seconds
#
# /out/NAME.log is what the program said.  /out/results gets "start NAME" and
# "end NAME STATUS TEXT": a start without its end is what the guest died of.
set -u

list=$1
ko=$PKTPATH_KO
tool=$PKTPATH_TOP/scripts/pktpath/pktpath
klog=$PKTPATH_TOP/scripts/klog
export PKTPATH_KO PKTPATH_TESTS

# programs use what the kernel may have as modules
for m in veth dummy tun 8021q bridge macvlan bonding ifb nf_tables nft_ct \
	nf_conntrack sch_netem sch_fq sch_tbf sch_prio sch_ingress cls_bpf \
	cls_u32 act_mirred; do
	modprobe "$m" 2>/dev/null
done

# Softirqs that the kernel put off run before the program goes on, as they do on
# a processor that is not short of time: a datagram sent over veth has arrived
# when send() returns.  A machine that stood still for a second must not take it
# for theirs and hold them back; and what waits for them is not thrown away.  Not
# so on the debug kernel, which would never be done with a flood.
pgrep ksoftirqd | xargs -r -n 1 chrt -f -p 50
if [ ! -e /sys/kernel/debug/kmemleak ]; then
	echo -1 >/proc/sys/kernel/sched_rt_runtime_us
	echo 100000 >/proc/sys/net/core/netdev_max_backlog
fi

# unload: nothing may hold the module once its namespaces are gone.  What ends
# the last sockets of a program that was killed may take its time: packets under
# way, the work behind a ring of io_uring, a process that is still on its way
# out and leaves a closed connection.
unload()
{
	local i

	[ -d /sys/module/pktpath ] || return 0
	ip -all netns delete 2>/dev/null
	for ((i = 0; i < 600; i++)); do
		((i % 20)) || "$tool" down --all >/dev/null 2>&1
		rmmod pktpath 2>/dev/null && return 0
		sleep 0.1
	done
	echo "references: $(cat /sys/module/pktpath/refcnt)"
	rmmod pktpath 2>&1
	return 1
}

while read -r name limit command; do
	[ -n "$name" ] || continue
	echo "start $name" >>/out/results
	dmesg -C
	text=
	log=/out/$name.log
	dir=$(mktemp -d)
	# a counted clock runs ahead while a line goes to the host
	[ "$PKTPATH_CLOCK" = real ] || log=$dir/log
	# the line is written by us and may hold arguments
	# shellcheck disable=SC2086
	if insmod "$ko" >"$log" 2>&1; then
		cd "$dir" || exit
		(
			echo "$BASHPID" >"$dir/session"
			exec setsid timeout -k 5 "$limit" $command
		) >>"$log" 2>&1 </dev/null
		status=$?
		cd / || exit
		# a program that failed half way has left its processes
		[ $status = 0 ] || pkill -KILL -s "$(cat "$dir/session")"
	else
		status=1
		text="the module does not load"
	fi
	if [ $status = 124 ] || [ $status = 137 ]; then
		text="not done after $limit s"
	fi
	if ! unload >>"$log" 2>&1; then
		status=1
		text="the module does not unload"
	fi
	if ! dmesg >"$dir/dmesg" || ! "$klog" "$dir/dmesg" >"$dir/klog"; then
		status=1
		text="the kernel complains: $(head -n 1 "$dir/klog")"
		"$klog" --context "$dir/dmesg" >>"$log"
	fi
	[ "$PKTPATH_CLOCK" = real ] || cp "$log" "/out/$name.log"
	echo "end $name $status $text" >>/out/results
	rm -rf "$dir"
	# without its module gone every further test would fail for it
	[ ! -d /sys/module/pktpath ] || exit 1
done <"$list"
exit 0
