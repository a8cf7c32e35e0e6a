// SPDX-License-Identifier: GPL-2.0
/*
 * Static routes of multicast: who sends to a group, by which device that comes
 * in, and by which ones it goes on. Without an entry nothing is sent on.
 *
 * The group of an entry is claimed, so that the link hands its frames up, and
 * the hardware of its device is asked for them. No membership comes with it:
 * nothing is told by IGMP.
 *
 * Path: ip_input.c (pp_ip_rcv_finish) -> here -> ip_forward.c; ctl/nl_mroute.c
 * Mirrors: net/ipv4/ipmr.c (ip_mr_input, ip_mr_forward,
 *	    ipmr_queue_fwd_xmit)
 * Locks: RTNL and cfg_lock for changes; RCU
 */
#include <linux/igmp.h>
#include <linux/netfilter.h>
#include <linux/rculist.h>
#include <linux/rhashtable.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include "core/claim.h"
#include "core/drop.h"
#include "core/fault.h"
#include "core/trace.h"
#include "ip/fib.h"
#include "ip/mcast.h"
#include "ip/mroute.h"

struct pp_mroute_key {
	__be32 group;
	__be32 src;
};

/* A device that an entry sends to; @pd is NULL when it has gone. */
struct pp_mroute_out {
	struct pp_dev __rcu *pd;
	int ifindex;
	u8 ttl;
};

/**
 * struct pp_mroute - an entry
 * @node: in pp_mroute_net.table
 * @list: in pp_mroute_net.list, RCU
 * @key: group and source
 * @in: device it must come in by; there as long as the entry is
 * @iif: its index
 * @packets: see struct pp_mroute_cfg
 * @bytes: likewise
 * @wrong_if: likewise
 * @rcu: frees it
 * @n: length of @out
 * @out: where it goes
 */
struct pp_mroute {
	struct rhash_head node;
	struct list_head list;
	struct pp_mroute_key key;
	struct pp_dev *in;
	int iif;
	atomic64_t packets;
	atomic64_t bytes;
	atomic64_t wrong_if;
	struct rcu_head rcu;
	unsigned int n;
	struct pp_mroute_out out[];
};

/**
 * struct pp_mroute_net - the entries of a netns
 * @table: by group and source; its hash has a key of its own
 * @list: in order of addition, RCU; written under cfg_lock
 * @count: length of @list
 */
struct pp_mroute_net {
	struct rhashtable table;
	struct list_head list;
	unsigned int count;
};

static const struct rhashtable_params pp_mroute_params = {
	.key_len = sizeof(struct pp_mroute_key),
	.key_offset = offsetof(struct pp_mroute, key),
	.head_offset = offsetof(struct pp_mroute, node),
	.automatic_shrinking = true,
};

static struct pp_mroute *pp_mroute_exact(const struct pp_net *pn, __be32 group,
					 __be32 src)
{
	const struct pp_mroute_key key = { .group = group, .src = src };

	return rhashtable_lookup_fast(&pn->mroute->table, &key,
				      pp_mroute_params);
}

/* That of the sender, else that of any. RCU. */
static struct pp_mroute *pp_mroute_find_rcu(const struct pp_net *pn,
					    __be32 group, __be32 src)
{
	struct pp_mroute *m = pp_mroute_exact(pn, group, src);

	return m ?: pp_mroute_exact(pn, group, 0);
}

/* ---- Packets ---- */

/**
 * pp_mroute_wants_rcu() - may a packet to a group be for us to send on?
 * @pd: device it came in by
 * @group: its destination
 * @src: its source
 *
 * Context: RCU, any.
 * Return: true when groups are forwarded there and there is an entry.
 */
bool pp_mroute_wants_rcu(const struct pp_dev *pd, __be32 group, __be32 src)
{
	return pp_mroute_may(pd, group) &&
	       pp_mroute_find_rcu(pd->pn, group, src);
}

/* The route out by a device, or NULL: it is down. RCU. */
static struct pp_dst *pp_mroute_dst(struct pp_net *pn, const struct pp_dev *pd,
				    __be32 group)
{
	struct pp_flow fl = { .daddr = group, .oif = pd->ifindex };
	u32 gen = pp_net_gen(pn);
	struct pp_dst *dst;
	struct pp_nh *nh;

	/* generation before tables: pairs with pp_fib_changed() */
	smp_rmb();
	nh = pp_route_resolve(pn, &fl);
	if (IS_ERR(nh))
		return NULL;
	dst = pp_nh_dst_plain(nh, gen);
	return IS_ERR(dst) ? NULL : dst;
}

static void pp_mroute_drop(struct pp_net *pn, struct sk_buff *skb,
			   enum pp_mib mib, enum pp_drop_cause cause)
{
	this_cpu_inc(pn->mib->c[mib]);
	pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_FORWARD, cause);
}

/*
 * RFC 1122 §3.2.2: of what goes to a group no error is told, be it too long or
 * not to be delivered.
 */
static void pp_mroute_send_past(struct pp_net *pn, struct sk_buff *copy)
{
	const struct pp_dst *dst = pp_dst(skb_dst(copy));
	struct net_device *dev = dst->rt.dst.dev;

	if (pp_ip_forward_too_big(copy, pp_dst_mtu(dst))) {
		pp_mroute_drop(pn, copy, PKTPATH_MIB_IP_FRAGFAILS,
			       PKTPATH_DROP_IP_TOOBIG);
		return;
	}
	skb_forward_csum(copy);
	if (skb_cow(copy, LL_RESERVED_SPACE(dev))) {
		pp_mroute_drop(pn, copy, PKTPATH_MIB_IP_OUTDISCARDS,
			       PKTPATH_DROP_NOMEM);
		return;
	}
	ip_decrease_ttl(ip_hdr(copy));
	IPCB(copy)->flags |= IPSKB_FORWARDED;
	pp_mib_inc(pn, IP_FORWDATAGRAMS);
	pp_ip_forward_out(pn, copy, dev);
}

static void __cold pp_mroute_resume(struct pp_net *pn, struct sk_buff *skb,
				    const struct pp_fault_at *at)
{
	pp_mroute_send_past(pn, skb);
}

static const struct pp_fault_point pp_mroute_point = {
	PKTPATH_STAGE_IP_FORWARD, pp_mroute_resume,
};

/* A copy of @skb, which came in by @in, by one device. */
static void pp_mroute_send(struct pp_net *pn, const struct sk_buff *skb,
			   struct pp_dev *in, const struct pp_dev *pd)
{
	struct pp_dst *dst = pp_mroute_dst(pn, pd, ip_hdr(skb)->daddr);
	struct sk_buff *copy;

	if (!dst)
		return;
	copy = skb_clone((struct sk_buff *)skb, GFP_ATOMIC);
	if (!copy) {
		pp_mib_inc(pn, IP_OUTDISCARDS);
		pp_drop_note(pn, skb, PKTPATH_STAGE_IP_FORWARD,
			     PKTPATH_DROP_NOMEM);
		return;
	}
	skb_dst_drop(copy);
	skb_dst_set_noref(copy, &dst->rt.dst);
	pp_at_ip_forward(copy, NULL, copy->len);
	if (!pp_fault(pn, &pp_mroute_point, copy, in))
		pp_mroute_send_past(pn, copy);
}

/* Copies by all devices of the entry. What keeps it from being sent on. */
static enum pp_drop_cause pp_mroute_forward(struct pp_net *pn,
					    const struct sk_buff *skb,
					    struct pp_dev *pd)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct pp_dev *out;
	struct pp_mroute *m;
	unsigned int i;
	u8 ttl = iph->ttl;

	m = pp_mroute_find_rcu(pn, iph->daddr, iph->saddr);
	if (!m)
		return PKTPATH_DROP_IP_NOT_MEMBER;
	if (m->iif != pd->ifindex) {
		atomic64_inc(&m->wrong_if);
		return PKTPATH_DROP_IP_MC_WRONG_IF;
	}
	atomic64_inc(&m->packets);
	atomic64_add(skb->len, &m->bytes);
	if (ttl <= 1)
		return PKTPATH_DROP_IP_TTL;
	if (skb_warn_if_lro(skb))
		return PKTPATH_DROP_IP_GSO;
	for (i = 0; i < m->n; i++) {
		out = rcu_dereference(m->out[i].pd);
		if (out && out != pd && ttl > m->out[i].ttl)
			pp_mroute_send(pn, skb, pd, out);
	}
	return PKTPATH_DROP_NOT_SPECIFIED;
}

/**
 * pp_mroute_rcv() - a packet to a group, where groups are forwarded
 * @pn: netns
 * @skb: taken always; checked, at its IP header, with an input route of ours
 * @pd: device it came in by
 *
 * Copies of it go on; itself it is delivered when the device is a member.
 *
 * Mirrors: net/ipv4/ipmr.c:ip_mr_input, ip_mr_forward (v7.2)
 *
 * Context: softirq, RCU.
 * Return: 0, or the verdict of a hook on the one that is delivered.
 */
int pp_mroute_rcv(struct pp_net *pn, struct sk_buff *skb, struct pp_dev *pd)
{
	const struct iphdr *iph = ip_hdr(skb);
	enum pp_drop_cause cause;
	bool local;

	local = pp_mc_check_rcu(pd, iph->daddr, iph->saddr, iph->protocol);
	cause = pp_mroute_forward(pn, skb, pd);
	/* the copies have recorded themselves */
	if (local && !pp_ip_record_options(pn, skb))
		return 0;
	if (local)
		return pp_ip_local_deliver(skb);
	if (cause == PKTPATH_DROP_NOT_SPECIFIED)
		consume_skb(skb);
	else
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_FORWARD, cause);
	return 0;
}

/* ---- Configuration ---- */

static void pp_mroute_show(const struct pp_mroute *m,
			   struct pp_mroute_cfg *cfg)
{
	unsigned int i;

	memset(cfg, 0, sizeof(*cfg));
	cfg->group = m->key.group;
	cfg->src = m->key.src;
	cfg->iif = m->iif;
	for (i = 0; i < m->n; i++) {
		if (!rcu_access_pointer(m->out[i].pd))
			continue;
		cfg->out[cfg->n].ifindex = m->out[i].ifindex;
		cfg->out[cfg->n++].ttl = m->out[i].ttl;
	}
	cfg->packets = atomic64_read(&m->packets);
	cfg->bytes = atomic64_read(&m->bytes);
	cfg->wrong_if = atomic64_read(&m->wrong_if);
}

static void pp_mroute_tell(struct pp_net *pn, const struct pp_mroute *m,
			   bool add)
{
	const struct pp_notify_ops *ops;
	struct pp_mroute_cfg cfg;

	pp_mroute_show(m, &cfg);
	rcu_read_lock();
	ops = rcu_dereference(pp_notify_ops);
	if (ops && ops->mroute)
		ops->mroute(pn, &cfg, add);
	rcu_read_unlock();
}

/* A device that may be named in an entry, or NULL. RTNL keeps it. */
static struct pp_dev *pp_mroute_dev(const struct pp_net *pn, int ifindex,
				    struct netlink_ext_ack *extack)
{
	struct pp_dev *pd;

	rcu_read_lock();
	pd = pp_dev_find_rcu(pn, ifindex);
	rcu_read_unlock();
	if (!pd || pd->dead || (pd->flags & PKTPATH_DEVF_LOOP)) {
		NL_SET_ERR_MSG(extack,
			       "Device is lo, or not attached to pktpath");
		return NULL;
	}
	return pd;
}

static int pp_mroute_check(const struct pp_mroute_cfg *cfg,
			   struct netlink_ext_ack *extack)
{
	unsigned int i, j;

	if (!ipv4_is_multicast(cfg->group) ||
	    ipv4_is_local_multicast(cfg->group)) {
		NL_SET_ERR_MSG(extack,
			       "Not a group, or one of 224.0.0.0/24, which stay on their link");
		return -EINVAL;
	}
	if (ipv4_is_multicast(cfg->src) || ipv4_is_lbcast(cfg->src) ||
	    ipv4_is_loopback(cfg->src)) {
		NL_SET_ERR_MSG(extack, "No such source");
		return -EINVAL;
	}
	if (!cfg->n || cfg->n > PKTPATH_MROUTE_OUTS) {
		NL_SET_ERR_MSG(extack, "1 to 32 devices to send to are needed");
		return -EINVAL;
	}
	for (i = 0; i < cfg->n; i++) {
		for (j = 0; j < i; j++)
			if (cfg->out[j].ifindex == cfg->out[i].ifindex)
				break;
		if (j < i || cfg->out[i].ifindex == cfg->iif) {
			NL_SET_ERR_MSG(extack,
				       "A device is named twice, or as input and output");
			return -EINVAL;
		}
	}
	return 0;
}

/* Fills the devices; -ENODEV. RTNL. */
static int pp_mroute_fill(struct pp_net *pn, struct pp_mroute *m,
			  const struct pp_mroute_cfg *cfg,
			  struct netlink_ext_ack *extack)
{
	struct pp_dev *pd;
	unsigned int i;

	m->key.group = cfg->group;
	m->key.src = cfg->src;
	m->iif = cfg->iif;
	m->in = pp_mroute_dev(pn, cfg->iif, extack);
	if (!m->in)
		return -ENODEV;
	for (i = 0; i < cfg->n; i++) {
		pd = pp_mroute_dev(pn, cfg->out[i].ifindex, extack);
		if (!pd)
			return -ENODEV;
		RCU_INIT_POINTER(m->out[i].pd, pd);
		m->out[i].ifindex = pd->ifindex;
		m->out[i].ttl = cfg->out[i].ttl ?: 1;
	}
	m->n = cfg->n;
	return 0;
}

/* Becomes visible; the claim stands. */
static int pp_mroute_insert(struct pp_net *pn, struct pp_mroute *m,
			    struct netlink_ext_ack *extack)
{
	struct pp_mroute_net *mn = pn->mroute;
	int err;

	err = rhashtable_insert_fast(&mn->table, &m->node, pp_mroute_params);
	if (err) {
		NL_SET_ERR_MSG(extack, "Out of memory for routes");
		return err;
	}
	list_add_tail_rcu(&m->list, &mn->list);
	mn->count++;
	pp_net_gen_bump(pn);
	pp_mc_hardware(m->in, m->key.group, true);
	return 0;
}

/**
 * pp_mroute_add() - add an entry
 * @pn: netns
 * @cfg: the entry; a threshold of 0 is 1
 * @extack: for the refusal
 *
 * Context: process; RTNL and cfg_lock held.
 * Return: 0, -EINVAL, -ENODEV, -EEXIST, -ENOSPC (too many), -ENOMEM.
 */
int pp_mroute_add(struct pp_net *pn, const struct pp_mroute_cfg *cfg,
		  struct netlink_ext_ack *extack)
{
	struct pp_mroute *m;
	int err;

	err = pp_mroute_check(cfg, extack);
	if (err)
		return err;
	if (pp_mroute_exact(pn, cfg->group, cfg->src)) {
		NL_SET_ERR_MSG(extack,
			       "There is an entry of that group and source");
		return -EEXIST;
	}
	if (pn->mroute->count >= PKTPATH_MROUTE_MAX) {
		NL_SET_ERR_MSG(extack, "Too many entries");
		return -ENOSPC;
	}
	m = kzalloc(struct_size(m, out, cfg->n), GFP_KERNEL_ACCOUNT);
	if (!m)
		return -ENOMEM;
	err = pp_mroute_fill(pn, m, cfg, extack);
	if (err)
		goto free;
	err = pp_claim_add(pn, m->key.group, PKTPATH_CLAIM_MCAST);
	if (err)
		goto free;
	err = pp_mroute_insert(pn, m, extack);
	if (err)
		goto claim;
	pp_mroute_tell(pn, m, true);
	return 0;

claim:
	pp_claim_del(pn, m->key.group, PKTPATH_CLAIM_MCAST);
free:
	kfree(m);
	return err;
}

/* RTNL and cfg_lock. */
static void pp_mroute_remove(struct pp_net *pn, struct pp_mroute *m)
{
	struct pp_mroute_net *mn = pn->mroute;

	rhashtable_remove_fast(&mn->table, &m->node, pp_mroute_params);
	list_del_rcu(&m->list);
	mn->count--;
	pp_net_gen_bump(pn);
	pp_mc_hardware(m->in, m->key.group, false);
	pp_claim_del(pn, m->key.group, PKTPATH_CLAIM_MCAST);
	pp_mroute_tell(pn, m, false);
	kfree_rcu(m, rcu);
}

/**
 * pp_mroute_del() - delete an entry
 * @pn: netns
 * @cfg: its group and source; filled with the whole of it
 * @extack: for the refusal
 *
 * Context: process; RTNL and cfg_lock held.
 * Return: 0 or -ENOENT.
 */
int pp_mroute_del(struct pp_net *pn, struct pp_mroute_cfg *cfg,
		  struct netlink_ext_ack *extack)
{
	struct pp_mroute *m = pp_mroute_exact(pn, cfg->group, cfg->src);

	if (!m) {
		NL_SET_ERR_MSG(extack, "No such entry");
		return -ENOENT;
	}
	pp_mroute_show(m, cfg);
	pp_mroute_remove(pn, m);
	return 0;
}

/**
 * pp_mroute_nth_rcu() - the entry at a place in the order of addition
 * @pn: netns
 * @i: place
 * @cfg: filled
 *
 * Context: RCU.
 * Return: false behind the last.
 */
bool pp_mroute_nth_rcu(struct pp_net *pn, unsigned int i,
		       struct pp_mroute_cfg *cfg)
{
	struct pp_mroute *m;

	list_for_each_entry_rcu(m, &pn->mroute->list, list) {
		if (i--)
			continue;
		pp_mroute_show(m, cfg);
		return true;
	}
	return false;
}

/**
 * pp_mroute_walk() - all entries in the order of addition
 * @pn: netns
 * @fn: called with each, under RCU; false: no more
 * @arg: for it
 *
 * Context: any.
 */
void pp_mroute_walk(struct pp_net *pn,
		    bool (*fn)(const struct pp_mroute_cfg *cfg, void *arg),
		    void *arg)
{
	struct pp_mroute_cfg cfg;
	struct pp_mroute *m;

	rcu_read_lock();
	list_for_each_entry_rcu(m, &pn->mroute->list, list) {
		pp_mroute_show(m, &cfg);
		if (!fn(&cfg, arg))
			break;
	}
	rcu_read_unlock();
}

/* ---- Devices, namespaces ---- */

/* What came in by it has no entry any more; by it nothing is sent. */
static void pp_mroute_dev_leaves(struct pp_dev *pd)
{
	struct pp_net *pn = pd->pn;
	struct pp_mroute *m, *n;
	unsigned int i;

	list_for_each_entry_safe(m, n, &pn->mroute->list, list) {
		if (m->in == pd) {
			pp_mroute_remove(pn, m);
			continue;
		}
		for (i = 0; i < m->n; i++) {
			if (rcu_access_pointer(m->out[i].pd) != pd)
				continue;
			RCU_INIT_POINTER(m->out[i].pd, NULL);
			pp_mroute_tell(pn, m, true);
		}
	}
}

static void pp_mroute_dev_event(struct pp_dev *pd, enum pp_dev_event event)
{
	if (event == PKTPATH_DEV_DETACHING)
		pp_mroute_dev_leaves(pd);
}

static struct pp_addr_ops pp_mroute_addr_ops = {
	.dev_event = pp_mroute_dev_event,
};

/**
 * pp_mroute_init() - be told of devices
 *
 * Context: process, module init, before any netns has its state.
 */
void pp_mroute_init(void)
{
	pp_addr_ops_register(&pp_mroute_addr_ops);
}

/**
 * pp_mroute_exit() - undoes pp_mroute_init()
 *
 * Context: process, module exit; no device is attached any more.
 */
void pp_mroute_exit(void)
{
	pp_addr_ops_unregister(&pp_mroute_addr_ops);
}

/**
 * pp_mroute_net_init() - no entry in a new netns
 * @pn: netns
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_mroute_net_init(struct pp_net *pn)
{
	struct pp_mroute_net *mn = kzalloc(sizeof(*mn), GFP_KERNEL_ACCOUNT);
	int err;

	if (!mn)
		return -ENOMEM;
	INIT_LIST_HEAD(&mn->list);
	err = rhashtable_init(&mn->table, &pp_mroute_params);
	if (err) {
		kfree(mn);
		return err;
	}
	pn->mroute = mn;
	return 0;
}

/**
 * pp_mroute_net_exit() - undoes pp_mroute_net_init()
 * @pn: netns; its devices are detached, and the entries gone with them
 *
 * Context: process, may sleep.
 */
void pp_mroute_net_exit(struct pp_net *pn)
{
	struct pp_mroute_net *mn = pn->mroute;

	WARN_ON_ONCE(!list_empty(&mn->list));
	rhashtable_destroy(&mn->table);
	pn->mroute = NULL;
	kfree(mn);
}
