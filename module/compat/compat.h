/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One door to everything that differs between the supported kernels. Code is
 * written for the newest; each helper is a pp_compat_*() whose older form is
 * chosen by a compile probe (compat/probes, probe.h), never by a version.
 */
#ifndef PKTPATH_COMPAT_COMPAT_H
#define PKTPATH_COMPAT_COMPAT_H

#include "probe.h"

#endif
