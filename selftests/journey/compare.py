#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""compare.py JSON FIRST LAST N STAGE...: is this comparison one?

Among the lines of `pktpath -j trace --compare inet` there must be a table of
journeys FIRST to LAST, at least N of each stack, with those stages at least;
its stages must add up to its journeys, and each interval hold its difference.
"""
import json
import sys


def check_row(row):
    assert row["low_ns"] <= row["difference_ns"] <= row["high_ns"], row
    assert abs(row["pktpath_ns"] - row["inet_ns"] -
               row["difference_ns"]) <= 1, row
    outside = row["low_ns"] > 1 or row["high_ns"] < -1
    assert not outside or row["certain"], row


def check_table(table, least, stages):
    assert table["inet_journeys"] >= least, table
    assert table["pktpath_journeys"] >= least, table
    rows = {r["stage"]: r for r in table["stages"]}
    assert not set(stages) - set(rows), (stages, list(rows))
    for row in list(rows.values()) + [table["journey"]]:
        check_row(row)
        assert row["inet_ns"] >= 0 and row["pktpath_ns"] >= 0, row
    for row in rows.values():
        assert row["inet"] and row["pktpath"], row
    for name in "inet_ns", "pktpath_ns":
        parts = sum(r[name] for r in rows.values())
        assert abs(parts - table["journey"][name]) <= len(rows), table


def main():
    path, first, last, least = sys.argv[1:5]
    with open(path, encoding="ascii") as f:
        lines = [json.loads(line) for line in f]
    tables = [t for t in lines if t.get("from") == first and
              t.get("to") == last]
    assert len(tables) == 1, lines
    check_table(tables[0], int(least), sys.argv[5:])
    bare = [t["unobserved"] for t in lines if "unobserved" in t]
    assert len(bare) == 1 and bare[0]["inet_ns"] > 0, lines
    check_row(bare[0])


main()
