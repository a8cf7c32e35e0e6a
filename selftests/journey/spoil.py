#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""spoil.py TOOL RECORDING N DIR: recordings that nobody has written

The tool, built with sanitizers, reads N spoilt copies of a recording in every
way it can show them: bytes and fields changed, cut off, records twice, mixed or
left out, heads of other kinds. Each is read to its end or refused by a sentence
and status 2, and what comes of it is whole. Always the same N.
"""
import json
import os
import random
import subprocess
import sys

REC, HEAD, NAME = 64, 24, 32
# of a record: time, id, cookie, addresses, ports, seq, len, ifindex, pid, cpu,
# segs, stage, proto, cause, flags
FIELDS = ((0, 8), (8, 8), (16, 8), (24, 4), (28, 4), (32, 2), (34, 2), (36, 4),
          (40, 4), (44, 4), (48, 4), (52, 2), (54, 2), (56, 1), (57, 1), (58, 1),
          (59, 1))
WAYS = (["--hist"], ["--top", "--by", "flow"], ["--hist", "--by", "cgroup"],
        ["--drops"], ["--follow"], [], ["udp", "port", "53"], ["pid", "4711"])


def values(size):
    top = 1 << 8 * size
    return [0, 1, top - 1, top >> 1, (top >> 1) - 1, rand.randrange(top)]


def spoil(data):
    data = bytearray(data)
    records = HEAD + NAME * 2
    n = (len(data) - records) // REC
    for _ in range(rand.randint(1, 4)):
        kind = rand.randrange(7)
        at = records + rand.randrange(n) * REC
        if kind == 0:
            for _ in range(rand.randint(1, 400)):
                data[rand.randrange(len(data))] = rand.randrange(256)
        elif kind == 1:
            del data[rand.randrange(len(data)):]
        elif kind == 2:
            off, size = rand.choice(FIELDS)
            for i in range(rand.randrange(n)):
                j = records + i * REC + off
                if j + size <= len(data) and rand.random() < .3:
                    data[j:j + size] = \
                        rand.choice(values(size)).to_bytes(size, "little")
        elif kind == 3:
            data[at:at] = data[at:at + REC * rand.randint(1, 200)]
        elif kind == 4:
            del data[at:at + REC * rand.randint(1, 50)]
        elif kind == 5:
            off = rand.randrange(0, HEAD, 4)
            data[off:off + 4] = rand.choice(values(4)).to_bytes(4, "little")
        else:
            # one journey without an end
            for i in range(n):
                j = records + i * REC + 8
                if j + 8 <= len(data):
                    data[j:j + 8] = bytes(7) + b"\1"
        if len(data) < records + REC:
            break
        n = (len(data) - records) // REC
    return bytes(data)


def run(args, path, what):
    done = subprocess.run([tool, *args], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False)
    said = done.stderr.decode("utf-8", "replace")
    if done.returncode not in (0, 2) or "Sanitizer" in said or \
            "runtime error" in said:
        print("# %s: %s: status %d" % (path, what, done.returncode))
        print(said)
        sys.exit(1)
    return done


def one(data, where):
    path = os.path.join(where, "spoilt")
    with open(path, "wb") as f:
        f.write(data)
    for form in ("-j", "-d"):
        args = rand.choice(WAYS)
        done = run([form, "trace", "--read", path, *args], path, args)
        if form == "-j" and args != ["--follow"]:
            for line in done.stdout.decode().splitlines():
                json.loads(line)
    out = {k: os.path.join(where, "spoilt." + k)
           for k in ("perfetto", "html", "pcapng", "svg")}
    done = run(["trace", "--read", path] +
               [w for k, f in out.items() for w in ("--" + k, f)], path, "files")
    if done.returncode == 0:
        with open(out["perfetto"], encoding="ascii") as f:
            json.load(f)
    return done.returncode


def main():
    with open(sys.argv[2], "rb") as f:
        data = f.read()
    n = int(sys.argv[3])
    got = [one(spoil(data), sys.argv[4]) for _ in range(n)]
    print("# %d recordings, %d of them refused" % (n, got.count(2)))
    # else they are all alike
    assert 0 < got.count(2) < n


tool, rand = sys.argv[1], random.Random(3)
main()
