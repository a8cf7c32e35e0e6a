#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Find out which interfaces a kernel has.
#
#   probe.sh KDIR OUT
#
# Each module/compat/probes/NAME.c compiles only where the feature is there;
# OUT/probe.h gets one "#define PKTPATH_HAVE_NAME 1" for each that does.
# Nothing is done when neither the probes nor the kernel have changed.
set -eu

[ $# = 2 ] || { echo "usage: probe.sh KDIR OUT" >&2; exit 2; }
kdir=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)
probes=$(cd "$(dirname "$0")/../module/compat/probes" && pwd)

key=$( { echo "$kdir"; cat "$kdir/.config" \
	"$kdir/include/generated/utsrelease.h" "$kdir/Module.symvers" \
	2>/dev/null || true; cat "$0" "$probes"/*.c; } | cksum)
if [ -e "$out/probe.h" ] && [ "$(cat "$out/key" 2>/dev/null)" = "$key" ]; then
	exit 0
fi

tmp=$(mktemp -d "$out/tmp.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
# one probe that must compile, so that a broken set-up is not taken for
# a kernel without features
echo '#include <linux/module.h>' >"$tmp/sane.c"
cp "$probes"/*.c "$tmp/"
names=$(cd "$tmp" && ls ./*.c | sed 's,^\./,,; s/\.c$//' | LC_ALL=C sort)
objs=
for n in $names; do
	objs="$objs $n.o"
done
echo "obj-m := $objs" >"$tmp/Kbuild"
# shellcheck disable=SC2086 # a list of targets
MAKEFLAGS='' make -k KCFLAGS=-Werror -j"$(nproc)" -C "$kdir" M="$tmp" $objs \
	>"$out/probe.log" 2>&1 || true
if [ ! -e "$tmp/sane.o" ]; then
	echo "probe.sh: nothing compiles against $kdir: see $out/probe.log" >&2
	exit 1
fi
{
	echo "/* SPDX-License-Identifier: GPL-2.0 */"
	echo "/* What this kernel has; written by scripts/probe.sh. */"
	for n in $names; do
		[ "$n" != sane ] && [ -e "$tmp/$n.o" ] || continue
		printf '#define PKTPATH_HAVE_%s 1\n' \
			"$(echo "$n" | tr '[:lower:]' '[:upper:]')"
	done
} >"$tmp/probe.h"
if ! cmp -s "$tmp/probe.h" "$out/probe.h"; then
	mv "$tmp/probe.h" "$out/probe.h"
fi
echo "$key" >"$out/key"
