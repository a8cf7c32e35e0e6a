/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pktpath trace: what its files share. Records come from trace_src.c (the
 * module, or a file), trace_join.c makes journeys of them, trace_out.c and
 * trace_sum.c show these.
 */
#ifndef PKTPATH_TRACE_H
#define PKTPATH_TRACE_H

#include <stdio.h>
#include "pktpath.h"

#define TRACE_STEPS	64	/* records of a journey that are kept */
#define TRACE_CAUSES	256
#define TRACE_NAME	32

/* ---- names ---- */

/* Of causes: the module's own, or those a file was recorded with. */
struct trace_names {
	uint32_t n;
	char cause[TRACE_CAUSES][TRACE_NAME];
};

const char *trace_stage_name(uint8_t stage);
/* NULL: no such drop. In a static buffer. */
const char *trace_cause_name(const struct trace_names *names,
			     const struct pktpath_journey_rec *r);

/* ---- journeys ---- */

#define JOURNEY_SOCKS	2	/* sockets of a journey: by lo two */
#define JOURNEY_PIDS	8	/* processes likewise, told apart */
#define JOURNEY_PARTS	64	/* fragments that are told */

/* Whose a socket is. */
struct trace_owner {
	uint64_t cookie, cgroup;
	uint32_t pid;
};

/* Records of one packet in order of time. */
struct journey {
	struct journey *next;		/* of the same bucket */
	struct journey *older, *newer;	/* by last record */
	struct journey *peer, **peered;	/* of a stream's cookie, likewise */
	uint64_t id;
	uint64_t cookie;		/* the last record's that has one */
	struct trace_owner owner[JOURNEY_SOCKS];	/* set when it ends */
	uint32_t owners;
	uint64_t from, into;		/* of a fragment: the datagram's journey */
	uint64_t segment;		/* of a segment: the super-packet's */
	uint64_t part[JOURNEY_PARTS];	/* of a datagram that was put together */
	uint32_t parts;
	uint32_t n;
	uint32_t cut;			/* records beyond TRACE_STEPS */
	struct pktpath_journey_rec r[TRACE_STEPS];
};

struct trace_join;
typedef void (*trace_done_fn)(const struct journey *j, void *arg);

/* NULL when there is no memory. */
struct trace_join *join_new(trace_done_fn done, void *arg);
/* Takes a record; records must come in order of time. */
void join_add(struct trace_join *t, const struct pktpath_journey_rec *r);
/* Ends what is open. */
void join_finish(struct trace_join *t);
void join_free(struct trace_join *t);
/* Records lost so far. */
uint64_t join_lost(const struct trace_join *t);
/* The record with the addresses, or NULL. */
const struct pktpath_journey_rec *journey_flow(const struct journey *j);
/* The record of a drop, or NULL. */
const struct pktpath_journey_rec *journey_drop(const struct journey *j);
/* Processes that called, and that have its sockets. Number. */
uint32_t journey_pids(const struct journey *j, uint64_t pid[JOURNEY_PIDS]);
/* Did it have a packet, or was it only a call? */
bool journey_has_packet(const struct journey *j);

/* ---- sources ---- */

struct trace_src;

/* Say what is wrong and return NULL. */
struct trace_src *src_live(const struct pktpath_journey_conf *conf,
			   struct trace_names *names);
struct trace_src *src_file(const char *path, struct trace_names *names);
/* All records that are there, in order of time. @last: it is the end, give
 * those too that others might still come before. Number; -1: no more.
 */
int src_take(struct trace_src *s, struct pktpath_journey_rec **recs, bool last);
/* Are there records that others might still come before? */
bool src_holds(const struct trace_src *s);
/* It ended as it should not, which was told. */
bool src_bad(const struct trace_src *s);
/* Until there are records, or so long. */
void src_wait(struct trace_src *s, int ms);
void src_free(struct trace_src *s);

/* ---- a command ---- */

/* Starts it by `pktpath run`, as nice as told. 0 or EXIT_REFUSED. */
int cmd_start(char **words, int nice);
bool cmd_ended(void);
/* Ends it, or says how it ended by itself. 0 or EXIT_REFUSED. */
int cmd_end(char **words);

/* ---- files ---- */

/* A recording's file. */
FILE *rec_create(const char *path, const struct trace_names *names);
int rec_head(FILE *f, struct trace_names *names);

/* ---- out ---- */

void out_line(const struct journey *j, const struct trace_names *names);
/* One of a connection: direction, place in the stream, time since the last. */
void out_follow(const struct journey *j, const struct trace_names *names,
		const struct pktpath_journey_rec *of, uint64_t since);
void out_timeline(const struct journey *j, const struct trace_names *names);
void out_json(const struct journey *j, const struct trace_names *names);
void out_perfetto_head(FILE *f);
void out_perfetto(FILE *f, const struct journey *j,
		  const struct trace_names *names);
void out_perfetto_end(FILE *f);
/* Bytes: of the packet where it was longest, i.e. with its headers. */
uint32_t out_bytes(const struct journey *j);
/* "udp 10.0.0.1:1 > 10.0.0.2:2" in a static buffer. */
const char *out_flow(const struct journey *j);

/* ---- sums ---- */

struct trace_sum;

struct trace_sum *sum_new(void);
void sum_add(struct trace_sum *s, const struct journey *j,
	     const struct trace_names *names);
/* With @by, of journeys that have @key of that alone. */
void sum_hist(const struct trace_sum *s, const char *by, const char *key);
void sum_top(const struct trace_sum *s, const char *by, const char *key);
void sum_drops(const struct trace_sum *s);
/* Members "sums" and "drops" of an object. */
void sum_html(const struct trace_sum *s, FILE *f);
/* Packets and time of a stage; false: none. */
bool sum_stage(const struct trace_sum *s, unsigned int stage, uint64_t *n,
	       uint64_t *ns);
void sum_free(struct trace_sum *s);

/* ---- by ---- */

enum trace_key { BY_NOTHING, BY_FLOW, BY_PID, BY_SOCK, BY_CGROUP };

struct trace_by;

/* Says what is wrong. */
int by_parse(const char *word, enum trace_key *what);
struct trace_by *by_new(enum trace_key what);
void by_add(struct trace_by *b, const struct journey *j,
	    const struct trace_names *names);
void by_show(struct trace_by *b, bool hist, bool top);
void by_free(struct trace_by *b);

/* ---- svg ---- */

/* @flow: what the picture is of. */
void svg_write(FILE *f, const struct trace_sum *s, const char *flow,
	       uint32_t shown, uint64_t lost);

/* ---- pcapng ---- */

void pcap_head(FILE *f);
/* @epoch: to be added to the journeys' clock, ns. */
void pcap_journey(FILE *f, const struct journey *j,
		  const struct trace_names *names, uint64_t epoch);

/* ---- html ---- */

struct trace_html;

struct trace_html *html_new(void);
void html_add(struct trace_html *h, const struct journey *j);
void html_write(struct trace_html *h, FILE *f, const struct trace_sum *s,
		const struct trace_names *names, uint32_t shown, uint64_t lost);
void html_free(struct trace_html *h);

#endif
