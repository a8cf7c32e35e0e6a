// SPDX-License-Identifier: GPL-2.0
/* inet_frag_kill() counts the references to drop, inet_frag_find() takes none. */
#include <net/inet_frag.h>

void pp_probe(struct inet_frag_queue *q);
void pp_probe(struct inet_frag_queue *q)
{
	int refs = 0;

	inet_frag_kill(q, &refs);
	inet_frag_putn(q, refs);
}
