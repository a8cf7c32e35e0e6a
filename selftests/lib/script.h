/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A random script of segments and calls for one TCP connection: a handshake and
 * steps. In each the peer sends a segment or an ICMP error, or the application
 * calls; then all that comes until the step is over, and what poll() and ioctl()
 * tell, is written down. What is drawn depends on the seed and on what has come
 * so far, so it is the same on both stacks up to the first difference.
 */
#ifndef PKTPATH_SELFTESTS_LIB_SCRIPT_H
#define PKTPATH_SELFTESTS_LIB_SCRIPT_H

#include "peer.h"

#define SCRIPT_STEPS	24
#define SCRIPT_LINE	400

/* One step: what was done, and what was seen of it. */
struct step {
	char what[96];
	char ret[40];		/* of the call */
	char segs[SCRIPT_LINE];
	char state[64];
};

struct script {
	int steps, status;
	struct step step[SCRIPT_STEPS + 4];
};

/* @pause: how long a step takes, ms. @log is zero. */
void script_run(struct peer *p, unsigned int seed, int pause,
		struct script *log);

#endif
