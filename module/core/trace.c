// SPDX-License-Identifier: GPL-2.0
/*
 * The bodies of the tracepoints; the one file that makes them.
 *
 * Path: none
 * Mirrors: net/core/net-traces.c
 * Locks: none
 */
#include "core/drop.h"

#include "core/drop.h"

#define CREATE_TRACE_POINTS
#include "core/trace.h"

DEFINE_STATIC_KEY_FALSE(pp_stages_on);

/**
 * pp_stages_get() - somebody wants to hear of the stages
 *
 * Context: process, may sleep.
 * Return: 0.
 */
int pp_stages_get(void)
{
	static_branch_inc(&pp_stages_on);
	return 0;
}

/**
 * pp_stages_put() - undoes pp_stages_get()
 *
 * Context: process, may sleep.
 */
void pp_stages_put(void)
{
	static_branch_dec(&pp_stages_on);
}
