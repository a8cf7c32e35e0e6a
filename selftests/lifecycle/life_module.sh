#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# The module goes and comes while packets are on their way.
# Proves: attacks J1 (rmmod under traffic), part of J5 (init failing).

# shellcheck source=selftests/lifecycle/life.sh disable=SC1091
. "$(dirname "$0")/life.sh"

ROUNDS=${1:-5}

life_unloaded()
{
	[ ! -d /sys/module/pktpath ]
}

# A packet that is still on its way may hold its socket for a moment; what holds
# it for good, as an open socket does, fails this.
life_rmmod()
{
	await "rmmod" 30 timeout 60 rmmod pktpath
	expect "unloaded" life_unloaded
}

# Devices, addresses, routes and neighbours alone do not hold it.
test_rmmod_with_configuration()
{
	net_pair
	expect "path works" net_ping "$B" 10.77.0.1
	expect "route" pp "$A" route add 192.0.2.0/24 via 10.77.0.2
	life_rmmod
	expect "links are there" ip -n "$A" link show pa
	expect "load" net_load
	refuse "nothing is attached" pp "$A" dev show pa
	pp_own "$A" pa 10.77.0.1/24
	expect "path works" net_ping "$B" 10.77.0.1
}

# Frames keep coming in while it goes, which takes no longer for that. The debug
# kernel is not timed.
test_rmmod_under_flood()
{
	local i ms

	net_pair
	expect "path works" net_ping "$B" 10.77.0.1
	ip netns exec "$B" ping -f -i 0.005 -n -q 10.77.0.1 >/dev/null 2>&1 &
	defer kill $!
	for ((i = 0; i < ROUNDS; i++)); do
		ms=${EPOCHREALTIME/[.,]/}
		life_rmmod
		ms=$(((${EPOCHREALTIME/[.,]/} - ms) / 1000))
		[ "$PKTPATH_KERNEL" = 7.2 ] || [ "$ms" -le 10000 ] ||
			fail "rmmod took $ms ms"
		expect "load" net_load
		pp_own "$A" pa 10.77.0.1/24
		await "path works" 60 net_ping "$B" 10.77.0.1 1
	done
}

test_sockets_hold_the_module()
{
	life_pair
	refuse "in use" rmmod pktpath
	life_moving
	life_end
	wait "$LIFE_TX"
	life_rmmod
	expect "load" net_load
}

test_down_makes_ready_for_rmmod()
{
	life_pair
	refuse_out "down says who still has a socket" lifecycle_traff \
		pp "$A" down
	life_no_dev "$A" pa
	life_end
	wait "$LIFE_TX"
	expect "nobody any more" pp "$A" down
	life_rmmod
	expect "load" net_load
}

test_rmmod_with_many_netns()
{
	local i C

	expect "module" net_load
	for ((i = 0; i < 8; i++)); do
		net_ns C
		expect "dummy" ip -n "$C" link add d0 type dummy
		pp_own "$C" d0 10.80.0.1/24
	done
	life_rmmod
	net_ns C
	expect "load" net_load
	expect_out "lo is attached again" "lo" pp "$C" dev show lo
}

# Another module has the number, which the last step of loading finds out: all
# the others are undone.
test_load_with_a_family_that_is_taken()
{
	local other=$PKTPATH_TOP/build/$PKTPATH_KERNEL-oracle/pp_oracle.ko
	local why="File exists"

	# newer kernels keep EEXIST for a module that is loaded already
	[ "$PKTPATH_KERNEL" != 7.2 ] || why="Device or resource busy"
	[ -e "$other" ] || skip "there is no $other"
	if [ -d /sys/module/pktpath ]; then
		life_rmmod
	fi
	expect "another module" insmod "$other" bug=family
	defer rmmod pp_oracle
	dmesg -C
	refuse_out "family 18 is taken" "$why" insmod "$PKTPATH_KO"
	expect_out "why" "family 18 is taken by another module.*family=N" dmesg
	expect "nothing is left" life_unloaded
	expect "another number" insmod "$PKTPATH_KO" family=19
	net_pair
	expect "works with it" in_ns "$A" \
		"$PKTPATH_TESTS/lifecycle_traffic" -e 10.77.0.1
	life_rmmod
	expect "the other one goes" rmmod pp_oracle
	expect "load" net_load
}

# A number that is not to be had is refused with a sentence that says why.
test_load_with_a_family_that_cannot_be()
{
	local f

	if [ -d /sys/module/pktpath ]; then
		life_rmmod
	fi
	for f in -1 0 1 2 10 16 17 40 45 46 255 1000 65554 2147483647; do
		dmesg -C
		refuse_out "family=$f" "Invalid parameters" \
			insmod "$PKTPATH_KO" family="$f"
		expect_out "family=$f: why" "family=$f .*use 4, 13, 14, 18" \
			dmesg
		expect "family=$f: nothing is left" life_unloaded
	done
	for f in x "" 99999999999 18,19; do
		refuse "family=$f" insmod "$PKTPATH_KO" family="$f"
		expect "family=$f: nothing is left" life_unloaded
	done
	expect "another one that is free" insmod "$PKTPATH_KO" family=19
	net_pair
	expect "works with it" in_ns "$A" \
		"$PKTPATH_TESTS/lifecycle_traffic" -e 10.77.0.1
	life_rmmod
	expect "load" net_load
}

if [ $# != 0 ]; then
	ktap_run test_rmmod_under_flood
	exit
fi
ktap_run test_rmmod_with_configuration test_rmmod_under_flood \
	test_sockets_hold_the_module test_down_makes_ready_for_rmmod \
	test_rmmod_with_many_netns test_load_with_a_family_that_is_taken \
	test_load_with_a_family_that_cannot_be
