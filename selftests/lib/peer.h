/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The other end of a TCP connection, played segment by segment over veth. A
 * program is a table of cases; each runs in its own process on AF_INET, which
 * says what is right, and on AF_PKTPATH.
 *
 *	netns A: the stack under test		netns B: raw frames
 *	pa 10.77.0.1 ------------ veth ----------- pb 10.77.0.66
 *
 * Segments are written as text, FLAGS SEQ[+LEN] [ACK] [WORD...]:
 *
 *	SA 0 1 win=65535 mss=1460 ws=7 sackok ts=100:0
 *	PA 1+1000 1		a bare ACK is "A"; no ACK number: "R 1 -"
 *	A 1 1 sack=1001-2001
 *
 * Flags are of FSRPAUECN (N: AE of RFC 9768), or "0". Numbers count from the
 * initial sequence number of the side they belong to. Payload is a pattern that
 * depends on its sequence number; what is received is checked against it.
 * Words: win (as on the wire), urg, tos, mss, ws, ts[=VAL:ECR],
 * sack=L-R[,L-R], sackok, ecn=KIND[:V]... (option of RFC 9768, as on the wire);
 * to send only: nots, raw=HEX (options), badsum; to expect only: noopt (no
 * others but timestamps), nosack, noecn. Without win a segment of ours has the
 * window of our SYN, or 65535 if it is scaled. Once both sides have offered
 * timestamps, every segment of ours has them. What is not mentioned is not
 * compared, but for flags, numbers and length; PSH may come with data
 * unmentioned. Every segment must have DF and peer.ttl; with DF ours says nothing
 * by its identification.
 *
 * Times are exact in a machine with virtual time.
 */
#ifndef PKTPATH_SELFTESTS_LIB_PEER_H
#define PKTPATH_SELFTESTS_LIB_PEER_H

#include "pp_test.h"
#include <linux/tcp.h>

#define PEER_IP		"10.77.0.66"
#define PEER_WAIT_MS	3000

enum {
	ST_ESTABLISHED = 1, ST_SYN_SENT, ST_SYN_RECV, ST_FIN_WAIT1,
	ST_FIN_WAIT2, ST_TIME_WAIT, ST_CLOSE, ST_CLOSE_WAIT, ST_LAST_ACK,
	ST_LISTEN, ST_CLOSING,
};

enum {
	SEG_F = 1, SEG_S = 2, SEG_R = 4, SEG_P = 8, SEG_A = 16, SEG_U = 32,
	SEG_E = 64, SEG_C = 128, SEG_N = 256,
};

/* Which fields of struct seg are meant. */
enum {
	SEG_ACK = 1, SEG_WIN = 2, SEG_URG = 4, SEG_TOS = 8, SEG_MSS = 16,
	SEG_WS = 32, SEG_TS = 64, SEG_SACKOK = 128, SEG_SACK = 256,
	SEG_NOTS = 512, SEG_BADSUM = 1024, SEG_NOOPT = 2048,
	SEG_NOSACK = 4096, SEG_TSVAL = 8192, SEG_ECN = 16384,
	SEG_NOECN = 32768,
};

struct seg {
	unsigned int has;
	uint16_t flags;
	uint8_t tos, ws, nsacks, ttl;
	uint8_t ecn_kind, necn;		/* AccECN option, its counters */
	uint32_t ecn[3];
	uint32_t seq, ack, len;		/* relative */
	uint16_t win, urg, mss, id;	/* id: of the IP header */
	uint32_t tsval, tsecr;
	uint32_t sacks[4][2];		/* relative to the receiver's data */
	uint8_t raw[40];		/* received: a Fast Open option */
	unsigned int rawlen;
	int64_t us;			/* when it came */
};

struct peer {
	struct pp_pair p;
	int tap;
	uint8_t mac_a[6], mac_b[6];
	in_addr_t ip_a, ip_b;
	uint8_t ttl;			/* of every segment of A's */
	bool no_df;			/* they may be divided */
	uint16_t aport, bport;
	uint32_t iss_a, iss_b;
	bool iss_known;
	int lfd, fd;			/* listener and connection in A */
	bool ts, nocheck;		/* timestamps agreed; any payload */
	uint16_t win;			/* what we offer unless a word says */
	uint8_t ws_a, ws_b;		/* shifts offered */
	uint32_t ts_recent;
	uint32_t wr, rd;		/* next to write and read in A */
	struct seg last;		/* last that was received */
	uint32_t ts_sent;		/* last timestamp of ours */
	int64_t mark;			/* time of the last segment, µs */
	int64_t born;
	const char *at;			/* where the script is */
	int line;
};

struct peer_case {
	const char *name;
	void (*fn)(struct peer *p);
	const char *sysctl;		/* "NAME=VALUE NAME=VALUE" */
	const char *only;		/* "pktpath", "inet" or NULL */
	bool mixed;			/* A's AF_INET gets segments, on purpose */
};

/* For programs with a main of their own: the pair and the frames. */
int peer_setup(struct peer *p, bool inet);
int peer_main(int argc, char **argv, const struct peer_case *c, size_t n);

/* Nothing of the case may live on in A. */
void peer_end(struct peer *p);
/* Ends the case as failed. */
void peer_fail(struct peer *p, const char *fmt, ...);
void peer_tx(struct peer *p, const char *fmt, ...);
/* Next segment of the connection; false: none within @ms. */
bool peer_get(struct peer *p, struct seg *s, int ms);
void peer_rx(struct peer *p, int lo, int hi, const char *fmt, ...);
void peer_quiet(struct peer *p, int ms);
/* Throws away what has come. */
void peer_drain(struct peer *p);
void peer_passive(struct peer *p, const char *opts);
void peer_active(struct peer *p, const char *opts);
/* Passive, with SACK; no round trip is shorter than @ms. */
void peer_passive_far(struct peer *p, int ms);
/* A thread of A's sits in send() of one byte with the socket locked, until it is
 * let go. False: the kernel has no userfaultfd.
 */
bool peer_hold(struct peer *p);
void peer_let_go(struct peer *p);
/* SK_MEMINFO_* of the connection. */
uint32_t peer_meminfo(struct peer *p, int what);
/* Halves of these: a listener; a SYN that is on its way. */
void peer_listen(struct peer *p, int backlog);
int peer_socket(struct peer *p);
int peer_connect(struct peer *p);	/* 0 or errno */
void peer_accept(struct peer *p);
void peer_write(struct peer *p, size_t n);
/* @n segments of 1460 bytes, the first of them at @at, are written and come. */
void peer_burst(struct peer *p, uint32_t at, int n);
/* A round trip of @ms is known well then; what is sent next begins at what is
 * returned.
 */
int peer_known_rtt(struct peer *p, int ms);
void peer_read(struct peer *p, size_t n);
/* read(): @ret 0 or -errno. */
void peer_read_is(struct peer *p, int ret);
void peer_state(struct peer *p, int state);
struct tcp_info peer_info(struct peer *p);
void peer_set(struct peer *p, int level, int opt, int val);
int peer_soerror(struct peer *p);
/* ICMP error about a segment of A's that began at @seq. */
void peer_icmp(struct peer *p, int type, int code, uint32_t info,
	       uint32_t seq);
/* New ports, nothing agreed: another connection. */
void peer_again(struct peer *p);
long peer_count(struct peer *p, const char *group, const char *name);
/* Byte of the payload with this relative sequence number. */
uint8_t peer_byte(uint32_t rel);
int64_t peer_us(void);
uint32_t peer_tsval(const struct peer *p);	/* our clock, ms */
void peer_sleep(int ms);
const char *seg_str(const struct seg *s);

#define AT (p->at = __func__, p->line = __LINE__)
/* The short names of scripts; each takes struct peer *p from its context. */
#define TX(...) (AT, peer_tx(p, __VA_ARGS__))
#define RX(...) (AT, peer_rx(p, -1, -1, __VA_ARGS__))
/* Comes between @lo and @hi milliseconds after the segment before. */
#define RX_AT(lo, hi, ...) (AT, peer_rx(p, lo, hi, __VA_ARGS__))
#define QUIET(ms) (AT, peer_quiet(p, ms))
#define STATE(s) (AT, peer_state(p, s))
#define WRITE(n) (AT, peer_write(p, n))
#define BURST(at, n) (AT, peer_burst(p, at, n))
#define READ(n) (AT, peer_read(p, n))
#define READ_IS(r) (AT, peer_read_is(p, r))
#define CHECK(cond)							\
	do {								\
		AT;							\
		if (!(cond))						\
			peer_fail(p, "not true: " #cond);		\
	} while (0)
#define CHECK_EQ(a, b)							\
	do {								\
		long long va_, vb_;					\
		AT;							\
		va_ = (a);						\
		vb_ = (b);						\
		if (va_ != vb_)						\
			peer_fail(p, #a " is %lld, not %lld", va_, vb_); \
	} while (0)
#define CHECK_IN(a, lo, hi)						\
	do {								\
		long long va_, vl_, vh_;				\
		AT;							\
		va_ = (a);						\
		vl_ = (lo);						\
		vh_ = (hi);						\
		if (va_ < vl_ || va_ > vh_)				\
			peer_fail(p, #a " is %lld, not in %lld..%lld",	\
				  va_, vl_, vh_);			\
	} while (0)

#define OPT_PLAIN "win=65535 mss=1460"
#define OPT_SACK "win=65535 mss=1460 sackok"
#define OPT_ALL "win=65535 mss=1460 sackok ts ws=7"

#endif
