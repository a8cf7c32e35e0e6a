#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The user's header: licence, includes, types, and that it compiles alone as
# C, as C++ and for 32 bits.
set -eu
cd "$(dirname "$0")/.."
rc=0

for h in include/uapi/linux/*.h; do
	if ! head -n 1 "$h" | grep -q 'WITH Linux-syscall-note'; then
		echo "$h: SPDX line without the syscall note"
		rc=1
	fi
	if grep -n '#include' "$h" |
		grep -vE '<linux/(types|socket|const)\.h>'; then
		echo "$h: only linux/types.h, linux/socket.h, linux/const.h"
		rc=1
	fi
	if awk -v h="$h" '
		/^struct .*\{/ { inside = 1 }
		/^\}/ { inside = 0 }
		inside && /unsigned|bool|enum|\*[a-z]|: *[0-9]+;/ &&
		!/^[ \t]*\/?\*/ { print h ":" NR ": " $0; bad = 1 }
		END { exit !bad }' "$h"; then
		echo "$h: fixed width types only inside a struct"
		rc=1
	fi
	for how in "gcc -x c -std=c99" "gcc -x c -m32 -I/usr/include/x86_64-linux-gnu" \
		"g++ -x c++"; do
		command -v "${how%% *}" >/dev/null || continue
		$how -Wall -Wextra -Wpadded -Werror -fsyntax-only \
			-Iinclude/uapi "$h" -Wno-pragma-once-outside-header \
			2>/dev/null ||
		$how -Wall -Wextra -Wpadded -Werror -fsyntax-only \
			-Iinclude/uapi "$h" || {
			echo "$h: does not compile with $how"
			rc=1
		}
	done
done
exit $rc
