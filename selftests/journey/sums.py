#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""sums.py JOURNEYS HIST TOP: does `pktpath -j trace --hist`, and --top, say of
JOURNEYS (of `pktpath -j trace`) what they say of themselves? Numbers, sums and
longest times exactly, what a share does not exceed to an eighth.
"""
import json
import sys

PARTS = {"p50": 500, "p90": 900, "p99": 990, "p99.9": 999}


def lines(path):
    with open(path, encoding="ascii") as f:
        return [json.loads(line) for line in f if line.startswith("{")]


def times(js):
    spent = {}
    for j in js:
        at = [(s["stage"], s["time"]) for s in j["stages"]]
        for (stage, t), (_, end) in zip(at, at[1:]):
            if stage != "FREE":
                spent.setdefault(stage, []).append(end - t)
        if len(at) > 1:
            spent.setdefault("journey", []).append(at[-1][1] - at[0][1])
    return spent


def main():
    want = times(lines(sys.argv[1]))
    hist, top = lines(sys.argv[2]), lines(sys.argv[3])
    assert sorted(h["stage"] for h in hist) == sorted(want), hist
    for h in hist:
        ns = sorted(want[h["stage"]])
        assert h["count"] == len(ns) and h["sum_ns"] == sum(ns), (h, ns)
        assert h["max_ns"] == ns[-1], (h, ns)
        for name, part in PARTS.items():
            exact = ns[(len(ns) * part + 999) // 1000 - 1]
            assert exact * 7 / 8 <= h[name] <= exact, (name, exact, h)
    del want["journey"]
    assert len(top) == len(want), top
    for t in top:
        assert t["sum_ns"] == sum(want[t["stage"]]), t
        assert t["count"] == len(want[t["stage"]]), t
    cost = [t["sum_ns"] for t in top]
    assert cost == sorted(cost, reverse=True), cost
    print("# %d stages, most in %s" % (len(top), top[0]["stage"]))


main()
