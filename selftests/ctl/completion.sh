#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# Completion for bash offers what the tool takes.

# shellcheck source=selftests/lib/net.sh disable=SC1091
. "$(dirname "$0")/../lib/net.sh"
# shellcheck source=scripts/pktpath/completion/pktpath disable=SC1091
. "$NET_TOP/scripts/pktpath/completion/pktpath"

# offers "WORDS SO FAR" RE: the last word is the one to complete
offers()
{
	local line=$1

	read -r -a COMP_WORDS <<<"$line"
	[ "${line% }" = "$line" ] || COMP_WORDS+=("")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_pktpath
	[[ " ${COMPREPLY[*]} " =~ $2 ]] || fail "'$line': ${COMPREPLY[*]}"
}

test_words()
{
	local w

	offers "pktpath " " dev addr route rule neigh mroute maddr sock stat trace fault down "
	offers "pktpath ro" "^ route $"
	offers "pktpath -j n" "^ neigh $"
	offers "pktpath route " " get add replace change append del "
	offers "pktpath route add bl" "^ blackhole $"
	offers "pktpath route add 10.0.0.0/8 v" "^ via vrf $"
	offers "pktpath route add 10.0.0.0/8 via " "^ *$"
	offers "pktpath rule add fw" "^ fwmark $"
	offers "pktpath neighbour fl" "^ flush $"
	offers "pktpath neigh add 10.0.0.1 lladdr 2:0:0:0:0:1 nud p" \
		"^ permanent $"
	offers "pktpath sock -u sp" "^ sport $"
	offers "pktpath sock kill a" "^ all $"
	offers "pktpath down --k" "^ --kill $"
	offers "pktpath host-link a" "^ add $"
	offers "pktpath sa" "^ save $"
	offers "pktpath fault add stage IP_FO" "^ IP_FORWARD $"
	offers "pktpath fault add stage IP_RCV co" "^ corrupt $"
	offers "pktpath ru" "^ rule run $"
	offers "pktpath run --t" "^ --type $"
	offers "pktpath run --type d" "^ dgram $"
	offers "pktpath run tru" " true "
	offers "pktpath run -o /etc/pass" " /etc/passwd "
	offers "pktpath trace --compare " "^ inet $"
	offers "pktpath trace --size " "^ *$"
	for w in --html --pcapng --svg --perfetto --record --read; do
		offers "pktpath trace $w /etc/pass" " /etc/passwd "
	done
}

# No object and no command of the tool is left out.
test_all_objects()
{
	local w n=0

	for w in $("$PKTPATH" help 2>&1 | sed -n '/^OBJECT/,/^OPTIONS/{
		/^OPTIONS/d; s/|//g; s/OBJECT *:=//; p}'); do
		n=$((n + 1))
		offers "pktpath $w" " $w "
		for c in $("$PKTPATH" "$w" help 2>&1 |
			sed -n "s/.*pktpath $w \([a-z|]*\) .*/\1/p" |
			tr '|' ' '); do
			offers "pktpath $w $c" " $c "
		done
	done
	expect "all objects, $n" test "$n" -ge 15
}

test_devices_and_addresses()
{
	PATH=$(dirname "$PKTPATH"):$PATH
	net_pair
	offers "pktpath -n $A dev attach p" "^ pa $"
	offers "pktpath -n $A route add 10.0.0.0/8 dev p" "^ pa $"
	offers "pktpath -n $A addr del 10" "^ 10.77.0.1/24 $"
	offers "pktpath -n ${A%?}" " $A "
}

# Names that others chose are words, not commands.
test_names_are_not_run()
{
	_pktpath_devs()
	{
		printf '%s\n' lo '$(>ran)'
	}

	cd "$(mktemp -d)" || fail "no directory"
	: >'$(>ran)'
	: >'`>ran`'
	offers "pktpath save " '[$][(]>ran[)]'
	offers "pktpath -batch " '`>ran`'
	offers "pktpath dev attach \$" '^ [\][$][\][(][\]>ran[\][)] $'
	offers "pktpath dev show " '>ran'
	[ ! -e ran ] || fail "a name was run"
}

ktap_run test_words test_all_objects test_devices_and_addresses \
	test_names_are_not_run
