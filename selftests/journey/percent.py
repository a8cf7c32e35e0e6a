#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""percent.py PKTPATH FILE: the percentiles of `pktpath trace --hist`, of all and
by flow, process, socket and cgroup, against numbers that are known: FILE is made
of journeys that take so long as is written below, each a whole power of two,
which a cell of the histograms begins with.
"""
import json
import struct
import subprocess
import sys

import recording

# how many journeys spend how many ns in TP_XMIT
SPENT = ((500, 1 << 10), (400, 1 << 12), (90, 1 << 16), (9, 1 << 20),
         (1, 1 << 24))
PARTS = ("p50", "p90", "p99", "p99.9", "max_ns")
AFTER = 5
OWNER = 66
# cookie, process, cgroup, source port, so much slower, so many times as often
SOCKS = ((0xa1, 100, 7000, 4001, 1, 1), (0xb2, 100, 7001, 4002, 8, 2),
         (0xc3, 200, 7001, 4003, 64, 1))


def owner(time, ident, cookie, pid, cgroup):
    return struct.pack("=QQQQHHIIIIHHBBBBB3x", time, ident, cookie, cgroup, 0,
                       0, 0, 0, 0, pid, 0, 0, OWNER, 0, 0, 0, 0)


def write(path):
    out, now, ident = [], 10 ** 12, 0
    for cookie, pid, cgroup, port, slow, often in SOCKS:
        for n, ns in SPENT:
            for _ in range(n * often):
                ident += 1
                now += 1 << 31
                at = recording.AT
                flow = (recording.UDP, port, 53)
                for name, t in (("TP_XMIT", 0), ("DEV_XMIT", ns * slow),
                                ("TX_DONE", ns * slow + AFTER)):
                    out.append(recording.rec(now + t, ident, at[name], cookie,
                                             flow, size=100))
                out.append(owner(now, ident, cookie, pid, cgroup))
    recording.write(path, out)


def hist(tool, path, *words):
    text = subprocess.run([tool, "-j", "trace", "--read", path, "--hist",
                           *words], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout
    return [json.loads(line) for line in text.decode().splitlines()]


def expect(socks):
    """The same as numbers, of all journeys of SOCKS."""
    ns = sorted(t for *_, slow, often in socks for n, one in SPENT
                for t in [one * slow] * (n * often))
    at = [(len(ns) * part + 999) // 1000 - 1
          for part in (500, 900, 990, 999, 1000)]
    return len(ns), sum(ns), [ns[i] for i in at]


def check(lines, key, value, socks):
    mine = {h["stage"]: h for h in lines
            if key is None or str(h[key]) == value}
    assert sorted(mine) == ["DEV_XMIT", "TP_XMIT", "journey"], mine
    n, total, parts = expect(socks)
    h = mine["TP_XMIT"]
    assert (h["count"], h["sum_ns"]) == (n, total), (h, n, total)
    assert [h[p] for p in PARTS] == parts, (key, value, h, parts)
    d = mine["DEV_XMIT"]
    assert [d[p] for p in PARTS] == [AFTER] * 5 and d["count"] == n, d
    j = mine["journey"]
    assert j["sum_ns"] == total + n * AFTER, j
    return len(mine)


def main():
    tool, path = sys.argv[1:]
    write(path)
    one = SOCKS[:1]
    assert expect(one) == (1000, 512000 + 1638400 + 5898240 + 9437184 +
                           16777216, [1 << 10, 1 << 12, 1 << 16, 1 << 20,
                                      1 << 24])
    check(hist(tool, path), None, None, SOCKS)
    names = {"sock": lambda s: "%x" % s[0], "pid": lambda s: str(s[1]),
             "cgroup": lambda s: str(s[2]),
             "flow": lambda s: "udp 127.0.0.1:%d > 127.0.0.1:53" % s[3]}
    for key, name in names.items():
        lines = hist(tool, path, "--by", key)
        values = sorted({name(s) for s in SOCKS})
        done = sum(check(lines, key, v, [s for s in SOCKS if name(s) == v])
                   for v in values)
        assert done == len(lines), (key, lines)
    # what a file is asked for is chosen by the tool
    for words, socks in ((("sock", "b2"), SOCKS[1:2]),
                         (("pid", "100"), SOCKS[:2]),
                         (("cgroup", "7001"), SOCKS[1:]),
                         (("dev", "lo"), SOCKS)):
        check(hist(tool, path, *words), None, None, socks)
    print("# %d sums as they should be" % (1 + 2 * len(names)))


main()
