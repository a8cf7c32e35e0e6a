#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""capture.py PCAPNG JOURNEYS: does tshark read the one as the other?

PCAPNG, of `pktpath trace --pcapng`, must have a frame for each of JOURNEYS (of
`pktpath -j trace`) whose headers are known: its addresses, ports and length,
good checksums, its stages and their times as the comment, and nothing that a
dissector complains of. Ends with 4 where tshark is not installed.
"""
import json
import shutil
import subprocess
import sys

FIELDS = ("frame.comment", "ip.proto", "ip.src", "ip.dst", "udp.srcport",
          "udp.dstport", "tcp.srcport", "tcp.dstport", "ip.checksum.status",
          "ip.len", "frame.len", "_ws.malformed", "frame.time_epoch")
PROTO = {"udp": "17", "tcp": "6", "icmp": "1"}
NET = {"IP_LOCAL_OUT", "IP_OUTPUT", "IP_RCV", "IP_FORWARD"}
GOOD = "1"


def frames(path):
    # the rest of the packet is not there to be dissected
    cmd = ["tshark", "-n", "-r", path, "-o", "ip.check_checksum:TRUE",
           "-o", "frame.generate_md5_hash:FALSE", "-T", "fields", "-E",
           "separator=\t"]
    for field in FIELDS:
        cmd += ["-e", field]
    done = subprocess.run(cmd, check=True, capture_output=True, timeout=300)
    for line in done.stdout.decode().split("\n"):
        if line:
            yield dict(zip(FIELDS, line.split("\t")))


def comment(j):
    text = []
    for s in j["stages"]:
        text.append("%s +%d" % (s["stage"], s["time"] - j["stages"][0]["time"]) +
                    (" DROP " + s["drop"] if "drop" in s else ""))
    return ", ".join(text) + " ns"


def main():
    if not shutil.which("tshark"):
        print("tshark is not installed")
        sys.exit(4)
    with open(sys.argv[2], encoding="ascii") as f:
        js = [j for j in map(json.loads, f) if "proto" in j]
    want = {}
    for j in js:
        want.setdefault(comment(j), []).append(j)
    n, last = 0, 0.0
    for f in frames(sys.argv[1]):
        assert want.get(f["frame.comment"]), f
        j = want[f["frame.comment"]].pop()
        assert f["ip.proto"] == PROTO.get(j["proto"], f["ip.proto"]), (f, j)
        assert (f["ip.src"], f["ip.dst"]) == (j["src"], j["dst"]), (f, j)
        if j["proto"] in ("udp", "tcp"):
            ports = [f[j["proto"] + x] for x in (".srcport", ".dstport")]
            assert ports == [str(j["sport"]), str(j["dport"])], (f, j)
        size = [s["len"] for s in j["stages"] if s["stage"] in NET]
        assert not size or int(f["ip.len"]) == size[-1], (f, j)
        assert f["ip.len"] == f["frame.len"], f
        assert f["ip.checksum.status"] == GOOD, f
        assert not f["_ws.malformed"], f
        last, n = float(f["frame.time_epoch"]), n + 1
        assert last > 1e9, f
    assert n == len(js) > 0, (n, len(js))
    print("# %d frames" % n)


main()
