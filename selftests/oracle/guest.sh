#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs inside a guest that goes on after warnings: commits each bug, looks
# whether the kernel log check sees it.
#
#   guest.sh KO
ko=$1
klog=$(dirname "$0")/../../scripts/klog
leak=/sys/kernel/debug/kmemleak
bad=0
n=0

check()
{
	n=$((n + 1))
	if [ "$2" = 0 ]; then
		echo "ok $n $1"
	else
		echo "not ok $n $1"
		bad=1
	fi
}

echo "TAP version 13"
echo "1..11"
insmod "$ko" && rmmod pp_oracle
dmesg | "$klog" --context
check "nothing is seen where nothing is planted" $?
# lock inversion first: a second report of lockdep's does not come
for bug in lockdep atomic kasan refcount ubsan warn csum timer reftrack; do
	dmesg -C
	insmod "$ko" bug=$bug
	rmmod pp_oracle
	! dmesg | "$klog"
	check "$bug is seen" $?
done
echo clear >$leak
insmod "$ko" bug=leak
rmmod pp_oracle
sleep 6
echo scan >$leak
echo scan >$leak
grep -q pp_oracle_leak $leak || grep -q 'unreferenced object' $leak
check "leak is seen" $?
exit $bad
