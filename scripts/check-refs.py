#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Comments tell the truth: what they name exists.

    check-refs.py KSRC

Each foo() in a comment of the module is a function there or in the kernel;
each file named by Mirrors: exists in the kernel, and has the functions that are
named with it; each source of the module opens with its role, Path:, Mirrors:
and Locks:.
"""
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)
CALL = re.compile(r'(?<![\w>.*])([a-z_]\w{3,})\(\)')
# "net/ipv4/udp.c:udp_rcv, udp_err (v7.2)" or "net/ipv4/udp.c (udp_rcv, udp_err)"
MIRRORS = re.compile(r'Mirrors:\s+(.*?)(?=\n\s*\n|\n[A-Z]\w+:|\Z)', re.S)
NAME = r'[a-z_]\w+(?![\w/*]|\.\w)'
TWIN = re.compile(r'((?:net|include|kernel|lib|drivers|security)/[\w./-]+\.[ch])'
                  rf'(?::\s*|\s+\()?({NAME}(?:,\s+{NAME})*)?')
# system calls and commands that a comment may name
OTHER = {'socket', 'bind', 'connect', 'listen', 'accept', 'send', 'sendto',
         'sendmsg', 'sendmmsg', 'recv', 'recvmsg', 'recvfrom', 'recvmmsg',
         'close', 'write', 'read', 'poll', 'epoll', 'select', 'shutdown',
         'setsockopt', 'getsockopt', 'mmap', 'fork', 'getsockname',
         'getpeername', 'splice', 'sendfile', 'ioctl', 'fcntl', 'rmmod'}


def kernel_has(ksrc, names):
    """Those of names that occur as words in the kernel's network code."""
    if not names:
        return set()
    dirs = ['include', 'net', 'kernel', 'lib', 'mm', 'drivers/net', 'fs',
            'security']
    out = subprocess.run(
        ['grep', '-rhowF', '--include=*.[ch]', '-f', '-',
         *[str(ksrc / d) for d in dirs]],
        input='\n'.join(names), capture_output=True, text=True, check=False)
    return set(out.stdout.split())


def twins(ksrc, comment):
    """What a comment's Mirrors: names that is not in the kernel."""
    text = re.sub(r'\n[ \t]*\*(?:[ \t]|(?=\n)|/?$)', '\n', comment)
    for body in MIRRORS.findall(text):
        for file, names in TWIN.findall(body):
            if not (ksrc / file).exists():
                yield file
                continue
            words = set(re.findall(r'\w+', (ksrc / file).read_text()))
            for name in re.split(r',\s+', names) if names else ():
                if name not in words:
                    yield f'{file}:{name}'


def main():
    ksrc = pathlib.Path(sys.argv[1])
    sources = [p for d in ('module', 'include')
               for p in sorted((TOP / d).rglob('*.[ch]'))
               if not p.name.endswith('.mod.c') and 'probes' not in p.parts]
    code, named, errors = '', {}, []
    for path in sources:
        text = path.read_text()
        name = str(path.relative_to(TOP))
        code += COMMENT.sub(' ', text)
        for comment in COMMENT.finditer(text):
            for call in CALL.findall(comment[0]):
                named.setdefault(call, name)
            errors += [f'{name}: the kernel has no {twin}'
                       for twin in twins(ksrc, comment[0])]
        if path.suffix == '.c' and not path.stem.endswith('_gen'):
            head = text[:2500]
            wants = ['Path:', 'Mirrors:', 'Locks:']
            if path.stem.endswith('_test') or path.parent.name == 'compat':
                wants = []
            errors += [f'{name}: its head lacks "{w}"' for w in wants
                       if w not in head]
    words = set(re.findall(r'\w+', code))
    open_names = {n for n in named if n not in words and n not in OTHER}
    ours = {n for n in open_names if n.startswith(('pp_', 'pktpath_'))}
    errors += [f'{named[n]}: a comment names {n}(), which is nowhere'
               for n in sorted(ours)]
    rest = open_names - ours
    errors += [f'{named[n]}: a comment names {n}(), which is nowhere'
               for n in sorted(rest - kernel_has(ksrc, sorted(rest)))]
    print('\n'.join(errors), end='\n' if errors else '')
    return 1 if errors else 0


sys.exit(main())
