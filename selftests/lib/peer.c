// SPDX-License-Identifier: GPL-2.0
/* A TCP peer by hand; see peer.h. */
#include <net/if.h>
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <linux/icmp.h>
#include <stdarg.h>
#include "peer.h"

#define ETH_LEN 14
#define FRAME 2048

int64_t peer_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

void peer_sleep(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

void peer_fail(struct peer *p, const char *fmt, ...)
{
	va_list ap;

	printf("# %s:%d: ", p->at ? p->at : "?", p->line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	peer_end(p);
	_exit(1);
}

uint8_t peer_byte(uint32_t rel)
{
	return rel * 7 + (rel >> 8);
}

/* ---- Text ---- */

const char *seg_str(const struct seg *s)
{
	static char buf[2][400];
	static const char names[] = "FSRPAUECN";
	static int turn;
	char *b = buf[turn ^= 1], *e = b + sizeof(buf[0]), *o = b;
	int i;

	for (i = 0; i < 9; i++)
		if (s->flags & 1 << i)
			*o++ = names[i];
	if (o == b)
		*o++ = '0';
	o += snprintf(o, e - o, " %d", (int)s->seq);
	if (s->len)
		o += snprintf(o, e - o, "+%u", s->len);
	if (s->has & SEG_ACK)
		o += snprintf(o, e - o, " %d", (int)s->ack);
	if (s->has & SEG_WIN)
		o += snprintf(o, e - o, " win=%u", s->win);
	if (s->has & SEG_URG)
		o += snprintf(o, e - o, " urg=%u", s->urg);
	if (s->has & SEG_TOS)
		o += snprintf(o, e - o, " tos=%u", s->tos);
	if (s->has & SEG_MSS)
		o += snprintf(o, e - o, " mss=%u", s->mss);
	if (s->has & SEG_WS)
		o += snprintf(o, e - o, " ws=%u", s->ws);
	if (s->has & SEG_SACKOK)
		o += snprintf(o, e - o, " sackok");
	if (s->has & SEG_TS)
		o += snprintf(o, e - o, " ts=%u:%u", s->tsval, s->tsecr);
	for (i = 0; i < s->nsacks; i++)
		o += snprintf(o, e - o, "%s%d-%d", i ? "," : " sack=",
			      (int)s->sacks[i][0], (int)s->sacks[i][1]);
	if (s->has & SEG_ECN)
		o += snprintf(o, e - o, " ecn=%u", s->ecn_kind);
	for (i = 0; i < s->necn; i++)
		o += snprintf(o, e - o, ":%u", s->ecn[i]);
	return b;
}

/* NAME=NUMBER. */
static bool parse_number(struct seg *s, const char *w, const char *v)
{
	static const char *const names[] = { "win", "urg", "tos", "mss", "ws" };
	static const unsigned int has[] = { SEG_WIN, SEG_URG, SEG_TOS, SEG_MSS,
					    SEG_WS };
	unsigned int i, n = v ? strtoul(v, NULL, 0) : 0;

	for (i = 0; i < ARRAY_SIZE(names) && strcmp(w, names[i]); i++)
		;
	if (!v || i == ARRAY_SIZE(names))
		return false;
	s->has |= has[i];
	switch (has[i]) {
	case SEG_WIN:
		s->win = n;
		break;
	case SEG_URG:
		s->urg = n;
		break;
	case SEG_TOS:
		s->tos = n;
		break;
	case SEG_MSS:
		s->mss = n;
		break;
	case SEG_WS:
		s->ws = n;
		break;
	}
	return true;
}

static bool parse_flag(struct seg *s, const char *w)
{
	static const char *const names[] = { "sackok", "nots", "noopt",
					     "nosack", "badsum", "ts",
					     "noecn" };
	static const unsigned int has[] = { SEG_SACKOK, SEG_NOTS, SEG_NOOPT,
					    SEG_NOSACK, SEG_BADSUM, SEG_TS,
					    SEG_NOECN };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names) && strcmp(w, names[i]); i++)
		;
	if (i == ARRAY_SIZE(names))
		return false;
	s->has |= has[i];
	return true;
}

static void parse_sacks(struct seg *s, char *q)
{
	s->has |= SEG_SACK;
	for (; *q && s->nsacks < 4; s->nsacks++) {
		s->sacks[s->nsacks][0] = strtol(q, &q, 0);
		if (*q == '-')
			q++;
		s->sacks[s->nsacks][1] = strtol(q, &q, 0);
		if (*q == ',')
			q++;
	}
}

static void parse_ecn(struct seg *s, char *q)
{
	s->has |= SEG_ECN;
	s->ecn_kind = strtoul(q, &q, 0);
	while (*q == ':' && s->necn < 3)
		s->ecn[s->necn++] = strtoul(q + 1, &q, 0);
}

static void parse_word(struct peer *p, struct seg *s, char *w)
{
	char *v = strchr(w, '='), *q;
	unsigned int b;

	if (v)
		*v++ = 0;
	if (parse_number(s, w, v) || (!v && parse_flag(s, w)))
		return;
	if (!v)
		peer_fail(p, "what is '%s'?", w);
	if (!strcmp(w, "ts")) {
		s->has |= SEG_TS | SEG_TSVAL;
		s->tsval = strtoul(v, &q, 0);
		s->tsecr = *q == ':' ? strtoul(q + 1, NULL, 0) : 0;
	} else if (!strcmp(w, "sack")) {
		parse_sacks(s, v);
	} else if (!strcmp(w, "ecn")) {
		parse_ecn(s, v);
	} else if (!strcmp(w, "raw")) {
		for (; sscanf(v, "%2x", &b) == 1 && s->rawlen < 40; v += 2)
			s->raw[s->rawlen++] = b;
	} else {
		peer_fail(p, "what is '%s'?", w);
	}
}

static void parse(struct peer *p, struct seg *s, const char *fmt, va_list ap)
{
	static const char names[] = "FSRPAUECN";
	char text[400], *save, *w, *q;

	memset(s, 0, sizeof(*s));
	vsnprintf(text, sizeof(text), fmt, ap);
	w = strtok_r(text, " ", &save);
	for (; w && *w && *w != '0'; w++) {
		q = strchr(names, *w);
		if (!q)
			peer_fail(p, "flag %c?", *w);
		s->flags |= 1 << (q - names);
	}
	w = strtok_r(NULL, " ", &save);
	if (!w)
		peer_fail(p, "no sequence number");
	s->seq = strtoll(w, &q, 0);
	if (*q == '+')
		s->len = strtoul(q + 1, NULL, 0);
	w = strtok_r(NULL, " ", &save);
	if (w && (*w == '-' && !w[1])) {
		w = strtok_r(NULL, " ", &save);
	} else if (w && strchr("-0123456789", *w)) {
		s->ack = strtoll(w, NULL, 0);
		s->has |= SEG_ACK;
		w = strtok_r(NULL, " ", &save);
	}
	for (; w; w = strtok_r(NULL, " ", &save))
		parse_word(p, s, w);
}

/* ---- Frames ---- */

static uint32_t sum16(const void *data, unsigned int len, uint32_t sum)
{
	const uint8_t *d = data;
	unsigned int i;

	for (i = 0; i + 1 < len; i += 2)
		sum += d[i] << 8 | d[i + 1];
	if (len & 1)
		sum += d[len - 1] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static uint16_t tcp_sum(const struct iphdr *iph, const void *th,
			unsigned int len)
{
	uint32_t sum = sum16(&iph->saddr, 8, IPPROTO_TCP + len);

	return fold(sum16(th, len, sum));
}

static void put32(uint8_t *o, uint32_t v)
{
	v = htonl(v);
	memcpy(o, &v, 4);
}

static void put16(uint8_t *o, uint16_t v)
{
	o[0] = v >> 8;
	o[1] = v;
}

static uint32_t get32(const uint8_t *o)
{
	uint32_t v;

	memcpy(&v, o, 4);
	return ntohl(v);
}

uint32_t peer_tsval(const struct peer *p)
{
	return (peer_us() - p->born) / 1000 + 1000;
}

static unsigned int put_options(struct peer *p, const struct seg *s,
				uint8_t *o)
{
	unsigned int n = 0;
	int i;

	if (s->rawlen) {
		memcpy(o, s->raw, s->rawlen);
		n = s->rawlen;
		goto pad;
	}
	if (s->has & SEG_MSS) {
		o[n] = 2;
		o[n + 1] = 4;
		put16(o + n + 2, s->mss);
		n += 4;
	}
	if (s->has & SEG_SACKOK) {
		o[n++] = 4;
		o[n++] = 2;
	}
	if (s->has & SEG_WS) {
		o[n++] = 3;
		o[n++] = 3;
		o[n++] = s->ws;
	}
	while (n & 3)
		o[n++] = 1;
	if (s->has & SEG_TS || (p->ts && !(s->has & SEG_NOTS))) {
		put32(o + n, 0x0101080a);
		p->ts_sent = s->has & SEG_TSVAL ? s->tsval : peer_tsval(p);
		put32(o + n + 4, p->ts_sent);
		put32(o + n + 8, s->has & SEG_TSVAL && s->tsecr ? s->tsecr :
		      s->flags & SEG_A ? p->ts_recent : 0);
		n += 12;
	}
	if (s->nsacks) {
		put32(o + n, 0x01010502 + 8 * s->nsacks);
		n += 4;
		for (i = 0; i < s->nsacks; i++, n += 8) {
			put32(o + n, s->sacks[i][0] + p->iss_a);
			put32(o + n + 4, s->sacks[i][1] + p->iss_a);
		}
	}
	if (s->has & SEG_ECN) {
		o[n++] = s->ecn_kind;
		o[n++] = 2 + 3 * s->necn;
		for (i = 0; i < s->necn; i++, n += 3) {
			o[n] = s->ecn[i] >> 16;
			put16(o + n + 1, s->ecn[i]);
		}
	}
pad:
	while (n & 3)
		o[n++] = 0;
	return n;
}

static void frame_head(struct peer *p, uint8_t *f, uint8_t proto,
		       unsigned int len, uint8_t tos)
{
	struct iphdr *iph = (void *)(f + ETH_LEN);

	memset(f, 0, ETH_LEN + 20);
	memcpy(f, p->mac_a, 6);
	memcpy(f + 6, p->mac_b, 6);
	f[12] = 8;
	iph->version = 4;
	iph->ihl = 5;
	iph->ttl = 64;
	iph->tos = tos;
	iph->frag_off = htons(0x4000);
	iph->protocol = proto;
	iph->saddr = p->ip_b;
	iph->daddr = p->ip_a;
	iph->tot_len = htons(20 + len);
	iph->check = htons(fold(sum16(iph, 20, 0)));
}

static void seg_out(struct peer *p, const struct seg *s)
{
	uint8_t f[FRAME];
	struct iphdr *iph = (void *)(f + ETH_LEN);
	uint8_t *t = f + ETH_LEN + 20;
	unsigned int optlen, len, i;

	if (s->len > 1600)
		peer_fail(p, "%u bytes are too many for a frame", s->len);
	memset(t, 0, 20);
	optlen = put_options(p, s, t + 20);
	len = 20 + optlen + s->len;
	put16(t, p->bport);
	put16(t + 2, p->aport);
	put32(t + 4, s->seq + p->iss_b);
	if (s->has & SEG_ACK)
		put32(t + 8, s->ack + p->iss_a);
	t[12] = (20 + optlen) / 4 << 4 | s->flags >> 8;
	t[13] = s->flags;
	put16(t + 14, s->has & SEG_WIN ? s->win : p->win);
	put16(t + 18, s->urg);
	for (i = 0; i < s->len; i++)
		t[20 + optlen + i] = peer_byte(s->seq + i);
	frame_head(p, f, IPPROTO_TCP, len, s->tos);
	put16(t + 16, tcp_sum(iph, t, len) ^ (s->has & SEG_BADSUM ? 1 : 0));
	p->mark = peer_us();
	if (send(p->tap, f, ETH_LEN + 20 + len, 0) < 0)
		peer_fail(p, "send: %s", strerror(errno));
}

void peer_tx(struct peer *p, const char *fmt, ...)
{
	struct seg s;
	va_list ap;

	va_start(ap, fmt);
	parse(p, &s, fmt, ap);
	va_end(ap);
	if (s.flags & SEG_S) {
		p->ws_b = s.has & SEG_WS ? s.ws : 0;
		if (s.has & SEG_TS)
			p->ts = true;
		p->win = s.has & SEG_WIN && !p->ws_b ? s.win : 65535;
	}
	seg_out(p, &s);
}

static void take_options(struct peer *p, struct seg *s, const uint8_t *o,
			 unsigned int len)
{
	unsigned int i = 0, l, k;

	while (i < len && o[i]) {
		if (o[i] == 1) {
			i++;
			continue;
		}
		l = i + 1 < len ? o[i + 1] : 0;
		if (l < 2 || i + l > len)	/* MUST-68 */
			peer_fail(p, "option %u has length %u", o[i], l);
		if (o[i] == 2 && l == 4) {
			s->has |= SEG_MSS;
			s->mss = o[i + 2] << 8 | o[i + 3];
		} else if (o[i] == 3 && l == 3) {
			s->has |= SEG_WS;
			s->ws = o[i + 2];
		} else if (o[i] == 4 && l == 2) {
			s->has |= SEG_SACKOK;
		} else if (o[i] == 8 && l == 10) {
			s->has |= SEG_TS;
			s->tsval = get32(o + i + 2);
			s->tsecr = get32(o + i + 6);
		} else if (o[i] == 5 && l > 2 && (l - 2) % 8 == 0) {
			s->has |= SEG_SACK;
			for (k = 2; k < l; k += 8, s->nsacks++) {
				s->sacks[s->nsacks][0] =
					get32(o + i + k) - p->iss_b;
				s->sacks[s->nsacks][1] =
					get32(o + i + k + 4) - p->iss_b;
			}
		} else if ((o[i] == 172 || o[i] == 174) && l <= 11 &&
			   l % 3 == 2) {
			s->has |= SEG_ECN;
			s->ecn_kind = o[i];
			for (k = 2; k < l; k += 3)
				s->ecn[s->necn++] =
					get32(o + i + k - 1) & 0xffffff;
		} else if (o[i] == 34) {
			s->rawlen = l;
			memcpy(s->raw, o + i, l);
		} else if (o[i] != 254) {
			peer_fail(p, "unknown option %u of length %u", o[i],
				  l);
		}
		i += l;
	}
	for (; i < len; i++)			/* MUST-69 */
		if (o[i])
			peer_fail(p, "padding is not zero");
	if (s->has & SEG_MSS && !(s->flags & SEG_S))	/* MUST-65 */
		peer_fail(p, "MSS option without SYN");
	if (s->has & (SEG_SACKOK | SEG_WS) && !(s->flags & SEG_S))
		peer_fail(p, "option of a SYN without SYN");
}

/* RFC 1191 §6.1, RFC 6864 §4: a number that counts tells of other traffic
 * (idle scan). AF_INET has one of its own for each connection.
 */
static void take_ip(struct peer *p, const struct iphdr *iph, uint8_t flags)
{
	bool df = ntohs(iph->frag_off) & 0x4000;
	bool nobodys = (flags & (SEG_S | SEG_A)) == (SEG_S | SEG_A) &&
		       p->lfd >= 0;

	if (!df && !p->no_df)
		peer_fail(p, "a segment may be divided");
	if (df && iph->id && (!p->p.inet || nobodys))
		peer_fail(p, "identification %u", ntohs(iph->id));
	if (iph->ttl != p->ttl)
		peer_fail(p, "TTL %u, not %u", iph->ttl, p->ttl);
}

/* False: not a segment of this connection. */
static bool take_frame(struct peer *p, struct seg *s, const uint8_t *f,
		       unsigned int n)
{
	const struct iphdr *iph = (void *)(f + ETH_LEN);
	unsigned int len, hlen, i;
	const uint8_t *t;

	if (n < ETH_LEN + 40 || f[12] != 8 || f[13] ||
	    iph->protocol != IPPROTO_TCP || iph->saddr != p->ip_a ||
	    iph->daddr != p->ip_b)			/* MUST-45 */
		return false;
	len = ntohs(iph->tot_len) - iph->ihl * 4;
	t = f + ETH_LEN + iph->ihl * 4;
	if ((t[0] << 8 | t[1]) != p->aport || (t[2] << 8 | t[3]) != p->bport)
		return false;
	if (len + iph->ihl * 4 > n - ETH_LEN)
		peer_fail(p, "a frame of %u bytes was cut", len);
	if (tcp_sum(iph, t, len))		/* MUST-2 */
		peer_fail(p, "wrong checksum");
	take_ip(p, iph, t[13]);
	memset(s, 0, sizeof(*s));
	s->flags = (t[12] & 1) << 8 | t[13];
	if (s->flags & SEG_S && !p->iss_known) {
		p->iss_a = get32(t + 4);
		p->iss_known = true;
	}
	s->seq = get32(t + 4) - p->iss_a;
	if (s->flags & SEG_A) {
		s->ack = get32(t + 8) - p->iss_b;
		s->has |= SEG_ACK;
	}
	hlen = (t[12] >> 4) * 4;
	s->win = t[14] << 8 | t[15];
	s->tos = iph->tos;
	s->ttl = iph->ttl;
	s->id = ntohs(iph->id);
	s->has |= SEG_WIN;
	if (s->flags & SEG_U) {
		s->urg = t[18] << 8 | t[19];
		s->has |= SEG_URG;
	}
	s->len = len - hlen;
	take_options(p, s, t + 20, hlen - 20);
	if (s->has & SEG_TS)
		p->ts_recent = s->tsval;
	if (s->flags & SEG_S)
		p->ws_a = s->has & SEG_WS ? s->ws : 0;
	for (i = 0; i < s->len && !p->nocheck; i++)
		if (t[hlen + i] != peer_byte(s->seq + i))
			peer_fail(p, "wrong byte at %u of %s", i, seg_str(s));
	return true;
}

static ssize_t tap_recv(struct peer *p, uint8_t *f, size_t size, int64_t *us)
{
	char ctl[256];
	struct sockaddr_ll sll;
	struct iovec iov = { f, size };
	struct msghdr m = {
		.msg_name = &sll, .msg_namelen = sizeof(sll),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = ctl, .msg_controllen = sizeof(ctl),
	};
	struct cmsghdr *c;
	ssize_t n = recvmsg(p->tap, &m, MSG_DONTWAIT);

	if (n <= 0)
		return n;
	if (sll.sll_pkttype == PACKET_OUTGOING)
		return 0;
	*us = peer_us();
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		struct timespec *ts = (void *)CMSG_DATA(c);

		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SO_TIMESTAMPNS)
			*us = ts->tv_sec * 1000000LL + ts->tv_nsec / 1000;
	}
	return n;
}

bool peer_get(struct peer *p, struct seg *s, int ms)
{
	struct pollfd pfd = { .fd = p->tap, .events = POLLIN };
	int64_t end = peer_us() + ms * 1000LL, left, us;
	uint8_t f[FRAME];
	ssize_t n;

	for (;;) {
		n = tap_recv(p, f, sizeof(f), &us);
		if (n > 0 && take_frame(p, s, f, n)) {
			s->us = us;
			p->last = *s;
			return true;
		}
		if (n >= 0)
			continue;
		left = end - peer_us();
		if (left <= 0)
			return false;
		poll(&pfd, 1, (left + 999) / 1000);
	}
}

static bool differs(const struct seg *want, const struct seg *got)
{
	unsigned int has = want->has;
	uint16_t flags = got->flags;
	int i;

	/* PSH in the middle of a stream is the sender's choice. */
	if (got->len && !(want->flags & SEG_P))
		flags &= ~SEG_P;
	if (want->flags != flags || want->seq != got->seq ||
	    want->len != got->len ||
	    (has & SEG_ACK && want->ack != got->ack) ||
	    (has & SEG_WIN && want->win != got->win) ||
	    (has & SEG_URG && want->urg != got->urg) ||
	    (has & SEG_TOS && want->tos != got->tos) ||
	    (has & SEG_MSS && want->mss != got->mss) ||
	    (has & SEG_WS && want->ws != got->ws) ||
	    (has & ~got->has & (SEG_MSS | SEG_WS | SEG_TS | SEG_SACKOK)) ||
	    (has & SEG_TSVAL &&
	     ((want->tsval && want->tsval != got->tsval) ||
	      want->tsecr != got->tsecr)) ||
	    (has & SEG_NOTS && got->has & SEG_TS) ||
	    (has & SEG_NOSACK && got->nsacks) ||
	    (has & SEG_NOOPT &&
	     got->has & ~has & (SEG_MSS | SEG_WS | SEG_SACKOK | SEG_SACK)))
		return true;
	if (has & SEG_NOECN && got->has & SEG_ECN)
		return true;
	if (has & SEG_ECN && (want->ecn_kind != got->ecn_kind ||
			      want->necn != got->necn ||
			      memcmp(want->ecn, got->ecn, sizeof(got->ecn))))
		return true;
	if (!(has & SEG_SACK))
		return false;
	if (want->nsacks != got->nsacks)
		return true;
	for (i = 0; i < want->nsacks; i++)
		if (want->sacks[i][0] != got->sacks[i][0] ||
		    want->sacks[i][1] != got->sacks[i][1])
			return true;
	return false;
}

void peer_rx(struct peer *p, int lo, int hi, const char *fmt, ...)
{
	int64_t from = p->mark;
	struct seg want, got;
	va_list ap;
	int wait = hi < 0 ? PEER_WAIT_MS : hi + 1000;

	va_start(ap, fmt);
	parse(p, &want, fmt, ap);
	va_end(ap);
	if (!peer_get(p, &got, wait))
		peer_fail(p, "nothing came for %d ms; expected %s", wait,
			  seg_str(&want));
	if (differs(&want, &got))
		peer_fail(p, "got %s (after %lld us); expected %s",
			  seg_str(&got), (long long)(got.us - from),
			  seg_str(&want));
	if (hi >= 0 && (got.us - from < lo * 1000LL ||
			got.us - from > hi * 1000LL))
		peer_fail(p, "%s came after %lld us, not %d..%d ms",
			  seg_str(&got), (long long)(got.us - from), lo, hi);
	p->mark = got.us;
}

void peer_quiet(struct peer *p, int ms)
{
	struct seg s;

	if (peer_get(p, &s, ms))
		peer_fail(p, "%s came %lld us after the last one",
			  seg_str(&s), (long long)(s.us - p->mark));
}

void peer_drain(struct peer *p)
{
	struct seg s;

	while (peer_get(p, &s, 0))
		;
}

void peer_icmp(struct peer *p, int type, int code, uint32_t info,
	       uint32_t seq)
{
	uint8_t f[FRAME] = { 0 }, *i = f + ETH_LEN + 20, *q = i + 8;
	struct iphdr *in = (void *)q;

	i[0] = type;
	i[1] = code;
	put32(i + 4, info);
	in->version = 4;
	in->ihl = 5;
	in->ttl = 60;
	in->tot_len = htons(1500);
	in->frag_off = htons(0x4000);
	in->protocol = IPPROTO_TCP;
	in->saddr = p->ip_a;
	in->daddr = p->ip_b;
	in->check = htons(fold(sum16(in, 20, 0)));
	put16(q + 20, p->aport);
	put16(q + 22, p->bport);
	put32(q + 24, seq + p->iss_a);
	put16(i + 2, fold(sum16(i, 36, 0)));
	frame_head(p, f, IPPROTO_ICMP, 36, 0);
	p->mark = peer_us();
	if (send(p->tap, f, ETH_LEN + 20 + 36, 0) < 0)
		peer_fail(p, "send: %s", strerror(errno));
}
