#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""walk.py WAYS_H JSON [STAMPS [PORT]]: are these journeys true?

Each journey of `pktpath -j trace` must be a walk of the graph of WAYS_H, its
times must not go back, and no two may share an id. With STAMPS ("T0 T1 SIZE" a
line, taken by the program around send() and recv()), each journey must lie
inside its stamps, and what the stamps have more (the system calls' own entry
and exit) must be the same for all, to 1 % of the journey. With PORT those to
that port alone have stamps.
"""
import json
import re
import sys


def graph(path):
    with open(path, encoding="ascii") as f:
        return set(re.findall(r"\bX\((\w+), (\w+)\)", f.read()))


def journeys(path):
    with open(path, encoding="ascii") as f:
        return [json.loads(line) for line in f if line.startswith("{")]


def walks(ways, js):
    bad, ids = 0, set()
    for j in js:
        names = [s["stage"] for s in j["stages"]]
        times = [s["time"] for s in j["stages"]]
        if times != sorted(times):
            print("# times go back:", j)
            bad += 1
        if j["id"] in ids:
            print("# twice:", j)
            bad += 1
        ids.add(j["id"])
        drops = [i for i, s in enumerate(j["stages"]) if "drop" in s]
        for i, step in enumerate(zip(names, names[1:])):
            if step not in ways and i + 1 not in drops:
                print("# no way from %s to %s:" % step, *names)
                bad += 1
    return bad


def truth(js, path, port):
    with open(path, encoding="ascii") as f:
        stamps = [tuple(map(int, line.split())) for line in f]
    whole = sorted((j["stages"][0]["time"], j["stages"][-1]["time"])
                   for j in js if j["stages"][0]["stage"] == "SOCK_SEND" and
                   j["stages"][-1]["stage"] == "SOCK_RECV" and
                   port in (None, j.get("dport")))
    if len(stamps) != len(whole):
        print("# %d stamps, %d whole journeys" % (len(stamps), len(whole)))
        return 1
    more, part = [], []
    for (t0, t1), (a, b) in zip(stamps, whole):
        if not t0 <= a <= b <= t1:
            print("# outside of its stamps:", t0, t1, a, b)
            return 1
        more.append((t1 - t0) - (b - a))
        part.append((b - a) / (t1 - t0))
    n = len(more)
    base = sorted(more)[n // 2]
    off = sorted(abs(m - base) / (b - a) for m, (a, b) in zip(more, whole))
    part.sort()
    print("# calls around it: median %d ns; part of the stamps' time: median "
          "%.4f" % (base, part[n // 2]))
    print("# besides: median %.4f, p99 %.4f of the journey"
          % (off[n // 2], off[n * 99 // 100]))
    return int(off[n * 99 // 100] > 0.01)


def main():
    js = journeys(sys.argv[2])
    bad = walks(graph(sys.argv[1]), js)
    print("# %d journeys" % len(js))
    if len(sys.argv) > 3:
        bad += truth(js, sys.argv[3],
                     int(sys.argv[4]) if len(sys.argv) > 4 else None)
    return bad or not js


sys.exit(1 if main() else 0)
