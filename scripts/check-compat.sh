#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Differences between kernels live in module/compat alone, are found by probes,
# and stay within their budget.
set -eu
cd "$(dirname "$0")/.."
rc=0

if grep -rnE 'LINUX_VERSION_CODE|KERNEL_VERSION|UTS_RELEASE' module include \
	--include='*.[ch]'; then
	echo "version tests: write a probe in module/compat/probes instead"
	rc=1
fi
if grep -rn 'PKTPATH_HAVE_' module include --include='*.[ch]' |
	grep -v '^module/compat/'; then
	echo "probe results are used by module/compat alone"
	rc=1
fi
for p in module/compat/probes/*.c; do
	n=$(basename "$p" .c | tr '[:lower:]' '[:upper:]')
	if ! grep -rqw "PKTPATH_HAVE_$n" module/compat --include='*.h'; then
		echo "$p: nobody uses PKTPATH_HAVE_$n"
		rc=1
	fi
done
for n in $(grep -rhE "^#.*PKTPATH_HAVE_" module/compat \
		--include="*.h" |
		grep -oE "PKTPATH_HAVE_[A-Z0-9_]+" | sort -u); do
	f=module/compat/probes/$(echo "${n#PKTPATH_HAVE_}" |
		tr '[:upper:]' '[:lower:]').c
	if [ ! -e "$f" ]; then
		echo "$n: there is no $f"
		rc=1
	fi
done
lines=$(cat module/compat/*.[ch] | wc -l)
if [ "$lines" -gt 800 ]; then
	echo "module/compat has $lines lines, 800 are allowed"
	rc=1
fi
exit $rc
