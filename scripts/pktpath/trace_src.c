// SPDX-License-Identifier: GPL-2.0
/*
 * Records from the module, or from a file that --record wrote: "pktpath1",
 * number and size of the names of causes, the names, then records until the
 * end. All numbers are the machine's own; a file of another order of bytes is
 * refused.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "trace.h"

#define JOURNEY "/proc/thread-self/net/pktpath/journey"
#define NETSTAT "/proc/thread-self/net/pktpath/netstat"
#define CHUNK	4096		/* records a read */
#define HOLD	0x100000	/* records held for the sake of order */

struct file_head {
	char magic[8];
	uint32_t order;
	uint32_t rec_size;
	uint32_t names;
	uint32_t name_size;
};

struct trace_src {
	int fd;
	FILE *file;
	struct pktpath_journey_rec *rec;
	uint32_t n, room;
	uint32_t given;		/* of @n, handed out by the last src_take() */
	bool bad;		/* it ended as it should not */
};

/* ---- Files ---- */

FILE *rec_create(const char *path, const struct trace_names *names)
{
	struct file_head h = { "pktpath1", 1, sizeof(struct pktpath_journey_rec),
			       names->n, TRACE_NAME };
	FILE *f = fopen(path, "we");

	if (f && (fwrite(&h, sizeof(h), 1, f) != 1 ||
		  fwrite(names->cause, TRACE_NAME, names->n, f) != names->n)) {
		fclose(f);
		f = NULL;
	}
	if (!f)
		complain("cannot write \"%s\": %s", path, strerror(errno));
	return f;
}

/* Causes are named so in the module; others are of no use in a terminal. */
static bool name_ok(const char name[TRACE_NAME])
{
	size_t i;

	for (i = 0; i < TRACE_NAME && name[i]; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_')
			return false;
	return i > 0 && i < TRACE_NAME;
}

/* 0, or -1 when it is no recording. */
int rec_head(FILE *f, struct trace_names *names)
{
	struct file_head h;
	uint32_t i;

	if (fread(&h, sizeof(h), 1, f) != 1 || memcmp(h.magic, "pktpath1", 8) ||
	    h.order != 1 || h.rec_size != sizeof(struct pktpath_journey_rec) ||
	    h.names > TRACE_CAUSES || h.name_size != TRACE_NAME ||
	    fread(names->cause, TRACE_NAME, h.names, f) != h.names)
		return -1;
	for (i = 0; i < h.names; i++)
		if (!name_ok(names->cause[i]))
			return -1;
	names->n = h.names;
	return 0;
}

/* ---- Sources ---- */

static struct trace_src *src_new(void)
{
	struct trace_src *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->fd = -1;
	s->room = CHUNK;
	s->rec = malloc(s->room * sizeof(*s->rec));
	if (s->rec)
		return s;
	free(s);
	return NULL;
}

struct trace_src *src_file(const char *path, struct trace_names *names)
{
	struct trace_src *s = src_new();

	if (!s)
		return NULL;
	s->file = fopen(path, "re");
	if (s->file && !rec_head(s->file, names))
		return s;
	if (!s->file)
		complain("cannot read \"%s\": %s", path, strerror(errno));
	else
		complain("\"%s\" is not a recording of pktpath trace", path);
	src_free(s);
	return NULL;
}

/* The names of causes: two lines "Drop:", the first with names. */
static void src_names(struct trace_names *names)
{
	FILE *f = fopen(NETSTAT, "re");
	char *line = NULL, *save = NULL, *w;
	size_t size = 0;

	names->n = 0;
	while (f && !names->n && getline(&line, &size, f) > 0) {
		if (strncmp(line, "Drop:", 5))
			continue;
		for (w = strtok_r(line + 5, "\n ", &save);
		     w && names->n < TRACE_CAUSES;
		     w = strtok_r(NULL, "\n ", &save))
			snprintf(names->cause[names->n++], TRACE_NAME, "%s", w);
	}
	free(line);
	if (f)
		fclose(f);
}

/* By the module, in errno. */
static void src_refused(const struct pktpath_journey_conf *conf)
{
	if (errno == ESRCH)
		complain("there is no process %u", conf->pid);
	else if (errno == ENODEV && conf->ifindex)
		complain("there is no device with the number %u",
			 conf->ifindex);
	else
		complain("cannot record: %s", strerror(errno));
}

struct trace_src *src_live(const struct pktpath_journey_conf *conf,
			   struct trace_names *names)
{
	struct trace_src *s = src_new();

	if (!s)
		return NULL;
	s->fd = open(JOURNEY, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (s->fd < 0 && errno == ENOENT) {
		complain("the module pktpath is not loaded, or has no journey");
	} else if (s->fd < 0 && (errno == EPERM || errno == EACCES)) {
		complain("recording needs CAP_NET_ADMIN in this namespace");
	} else if (s->fd < 0 && errno == EBUSY) {
		complain("too many recordings in this namespace already");
	} else if (s->fd < 0) {
		complain("cannot record: %s", strerror(errno));
	} else if (write(s->fd, conf, sizeof(*conf)) != sizeof(*conf)) {
		src_refused(conf);
	} else {
		src_names(names);
		return s;
	}
	src_free(s);
	return NULL;
}

void src_free(struct trace_src *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	if (s->file)
		fclose(s->file);
	free(s->rec);
	free(s);
}

static bool src_room(struct trace_src *s)
{
	void *p;

	if (s->room - s->n >= CHUNK)
		return true;
	p = realloc(s->rec, 2ul * s->room * sizeof(*s->rec));
	if (!p)
		return false;
	s->rec = p;
	s->room *= 2;
	return true;
}

/* Whole records of a file; -1: no more. */
static int src_read_file(struct trace_src *s)
{
	size_t got = fread(s->rec + s->n, 1, CHUNK * sizeof(*s->rec), s->file);

	if (ferror(s->file)) {
		complain("cannot read the recording: %s", strerror(errno));
		s->bad = true;
	} else if (got % sizeof(*s->rec)) {
		complain("the recording ends in the middle of a record");
		s->bad = true;
	}
	got /= sizeof(*s->rec);
	s->n += got;
	return got ? (int)got : -1;
}

/* Records read, 0: none now, -1: no more. */
static int src_read(struct trace_src *s)
{
	ssize_t got;

	if (!src_room(s)) {
		complain("out of memory");
		s->bad = true;
		return -1;
	}
	if (s->file)
		return src_read_file(s);
	got = read(s->fd, s->rec + s->n, CHUNK * sizeof(*s->rec));
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0)
		return -1;
	s->n += got / sizeof(*s->rec);
	return got / sizeof(*s->rec);
}

static int by_time(const void *a, const void *b)
{
	const struct pktpath_journey_rec *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->cookie != y->cookie)
		return x->cookie < y->cookie ? -1 : 1;
	/* what is as old keeps the order of the stages */
	return x->stage - y->stage;
}

bool src_bad(const struct trace_src *s)
{
	return s->bad;
}

void src_wait(const struct trace_src *s, int ms)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };

	/* with records in hand others do not matter */
	if (src_holds(s))
		p.fd = -1;
	poll(&p, 1, ms);
}

bool src_holds(const struct trace_src *s)
{
	return s->n > s->given;
}

int src_take(struct trace_src *s, struct pktpath_journey_rec **recs, bool last)
{
	uint64_t now, was = s->n;
	struct timespec ts;
	int got;

	memmove(s->rec, s->rec + s->given,
		(s->n - s->given) * sizeof(*s->rec));
	s->n -= s->given;
	was = s->n;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	/* what is older than this is in the rings, or in hand */
	now = ts.tv_sec * 1000000000ull + ts.tv_nsec - 1000000;
	do
		got = src_read(s);
	while (got > 0 && s->n < HOLD);
	if (s->n != was)
		qsort(s->rec, s->n, sizeof(*s->rec), by_time);
	*recs = s->rec;
	if (last || s->file || got < 0 || s->n >= HOLD)
		s->given = s->n;
	else
		for (s->given = 0; s->given < s->n &&
		     s->rec[s->given].time < now; s->given++)
			;
	return got < 0 && !s->given ? -1 : (int)s->given;
}
