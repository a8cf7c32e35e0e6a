// SPDX-License-Identifier: GPL-2.0
/*
 * The bodies of the tracepoints; the one file that makes them.
 *
 * Path: none
 * Mirrors: net/core/net-traces.c
 * Locks: none
 */
#define CREATE_TRACE_POINTS
#include "core/trace.h"
