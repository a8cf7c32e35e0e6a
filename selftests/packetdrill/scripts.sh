#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016 # text for sed
# The packetdrill scripts of the kernel's selftests, on AF_PKTPATH: what they
# expect of AF_INET is expected of us, IPv4 only. Scripts and settings are taken
# from the kernel's source and stay as they are; names of net.ipv4.tcp_* are read
# as net.pktpath.tcp_*. SKIP lists those that can't apply.
#
#   scripts.sh [-i] [-g] [PATTERN]...
#
# -i runs them on AF_INET instead, for comparison. -g takes the scripts that come
# with the tool and that the kernel's selftests have not, if the tool stands where
# it was built. The tool is $PACKETDRILL or in PATH; without it all is skipped.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$here/../lib/net.sh"

inet=
own=
while :; do
	case ${1-} in
	-i) inet=1 ;;
	-g) own=1 ;;
	*) break ;;
	esac
	shift
done
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
	cp "$common/set_sysctls.py" "$common/defaults.sh" "$dir"
	sed 's,\(\.\./\)\+common/,./,' "${path[$1]}" >"$dir/$1.pkt"
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
	# what it calls has to be in memory: waiting for the disk takes time
	if grep -q nstat "$1.pkt"; then
		in_ns "$ns" ./nstat | grep -q nothing
		rm -f nstat.base
	fi
	expect "the script" in_ns "$ns" timeout 900 "${with[@]}" \
		"$tool" --ip_version=ipv4 --local_ip=192.168.0.1 \
		--gateway_ip=192.168.0.1 --netmask_ip=255.255.0.0 \
		--remote_ip=192.0.2.1 -D TFO_COOKIE=3021b9d889017eeb \
		-D TFO_COOKIE_ZERO=b7c12350a90dc8f5 -D CMSG_LEVEL_IP=SOL_IP \
		-D CMSG_TYPE_RECVERR=IP_RECVERR --tolerance_usecs=14000 \
		"$1.pkt"
}

tool=$(command -v "${PACKETDRILL:-packetdrill}") ||
	skip_all "packetdrill is not installed"
modprobe tun 2>/dev/null
[ -c /dev/net/tun ] || skip_all "no tun"
ksrc=$("$NET_TOP/scripts/kernel" ksrc 7.2) || skip_all "no kernel source"
ksrc=$ksrc/tools/testing/selftests/net/packetdrill

declare -A path
if [ -z "$own" ]; then
	common=$ksrc
	for script in "$ksrc"/*.pkt; do
		path[$(basename "$script" .pkt)]=$script
	done
else
	gtests=$(dirname "$(realpath "$tool")")/..
	common=$gtests/tcp/common
	[ -d "$common" ] || skip_all "the tool's own scripts are not there"
	# tcp/x/y.pkt is tcp_x_y, as the kernel calls those that it took
	while read -r script; do
		name=${script%.pkt}
		name=${name//\//_}
		[ -e "$ksrc/$name.pkt" ] || path[$name]=$gtests/$script
	done < <(cd "$gtests" && find tcp -name '*.pkt')
fi

names=()
for name in $(printf '%s\n' "${!path[@]}" | sort); do
	for pattern; do
		# shellcheck disable=SC2053 # it is a pattern
		[[ $name == $pattern ]] || continue
		names+=("$name")
		eval "$name() { one $name; }"
		break
	done
done
ktap_run "${names[@]}"
