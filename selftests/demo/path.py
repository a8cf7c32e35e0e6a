#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prints one datagram's way out and the answer's way in from a ftrace text.

usage: demo_path.py TRACE
Times are microseconds since the first stage; the stages are those of
module/core/stage.h, the device's own come from the kernel's tracepoints.
Exit status 1 when a stage is missing or out of order, or the list has one that
is not known here.
"""
import pathlib
import re
import sys

OUT = ["SOCK_SEND", "TP_SEND", "IP_ROUTE", "TP_XMIT", "IP_LOCAL_OUT",
       "IP_OUTPUT", "IP_FINISH", "NEIGH", "DEV_QUEUE", "DEV_XMIT"]
IN = ["DEV_RX", "LINK_RCV", "IP_RCV", "IP_ROUTE_IN", "IP_LOCAL", "TP_RCV",
      "SOCK_QUEUE", "SOCK_WAKE", "SOCK_RECV"]
# of a forwarded packet alone; of the kernel, and of any buffer it frees
ELSEWHERE = {"IP_FORWARD", "TX_DONE"}
STAGES = pathlib.Path(__file__).resolve().parents[2] / "module/core/stage.h"
KERNEL = {"net_dev_start_xmit": "DEV_XMIT", "netif_receive_skb": "DEV_RX"}
LINE = re.compile(r"\s(\d+\.\d+): (\w+): (.*)$")


def unknown():
    """Stages of the list that are neither shown nor left out on purpose."""
    listed = set(re.findall(r"X\((\w+), \w+, K?(?:OUT|IN|BOTH),",
                            STAGES.read_text(encoding="utf-8")))
    return listed ^ (set(OUT) | set(IN) | ELSEWHERE)


def events(path):
    """Yields (seconds, stage, text) of every line that is an event."""
    with open(path, encoding="utf-8") as trace:
        for line in trace:
            m = LINE.search(line)
            if not m:
                continue
            name = m.group(2)
            if name in KERNEL:
                if not re.search(r"(dev|name)=va\b", m.group(3)):
                    continue
                stage = KERNEL[name]
            elif name.startswith("pp_") and name != "pp_drop":
                stage = name[3:].upper()
            else:
                continue
            yield float(m.group(1)), stage, m.group(3)


def walk(todo, seen):
    """The last occurrence in order of each stage of todo, or its absence."""
    rows, start = [], 0
    for stage in todo:
        for i in range(start, len(seen)):
            if seen[i][1] == stage:
                rows.append(seen[i])
                start = i + 1
                break
        else:
            rows.append((None, stage, ""))
    return rows


def show(title, rows, zero):
    """Prints one direction; returns whether every stage was there."""
    print(f"{title}\n{'us':>10} {'step':>8}  stage")
    last, good = None, True
    for when, stage, text in rows:
        if when is None:
            print(f"{'-':>10} {'-':>8}  {stage:<13} not seen")
            good = False
            continue
        step = "" if last is None else f"{(when - last) * 1e6:.1f}"
        size = re.search(r"len=(\d+)", text)
        note = f"{size.group(1)} bytes" if size else ""
        print(f"{(when - zero) * 1e6:>10.1f} {step:>8}  {stage:<13} {note}")
        last = when
    return good


def main():
    """Entry."""
    if unknown():
        print("stages of one list only:", *sorted(unknown()))
        return 1
    seen = list(events(sys.argv[1]))
    if not seen:
        print("no event in the trace")
        return 1
    rows_out = walk(OUT, seen)
    first_in = next((i for i, e in enumerate(seen) if e[1] == "DEV_RX"
                     and e[0] >= (rows_out[-1][0] or 0)), 0)
    rows_in = walk(IN, seen[first_in:])
    zero = next(r[0] for r in rows_out + rows_in if r[0] is not None)
    good = show("way out: send() to the device", rows_out, zero)
    good = show("\nway in: the device to recv()", rows_in, zero) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
