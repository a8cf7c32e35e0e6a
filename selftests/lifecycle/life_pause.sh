#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# The machine stands still under traffic for as long as scripts/check.d/75-pause
# says, between /out/ready and /out/resumed; then all goes on, timers and all.
# Proves: attacks J6 (pause).

# shellcheck source=selftests/lifecycle/life.sh disable=SC1091
. "$(dirname "$0")/life.sh"

test_machine_paused()
{
	local n

	life_pair
	touch /out/ready
	await "resumed" 600 test -e /out/resumed
	expect "sender lives" test -d "/proc/$LIFE_TX"
	n=$(pp_stat "$A" UdpOutDatagrams)
	await "still sends" 60 pp_stat_above "$A" UdpOutDatagrams "$n"
	life_moving
	await "path works" 60 net_ping "$B" 10.77.0.1 1
	life_end
	expect "down" pp "$A" down
	expect "rmmod" rmmod pktpath
}

ktap_run test_machine_paused
