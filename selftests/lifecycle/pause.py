#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Stops a virtual machine for a while.

usage: pause.py SOCKET SECONDS    (of scripts/vm --qmp)
"""
import json
import socket
import sys
import time


def command(link, name):
    """Runs one command; events that come before its answer are passed over."""
    link.write(json.dumps({"execute": name}) + "\n")
    link.flush()
    for line in link:
        answer = json.loads(line)
        if "return" in answer:
            return answer["return"]
        if "error" in answer:
            sys.exit(f"{name}: {answer['error']}")
    sys.exit(f"{name}: the machine is gone")


def main():
    """Entry."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(sys.argv[1])
        link = sock.makefile("rw", encoding="utf-8")
        link.readline()
        command(link, "qmp_capabilities")
        command(link, "stop")
        if command(link, "query-status")["running"]:
            sys.exit("it runs on")
        time.sleep(float(sys.argv[2]))
        command(link, "cont")


if __name__ == "__main__":
    main()
