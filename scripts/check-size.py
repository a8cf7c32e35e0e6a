#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Sizes: files <= 800 lines, functions <= 100 lines and <= 7 parameters.

Waivers stand in scripts/size-waivers, one a line: FILE[:FUNCTION] reason.
"""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
FILE_MAX, FUNC_MAX, PARAM_MAX = 800, 100, 7


def waivers():
    path = TOP / 'scripts' / 'size-waivers'
    if not path.exists():
        return set()
    lines = (l.split(None, 1) for l in path.read_text().splitlines())
    return {l[0] for l in lines if len(l) == 2 and not l[0].startswith('#')}


def params(head):
    """Number of parameters in the text of a function's head."""
    start = head.find('(')
    depth, count, text = 0, 0, ''
    for c in head[start:]:
        if c == '(':
            depth += 1
        elif c == ')':
            depth -= 1
            if depth == 0:
                break
        elif c == ',' and depth == 1:
            count += 1
        text += c
    return 0 if text.strip('( ') in ('', 'void') else count + 1


def functions(lines):
    """(name, first line, last line, parameters) of each function."""
    head, start = [], None
    for number, line in enumerate(lines, 1):
        if line == '{' and head:
            start = number
        elif line.startswith('}') and start:
            text = ' '.join(head)
            match = re.search(r'(\w+)\s*\(', text)
            if match:
                yield match[1], start, number, params(text)
            head, start = [], None
        elif start is None:
            if not line or line.startswith(('#', '}', '/', ' *')) or \
               line.endswith(';'):
                head = []
            else:
                head.append(line)


def main():
    waived = waivers()
    bad = 0
    files = [p for d in ('module', 'include', 'scripts', 'selftests')
             for p in sorted((TOP / d).rglob('*.[ch]'))
             if not p.name.endswith('.mod.c')]
    for path in files:
        name = str(path.relative_to(TOP))
        lines = path.read_text().splitlines()
        found = []
        if len(lines) > FILE_MAX:
            found.append((name, f'{len(lines)} lines'))
        for func, start, end, count in functions(lines):
            where = f'{name}:{func}'
            if end - start > FUNC_MAX:
                found.append((where, f'{end - start} lines'))
            if count > PARAM_MAX:
                found.append((where, f'{count} parameters'))
        for where, what in found:
            if where not in waived:
                print(f'{where}: {what}')
                bad = 1
    return bad


sys.exit(main())
