# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the phases of scripts/check share.
#
#   pass NAME             count a passed test
#   bad NAME [TEXT]       count a failed one
#   skip NAME TEXT        count a skipped one
#   try NAME CMD...       CMD succeeds: passed; else its output is shown
#   has_kernel K          is K among those to be tested?
#   ktap NAME LOG STATUS [TEXT]
#                         count each test of a KTAP log; TEXT says what else
#                         went wrong

set -euo pipefail
cd "$CHECK_TOP"

pass()
{
	echo "PASS $1" >>"$CHECK_RESULTS"
}

bad()
{
	echo "FAIL $1${2:+: $2}" >>"$CHECK_RESULTS"
	echo "not ok: $1${2:+: $2}"
}

skip()
{
	echo "SKIP $1: $2" >>"$CHECK_RESULTS"
	echo "skipped: $1: $2"
}

try()
{
	local name=$1 log

	shift
	log=$CHECK_DIR/$(echo "$name" | tr ' /' '__').log
	if "$@" >"$log" 2>&1; then
		pass "$name"
	else
		bad "$name"
		tail -n 40 "$log"
	fi
}

has_kernel()
{
	case " $CHECK_KERNELS " in
	*" $1 "*) return 0 ;;
	esac
	return 1
}

ktap()
{
	local name=$1 log=$2 status=$3 line what any=

	while IFS= read -r line; do
		case $line in
		*"# SKIP"*|*"# skip"*)
			what=${line#*ok * }
			skip "$name: ${what%%# *}" "${what#*# }"
			any=1
			;;
		"ok "*)
			pass "$name: ${line#ok * }"
			any=1
			;;
		"not ok "*)
			bad "$name: ${line#not ok * }"
			any=bad
			;;
		esac
	done < <(tr -d '\r' <"$log" | grep -aE '^(not )?ok [0-9]' || true)
	if [ -n "${4:-}" ]; then
		bad "$name" "$4"
		tail -n 40 "$log"
		return
	fi
	case $status:$any in
	0:1|0:bad|4:1|*:bad) ;;
	0:) pass "$name" ;;
	4:) skip "$name" "$(tail -n 1 "$log")" ;;
	*) bad "$name" "status $status" ;;
	esac
	[ "$any" != bad ] && [ "$status" = 0 ] || [ "$status" = 4 ] ||
		tail -n 40 "$log"
}
