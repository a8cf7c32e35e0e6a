#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Kbuild names every source and no other, is short and runs no shell.
set -eu
cd "$(dirname "$0")/.."
rc=0

named=$(grep -oE 'module/[a-z0-9_/]+\.o' Kbuild | sed 's/\.o$/.c/' | sort -u)
found=$(find module -name '*.c' ! -name '*.mod.c' ! -path '*/probes/*' |
	sort -u)
for f in $named; do
	[ -e "$f" ] || { echo "Kbuild: there is no $f"; rc=1; }
done
for f in $found; do
	echo "$named" | grep -qxF "$f" || { echo "Kbuild: lacks $f"; rc=1; }
done
if grep -n 'shell' Kbuild; then
	echo "Kbuild: runs a shell"
	rc=1
fi
[ "$(wc -l <Kbuild)" -le 80 ] || { echo "Kbuild: over 80 lines"; rc=1; }
exit $rc
