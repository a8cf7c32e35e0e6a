#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# Processors that go and come under traffic.
# Proves: attacks J6 (its first half).

# shellcheck source=selftests/lifecycle/life.sh disable=SC1091
. "$(dirname "$0")/life.sh"

cpu=/sys/devices/system/cpu/cpu1/online

# What a processor has counted stays counted when it is away, and packets that
# it had queued are served by others.
test_processor_goes_and_comes()
{
	local i was now

	[ -w "$cpu" ] || skip "one processor"
	defer sh -c "echo 1 >$cpu"
	life_pair
	was=$(pp_stat "$A" UdpOutDatagrams)
	for ((i = 0; i < 20; i++)); do
		expect "off" sh -c "echo 0 >$cpu"
		now=$(pp_stat "$A" UdpOutDatagrams)
		expect "nothing forgotten" test "$now" -ge "$was"
		was=$now
		expect "on" sh -c "echo 1 >$cpu"
	done
	life_moving
	expect "path works" net_ping "$B" 10.77.0.1
	life_end
}

ktap_run test_processor_goes_and_comes
