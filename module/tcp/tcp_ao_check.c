// SPDX-License-Identifier: GPL-2.0
/*
 * Authenticated segments: is what has come from who it says?
 *
 * Path: tcp_ipv4.c
 * Mirrors: net/ipv4/tcp_ao.c (tcp_inbound_ao_hash, tcp_ao_ignore_icmp),
 *	    net/ipv4/tcp.c (tcp_inbound_hash)
 * Locks: none, RCU: a segment is looked at before it waits for its socket
 */
#include <crypto/algapi.h>
#include <linux/icmp.h>
#include <linux/skbuff.h>
#include <net/sock.h>
#include "tcp/tcp_ao.h"
#include "tcp/tcp_priv.h"

/* One that is looked at. */
struct pp_tcp_ao_in {
	struct pp_net *pn;
	struct pp_tcp_ao *ao;	/* NULL: it should not be signed */
	const u8 *opt;		/* NULL: it is not */
	u32 sisn, disn, sne;
	bool cached;		/* the traffic key is */
	bool many;		/* keys are for many peers */
	int l3mdev;
};

static bool pp_tcp_ao_refuse(const struct pp_tcp_ao_in *in,
			     enum pp_drop_cause why, enum pp_drop_cause *cause)
{
	if (why == PKTPATH_DROP_TCP_AO_NONE)
		pp_mib_inc(in->pn, TCPEXT_AOREQUIRED);
	else if (why == PKTPATH_DROP_TCP_AO_WRONG)
		pp_mib_inc(in->pn, TCPEXT_AOBAD);
	else
		pp_mib_inc(in->pn, TCPEXT_AOKEYNOTFOUND);
	*cause = why;
	return false;
}

static bool pp_tcp_ao_mac_ok(const struct pp_tcp_ao_in *in,
			     const struct pp_tcp_ao_key *k, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct tcphdr *th = tcp_hdr(skb);
	const struct pp_tcp_ao_way w = {
		.saddr = ntohl(iph->saddr), .daddr = ntohl(iph->daddr),
		.sport = ntohs(th->source), .dport = ntohs(th->dest),
		.sisn = in->sisn, .disn = in->disn,
	};
	u8 head[PKTPATH_AO_HEAD_MAX], mac[PKTPATH_AO_TKEY];
	u8 fresh[PKTPATH_AO_TKEY];
	const u8 *tkey = k->rcv;
	unsigned int n;
	bool ok;

	if (in->opt[1] != 4 + k->mkt.maclen)
		return false;
	if (!in->cached) {
		pp_tcp_ao_tkey(&k->mkt, fresh, &w);
		tkey = fresh;
	}
	n = pp_tcp_ao_mac_head(head, in->sne, &w, skb->len, skb->data, in->opt,
			       k->mkt.flags & PKTPATH_AO_EXCLUDE_OPT);
	ok = pp_tcp_ao_mac_sum(k->mkt.alg, tkey,
			       pp_tcp_ao_mac_bytes(k->mkt.alg), head, n, skb,
			       mac) &&
	     !crypto_memneq(mac, in->opt + 4, k->mkt.maclen);
	if (!in->cached)
		memzero_explicit(fresh, sizeof(fresh));
	return ok;
}

/* RFC 5925 §7.5, steps of a segment that has the option or should. */
static bool pp_tcp_ao_genuine(const struct pp_tcp_ao_in *in,
			      struct sk_buff *skb, enum pp_drop_cause *cause)
{
	const __be32 peer = ip_hdr(skb)->saddr;
	struct pp_tcp_ao *ao = in->ao;
	struct pp_tcp_ao_key *k;

	if (!in->opt) {
		if (!ao || (in->many && !READ_ONCE(ao->required) &&
			    !pp_tcp_ao_for(ao, in->l3mdev, peer, -1, -1)))
			return true;
		atomic64_inc(&ao->wanting);
		return pp_tcp_ao_refuse(in, PKTPATH_DROP_TCP_AO_NONE, cause);
	}
	if (!ao)
		return pp_tcp_ao_refuse(in, PKTPATH_DROP_TCP_AO_UNEXPECTED,
					cause);
	k = in->many ? pp_tcp_ao_for(ao, in->l3mdev, peer, -1, in->opt[2]) :
		       pp_tcp_ao_by(ao, -1, in->opt[2]);
	if (!k) {
		atomic64_inc(&ao->not_found);
		return pp_tcp_ao_refuse(in, PKTPATH_DROP_TCP_AO_NOKEY, cause);
	}
	if (!pp_tcp_ao_mac_ok(in, k, skb)) {
		atomic64_inc(&ao->bad);
		atomic64_inc(&k->bad);
		return pp_tcp_ao_refuse(in, PKTPATH_DROP_TCP_AO_WRONG, cause);
	}
	atomic64_inc(&ao->good);
	atomic64_inc(&k->good);
	pp_mib_inc(in->pn, TCPEXT_AOGOOD);
	return true;
}

/* RFC 5925 §7.5.1: the peer may ask for another key of ours. */
static void pp_tcp_ao_rotate(struct pp_tcp_ao *ao, u8 rnext)
{
	struct pp_tcp_ao_key *k = READ_ONCE(ao->cur);

	if (likely(k && k->mkt.sndid == rnext))
		return;
	k = pp_tcp_ao_by(ao, rnext, -1);
	/* pairs with the grace period before a key is found unused */
	if (k)
		WRITE_ONCE(ao->cur, k);
}

static bool pp_tcp_ao_sk_genuine(struct pp_tcp_ao_in *in, struct sock *sk,
				 struct sk_buff *skb, enum pp_drop_cause *cause)
{
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	const struct tcphdr *th = tcp_hdr(skb);

	in->ao = rcu_dereference(tp->ao);
	if (!in->ao || !in->opt)
		return pp_tcp_ao_genuine(in, skb, cause);
	/* pairs with pp_tcp_ao_ready(): then the traffic keys are there; until
	 * the next connection begins they are those of the last
	 */
	if (smp_load_acquire(&in->ao->ready) && pp_tf(tp, PKTPATH_TF_AO) &&
	    (!th->syn || th->ack)) {
		in->cached = true;
		in->sne = pp_tcp_ao_sne((u64)in->ao->risn +
					READ_ONCE(tp->bytes_received),
					ntohl(th->seq));
	} else if (th->ack) {
		/* what answers our SYN */
		in->disn = in->ao->lisn;
	}
	if (!pp_tcp_ao_genuine(in, skb, cause))
		return false;
	if (in->cached)
		pp_tcp_ao_rotate(in->ao, in->opt[3]);
	return true;
}

static bool pp_tcp_ao_req_genuine(struct pp_tcp_ao_in *in,
				  const struct pp_tcp_req *req,
				  struct sk_buff *skb,
				  enum pp_drop_cause *cause)
{
	const struct tcphdr *th = tcp_hdr(skb);

	/* RFC 5925 §7.4: the SYN has decided it */
	if (req->ao != !!in->opt)
		return pp_tcp_ao_refuse(in, PKTPATH_DROP_TCP_AO_WRONG, cause);
	in->ao = rcu_dereference(pp_tcp_sk(READ_ONCE(req->lsk))->ao);
	in->many = true;
	if (!th->syn || th->ack) {
		in->sisn = req->irs;
		in->disn = req->iss;
		in->sne = pp_tcp_ao_sne(req->irs, ntohl(th->seq));
	}
	return pp_tcp_ao_genuine(in, skb, cause);
}

static bool pp_tcp_ao_tw_genuine(struct pp_tcp_ao_in *in,
				 const struct pp_tcp_tw *tw,
				 struct sk_buff *skb, enum pp_drop_cause *cause)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct pp_tcp_key key;
	struct sock *lsk;
	bool ok;

	/* What may begin the next connection is for who would have it. */
	if (th->syn && !th->ack) {
		pp_tcp_skb_key(skb, &key);
		lsk = pp_tcp_lookup_listener(in->pn, skb, &key);
		if (lsk) {
			ok = pp_tcp_ao_listener_genuine(lsk, skb, cause);
			sock_put(lsk);
			return ok;
		}
	}
	in->ao = tw->ao;
	if (in->ao && (!th->syn || th->ack)) {
		in->cached = true;
		in->sne = pp_tcp_ao_sne(in->ao->rcv64, ntohl(th->seq));
	}
	return pp_tcp_ao_genuine(in, skb, cause);
}

/* What every segment begins with: that of a SYN. False: malformed. */
static bool pp_tcp_ao_look(struct pp_tcp_ao_in *in, const struct sk_buff *skb,
			   enum pp_drop_cause *cause)
{
	in->sisn = ntohl(tcp_hdr(skb)->seq);
	if (!pp_tcp_ao_find(skb->data + sizeof(struct tcphdr),
			    tcp_hdrlen(skb) - sizeof(struct tcphdr), &in->opt))
		return true;
	*cause = PKTPATH_DROP_TCP_AO_WRONG;
	return false;
}

/**
 * pp_tcp_ao_node_genuine() - is a segment from the peer of what was found?
 * @pn: netns
 * @n: connection, half-open one or TIME_WAIT, held
 * @skb: at its TCP header
 * @cause: set when it is not
 *
 * RFC 5925 §7.5: one that is not is dropped without an answer, and nothing
 * changes but counters.
 *
 * Context: softirq, RCU.
 * Return: true if so, or if neither side signs.
 */
bool pp_tcp_ao_node_genuine(struct pp_net *pn, struct pp_tcp_node *n,
			    struct sk_buff *skb, enum pp_drop_cause *cause)
{
	struct pp_tcp_ao_in in = { .pn = pn, .l3mdev = n->key.l3mdev };

	if (!pp_tcp_ao_look(&in, skb, cause))
		return false;
	if (n->kind == PKTPATH_TCP_FULL)
		return pp_tcp_ao_sk_genuine(&in, (struct sock *)
					    container_of(n, struct pp_tcp_sock,
							 tn), skb, cause);
	if (n->kind == PKTPATH_TCP_REQ)
		return pp_tcp_ao_req_genuine(&in, container_of(n,
					     struct pp_tcp_req, tn), skb,
					     cause);
	return pp_tcp_ao_tw_genuine(&in, container_of(n, struct pp_tcp_tw, tn),
				    skb, cause);
}

/**
 * pp_tcp_ao_listener_genuine() - the same for who may become a peer
 * @lsk: listener, held
 * @skb: at its TCP header
 * @cause: set when it is not
 *
 * An ACK may carry a cookie: then it follows a SYN and a SYN-ACK.
 *
 * Context: softirq, RCU.
 * Return: true if so, or if neither side signs.
 */
bool pp_tcp_ao_listener_genuine(const struct sock *lsk, struct sk_buff *skb,
				enum pp_drop_cause *cause)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct pp_tcp_ao_in in = {
		.pn = pp_sk(lsk)->pn, .ao = rcu_dereference(pp_tcp_sk(lsk)->ao),
		.many = true, .l3mdev = pp_skb_sdif(skb),
	};

	if (!pp_tcp_ao_look(&in, skb, cause))
		return false;
	if (th->ack && !th->syn) {
		in.sisn--;
		in.disn = ntohl(th->ack_seq) - 1;
		in.sne = pp_tcp_ao_sne(in.sisn, ntohl(th->seq));
	} else if (in.opt && !th->syn) {
		/* whose connection it is can't be told */
		*cause = PKTPATH_DROP_TCP_FLAGS;
		return false;
	}
	return pp_tcp_ao_genuine(&in, skb, cause);
}

/**
 * pp_tcp_ao_ignores() - is an ICMP error to be ignored?
 * @sk: socket it is about
 * @icmp: its header
 *
 * RFC 5925 §7.8: hard errors, unless the user believes them; anybody can send
 * one.
 *
 * Context: softirq, RCU.
 * Return: true if so.
 */
bool pp_tcp_ao_ignores(const struct sock *sk, const struct icmphdr *icmp)
{
	struct pp_tcp_ao *ao = rcu_dereference(pp_tcp_sk(sk)->ao);

	if (!ao || READ_ONCE(ao->accept_icmps) ||
	    icmp->type != ICMP_DEST_UNREACH || icmp->code < ICMP_PROT_UNREACH ||
	    icmp->code > ICMP_FRAG_NEEDED ||
	    (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_LISTEN))
		return false;
	pp_mib_inc(pp_sk(sk)->pn, TCPEXT_AODROPPEDICMPS);
	atomic64_inc(&ao->icmps);
	return true;
}
