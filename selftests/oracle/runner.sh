#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# Does the runner count what a machine leaves behind?  scripts/check.d/70-vm with
# machines that are a script, and scripts/klog with lines of kernels.
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=selftests/lib/ktap.sh disable=SC1091
. "$top/selftests/lib/ktap.sh"

# count SCRIPT: runs two tests, a and b.  Each machine is "SCRIPT N" with the
# number of the machine, in the directory where it writes results.
count()
{
	local t

	t=$(mktemp -d)
	defer rm -rf "$t"
	mkdir -p "$t/scripts/check.d" "$t/selftests" "$t/check" "$t/done"
	cp "$top/scripts/check.d/lib.sh" "$top/scripts/check.d/70-vm" \
		"$t/scripts/check.d/"
	printf '%s\t%s.sh\t6.1\tquick\t10\treal:x\n' a a b b >"$t/selftests/TESTS"
	cat >"$t/scripts/vm" <<-EOF
		#!/bin/bash
		while [ "\$1" != -- ]; do
			[ "\$1" != --out ] || cd "\$2"
			shift
		done
		echo x >>machines
		: >results
		set -- \$(wc -l <machines)
		$1
	EOF
	chmod +x "$t/scripts/vm"
	env CHECK_TOP="$t" CHECK_DIR="$t/check" CHECK_LEVEL=quick \
		CHECK_DONE="$t/done" CHECK_KERNELS=6.1 CHECK_GROUPS= \
		CHECK_RESULTS="$t/sum" \
		timeout 60 "$t/scripts/check.d/70-vm" 6.1 real:x >/dev/null 2>&1
	[ -e "$t/sum" ] || : >"$t/sum"
	grep -v '^PASS' "$t/sum"
	echo "passed $(grep -c '^PASS' "$t/sum")"
}

# counts SCRIPT RE: what was counted, FAIL and FLAKY before the number passed
counts()
{
	local got

	got=$(count "$1" | tr '\n' ' ')
	[[ $got =~ $2 ]] || fail "'$1': $got"
}

both='for t in a b; do echo "start $t"; echo "end $t 0 "; done >results'
first='[ $1 = 2 ] || { printf "start a\nend a 0 \n" >results; exit RC; }
	printf "start b\nend b 0 \n" >results'

test_all_pass()
{
	counts "$both" '^passed 2 $'
}

test_dies_in_a_test()
{
	counts "echo start a >results; [ \$1 = 1 ] && exit 125
		printf 'start b\nend b 0 \n' >results" \
		'^FAIL 6.1 a: the machine died .status 125. passed 1 $'
}

# Nothing was under way: whoever ran last is told of, and the rest runs.
test_dies_between_tests()
{
	local rc

	for rc in 124 125 126; do
		counts "${first/RC/$rc}" \
			"^FAIL 6.1 real:x after a: .*status $rc passed 2 \$"
	done
}

test_complains_at_the_end()
{
	counts "$both; exit 126" '^FAIL 6.1 real:x after b: .*126 passed 2 $'
}

# The module that stays is counted once, and ends the machine.
test_does_not_unload()
{
	counts '[ $1 = 2 ] && { printf "start b\nend b 0 \n" >results; exit; }
		printf "start a\nend a 1 the module does not unload\n" >results
		exit 1' '^FAIL 6.1 a: the module does not unload passed 1 $'
}

test_does_not_start()
{
	counts 'exit 125' '^FAIL 6.1 real:x: the machine does not start .status 125. passed 0 $'
}

# seen LINE, unseen LINE
seen()
{
	"$top/scripts/klog" <<<"$1" >/dev/null && fail "not seen: $1"
	"$top/scripts/klog" <<<"[    1.234567] $1" >/dev/null &&
		fail "not seen behind a time: $1"
	:
}

unseen()
{
	"$top/scripts/klog" <<<"[    1.234567] $1" >/dev/null ||
		fail "no complaint: $1"
}

test_complaints()
{
	seen "WARNING: CPU: 0 PID: 1 at net/core/dev.c:1 f+0x1/0x2"
	seen "BUG: kernel NULL pointer dereference, address: 0"
	seen "eth0: hw csum failure"
	seen "veth0 (unregistering): hw csum failure"
	seen "RTNL: assertion failed at net/core/dev.c (1)"
	seen "Attempt to release TCP socket in state 1 00000000"
	seen "DMA-API: device driver tries to free memory"
	seen "INFO: lockdep is turned off."
	seen "unregister_netdevice: waiting for pa to become free. Usage count = 2"
	unseen "pktpath: loaded"
	unseen "veth0: renamed from hw"
}

# An injected failure to make a cache of ours, and nothing that is like it.
test_injected()
{
	local told="FAULT_INJECTION: forcing a failure.
name failslab, interval 1, probability 0, space 0, times 0"
	local at="CPU: 1 UID: 0 PID: 9 Comm: life_init Tainted: G O 7.2 #1
Hardware name: QEMU Standard PC"
	local f="__kmem_cache_create_args" no="failed with error"

	unseen "$told
$f(pp_dst) $no -12
$at
Call Trace:
 <TASK>"
	unseen "$told
$f(pktpath_frags) $no -12
$at
Call Trace:"
	unseen "$told
$f(tw_sock_PKTPATH-TCP) $no -12
$at
Call Trace:"
	seen "$told
$f(pp_dst) $no -12
$at
Call Trace:
Call Trace:"
	seen "$told
$f(pp_dst) $no -12
$at
WARNING: CPU: 0 PID: 1 at mm/slub.c:1
Call Trace:"
	unseen "$told
$f(PP_RAW) $no -22
$at
Call Trace:"
	seen "$told
$f(pp_dst) $no -17
$at
Call Trace:"
	seen "$f(pp_dst) $no -22
$at
Call Trace:"
	seen "$told
$f(dentry) $no -12
$at
Call Trace:"
	seen "$f(pp_dst) $no -12
$at
Call Trace:"
	seen "$told
pktpath: loaded
$f(pp_dst) $no -12
$at
Call Trace:"
	seen "$told
$at
Call Trace:"
}

ktap_run test_all_pass test_dies_in_a_test test_dies_between_tests \
	test_complains_at_the_end test_does_not_unload test_does_not_start \
	test_complaints test_injected
