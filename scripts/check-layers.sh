#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Who may include whom: ctl > {sock, journey} > {tcp, udp, raw} > ip > neigh > link > core
# > compat; never up, never sideways, private headers only at home.
set -eu
cd "$(dirname "$0")/.."

grep -nE '^#[[:space:]]*include[[:space:]]+"' -r module --include='*.[ch]' |
awk -F: '
BEGIN {
	n = split("compat core link neigh ip raw udp tcp sock journey ctl", l, " ")
	split("0 1 2 3 4 5 5 5 6 6 7", r, " ")
	for (i = 1; i <= n; i++)
		rank[l[i]] = r[i]
}
{
	split($1, path, "/")
	own = path[2]
	split($3, q, "\"")
	if (!(own in rank) || split(q[2], to, "/") < 2 || to[1] == "uapi")
		next			# main.c, or a file beside it
	inc = to[1]
	if (inc == own)
		next
	if (!(inc in rank)) {
		bad($1, $2, "unknown layer in \"" q[2] "\"")
	} else if (rank[inc] >= rank[own]) {
		bad($1, $2, own " may not include \"" q[2] "\"")
	} else if (q[2] ~ /_priv\.h$/) {
		bad($1, $2, "\"" q[2] "\" is private to " inc)
	}
}
function bad(file, line, text)
{
	print file ":" line ": " text
	failed = 1
}
END { exit failed }'
