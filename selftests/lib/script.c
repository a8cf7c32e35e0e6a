// SPDX-License-Identifier: GPL-2.0
/* A random script of segments and calls; see script.h. */
#include <linux/sockios.h>
#include <stdarg.h>
#include "script.h"

/* What the peer knows of the connection; numbers are relative. */
struct model {
	struct peer *p;
	struct script *log;
	struct step *st;
	uint64_t rnd;
	int pause;
	uint32_t next;		/* of the peer's data, in order */
	uint32_t got, most;	/* from A: in order, highest */
	uint32_t acked;		/* highest that was acknowledged */
	uint32_t tsval;
	int win;		/* -1: the usual one */
};

static unsigned int rnd(struct model *m, unsigned int n)
{
	m->rnd ^= m->rnd << 13;
	m->rnd ^= m->rnd >> 7;
	m->rnd ^= m->rnd << 17;
	return (m->rnd >> 20) % n;
}

static int pick_of(struct model *m, const int *a, unsigned int n)
{
	return a[rnd(m, n)];
}

#define PICK(m, a) pick_of(m, a, sizeof(a) / sizeof(int))

/* ---- What is seen ---- */

static void add(char *to, size_t size, const char *fmt, ...)
{
	size_t n = strlen(to);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(to + n, size - n, fmt, ap);
	va_end(ap);
}

/* Retransmissions and probes by where they begin, once in a step: how often a
 * timer has run is a matter of when the step ends, and small segments may go
 * together the second time.
 */
static bool resent(struct model *m, const struct seg *s, uint32_t end)
{
	bool probe = end == s->seq && s->seq == m->acked - 1;
	char text[32];

	if (s->flags & SEG_R ||
	    (!probe && (end == s->seq || (int)(end - m->most) > 0)))
		return false;
	snprintf(text, sizeof(text), "; again %d", (int)s->seq);
	if (!strstr(m->st->segs, text))
		add(m->st->segs, SCRIPT_LINE, "%s", text);
	return true;
}

static void see_segment(struct model *m, struct seg *s)
{
	static const char names[] = "FSRPAUEC";
	char *o = m->st->segs;
	uint32_t end;
	int i;

	/* A new connection has a new first number. */
	if (s->flags & SEG_S && s->seq) {
		m->p->iss_a += s->seq;
		s->seq = 0;
		m->got = 0;
		m->most = 0;
		m->acked = 0;
	}
	end = s->seq + s->len + !!(s->flags & SEG_F) + !!(s->flags & SEG_S);
	if (resent(m, s, end))
		return;
	add(o, SCRIPT_LINE, "; ");
	for (i = 0; i < 8; i++)
		if (s->flags & 1 << i && names[i] != 'P')
			add(o, SCRIPT_LINE, "%c", names[i]);
	/* RFC 9293 §3.10.7.1: the number itself is 0, whatever the first was. */
	if (s->flags & SEG_R && !(s->seq + m->p->iss_a))
		add(o, SCRIPT_LINE, " zero");
	else
		add(o, SCRIPT_LINE, " %d+%u", (int)s->seq, s->len);
	if (s->has & SEG_ACK)
		add(o, SCRIPT_LINE, " %d", (int)s->ack);
	if (!s->win && !(s->flags & SEG_R))
		add(o, SCRIPT_LINE, " shut");
	if (s->has & SEG_URG)
		add(o, SCRIPT_LINE, " urg=%u", s->urg);
	if (s->has & SEG_MSS)
		add(o, SCRIPT_LINE, " mss=%u", s->mss);
	if (s->has & SEG_WS)
		add(o, SCRIPT_LINE, " ws=%u", s->ws);
	if (s->has & SEG_SACKOK)
		add(o, SCRIPT_LINE, " sackok");
	if (s->has & SEG_TS)
		add(o, SCRIPT_LINE, " ts=%u", s->tsecr);
	for (i = 0; i < s->nsacks; i++)
		add(o, SCRIPT_LINE, " sack=%d-%d", (int)s->sacks[i][0],
		    (int)s->sacks[i][1]);
	if (s->flags & SEG_R)
		return;
	if ((int)(s->seq - m->got) <= 0 && (int)(end - m->got) > 0)
		m->got = end;
	if ((int)(end - m->most) > 0)
		m->most = end;
}

static void see_state(struct model *m)
{
	struct peer *p = m->p;
	struct pollfd pfd = {
		.fd = p->fd >= 0 ? p->fd : p->lfd,
		.events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP,
	};
	int in = -1, out = -1, mark = -1;
	char *o = m->st->state;

	if (pfd.fd < 0)
		return;
	poll(&pfd, 1, 0);
	add(o, sizeof(m->st->state), "poll %x", pfd.revents);
	if (p->fd < 0)
		return;
	if (ioctl(p->fd, FIONREAD, &in))
		in = -errno;
	if (ioctl(p->fd, SIOCOUTQ, &out))
		out = -errno;
	if (ioctl(p->fd, SIOCATMARK, &mark))
		mark = -errno;
	add(o, sizeof(m->st->state), " in %d out %d mark %d state %d", in, out,
	    mark, peer_info(p).tcpi_state);
}

/* All that comes in @ms. */
static void collect(struct model *m, int ms)
{
	int64_t end = peer_us() + ms * 1000LL, left;
	struct seg s;

	while ((left = end - peer_us()) > 0)
		if (peer_get(m->p, &s, left / 1000 + 1))
			see_segment(m, &s);
}

static void begin(struct model *m, const char *fmt, ...)
{
	va_list ap;

	m->st = &m->log->step[m->log->steps++];
	va_start(ap, fmt);
	vsnprintf(m->st->what, sizeof(m->st->what), fmt, ap);
	va_end(ap);
}

static void end(struct model *m, int ms)
{
	collect(m, ms);
	see_state(m);
}

static void call_is(struct model *m, long ret)
{
	int err = errno;

	add(m->st->ret, sizeof(m->st->ret), "%ld %s", ret,
	    ret < 0 ? strerrorname_np(err) : "");
}

/* ---- The peer ---- */

/* @text: flags, numbers and words; the usual window and time are added. */
static void segment(struct model *m, const char *fmt, ...)
{
	struct peer *p = m->p;
	char text[80], all[140];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(all, sizeof(all), "%s", text);
	if (m->win >= 0 && !strstr(text, "win="))
		add(all, sizeof(all), " win=%d", m->win);
	if (p->ts && !strstr(text, " ts=") && !strstr(text, " nots"))
		add(all, sizeof(all), " ts=%u:0", m->tsval += 10);
	begin(m, "%s", all);
	peer_tx(p, "%s", all);
}

/* For the list of differences. */
static void label(struct model *m, const char *text)
{
	add(m->st->what, sizeof(m->st->what), " %s", text);
}

static void acknowledge(struct model *m, uint32_t ack)
{
	if ((int)(ack - m->acked) > 0 && (int)(ack - m->most) <= 0)
		m->acked = ack;
}

static void peer_data(struct model *m)
{
	static const int lens[] = { 1, 10, 100, 536, 1000, 1400 };
	static const int skips[] = { 1, 100, 1000, 2500 };
	int len = PICK(m, lens), from;

	switch (rnd(m, 8)) {
	case 0:		/* a hole before it */
		from = PICK(m, skips);
		segment(m, "A %u+%d %u", m->next + from, len, m->got);
		break;
	case 1:		/* some of it came before */
		from = PICK(m, skips);
		segment(m, "A %d+%d %u", (int)m->next - from, len, m->got);
		if (len > from)
			m->next += len - from;
		break;
	case 2:		/* beyond the window */
		segment(m, "A %u+%d %u", m->next + 3000000, len, m->got);
		break;
	case 3:
		segment(m, "FA %u+%d %u", m->next, len, m->got);
		m->next += len + 1;
		break;
	case 4:
		segment(m, "UA %u+%d %u urg=%u", m->next, len, m->got,
			1 + rnd(m, 2 * len));
		m->next += len;
		break;
	default:
		segment(m, "PA %u+%d %u", m->next, len, m->got);
		m->next += len;
	}
	acknowledge(m, m->got);
}

static void peer_ack(struct model *m)
{
	uint32_t out = m->most - m->acked;
	uint32_t from = m->acked + rnd(m, out + 1);

	switch (rnd(m, 8)) {
	case 0:
		segment(m, "A %u %u", m->next, from);
		acknowledge(m, from);
		break;
	case 1:
		segment(m, "A %u %u", m->next, m->most + 1 + rnd(m, 9999));
		label(m, "of what was not sent");
		break;
	case 2:
		segment(m, "A %u %d", m->next,
			(int)m->acked - 1 - (int)rnd(m, 9999));
		break;
	case 3:
		segment(m, "A %u %u", m->next, m->acked);
		break;
	case 4:
	case 5:
		segment(m, "A %u %u sack=%u-%u", m->next, m->acked, from,
			from + rnd(m, out + 2));
		break;
	default:
		segment(m, "A %u %u", m->next, m->got);
		acknowledge(m, m->got);
	}
}

/* Behind a byte of data: only from 6.7 on AF_INET takes a shut window from an
 * ACK that says nothing else.
 */
static void peer_window(struct model *m)
{
	static const int wins[] = { 0, 0, 100, 1000, -1, -1 };

	segment(m, "PA %u+1 %u", m->next, m->got);
	m->next++;
	acknowledge(m, m->got);
	end(m, m->pause);
	m->win = PICK(m, wins);
	segment(m, "A %u %u", m->next, m->got);
	acknowledge(m, m->got);
}

static void peer_time(struct model *m)
{
	uint32_t at = m->tsval;

	switch (m->p->ts ? rnd(m, 4) : 3) {
	case 0:		/* RFC 7323 §5.3: too old */
		at -= 1 + rnd(m, 5000);
		segment(m, "PA %u+10 %u ts=%u:0", m->next, m->got, at);
		break;
	case 1:
		m->tsval += 100000;
		segment(m, "PA %u+10 %u", m->next, m->got);
		m->next += 10;
		break;
	case 2:
		segment(m, "PA %u+10 %u nots", m->next, m->got);
		break;
	default:
		segment(m, "PA %u+10 %u badsum", m->next, m->got);
	}
}

/* What a stranger could send. */
static void peer_rude(struct model *m)
{
	static const int far[] = { 0, 1, 500, -1, -500, 3000000 };
	static const char names[] = "FSRPAUEC";
	char flags[10], *f = flags;
	unsigned int mask, i;

	switch (rnd(m, 6)) {
	case 0:
		segment(m, "R %d -", (int)m->next + PICK(m, far));
		return;
	case 1:
		segment(m, "RA %d %u", (int)m->next + PICK(m, far), m->got);
		return;
	case 2:
		segment(m, "S %d - mss=1000", (int)m->next + PICK(m, far));
		return;
	case 3:
		segment(m, "FA %d %u", (int)m->next + PICK(m, far), m->got);
		return;
	case 4:
		segment(m, "FA %u %u", m->next, m->got);
		m->next++;
		acknowledge(m, m->got);
		return;
	}
	mask = rnd(m, 256);
	for (i = 0; i < 8; i++)
		if (mask & 1 << i)
			*f++ = names[i];
	*f = 0;
	if (mask & SEG_A)
		segment(m, "%s %d %u urg=1", mask ? flags : "0",
			(int)m->next + PICK(m, far), m->got);
	else
		segment(m, "%s %d - urg=1", mask ? flags : "0",
			(int)m->next + PICK(m, far));
}

static void peer_error(struct model *m)
{
	static const int kind[][2] = {
		{ 3, 0 }, { 3, 1 }, { 3, 2 }, { 3, 3 }, { 3, 13 }, { 11, 0 },
		{ 4, 0 }, { 12, 0 },
	};
	unsigned int k = rnd(m, ARRAY_SIZE(kind));
	int seq = rnd(m, 3) ? (int)m->acked : (int)m->most + 70000;

	begin(m, "ICMP %d %d of %d", kind[k][0], kind[k][1], seq);
	peer_icmp(m->p, kind[k][0], kind[k][1], 0, seq);
}

/* ---- The application ---- */

static void app_send(struct model *m)
{
	static const int lens[] = { 1, 10, 100, 1000, 1000, 3000, 8000 };
	static const int flags[] = { 0, 0, 0, 0, MSG_MORE, MSG_OOB };
	int len = PICK(m, lens), fl = PICK(m, flags), i;
	uint8_t b[8000];
	ssize_t n;

	for (i = 0; i < len; i++)
		b[i] = peer_byte(m->p->wr + i);
	begin(m, "send(%d, %s)", len, fl == MSG_MORE ? "MSG_MORE" :
	      fl ? "MSG_OOB" : "0");
	n = send(m->p->fd, b, len, fl | MSG_NOSIGNAL);
	call_is(m, n);
	if (n > 0)
		m->p->wr += n;
}

static void app_recv(struct model *m)
{
	static const int lens[] = { 1, 100, 5000, 5000 };
	static const int flags[] = { 0, 0, 0, MSG_PEEK, MSG_OOB, MSG_TRUNC };
	int len = PICK(m, lens), fl = PICK(m, flags);
	uint32_t sum = 0;
	uint8_t b[5000];
	ssize_t n, i;

	begin(m, "recv(%d, %s)", len, fl == MSG_PEEK ? "MSG_PEEK" :
	      fl == MSG_OOB ? "MSG_OOB" : fl ? "MSG_TRUNC" : "0");
	n = recv(m->p->fd, b, len, fl);
	call_is(m, n);
	for (i = 0; i < n && fl != MSG_TRUNC; i++)
		sum = sum * 31 + b[i];
	add(m->st->ret, sizeof(m->st->ret), " %08x", sum);
}

static void app_set(struct model *m)
{
	static const struct {
		const char *name;
		int level, opt, val;
	} opts[] = {
		{ "NODELAY", IPPROTO_TCP, TCP_NODELAY, 1 },
		{ "NODELAY", IPPROTO_TCP, TCP_NODELAY, 0 },
		{ "CORK", IPPROTO_TCP, TCP_CORK, 1 },
		{ "CORK", IPPROTO_TCP, TCP_CORK, 0 },
		{ "CORK", IPPROTO_TCP, TCP_CORK, 0 },
		{ "QUICKACK", IPPROTO_TCP, TCP_QUICKACK, 1 },
		{ "QUICKACK", IPPROTO_TCP, TCP_QUICKACK, 0 },
		{ "MAXSEG", IPPROTO_TCP, TCP_MAXSEG, 600 },
		{ "LINGER2", IPPROTO_TCP, TCP_LINGER2, 3 },
		{ "WINDOW_CLAMP", IPPROTO_TCP, TCP_WINDOW_CLAMP, 3000 },
		{ "RCVBUF", SOL_SOCKET, SO_RCVBUF, 3000 },
		{ "RCVBUF", SOL_SOCKET, SO_RCVBUF, 100000 },
		{ "SNDBUF", SOL_SOCKET, SO_SNDBUF, 3000 },
		{ "OOBINLINE", SOL_SOCKET, SO_OOBINLINE, 1 },
		{ "OOBINLINE", SOL_SOCKET, SO_OOBINLINE, 0 },
		{ "RCVLOWAT", SOL_SOCKET, SO_RCVLOWAT, 500 },
		{ "KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ "PRIORITY", SOL_SOCKET, SO_PRIORITY, 3 },
	};
	unsigned int k = rnd(m, ARRAY_SIZE(opts));

	begin(m, "%s=%d", opts[k].name, opts[k].val);
	call_is(m, setsockopt(m->p->fd, opts[k].level, opts[k].opt,
			      &opts[k].val, sizeof(int)));
}

static void app_connect(struct model *m)
{
	struct sockaddr_in sin = pp_addr(PEER_IP, m->p->bport);

	begin(m, "connect()");
	call_is(m, connect(m->p->fd, (void *)&sin, sizeof(sin)));
}

static void app_accept(struct model *m)
{
	struct peer *p = m->p;
	int fd;

	begin(m, "accept()");
	fd = accept4(p->lfd >= 0 ? p->lfd : p->fd, NULL, NULL, SOCK_NONBLOCK);
	call_is(m, fd < 0 ? -1 : 0);
	if (fd < 0)
		return;
	if (p->fd < 0)
		p->fd = fd;
	else
		close(fd);
}

static void app_other(struct model *m)
{
	struct linger lin = { .l_onoff = 1 };
	struct peer *p = m->p;
	int how;

	switch (rnd(m, 12)) {
	case 0:
	case 1:
	case 2:
		how = rnd(m, 3);
		begin(m, "shutdown(%d)", how);
		call_is(m, shutdown(p->fd, how));
		return;
	case 3:
		app_connect(m);
		return;
	case 4:
		app_accept(m);
		return;
	case 5:
		begin(m, "linger");
		call_is(m, setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &lin,
				      sizeof(lin)));
		return;
	case 6:
	case 7:
		begin(m, "close()");
		call_is(m, close(p->fd));
		p->fd = -1;
		return;
	case 8:
		begin(m, "listen()");
		call_is(m, listen(p->fd, 1));
		return;
	default:
		begin(m, "SO_ERROR");
		call_is(m, peer_soerror(p));
	}
}

static void app(struct model *m)
{
	if (m->p->fd < 0) {
		if (m->p->lfd >= 0) {
			app_accept(m);
			return;
		}
		begin(m, "nobody");
		return;
	}
	switch (rnd(m, 10)) {
	case 0:
	case 1:
	case 2:
		app_send(m);
		break;
	case 3:
	case 4:
	case 5:
		app_recv(m);
		break;
	case 6:
	case 7:
	case 8:
		app_set(m);
		break;
	default:
		app_other(m);
	}
}

/* ---- A script ---- */

static void one_step(struct model *m)
{
	int ms = m->pause;

	switch (rnd(m, 24)) {
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
		peer_data(m);
		break;
	case 5:
	case 6:
	case 7:
	case 8:
		peer_ack(m);
		break;
	case 9:
		peer_window(m);
		break;
	case 10:
		peer_time(m);
		break;
	case 11:
		peer_rude(m);
		break;
	case 12:
		peer_error(m);
		break;
	case 13:
		begin(m, "wait");
		ms = 20 * m->pause;
		break;
	default:
		app(m);
	}
	end(m, ms);
}

/* The handshake; now and then something else comes first. */
static void opening(struct model *m)
{
	static const char *const opts[] = {
		"win=65535 mss=1460", "win=60000 mss=1000 sackok",
		"win=20000 mss=536 sackok ts=1000:0",
		"win=65535 mss=1460 sackok ts=1000:0 ws=7",
		"win=65535 mss=1400 ts=1000:0 ws=0",
		"win=3000 sackok ws=3", "win=65535 mss=1460 sackok",
	};
	const char *o = opts[rnd(m, ARRAY_SIZE(opts))];
	bool active = rnd(m, 2), slow = !rnd(m, 4);
	struct peer *p = m->p;

	m->next = !active;
	m->tsval = 1000;
	if (active) {
		p->fd = peer_socket(p);
		fcntl(p->fd, F_SETFL, O_NONBLOCK);
		app_connect(m);
	} else {
		peer_listen(p, 4);
		begin(m, "S 0 - %s", o);
		peer_tx(p, "S 0 - %s", o);
	}
	end(m, m->pause);
	if (slow)
		one_step(m);
	if (active) {
		begin(m, "SA 0 1 %s", o);
		peer_tx(p, "SA 0 1 %s", o);
		end(m, m->pause);
	}
	m->next = 1;
	m->got = m->got ? : 1;
	m->most = m->most ? : 1;
	m->acked = 1;
	if (active)
		return;
	segment(m, "A 1 1");
	end(m, m->pause);
	if (!slow)
		app_accept(m);
	else
		begin(m, "no accept() yet");
	end(m, 1);
}

void script_run(struct peer *p, unsigned int seed, int pause,
		struct script *log)
{
	struct model m = {
		.p = p, .log = log, .pause = pause, .win = -1,
		.rnd = seed * 0x9e3779b97f4a7c15ULL + 0x1234567,
	};
	int i;

	for (i = 0; i < 8; i++)
		rnd(&m, 2);
	peer_again(p);
	p->iss_a = 0x1000;
	p->iss_known = true;
	p->at = "seed";
	p->line = seed;
	opening(&m);
	while (m.log->steps < SCRIPT_STEPS)
		one_step(&m);
	/* nothing of it is to go on */
	peer_tx(p, "R %u -", m.next);
	peer_end(p);
}
