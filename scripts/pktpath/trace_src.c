// SPDX-License-Identifier: GPL-2.0
/*
 * Records from the module, or from a file that --record wrote: "pktpath1",
 * number and size of the names of causes, the names, then records until the
 * end. All numbers are the machine's own; a file of another order of bytes is
 * refused.
 *
 * The module's rings are emptied by a thread that does nothing else: they hold
 * what is recorded in a moment, the thread's list what takes longer to show.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "trace.h"

#define JOURNEY "/proc/thread-self/net/pktpath/journey"
#define NETSTAT "/proc/thread-self/net/pktpath/netstat"
#define CHUNK	4096		/* records a read */
#define HOLD	0x100000	/* records held for the sake of order */
#define CHUNKS	(HOLD / CHUNK)	/* read ahead */
#define NAP	100		/* ms in which the thread sees that it is to end */

struct file_head {
	char magic[8];
	uint32_t order;
	uint32_t rec_size;
	uint32_t names;
	uint32_t name_size;
};

/* What one read has given. */
struct chunk {
	struct chunk *next;
	uint32_t n;
	struct pktpath_journey_rec rec[CHUNK];
};

struct trace_src {
	int fd;
	FILE *file;
	struct pktpath_journey_rec *rec;
	uint32_t n, room;
	uint32_t given;		/* of @n, handed out by the last src_take() */
	bool bad;		/* it ended as it should not */
	bool threaded;
	pthread_t thread;
	pthread_mutex_t lock;	/* of the rest */
	pthread_cond_t come;
	struct chunk *first, **last;
	uint32_t chunks;
	uint64_t whole;		/* what is older has been read, ns */
	bool stop;		/* the thread is to end */
	bool end;		/* there will be no more */
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
	s->last = &s->first;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->come, NULL);
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

/* Whoever else reads comes behind what it has read. */
static void src_join(struct trace_src *s)
{
	if (!s->threaded)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	s->threaded = false;
}

void src_free(struct trace_src *s)
{
	struct chunk *c;

	if (!s)
		return;
	src_join(s);
	while ((c = s->first)) {
		s->first = c->next;
		free(c);
	}
	if (s->fd >= 0)
		close(s->fd);
	if (s->file)
		fclose(s->file);
	free(s->rec);
	free(s);
}

/* ---- The thread ---- */

/* CLOCK_MONOTONIC, which the records' is, a millisecond ago: others that are as
 * old are in the rings.
 */
static uint64_t src_past(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec - 1000000;
}

/* Takes @c and says whether to go on. */
static bool thread_put(struct trace_src *s, struct chunk *c)
{
	bool on;

	pthread_mutex_lock(&s->lock);
	if (c) {
		*s->last = c;
		s->last = &c->next;
		s->chunks++;
		pthread_cond_signal(&s->come);
	}
	on = !s->stop;
	pthread_mutex_unlock(&s->lock);
	return on;
}

/* All there is. Records, 0: none, -1: no more. */
static ssize_t thread_read(struct trace_src *s, bool *on)
{
	uint64_t past = src_past();
	struct chunk *c;
	ssize_t got, all = 0;

	for (;;) {
		c = malloc(sizeof(*c));
		got = c ? read(s->fd, c->rec, sizeof(c->rec)) : -1;
		if (got <= 0)
			break;
		c->next = NULL;
		c->n = got / sizeof(*c->rec);
		all += c->n;
		*on = thread_put(s, c);
		if (!*on)
			return all;
	}
	got = c && got < 0 && (errno == EAGAIN || errno == EINTR) ? all : -1;
	free(c);
	pthread_mutex_lock(&s->lock);
	s->whole = past;
	s->end = got < 0;
	pthread_cond_signal(&s->come);
	pthread_mutex_unlock(&s->lock);
	return got;
}

static void *thread_run(void *arg)
{
	struct trace_src *s = arg;
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	struct timespec nap = { .tv_nsec = 1000000 };
	ssize_t got = 0;
	bool on = true;

	while (on && got >= 0) {
		pthread_mutex_lock(&s->lock);
		on = !s->stop;
		/* too far ahead: what is recorded meanwhile may be lost */
		got = s->chunks >= CHUNKS;
		pthread_mutex_unlock(&s->lock);
		if (got) {
			nanosleep(&nap, NULL);
			continue;
		}
		got = thread_read(s, &on);
		if (!got && on)
			poll(&p, 1, NAP);
		else if (on)
			/* let there be more than a few a call */
			nanosleep(&nap, NULL);
	}
	return NULL;
}

/* It has the priority of who starts it. */
static bool src_start(struct trace_src *s)
{
	if (s->threaded || s->file || s->end || s->stop)
		return true;
	s->threaded = !pthread_create(&s->thread, NULL, thread_run, s);
	if (!s->threaded)
		complain("cannot start the reader");
	return s->threaded;
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

/* The thread's next chunk; NULL: none now. */
static struct chunk *src_chunk(struct trace_src *s)
{
	struct chunk *c;

	pthread_mutex_lock(&s->lock);
	c = s->first;
	if (c) {
		s->first = c->next;
		if (!s->first)
			s->last = &s->first;
		s->chunks--;
	}
	pthread_mutex_unlock(&s->lock);
	return c;
}

/* Records read, 0: none now, -1: no more. */
static int src_read(struct trace_src *s)
{
	struct chunk *c;
	ssize_t got;

	if (!src_room(s)) {
		complain("out of memory");
		s->bad = true;
		return -1;
	}
	if (s->file)
		return src_read_file(s);
	c = src_chunk(s);
	if (c) {
		memcpy(s->rec + s->n, c->rec, c->n * sizeof(*c->rec));
		got = c->n;
		free(c);
		s->n += got;
		return got;
	}
	if (s->threaded)
		return 0;
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

void src_wait(struct trace_src *s, int ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += ms * 1000000l;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&s->lock);
	if (!s->first && !s->end)
		pthread_cond_timedwait(&s->come, &s->lock, &until);
	pthread_mutex_unlock(&s->lock);
}

bool src_holds(const struct trace_src *s)
{
	return s->n > s->given;
}

int src_take(struct trace_src *s, struct pktpath_journey_rec **recs, bool last)
{
	uint64_t whole = 0, was;
	bool end = false;
	int got;

	memmove(s->rec, s->rec + s->given,
		(s->n - s->given) * sizeof(*s->rec));
	s->n -= s->given;
	was = s->n;
	if (last)
		src_join(s);
	else if (!src_start(s))
		s->bad = true;
	pthread_mutex_lock(&s->lock);
	whole = s->whole;
	end = s->end;
	pthread_mutex_unlock(&s->lock);
	do
		got = src_read(s);
	while (got > 0 && s->n < HOLD);
	if ((end || s->bad) && !got)
		got = -1;
	if (s->n != was)
		qsort(s->rec, s->n, sizeof(*s->rec), by_time);
	*recs = s->rec;
	if (last || s->file || got < 0 || s->n >= HOLD)
		s->given = s->n;
	else
		for (s->given = 0; s->given < s->n &&
		     s->rec[s->given].time < whole; s->given++)
			;
	return got < 0 && !s->given ? -1 : (int)s->given;
}
