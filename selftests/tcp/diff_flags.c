// SPDX-License-Identifier: GPL-2.0
/*
 * Every combination of FIN, SYN, RST and ACK at several places of sequence
 * space, with and without payload, in every state: AF_PKTPATH answers as
 * AF_INET does, but for the differences listed below. With the argument "all"
 * every combination of the eight flags, with payload where there is PSH.
 *
 * A case that differs is tried again on both stacks: what a machine that was
 * held up for a moment has answered late is no difference.
 */
#include <sys/mman.h>
#include "peer.h"

enum {
	D_CLOSED, D_LISTEN, D_SYN_SENT, D_SYN_RECV, D_ESTABLISHED, D_FIN_WAIT1,
	D_FIN_WAIT2, D_CLOSE_WAIT, D_CLOSING, D_LAST_ACK, D_TIME_WAIT, D_STATES,
};

static const char *const state_name[] = {
	"CLOSED", "LISTEN", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT1",
	"FIN_WAIT2", "CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT",
};

/* Distance from what the receiver expects next, and from its SND.NXT. */
static const struct {
	int seq, ack;
} place[] = {
	{ 0, 0 }, { 0, -1 }, { 0, 1 }, { -1, 0 }, { 5, 0 }, { 100000, 0 },
	{ -100, -1 }, { 5, 100000 },
};

static const uint8_t flag_bit[] = { SEG_F, SEG_S, SEG_R, SEG_A };

#define PLACES	ARRAY_SIZE(place)
#define MOST	(256 * PLACES)
#define PAYLOAD	10
#define ROUNDS	3

struct answer {
	char text[56];
};

struct kase {
	uint8_t flags, pl, len;
};

static struct kase kase[MOST];
static unsigned int cases;
static struct answer (*result)[D_STATES][MOST];		/* [stack] */
static bool differ[D_STATES][MOST];

static void make_cases(bool all)
{
	unsigned int n, pl, bit, flags;

	for (n = 0; n < (all ? 256 : 32); n++) {
		flags = all ? n : 0;
		for (bit = 0; !all && bit < ARRAY_SIZE(flag_bit); bit++)
			if (n & 1 << bit)
				flags |= flag_bit[bit];
		for (pl = 0; pl < PLACES; pl++) {
			kase[cases].flags = flags;
			kase[cases].pl = pl;
			if (all ? flags & SEG_P : n & 16)
				kase[cases].len = PAYLOAD;
			cases++;
		}
	}
}

/*
 * The differences that are meant. RFC 5961 and RFC 9293 leave a choice, or
 * AF_INET does what an attacker could use.
 */
static const char *accepted(int st, unsigned int flags, unsigned int pl)
{
	/* A SYN with another number does not end a half-open connection. */
	if (st == D_SYN_RECV && flags & SEG_S && !(flags & SEG_R) &&
	    place[pl].seq >= 0)
		return "challenge instead of reset";
	/* RFC 9293 3.10.7.4 fifth step; AF_INET of 6.1 says nothing. */
	if (st == D_ESTABLISHED && flags & SEG_A && place[pl].ack > 0)
		return "what was not sent is answered by an ACK";
	return NULL;
}

/* Brings a new connection to @st. @nxt, @una: what the segment counts from. */
static void reach(struct peer *p, int st, int *nxt, int *snd)
{
	*nxt = 1;
	*snd = 1;
	switch (st) {
	case D_CLOSED:
		p->iss_a = 0x1000;
		p->iss_known = true;
		return;
	case D_LISTEN:
		peer_listen(p, 4);
		p->iss_a = 0x1000;
		p->iss_known = true;
		return;
	case D_SYN_SENT:
		CHECK_EQ(peer_connect(p), EINPROGRESS);
		RX("S 0 -");
		*nxt = 0;
		return;
	case D_SYN_RECV:
		peer_listen(p, 4);
		TX("S 0 - win=60000 mss=1000");
		RX("SA 0 1");
		return;
	}
	peer_passive(p, "win=60000 mss=1000");
	close(p->lfd);
	p->lfd = -1;
	switch (st) {
	case D_FIN_WAIT1:
	case D_FIN_WAIT2:
	case D_CLOSING:
	case D_TIME_WAIT:
		shutdown(p->fd, SHUT_WR);
		RX("FA 1 1");
		*snd = 2;
		break;
	case D_CLOSE_WAIT:
	case D_LAST_ACK:
		TX("FA 1 1");
		RX("A 1 2");
		*nxt = 2;
		break;
	}
	if (st == D_FIN_WAIT2) {
		TX("A 1 2");
	} else if (st == D_CLOSING) {
		TX("FA 1 1");
		RX("A 2 2");
		*nxt = 2;
	} else if (st == D_TIME_WAIT) {
		TX("FA 1 2");
		RX("A 2 2");
		*nxt = 2;
	} else if (st == D_LAST_ACK) {
		shutdown(p->fd, SHUT_WR);
		RX("FA 1 2");
		*snd = 2;
	}
}

static void one(struct peer *p, int st, const struct kase *k,
		struct answer *a)
{
	static const char names[] = "FSRPAUEC";
	int nxt, snd, seq, got = 0, state = 0, err = 0, i;
	char *o = a->text, *e = o + sizeof(a->text);
	char flags[9], *f = flags;
	struct seg s;

	peer_again(p);
	reach(p, st, &nxt, &snd);
	p->nocheck = true;
	for (i = 0; i < 8; i++)
		if (k->flags & 1 << i)
			*f++ = names[i];
	*f = 0;
	seq = nxt + place[k->pl].seq;
	if (k->flags & SEG_A)
		peer_tx(p, "%s %d+%u %d urg=3", *flags ? flags : "0", seq,
			k->len, snd + place[k->pl].ack);
	else
		peer_tx(p, "%s %d+%u - urg=3", *flags ? flags : "0", seq,
			k->len);
	/* more than a tick: AF_INET may answer with the next one */
	while (peer_get(p, &s, 12) && got < 3) {
		/* numbers of a stranger's SYN-ACK are its own */
		if (s.flags & SEG_S && s.flags & SEG_A)
			s.seq = 0;
		o += snprintf(o, e - o, "%s%02x %d %d", got ? "; " : "",
			      s.flags, (int)s.seq,
			      s.has & SEG_ACK ? (int)s.ack : 0);
		if (o >= e)
			o = e - 1;
		got++;
	}
	if (p->fd >= 0) {
		state = peer_info(p).tcpi_state;
		err = peer_soerror(p);
	}
	snprintf(o, e - o, " st %d err %d", state, err);
	peer_end(p);
	close(p->lfd);
	p->lfd = -1;
	p->fd = -1;
	p->nocheck = false;
}

static int run_state(struct peer *p, int stack, int st)
{
	unsigned int i;
	int status = 1;
	pid_t pid;

	p->aport = 2000 + st * 2100;
	p->bport = 20000 + st * 2100;
	pid = fork();
	if (!pid) {
		for (i = 0; i < cases; i++)
			if (differ[st][i])
				one(p, st, &kase[i], &result[stack][st][i]);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

/* How many differ that should not; they are tried again. */
static int compare(int st, int *meant)
{
	unsigned int i;
	int bad = 0;

	for (i = 0; i < cases; i++) {
		const char *a = result[0][st][i].text;
		const char *b = result[1][st][i].text;

		if (!differ[st][i])
			continue;
		differ[st][i] = strcmp(a, b);
		if (!differ[st][i])
			continue;
		if (accepted(st, kase[i].flags, kase[i].pl)) {
			differ[st][i] = false;
			++*meant;
		}
		bad += differ[st][i];
	}
	return bad;
}

static void show(int st)
{
	unsigned int i, n = 0;

	for (i = 0; i < cases && n < 40; i++) {
		const struct kase *k = &kase[i];

		if (!differ[st][i])
			continue;
		printf("# %s flags %02x seq %+d ack %+d len %u: [%s] is [%s]\n",
		       state_name[st], k->flags, place[k->pl].seq,
		       place[k->pl].ack, k->len, result[0][st][i].text,
		       result[1][st][i].text);
		n++;
	}
}

/* All that differs, or has not been tried. 0, or 1 when it cannot run. */
static int round_of(int *failed)
{
	struct peer p;
	int stack, st;

	for (stack = 0; stack < 2; stack++) {
		if (peer_setup(&p, !stack))
			return 1;
		for (st = 0; st < D_STATES; st++)
			failed[st] = run_state(&p, stack, st);
		close(p.tap);
		if (pp_pair_teardown(&p.p))
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int st, n, ret = 0, bad = 1, failed[D_STATES], meant[D_STATES] = { 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	make_cases(argc > 1 && !strcmp(argv[1], "all"));
	memset(differ, 1, sizeof(differ));
	result = mmap(NULL, 2 * sizeof(*result), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (result == MAP_FAILED)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	printf("TAP version 13\n1..%d\n", D_STATES);
	for (n = 0; n < ROUNDS && bad; n++) {
		if (round_of(failed))
			return 1;
		for (st = 0, bad = 0; st < D_STATES; st++)
			bad += compare(st, &meant[st]) + !!failed[st];
	}
	for (st = 0; st < D_STATES; st++) {
		bad = compare(st, &meant[st]) || failed[st];
		show(st);
		printf("# %s: %u cases, %d differ as meant\n", state_name[st],
		       cases, meant[st]);
		printf("%sok %d %s\n", bad ? "not " : "", st + 1,
		       state_name[st]);
		ret |= bad;
	}
	return ret;
}
