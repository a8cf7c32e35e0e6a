// SPDX-License-Identifier: GPL-2.0
/* 6.12 and older have no SO_PRIORITY control message. */
#include <net/sock.h>

u32 pp_probe(const struct sockcm_cookie *sc);
u32 pp_probe(const struct sockcm_cookie *sc)
{
	return sc->priority;
}
