# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# KTAP for shell tests. A test is a function; it runs in a subshell of its own,
# so that nothing it sets or leaves behind reaches the next one.
#
#	. "$(dirname "$0")/../lib/ktap.sh"
#	test_one() { expect "two is two" test 2 = 2; }
#	ktap_run test_one test_two
#
# Inside a test:
#	expect TEXT CMD...	CMD succeeds, else the test fails and ends
#	refuse TEXT CMD...	CMD fails, else the test fails and ends
#	expect_out TEXT RE CMD... CMD succeeds and its output matches RE
#	refuse_out TEXT RE CMD... CMD fails and its output matches RE
#	fail TEXT, skip TEXT	end the test so
#	note TEXT		a comment in the output
#	defer CMD...		run at the end of the test, last first
#	wait_until S CMD...	CMD succeeds within S seconds

KTAP_SKIP=4
KTAP_DEFER=()

note()
{
	local line

	while IFS= read -r line; do
		printf '# %s\n' "$line"
	done <<<"$*"
}

fail()
{
	note "FAIL: $*"
	exit 1
}

skip()
{
	printf '%s\n' "$*" >"$KTAP_DIR/skip"
	exit $KTAP_SKIP
}

defer()
{
	KTAP_DEFER=("$(printf '%q ' "$@")" "${KTAP_DEFER[@]}")
}

ktap_undefer()
{
	local c

	set +e
	for c in "${KTAP_DEFER[@]}"; do
		eval "$c" >/dev/null 2>&1
	done
	KTAP_DEFER=()
}

expect()
{
	local text=$1 out rc=0

	shift
	out=$("$@" 2>&1) || rc=$?
	[ $rc = 0 ] || fail "$text: '$*' returned $rc: $out"
}

refuse()
{
	local text=$1 out

	shift
	if out=$("$@" 2>&1); then
		fail "$text: '$*' was not refused: $out"
	fi
}

expect_out()
{
	local text=$1 re=$2 out rc=0

	shift 2
	out=$("$@" 2>&1) || rc=$?
	[ $rc = 0 ] || fail "$text: '$*' returned $rc: $out"
	[[ $out =~ $re ]] || fail "$text: no '$re' in: $out"
}

refuse_out()
{
	local text=$1 re=$2 out

	shift 2
	if out=$("$@" 2>&1); then
		fail "$text: '$*' was not refused: $out"
	fi
	[[ $out =~ $re ]] || fail "$text: no '$re' in: $out"
}

# Pauses for a moment between two looks; no test waits for time itself.
ktap_pause()
{
	sleep 0.02
}

wait_until()
{
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))

	shift
	until "$@" >/dev/null 2>&1; do
		if [ "${EPOCHREALTIME/[.,]/}" -ge $end ]; then
			# the machine may have stood still meanwhile
			"$@" >/dev/null 2>&1
			return
		fi
		ktap_pause
	done
}

# The same, and the test fails when it does not come true.
await()
{
	local text=$1 s=$2

	shift 2
	wait_until "$s" "$@" || fail "$text: '$*' not within $s s"
}

out_matches()
{
	local re=$1

	shift
	[[ $("$@" 2>&1) =~ $re ]]
}

ktap_run()
{
	local t n=0 rc bad=0 skipped=0

	KTAP_DIR=$(mktemp -d)
	echo "KTAP version 1"
	echo "1..$#"
	for t; do
		n=$((n + 1))
		(
			trap ktap_undefer EXIT
			"$t"
		)
		rc=$?
		case $rc in
		0)
			echo "ok $n $t"
			;;
		"$KTAP_SKIP")
			skipped=$((skipped + 1))
			echo "ok $n $t # SKIP $(cat "$KTAP_DIR/skip")"
			;;
		*)
			bad=$((bad + 1))
			echo "not ok $n $t"
			;;
		esac
	done
	rm -rf "$KTAP_DIR"
	echo "# Totals: pass:$((n - bad - skipped)) fail:$bad xfail:0 xpass:0 skip:$skipped error:0"
	[ $bad = 0 ] || exit 1
	[ $skipped != $n ] || exit $KTAP_SKIP
	exit 0
}
