#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run by the scripts in place of the kernel's script of this name, once the tool
# has made its device: the device and its address become pktpath's, then the
# kernel's script sets the values, of pktpath by then.
set -e

# As the command, but without a process for each value; names that pktpath has
# not are passed over.
sysctl()
{
	local a file

	for a; do
		file=${a%%=*}
		file=/proc/sys/${file//.//}
		[ ! -e "$file" ] || echo "${a#*=}" >"$file"
	done
}

ip addr flush dev tun0
$PKTPATH -batch - <<BATCH
dev attach tun0
addr add 192.168.0.1/16 dev tun0
route add 192.0.0.0/16 dev tun0
BATCH
# shellcheck disable=SC1091 # the kernel's, made available by the runner
. ./defaults.kernel.sh
