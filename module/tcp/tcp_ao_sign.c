// SPDX-License-Identifier: GPL-2.0
/*
 * Authenticated segments: traffic keys, and the MAC of what we send.
 *
 * Path: tcp_output.c, tcp_ctl_out.c
 * Mirrors: net/ipv4/tcp_ao.c (tcp_ao_transmit_skb, tcp_ao_prepare_reset)
 * Locks: as each function says
 *
 * Extensions of sequence numbers (RFC 5925 §6.2) are not kept apart: how many
 * bytes were acknowledged and received is counted in 64 bits anyway, and with
 * the initial number that tells within a few bytes where both directions are.
 */
#include <linux/random.h>
#include <linux/skbuff.h>
#include <net/sock.h>
#include "tcp/tcp_ao.h"
#include "tcp/tcp_priv.h"

/* The option is the first, as tcp_opt.c builds it. */
#define PKTPATH_AO_AT	sizeof(struct tcphdr)
#define PKTPATH_AO_MAC	(PKTPATH_AO_AT + 4)

/**
 * pp_tcp_ao_tkey() - derive a traffic key
 * @m: master key
 * @out: room for PKTPATH_AO_TKEY bytes; if the kernel can't, a key that nobody
 *	knows: nothing verifies
 * @w: direction
 *
 * RFC 5926 §3.1.1.
 *
 * Context: any but hard interrupts.
 */
void pp_tcp_ao_tkey(const struct pp_tcp_ao_mkt *m, u8 *out,
		    const struct pp_tcp_ao_way *w)
{
	u8 in[PKTPATH_AO_KDF_LEN];

	pp_tcp_ao_kdf_input(in, w, pp_tcp_ao_mac_bytes(m->alg));
	if (!pp_tcp_ao_mac_sum(m->alg, m->key, m->len, in, sizeof(in), NULL,
			       out))
		get_random_bytes(out, PKTPATH_AO_TKEY);
}

/* What we send: the numbers are ours, then the peer's. */
static struct pp_tcp_ao_way pp_tcp_ao_out(const struct pp_tcp_key *key,
					  u32 lisn, u32 risn)
{
	return (struct pp_tcp_ao_way) {
		.saddr = ntohl(key->laddr), .daddr = ntohl(key->faddr),
		.sport = ntohs(key->lport), .dport = ntohs(key->fport),
		.sisn = lisn, .disn = risn,
	};
}

/**
 * pp_tcp_ao_derive() - both traffic keys of a connection
 * @key: its tuple
 * @ao: its initial numbers
 * @k: key, which nobody uses yet
 *
 * Context: any but hard interrupts.
 */
void pp_tcp_ao_derive(const struct pp_tcp_key *key, const struct pp_tcp_ao *ao,
		      struct pp_tcp_ao_key *k)
{
	const struct pp_tcp_ao_way in = {
		.saddr = ntohl(key->faddr), .daddr = ntohl(key->laddr),
		.sport = ntohs(key->fport), .dport = ntohs(key->lport),
		.sisn = ao->risn, .disn = ao->lisn,
	};
	const struct pp_tcp_ao_way out = pp_tcp_ao_out(key, ao->lisn, ao->risn);

	pp_tcp_ao_tkey(&k->mkt, k->snd, &out);
	pp_tcp_ao_tkey(&k->mkt, k->rcv, &in);
}

/**
 * pp_tcp_ao_option() - the option of a segment of ours
 * @sk: socket with PKTPATH_TF_AO
 * @o: its part is filled
 *
 * Context: socket locked.
 */
void pp_tcp_ao_option(struct sock *sk, struct pp_tcp_opt *o)
{
	const struct pp_tcp_ao *ao = pp_tcp_ao_locked(sk);
	const struct pp_tcp_ao_key *k;

	if (WARN_ON_ONCE(!ao))
		return;
	k = READ_ONCE(ao->cur);
	o->ao_maclen = k->mkt.maclen;
	o->ao_keyid = k->mkt.sndid;
	o->ao_rnext = ao->rnext->mkt.rcvid;
}

/**
 * pp_tcp_ao_sign() - fill in the MAC of a segment
 * @skb: at its TCP header, complete but for the checksum, one segment, with
 *	room for the option in front
 * @s: with what
 * @saddr: source
 * @daddr: destination
 *
 * A MAC of 0 is left where the kernel can't make one: the peer drops it, as if
 * it were lost.
 *
 * Context: any but hard interrupts.
 */
void pp_tcp_ao_sign(struct sk_buff *skb, const struct pp_tcp_ao_sign *s,
		    __be32 saddr, __be32 daddr)
{
	const struct pp_tcp_ao_way w = {
		.saddr = ntohl(saddr), .daddr = ntohl(daddr),
	};
	u8 head[PKTPATH_AO_HEAD_MAX], mac[PKTPATH_AO_TKEY];
	unsigned int n;

	n = pp_tcp_ao_mac_head(head, s->sne, &w, skb->len, skb->data,
			       skb->data + PKTPATH_AO_AT, s->exclude);
	if (pp_tcp_ao_mac_sum(s->alg, s->tkey, pp_tcp_ao_mac_bytes(s->alg),
			      head, n, skb, mac))
		memcpy(skb->data + PKTPATH_AO_MAC, mac, s->maclen);
}

/* But for extension and traffic key. */
static void pp_tcp_ao_fill(struct pp_tcp_ao_sign *s,
			   const struct pp_tcp_ao_mkt *m, u8 rnext)
{
	s->alg = m->alg;
	s->maclen = m->maclen;
	s->keyid = m->sndid;
	s->rnext = rnext;
	s->exclude = m->flags & PKTPATH_AO_EXCLUDE_OPT;
}

/**
 * pp_tcp_ao_sign_sk() - sign a segment of a connection
 * @sk: socket with PKTPATH_TF_AO
 * @skb: as for pp_tcp_ao_sign(); the option in it says with which key
 *
 * Context: socket locked.
 */
void pp_tcp_ao_sign_sk(struct sock *sk, struct sk_buff *skb)
{
	const struct pp_tcp_key *key = &pp_tcp_sk(sk)->tn.key;
	const struct pp_tcp_ao *ao = pp_tcp_ao_locked(sk);
	const struct tcphdr *th = tcp_hdr(skb);
	const struct pp_tcp_ao_key *k;
	struct pp_tcp_ao_sign s;
	struct pp_tcp_ao_way w;

	/* the room for the MAC is that of the key which the option names */
	k = ao ? pp_tcp_ao_by(ao, skb->data[PKTPATH_AO_AT + 2], -1) : NULL;
	if (WARN_ON_ONCE(!k || skb->data[PKTPATH_AO_AT + 1] !=
			       4 + k->mkt.maclen))
		return;
	pp_tcp_ao_fill(&s, &k->mkt, 0);
	s.sne = pp_tcp_ao_sne((u64)ao->lisn + pp_tcp_sk(sk)->bytes_acked,
			      ntohl(th->seq));
	if (!ao->ready || (th->syn && !th->ack)) {
		w = pp_tcp_ao_out(key, ao->lisn, th->syn ? 0 : ao->risn);
		pp_tcp_ao_tkey(&k->mkt, s.tkey, &w);
	} else {
		memcpy(s.tkey, k->snd, sizeof(s.tkey));
	}
	pp_tcp_ao_sign(skb, &s, key->laddr, key->faddr);
	memzero_explicit(&s, sizeof(s));
}

/**
 * pp_tcp_ao_for_req() - how to sign for a half-open connection
 * @req: with what its first segment said
 * @seq: sequence number of the answer
 * @s: filled
 *
 * RFC 5925 §7.5: with the key that the peer has asked for.
 *
 * Context: any but hard interrupts; the listener is held.
 * Return: false: that key is gone, nothing may be sent.
 */
bool pp_tcp_ao_for_req(const struct pp_tcp_req *req, u32 seq,
		       struct pp_tcp_ao_sign *s)
{
	const struct pp_tcp_key *key = &req->tn.key;
	const struct pp_tcp_ao_way w = pp_tcp_ao_out(key, req->iss, req->irs);
	const struct pp_tcp_ao_key *k = NULL;
	const struct pp_tcp_ao *ao;

	rcu_read_lock();
	ao = rcu_dereference(pp_tcp_sk(READ_ONCE(req->lsk))->ao);
	if (ao)
		k = pp_tcp_ao_for(ao, key->l3mdev, key->faddr, req->ao_sndid,
				  -1);
	if (k) {
		pp_tcp_ao_fill(s, &k->mkt, req->ao_rcvid);
		s->sne = pp_tcp_ao_sne(req->iss, seq);
		pp_tcp_ao_tkey(&k->mkt, s->tkey, &w);
	}
	rcu_read_unlock();
	return k;
}

/**
 * pp_tcp_ao_for_tw() - how to sign for what is left of a connection
 * @ao: its keys
 * @skb: what is answered, verified; at its TCP header
 * @seq: sequence number of the answer
 * @s: filled
 *
 * Context: softirq, RCU.
 */
void pp_tcp_ao_for_tw(const struct pp_tcp_ao *ao, const struct sk_buff *skb,
		      u32 seq, struct pp_tcp_ao_sign *s)
{
	const struct pp_tcp_ao_key *k = NULL;
	const u8 *opt;

	pp_tcp_ao_find(skb->data + sizeof(struct tcphdr),
		       tcp_hdrlen(skb) - sizeof(struct tcphdr), &opt);
	if (opt)
		k = pp_tcp_ao_by(ao, opt[3], -1);
	if (!k)
		k = ao->cur;
	pp_tcp_ao_fill(s, &k->mkt, (ao->rnext ? : k)->mkt.rcvid);
	s->sne = pp_tcp_ao_sne(ao->snd64, seq);
	memcpy(s->tkey, k->snd, sizeof(s->tkey));
}

/**
 * pp_tcp_ao_for_reset() - how a reset is signed
 * @sk: socket the segment was for, or NULL
 * @skb: the segment, verified; at its TCP header
 * @seq: sequence number of the reset
 * @s: filled; its maclen is 0 if there is nothing to sign
 *
 * RFC 5925 §7.7: of a connection that is lost here the traffic keys are lost,
 * too, and before both initial numbers are known there are none: then a signed
 * segment is not answered.
 *
 * Context: softirq or process, RCU.
 * Return: false: there must be no reset.
 */
bool pp_tcp_ao_for_reset(const struct sock *sk, const struct sk_buff *skb,
			 u32 seq, struct pp_tcp_ao_sign *s)
{
	const struct pp_tcp_ao_key *k;
	const struct pp_tcp_ao *ao;
	const u8 *opt;

	s->maclen = 0;
	pp_tcp_ao_find(skb->data + sizeof(struct tcphdr),
		       tcp_hdrlen(skb) - sizeof(struct tcphdr), &opt);
	if (!opt)
		return true;
	ao = sk ? rcu_dereference_check(pp_tcp_sk(sk)->ao,
					lockdep_sock_is_held(sk)) : NULL;
	/* as long as nobody has keys, the option means nothing */
	if (sk && !ao)
		return true;
	if (!sk || sk->sk_state == TCP_LISTEN)
		return false;
	/* pairs with pp_tcp_ao_ready() */
	if (!smp_load_acquire(&ao->ready))
		return false;
	k = pp_tcp_ao_by(ao, opt[3], -1) ? : READ_ONCE(ao->cur);
	pp_tcp_ao_fill(s, &k->mkt, READ_ONCE(ao->rnext)->mkt.rcvid);
	s->sne = pp_tcp_ao_sne((u64)ao->lisn +
			       READ_ONCE(pp_tcp_sk(sk)->bytes_acked), seq);
	memcpy(s->tkey, k->snd, sizeof(s->tkey));
	return true;
}
