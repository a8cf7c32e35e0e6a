/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One door to everything that differs between the supported kernels. Code is
 * written for the newest; each helper is a pp_compat_*() whose older form is
 * chosen by a compile probe, never by a version: distributions move features
 * between versions.
 *
 * To add one: compat/probes/NAME.c is a few lines that compile only where the
 * feature is there (with -Werror; give each function a prototype). The build
 * turns that into PKTPATH_HAVE_NAME in probe.h. The helper goes into the
 * compat_AREA.h of the layer that needs it, which is included here and
 * nowhere else.
 */
#ifndef PKTPATH_COMPAT_COMPAT_H
#define PKTPATH_COMPAT_COMPAT_H

#include "probe.h"

#include "compat/compat_ctl.h"
#include "compat/compat_frag.h"
#include "compat/compat_ip.h"
#include "compat/compat_link.h"
#include "compat/compat_route.h"
#include "compat/compat_skb.h"
#include "compat/compat_sock.h"
#include "compat/compat_tcp.h"
#include "compat/compat_trace.h"

#endif
