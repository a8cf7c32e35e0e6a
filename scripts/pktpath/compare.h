/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pktpath trace --compare inet: what its files share.
 *
 *	compare.c	words, rounds
 *	compare_load.c	the workload: own messages, or a command
 *	compare_probe.c	probes at matching functions of both stacks
 *	compare_join.c	journeys from what the probes saw
 *	compare_out.c	means, differences and their intervals
 */
#ifndef PKTPATH_COMPARE_H
#define PKTPATH_COMPARE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

enum { COMPARE_INET, COMPARE_OWN, COMPARE_FAMILIES };

/* Behind the stages: the copy of a stream, the end of a datagram's buffer, and
 * the return of recv().
 */
#define COMPARE_COPY	61
#define COMPARE_FREE	62
#define COMPARE_END	63
#define COMPARE_STEPS	20
#define COMPARE_ROUNDS	1000

struct compare_opts {
	bool on;
	uint8_t proto;
	struct in_addr dst;	/* 0: to itself, over lo */
	uint16_t dport;
	const char *dev;
	uint32_t count, size, rounds;
	char **argv;		/* of a command; NULL: own messages */
};

/* Returns the exit status. */
int compare_run(struct compare_opts *o);
const char *compare_family_name(int family);
/* Was it stopped by a signal? */
bool compare_stopped(void);

/* ---- compare_load.c ---- */

/* A cgroup for the workload, and its number. */
int load_open(uint64_t *id);
/* Runs it once and ends what it leaves behind; @tick every 2 ms. Nanoseconds
 * a message, or of the command.
 */
int load_run(const struct compare_opts *o, int family, void (*tick)(void *arg),
	     void *arg, uint64_t *ns);
void load_close(void);

/* ---- compare_probe.c ---- */

struct compare_rec {
	uint64_t time, arg[3];
	uint64_t task;		/* process and thread */
	uint32_t cpu;
	uint16_t point;
	uint16_t own;		/* of the workload, where a task runs */
};

enum { POINT_ENTRY, POINT_RETURN, POINT_TRACE };

struct compare_point {
	uint8_t stage, family, kind, proto;
	int8_t skb, sk;		/* which arguments; -1: none */
	const char *name;
};

#define COMPARE_POINTS	40
#define COMPARE_BOTH	COMPARE_FAMILIES

/* Those without a name are none. */
extern const struct compare_point compare_points[COMPARE_POINTS];
/* Does @family come by? */
static inline bool point_is_of(const struct compare_point *p, int family)
{
	return p->family == COMPARE_BOTH || p->family == family;
}

/* What records go into; says why it cannot. */
int probe_open(void);
int probe_attach(uint64_t group);
/* Takes the probes of a stage away. */
void probe_detach(uint8_t stage);
bool probe_take(struct compare_rec *r);
uint64_t probe_lost(void);
void probe_close(void);

/* ---- compare_join.c ---- */

struct compare_way {
	uint64_t skb;
	bool own, call;
	uint8_t n;
	uint8_t stage[COMPARE_STEPS];
	uint64_t at[COMPARE_STEPS];
};

typedef void (*compare_way_fn)(const struct compare_way *w);

int compare_join_open(compare_way_fn done);
void compare_join_start(int family);
void compare_join_add(const struct compare_rec *r);
void compare_join_end(void);
/* The function seen at a stage, or NULL. */
const char *compare_join_seen(uint8_t stage, int family);
void compare_join_close(void);

/* ---- compare_out.c ---- */

int out_open(uint32_t rounds);
/* Ways that come belong to these. */
void out_round(uint32_t round, int family);
void out_way(const struct compare_way *w);
void out_bare(uint32_t round, int family, uint64_t ns);
/* Stages that only one of the two has. */
bool out_is_matched(uint8_t stage);
/* Forgets the ways so far. */
void out_forget(void);
/* Of the first @rounds; EXIT_REFUSED when nothing was seen. */
int out_table(const struct compare_opts *o, uint32_t rounds);
void out_close(void);

#endif
