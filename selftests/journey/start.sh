#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# What README.md promises: with no more than three commands, from the module's
# loading on, half a minute later the stages are known that cost a connection
# most.

# shellcheck source=selftests/journey/trace.sh disable=SC1091
. "$(dirname "$0")/trace.sh"

# The commands of README.md, the first of its section.
commands()
{
	awk '/^### See where the time goes/ { on = 1; next }
	     on && /^    / { sub("^ *", ""); print; any = 1; next }
	     any { exit }' "$NET_TOP/README.md"
}

listens()
{
	[ -n "$(ss -Hltn sport = :8000)" ]
}

test_start()
{
	local dir t0 t1

	type curl >/dev/null 2>&1 || skip "no curl"
	dir=$(mktemp -d)
	defer rm -rf "$dir"
	ln -s "$PKTPATH_KO" "$dir/pktpath.ko"
	commands >"$dir/commands"
	note "$(cat "$dir/commands")"
	expect "three commands" test "$(wc -l <"$dir/commands")" -le 3
	expect "the first loads it" grep -q '^insmod ' "$dir/commands"
	expect "it is not there" rmmod pktpath
	mkdir "$dir/www"
	truncate -s 50M "$dir/www/big"
	python3 -m http.server -d "$dir/www" 8000 >"$dir/server" 2>&1 &
	defer kill $!
	await "an ordinary server" 30 listens
	defer "$PKTPATH" host-link del
	cd "$dir" || exit 1
	t0=${EPOCHREALTIME/[.,]/}
	PATH=$PATH:$(dirname "$PKTPATH") bash -e "$dir/commands" \
		>"$dir/out" 2>"$dir/err" || fail "$(cat "$dir/out" "$dir/err")"
	t1=${EPOCHREALTIME/[.,]/}
	note "$(cat "$dir/out"; tail -n 1 "$dir/err")"
	note "after $(((t1 - t0) / 1000)) ms"
	# for README.md: beside the log
	[ ! -d /out ] || cp "$dir/trace.svg" /out/start.svg
	expect "within 30 s" test $((t1 - t0)) -le 30000000
	python3 - "$dir/out" "$dir/trace.svg" <<'PY' || fail "no three stages"
import re, sys
rows = re.findall(r"^([A-Z_]+) +(\d+) +(\d+) +(\d+) +([\d.]+)$",
                  open(sys.argv[1]).read(), re.M)
cost = [int(r[3]) for r in rows]
assert len(rows) >= 3 and cost == sorted(cost, reverse=True), rows
assert all(int(r[1]) and int(r[3]) for r in rows[:3]), rows
svg = open(sys.argv[2]).read()
assert all(r[0] in svg for r in rows[:3]), svg
PY
	expect "of one connection" grep -Eq \
		'>tcp 198\.18\.18\..*:8000( |<)' "$dir/trace.svg"
	expect_out "none lost" '[1-9][0-9]* journeys, 0 records lost' \
		tail -n 1 "$dir/err"
}

ktap_run test_start
