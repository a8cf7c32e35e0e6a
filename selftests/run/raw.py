#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Echo requests by raw sockets, as ping and mtr make them.

    raw.py OURS THEIRS
"""
import socket
import struct
import sys


def checksum(data):
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def request(seq):
    head = struct.pack('!BBHHH', 8, 0, 0, 77, seq)
    return head[:2] + struct.pack('!H', checksum(head)) + head[4:]


def answered(sock, seq):
    while True:
        data, addr = sock.recvfrom(2048)
        hlen = (data[0] & 15) * 4
        kind, _, _, ident, got = struct.unpack('!BBHHH', data[hlen:hlen + 8])
        if kind == 0 and ident == 77 and got == seq:
            return addr[0]


def main():
    ours, theirs = sys.argv[1:]
    icmp = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                         socket.IPPROTO_ICMP)
    icmp.settimeout(30)
    icmp.sendto(request(1), (theirs, 0))
    assert answered(icmp, 1) == theirs
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    body = request(2)
    head = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(body), 0, 0, 64, 1,
                       0, socket.inet_aton(ours), socket.inet_aton(theirs))
    raw.sendto(head + body, (theirs, 0))
    assert answered(icmp, 2) == theirs
    print('answered')


main()
