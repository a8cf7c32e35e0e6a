#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016 # text for sed
# The packetdrill scripts of the kernel's selftests, on AF_PKTPATH: what they
# expect of AF_INET is expected of us, IPv4 only. Scripts and settings are taken
# from the kernel's source and stay as they are; names of net.ipv4.tcp_* are read
# as net.pktpath.tcp_*. SKIP lists those that can't apply.
#
#   scripts.sh [-i] [PATTERN]...
#
# -i runs them on AF_INET instead, for comparison. The tool is $PACKETDRILL or
# in PATH; without it all is skipped.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$here/../lib/net.sh"

inet=
if [ "${1-}" = -i ]; then
	inet=1
	shift
fi
[ $# -gt 0 ] || set -- '*'

skip_all()
{
	echo "KTAP version 1"
	echo "1..0 # SKIP $*"
	exit "$KTAP_SKIP"
}

# copy NAME: directory of our own with the script and what it calls, in $dir
copy()
{
	dir=$(mktemp -d)
	defer rm -rf "$dir"
	cp "$src/set_sysctls.py" "$src/defaults.sh" "$src/$1.pkt" "$dir"
	[ -z "$inet" ] || return 0
	mv "$dir/defaults.sh" "$dir/defaults.kernel.sh"
	cp "$here/defaults.sh" "$here/nstat" "$dir"
	# Nothing is held back for a larger super-packet here, which is what
	# a script wants that sets tcp_tso_win_divisor.
	sed -i -e 's,sysctl -q net.ipv4.tcp_tso_win_divisor=100,:,' \
		-e 's,net\([./]\)ipv4\([./]\)tcp_,net\1pktpath\2tcp_,g' \
		-e 's,/proc/net/tcp ,/proc/net/pktpath/tcp ,' \
		-e 's,\([`| ]\)nstat ,\1./nstat ,g' \
		"$dir/defaults.kernel.sh" "$dir/$1.pkt"
}

one()
{
	local with dir ns pattern why

	with=(env "LD_PRELOAD=$PKTPATH_TESTS/packetdrill_inet_preload.so")
	[ -z "$inet" ] || with+=(PKTPATH_FAMILY=2)
	while read -r pattern why; do
		# shellcheck disable=SC2053 # it is a pattern
		[[ $1 != $pattern || -n $inet ]] || skip "$why"
	done <"$here/SKIP"
	expect "module" net_load
	net_ns ns
	copy "$1"
	cd "$dir" || fail "no directory"
	export PKTPATH
	expect "the script" in_ns "$ns" "${with[@]}" \
		"$tool" --ip_version=ipv4 --local_ip=192.168.0.1 \
		--gateway_ip=192.168.0.1 --netmask_ip=255.255.0.0 \
		--remote_ip=192.0.2.1 -D TFO_COOKIE=3021b9d889017eeb \
		-D TFO_COOKIE_ZERO=b7c12350a90dc8f5 -D CMSG_LEVEL_IP=SOL_IP \
		-D CMSG_TYPE_RECVERR=IP_RECVERR --tolerance_usecs=14000 \
		"$1.pkt"
}

tool=$(command -v "${PACKETDRILL:-packetdrill}") ||
	skip_all "packetdrill is not installed"
ksrc=$("$NET_TOP/scripts/kernel" ksrc 7.2) || skip_all "no kernel source"
src=$ksrc/tools/testing/selftests/net/packetdrill

names=()
for pattern; do
	for script in "$src"/$pattern.pkt; do
		[ -e "$script" ] || continue
		script=$(basename "$script" .pkt)
		names+=("$script")
		eval "$script() { one $script; }"
	done
done
ktap_run "${names[@]}"
