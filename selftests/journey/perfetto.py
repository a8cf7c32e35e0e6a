#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""perfetto.py TRACE JOURNEYS: is this a trace of these journeys?

TRACE, of `pktpath trace --perfetto`, must be JSON with a named track for each
CPU and each flow of JOURNEYS (of `pktpath -j trace`): each journey once on the
track of its flow, each of its stages on that of its CPU; the slices of a flow's
track must not overlap.
"""
import collections
import json
import sys

CPUS, FLOWS = 1, 2


def flow_of(j):
    if "proto" not in j:
        return "-"
    ends = [j["src"], j["dst"]]
    if "sport" in j:
        ends = ["%s:%d" % e for e in zip(ends, (j["sport"], j["dport"]))]
    return "%s %s > %s" % (j["proto"], *ends)


def names(events):
    return {(e["pid"], e["tid"]): e["args"]["name"] for e in events
            if e["ph"] == "M" and e["name"] == "thread_name"}


def main():
    with open(sys.argv[1], encoding="ascii") as f:
        events = json.load(f)["traceEvents"]
    with open(sys.argv[2], encoding="ascii") as f:
        js = {j["id"]: j for j in map(json.loads, f)}
    tracks = names(events)
    slices = [e for e in events if e["ph"] == "X"]
    assert len(js) >= 40, len(js)
    want = {flow_of(j) for j in js.values()}
    have = [n for (pid, _), n in tracks.items() if pid == FLOWS]
    assert sorted(have) == sorted(want), (have, want)
    want = {"CPU %d" % s["cpu"] for j in js.values() for s in j["stages"]}
    have = [n for (pid, _), n in tracks.items() if pid == CPUS]
    assert sorted(have) == sorted(want), (have, want)

    seen = collections.Counter(e["args"]["id"] for e in slices
                               if e["pid"] == FLOWS)
    assert seen == collections.Counter(js.keys()), seen
    ends = {}
    for e in slices:
        track = tracks[e["pid"], e["tid"]]
        j = js[e["args"]["id"]]
        if e["pid"] == FLOWS:
            assert track == flow_of(j), (e, j)
            assert round(e["ts"] * 1000) >= ends.get(track, 0), e
            ends[track] = round((e["ts"] + e["dur"]) * 1000)
        else:
            assert any(s["stage"] == e["name"] and
                       track == "CPU %d" % s["cpu"] for s in j["stages"]), e
    stages = sum(len(j["stages"]) for j in js.values())
    assert stages == sum(e["pid"] == CPUS for e in slices), stages


main()
