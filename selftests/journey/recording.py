#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""recording.py FILE: a recording as `pktpath trace --record` writes it

Always the same: datagrams over lo whose times are spread over three orders of
magnitude, requests and answers of a stream, drops of two kinds, lost records.
"""
import random
import struct
import sys

SEND = "SOCK_SEND TP_SEND IP_ROUTE TP_XMIT"
SEGMENT = "TP_XMIT IP_ROUTE"
DOWN = "IP_LOCAL_OUT IP_OUTPUT IP_FINISH NEIGH DEV_QUEUE DEV_XMIT"
UP = "DEV_RX LINK_RCV IP_RCV IP_ROUTE_IN IP_LOCAL TP_RCV"
READ = "SOCK_QUEUE SOCK_WAKE FREE SOCK_RECV"
STAGES = ("SOCK_SEND TP_SEND TP_XMIT IP_ROUTE IP_LOCAL_OUT IP_OUTPUT IP_FINISH "
          "NEIGH DEV_QUEUE DEV_XMIT TX_DONE DEV_RX LINK_RCV IP_RCV IP_ROUTE_IN "
          "IP_FORWARD IP_LOCAL TP_RCV SOCK_QUEUE SOCK_WAKE SOCK_RECV").split()
AT = {name: i for i, name in enumerate(STAGES)}
AT["FREE"], LOST = 64, 65
FLOW, DROP, TASK = 1, 2, 8
UDP, TCP = 17, 6
LINK = {"DEV_QUEUE", "DEV_XMIT"}
CALL = {"SOCK_SEND", "TP_SEND", "SOCK_RECV"}
CAUSES = ("UdpNoPort", "FaultDrop")
US = bytes([127, 0, 0, 1])

rand = random.Random(1)


def rec(time, ident, stage, cookie=0, flow=None, seq=0, size=0, cpu=0, cause=0,
        flags=0):
    proto, sport, dport = flow or (0, 0, 0)
    return struct.pack("=QQQ4s4s", time, ident, cookie, US if flow else bytes(4),
                       US if flow else bytes(4)) + \
        struct.pack(">HH", sport, dport) + \
        struct.pack("=IIIIHHBBBBB3x", seq, size, 1, 4711, cpu, 0, stage, proto,
                    cause, flags | (FLOW if flow else 0), 0x10)


def journey(out, time, ident, walk, flow, seq, size, drop=None):
    """One packet's records; its end."""
    cpu = ident % 2
    slow = rand.choice((1, 1, 1, 1, 1, 2, 3, 30))
    for name in walk.split():
        flags = TASK if AT[name] <= AT["DEV_XMIT"] else 0
        length = size + 14 if name in LINK else \
            size - 28 if name in CALL else size
        known = name in ("SOCK_SEND", "TP_XMIT", "DEV_XMIT", "LINK_RCV")
        out.append(rec(time, ident, AT[name], 7, flow if known else None, seq,
                       length, cpu, 0, flags))
        if name == drop:
            time += 150
            out.append(rec(time, ident, AT[name], 0, flow, seq, length, cpu,
                           CAUSES.index("UdpNoPort" if name == "TP_RCV"
                                        else "FaultDrop"), DROP))
            return
        time += int(slow * rand.lognormvariate(5, .6)) + 20
        if name == "DEV_XMIT":
            cpu ^= 1


def main():
    out, now = [], 10 ** 12
    for i in range(1, 401):
        now += 50000
        if i % 4 == 0:
            journey(out, now, i, " ".join((SEGMENT, DOWN, UP, "SOCK_QUEUE")),
                    (TCP, 40000, 80) if i % 8 else (TCP, 80, 40000), i * 700,
                    740)
        else:
            drop = "TP_RCV" if i % 25 == 1 else "IP_OUTPUT" if i % 40 == 3 \
                else None
            journey(out, now, i, " ".join((SEND, DOWN, UP, READ)),
                    (UDP, 5000, 5009 if drop else 53), i, 92, drop)
    out.append(rec(now + 10 ** 6, 3, LOST))
    write(sys.argv[1], out)


def write(path, out):
    out.sort(key=lambda r: struct.unpack_from("=Q", r))
    with open(path, "wb") as f:
        f.write(b"pktpath1" + struct.pack("=IIII", 1, len(out[0]), len(CAUSES),
                                          32))
        for name in CAUSES:
            f.write(name.encode().ljust(32, b"\0"))
        f.write(b"".join(out))


if __name__ == "__main__":
    main()
