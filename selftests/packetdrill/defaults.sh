#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run by the scripts in place of the kernel's script of this name, once the tool
# has made its device: the device and its address become pktpath's, then the
# kernel's script sets the values, of pktpath by then.
set -e

ip addr flush dev tun0
$PKTPATH dev attach tun0
$PKTPATH addr add 192.168.0.1/16 dev tun0
$PKTPATH route add 192.0.0.0/16 dev tun0
exec ./defaults.kernel.sh
