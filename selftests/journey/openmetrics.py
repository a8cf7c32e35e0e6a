#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""openmetrics.py FILE: is it OpenMetrics text, version 1.0.0?

Where Prometheus's own parser is installed (scripts/setup --browser), it must
take it, too, and find as many samples.
"""
import importlib.util
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(r"(%s)(?:\{(%s(?:,%s)*)?\})? (-?[0-9.e+-]+)$"
                    % (NAME, LABEL, LABEL))
ENDS = {"counter": ("_total", "_created"), "gauge": ("",),
        "histogram": ("_bucket", "_count", "_sum", "_created")}


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        text = f.read()
    assert text.endswith("# EOF\n"), "no end"
    kinds, family, seen, last = {}, None, set(), {}
    for line in text.split("\n")[:-2]:
        meta = re.match(r"# (HELP|TYPE|UNIT) (%s) (.+)$" % NAME, line)
        if meta:
            key, name, value = meta.groups()
            if name != family:
                assert name not in kinds, "family in two parts: " + name
                family = name
            if key == "TYPE":
                assert value in ENDS, line
                kinds[name] = value
            if key == "UNIT":
                assert name.endswith("_" + value), line
            continue
        s = SAMPLE.match(line)
        assert s, "not a sample: " + line
        name, labels, value = s.groups()
        assert name in [family + e for e in ENDS[kinds[family]]], line
        assert (name, labels) not in seen, "twice: " + line
        seen.add((name, labels))
        float(value)
        if name.endswith("_bucket"):
            stage, le = re.match(r'stage="(\w+)",le="(.+)"$', labels).groups()
            at = (float(le), int(value))
            before = last.get(stage, (-1.0, 0))
            assert at[0] > before[0] and at[1] >= before[1], line
            last[stage] = at
        if name.endswith("_count"):
            stage = re.match(r'stage="(\w+)"$', labels).group(1)
            assert last[stage] == (float("inf"), int(value)), line
    print("# %d samples of %d families" % (len(seen), len(kinds)))
    if not importlib.util.find_spec("prometheus_client"):
        print("# no python3-prometheus-client: its parser was not asked")
        return
    from prometheus_client.openmetrics import parser
    families = list(parser.text_string_to_metric_families(text))
    assert {f.name: f.type for f in families} == kinds, families
    assert sum(len(f.samples) for f in families) == len(seen), families
    print("# and so says Prometheus's parser")


main()
