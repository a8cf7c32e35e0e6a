// SPDX-License-Identifier: GPL-2.0
/*
 * Control plane: show sockets, end them, empty a netns.
 *
 * Path: none
 * Mirrors: net/ipv4/inet_diag.c (inet_diag_bc_sk, inet_sk_diag_fill),
 *	    net/ipv4/udp_diag.c
 * Locks: `down` takes RTNL, then pp_net.cfg_lock; a kill takes the lock of
 *	  one socket at a time
 */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include "core/pp_sock.h"
#include "ctl/ctl.h"
#include "ip/ip.h"
#include "journey/fault.h"
#include "link/link.h"
#include "neigh/neigh.h"
#include "sock/sock.h"
#include "tcp/tcp.h"

/* Where a dump goes on: first what users have, then what nobody has. */
struct pp_nl_sock_pos {
	u64 walk;
	unsigned int bucket, skip;
	bool walked;
	bool done;
};

/* What a socket, or what is left of one, is known by. */
struct pp_nl_sock_name {
	__be32 src, dst;
	__be16 sport, dport;
	u8 protocol, type, state;
	int ifindex;
	kuid_t uid;
	u32 mark;
};

/* What a socket must be to be meant; a bit of @has per criterion. */
struct pp_nl_sock_filter {
	unsigned long has;
	u64 cookie;
	u32 states;
	u32 mark;
	kuid_t uid;
	int ifindex;
	__be32 src, src_mask;
	__be32 dst, dst_mask;
	__be16 sport, dport;
	u8 protocol;
};

struct pp_nl_sock_dump {
	struct pp_nl_sock_filter f;
	struct sk_buff *skb;
	struct pp_nl_msg m;
	struct user_namespace *user_ns;
	bool admin;
	u32 want;
	unsigned int count;
	unsigned int waits;
};

static u64 pp_nl_sock_cookie(struct sock *sk)
{
	u32 part[2];

	sock_diag_save_cookie(sk, part);
	return (u64)part[1] << 32 | part[0];
}

static bool pp_nl_sock_has(const struct pp_nl_sock_filter *f, int attr)
{
	return f->has & BIT(attr);
}

static void pp_nl_sock_name_sk(struct sock *sk, struct pp_nl_sock_name *n)
{
	const struct inet_sock *inet = inet_sk(sk);

	n->src = READ_ONCE(inet->inet_rcv_saddr);
	n->dst = READ_ONCE(inet->inet_daddr);
	n->sport = READ_ONCE(inet->inet_sport);
	n->dport = READ_ONCE(inet->inet_dport);
	n->protocol = pp_sock_wire_proto(sk);
	n->type = sk->sk_type;
	n->state = READ_ONCE(sk->sk_state);
	n->ifindex = READ_ONCE(sk->sk_bound_dev_if);
	n->uid = pp_compat_sk_uid(sk);
	n->mark = READ_ONCE(sk->sk_mark);
}

static void pp_nl_sock_name_view(const struct pp_tcp_view *v,
				 struct pp_nl_sock_name *n)
{
	n->src = v->laddr;
	n->dst = v->faddr;
	n->sport = v->lport;
	n->dport = v->fport;
	n->protocol = IPPROTO_TCP;
	n->type = SOCK_STREAM;
	n->state = v->state;
	n->ifindex = v->ifindex;
	n->uid = v->uid;
	n->mark = v->mark;
}

/* IPPROTO_RAW asks for the raw sockets, others never do. */
static bool pp_nl_sock_is_proto(const struct pp_nl_sock_name *n, u8 protocol)
{
	if (protocol == IPPROTO_RAW || n->type == SOCK_RAW)
		return protocol == IPPROTO_RAW && n->type == SOCK_RAW;
	return n->protocol == protocol;
}

/* @sk: NULL for what has no socket, and so no cookie. */
static bool pp_nl_sock_match(const struct pp_nl_sock_name *n, struct sock *sk,
			     const struct pp_nl_sock_filter *f)
{
	if (!f->has)
		return true;
	if (pp_nl_sock_has(f, PKTPATH_A_SOCK_PROTOCOL) &&
	    !pp_nl_sock_is_proto(n, f->protocol))
		return false;
	if (pp_nl_sock_has(f, PKTPATH_A_SOCK_STATES) &&
	    !(f->states & BIT(n->state & 31)))
		return false;
	if ((n->src ^ f->src) & f->src_mask || (n->dst ^ f->dst) & f->dst_mask)
		return false;
	if (pp_nl_sock_has(f, PKTPATH_A_SOCK_SPORT) && n->sport != f->sport)
		return false;
	if (pp_nl_sock_has(f, PKTPATH_A_SOCK_DPORT) && n->dport != f->dport)
		return false;
	if (pp_nl_sock_has(f, PKTPATH_A_SOCK_IFINDEX) &&
	    n->ifindex != f->ifindex)
		return false;
	if (pp_nl_sock_has(f, PKTPATH_A_SOCK_UID) && !uid_eq(n->uid, f->uid))
		return false;
	if (pp_nl_sock_has(f, PKTPATH_A_SOCK_MARK) && n->mark != f->mark)
		return false;
	return !pp_nl_sock_has(f, PKTPATH_A_SOCK_COOKIE) ||
	       (sk && pp_nl_sock_cookie(sk) == f->cookie);
}

/* An address with its prefix length; @mask: 0 when there is no address. */
static int pp_nl_sock_net(const struct nlattr *addr, const struct nlattr *plen,
			  __be32 *net, __be32 *mask,
			  struct netlink_ext_ack *extack)
{
	u8 len = plen ? nla_get_u8(plen) : 32;
	int err;

	if (!addr)
		return plen ? pp_nl_bad(extack, plen, -EINVAL,
					"Prefix length without address") : 0;
	if (len > 32)
		return pp_nl_bad(extack, plen, -EINVAL,
				 "Prefix length is above 32");
	err = pp_nl_get_addr(addr, net, extack);
	if (err)
		return err;
	*mask = inet_make_mask(len);
	return 0;
}

static int pp_nl_sock_filter_addrs(struct nlattr **a,
				   struct pp_nl_sock_filter *f,
				   struct netlink_ext_ack *extack)
{
	int err;

	if (a[PKTPATH_A_SOCK_FAMILY] || a[PKTPATH_A_SOCK_SRC] ||
	    a[PKTPATH_A_SOCK_DST]) {
		err = pp_nl_family_check(a[PKTPATH_A_SOCK_FAMILY], extack);
		if (err)
			return err;
	}
	err = pp_nl_sock_net(a[PKTPATH_A_SOCK_SRC],
			     a[PKTPATH_A_SOCK_SRC_PREFIXLEN], &f->src,
			     &f->src_mask, extack);
	if (err)
		return err;
	return pp_nl_sock_net(a[PKTPATH_A_SOCK_DST],
			      a[PKTPATH_A_SOCK_DST_PREFIXLEN], &f->dst,
			      &f->dst_mask, extack);
}

/* Criteria of a request; @user_ns: what its user ids mean. */
static int pp_nl_sock_filter(struct nlattr **a, struct pp_nl_sock_filter *f,
			     struct user_namespace *user_ns,
			     struct netlink_ext_ack *extack)
{
	int err, i;

	BUILD_BUG_ON(PKTPATH_A_SOCK_MARK >= 31);
	for (i = PKTPATH_A_SOCK_FAMILY; i <= PKTPATH_A_SOCK_MARK; i++)
		if (a[i])
			f->has |= BIT(i);
	err = pp_nl_sock_filter_addrs(a, f, extack);
	if (err)
		return err;
	if (a[PKTPATH_A_SOCK_PROTOCOL])
		f->protocol = nla_get_u8(a[PKTPATH_A_SOCK_PROTOCOL]);
	if (a[PKTPATH_A_SOCK_STATES])
		f->states = nla_get_u32(a[PKTPATH_A_SOCK_STATES]);
	if (a[PKTPATH_A_SOCK_SPORT])
		f->sport = nla_get_be16(a[PKTPATH_A_SOCK_SPORT]);
	if (a[PKTPATH_A_SOCK_DPORT])
		f->dport = nla_get_be16(a[PKTPATH_A_SOCK_DPORT]);
	if (a[PKTPATH_A_SOCK_IFINDEX])
		f->ifindex = nla_get_u32(a[PKTPATH_A_SOCK_IFINDEX]);
	if (a[PKTPATH_A_SOCK_COOKIE])
		f->cookie = nla_get_u64(a[PKTPATH_A_SOCK_COOKIE]);
	if (a[PKTPATH_A_SOCK_MARK])
		f->mark = nla_get_u32(a[PKTPATH_A_SOCK_MARK]);
	if (a[PKTPATH_A_SOCK_UID]) {
		f->uid = make_kuid(user_ns, nla_get_u32(a[PKTPATH_A_SOCK_UID]));
		if (!uid_valid(f->uid))
			return pp_nl_bad(extack, a[PKTPATH_A_SOCK_UID], -EINVAL,
					 "No such user in this namespace");
	}
	return 0;
}

static u32 pp_nl_sock_flags(const struct sock *sk)
{
	u32 flags = 0;

	if (pp_sf(sk, PKTPATH_SF_INET_ADDR))
		flags |= PKTPATH_SOCK_INET_ADDR;
	if (pp_sf(sk, PKTPATH_SF_BYPASS))
		flags |= PKTPATH_SOCK_BYPASS;
	if (sk->sk_reuse)
		flags |= PKTPATH_SOCK_REUSEADDR;
	if (sk->sk_reuseport)
		flags |= PKTPATH_SOCK_REUSEPORT;
	if (READ_ONCE(inet_sk(sk)->inet_num))
		flags |= PKTPATH_SOCK_BOUND;
	return flags;
}

static int pp_nl_sock_put_name(struct sk_buff *skb,
			       const struct pp_nl_sock_name *n,
			       const struct pp_nl_sock_dump *d)
{
	u32 uid = from_kuid_munged(d->user_ns, n->uid);

	if (nla_put_u8(skb, PKTPATH_A_SOCK_FAMILY, AF_INET) ||
	    nla_put_u8(skb, PKTPATH_A_SOCK_PROTOCOL, n->protocol) ||
	    nla_put_u8(skb, PKTPATH_A_SOCK_TYPE, n->type) ||
	    nla_put_u8(skb, PKTPATH_A_SOCK_STATE, n->state) ||
	    nla_put_in_addr(skb, PKTPATH_A_SOCK_SRC, n->src) ||
	    nla_put_be16(skb, PKTPATH_A_SOCK_SPORT, n->sport) ||
	    nla_put_in_addr(skb, PKTPATH_A_SOCK_DST, n->dst) ||
	    nla_put_be16(skb, PKTPATH_A_SOCK_DPORT, n->dport) ||
	    (n->ifindex && nla_put_u32(skb, PKTPATH_A_SOCK_IFINDEX,
				       n->ifindex)) ||
	    nla_put_u32(skb, PKTPATH_A_SOCK_UID, uid) ||
	    (d->admin && nla_put_u32(skb, PKTPATH_A_SOCK_MARK, n->mark)))
		return -EMSGSIZE;
	return 0;
}

static int pp_nl_sock_put_state(struct sk_buff *skb, struct sock *sk)
{
	if (nla_put_u64_64bit(skb, PKTPATH_A_SOCK_COOKIE, pp_nl_sock_cookie(sk),
			      PKTPATH_A_SOCK_PAD) ||
	    nla_put_u64_64bit(skb, PKTPATH_A_SOCK_INODE, sock_i_ino(sk),
			      PKTPATH_A_SOCK_PAD) ||
	    nla_put_u32(skb, PKTPATH_A_SOCK_DROPS, pp_compat_sk_drops(sk)) ||
	    /* less the one that the walk holds */
	    nla_put_u32(skb, PKTPATH_A_SOCK_REFS,
			refcount_read(&sk->sk_refcnt) - 1) ||
	    nla_put_u32(skb, PKTPATH_A_SOCK_FLAGS, pp_nl_sock_flags(sk)) ||
	    nla_put_u8(skb, PKTPATH_A_SOCK_SHUTDOWN,
		       READ_ONCE(sk->sk_shutdown)) ||
	    sock_diag_put_meminfo(sk, skb, PKTPATH_A_SOCK_MEMINFO))
		return -EMSGSIZE;
	return 0;
}

static int pp_nl_sock_put_queues(struct sk_buff *skb, u32 rqueue, u32 wqueue)
{
	if (nla_put_u32(skb, PKTPATH_A_SOCK_RQUEUE, rqueue) ||
	    nla_put_u32(skb, PKTPATH_A_SOCK_WQUEUE, wqueue))
		return -EMSGSIZE;
	return 0;
}

static int pp_nl_sock_put_view(struct sk_buff *skb, const struct pp_tcp_view *v)
{
	u8 tries = v->retrans;

	if (pp_nl_sock_put_queues(skb, v->rqueue, v->wqueue))
		return -EMSGSIZE;
	if (!v->timer)
		return 0;
	if (v->timer != PKTPATH_TCP_TIMER_RTX)
		tries = v->probes;
	if (nla_put_u8(skb, PKTPATH_A_SOCK_TIMER, v->timer) ||
	    nla_put_u32(skb, PKTPATH_A_SOCK_TIMER_MS,
			jiffies_to_msecs(v->left)) ||
	    nla_put_u8(skb, PKTPATH_A_SOCK_RETRANS, tries))
		return -EMSGSIZE;
	return 0;
}

/*
 * Of a socket that a call keeps for long, nothing: while a dump begins, all of
 * generic netlink would wait for that call.
 */
static int pp_nl_sock_put_info(struct sk_buff *skb, struct sock *sk,
			       struct pp_nl_sock_dump *d)
{
	struct tcp_info info;
	unsigned int n;
	char name[16];
	u32 cc[5];

	while (!pp_tcp_try_info(sk, &info, name, sizeof(name), cc, &n)) {
		if (!d->waits)
			return 0;
		d->waits--;
		usleep_range(500, 1000);
	}
	if (nla_put(skb, PKTPATH_A_SOCK_INFO, sizeof(info), &info) ||
	    nla_put_string(skb, PKTPATH_A_SOCK_CONGCTL, name) ||
	    (n && nla_put(skb, PKTPATH_A_SOCK_CONGCTL_INFO, n * sizeof(u32),
			  cc)))
		return -EMSGSIZE;
	return 0;
}

static int pp_nl_sock_put_tcp(struct sk_buff *skb, struct sock *sk,
			      struct pp_nl_sock_dump *d)
{
	struct pp_tcp_view v;

	pp_tcp_view_sk(sk, &v);
	if (pp_nl_sock_put_view(skb, &v))
		return -EMSGSIZE;
	return d->want & PKTPATH_SOCK_WANT_INFO ?
	       pp_nl_sock_put_info(skb, sk, d) : 0;
}

static int pp_nl_sock_put_sk(struct sk_buff *skb, struct sock *sk,
			     struct pp_nl_sock_dump *d)
{
	if (pp_nl_sock_put_state(skb, sk))
		return -EMSGSIZE;
	if (sk->sk_type == SOCK_STREAM)
		return pp_nl_sock_put_tcp(skb, sk, d);
	return pp_nl_sock_put_queues(skb, sk_rmem_alloc_get(sk),
				     sk_wmem_alloc_get(sk));
}

static int pp_nl_sock_dump_one(struct sock *sk, void *arg)
{
	struct pp_nl_sock_dump *d = arg;
	struct pp_nl_sock_name n;
	void *hdr;

	pp_nl_sock_name_sk(sk, &n);
	if (!pp_nl_sock_match(&n, sk, &d->f))
		return 0;
	hdr = pp_nl_put(d->skb, &d->m);
	if (!hdr)
		return -EMSGSIZE;
	if (pp_nl_sock_put_name(d->skb, &n, d) ||
	    pp_nl_sock_put_sk(d->skb, sk, d)) {
		genlmsg_cancel(d->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(d->skb, hdr);
	return 0;
}

/* Half-open, in TIME_WAIT, not yet accepted, or let go by its owner: what is
 * in no list of sockets.
 */
static bool pp_nl_sock_unlisted(const struct pp_tcp_view *v)
{
	return !v->sk || !pp_sock_listed(v->sk);
}

static int pp_nl_sock_dump_view(const struct pp_tcp_view *v, void *arg)
{
	struct pp_nl_sock_dump *d = arg;
	struct pp_nl_sock_name n;
	void *hdr;

	if (!pp_nl_sock_unlisted(v))
		return 0;
	if (v->sk)
		return pp_nl_sock_dump_one(v->sk, d);
	pp_nl_sock_name_view(v, &n);
	if (!pp_nl_sock_match(&n, NULL, &d->f))
		return 0;
	hdr = pp_nl_put(d->skb, &d->m);
	if (!hdr)
		return -EMSGSIZE;
	if (pp_nl_sock_put_name(d->skb, &n, d) ||
	    pp_nl_sock_put_view(d->skb, v)) {
		genlmsg_cancel(d->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(d->skb, hdr);
	return 0;
}

static int pp_nl_sock_dump_all(struct pp_net *pn, struct pp_nl_sock_pos *pos,
			       struct pp_nl_sock_dump *d)
{
	int err;

	if (!pos->walked) {
		err = pp_sock_walk(pn, &pos->walk, pp_nl_sock_dump_one, d);
		if (err)
			return err;
		pos->walked = true;
		pos->bucket = PKTPATH_TCP_WALK_CONNS;
	}
	if (pp_nl_sock_has(&d->f, PKTPATH_A_SOCK_PROTOCOL) &&
	    d->f.protocol != IPPROTO_TCP)
		return 0;
	return pp_tcp_walk(pn, &pos->bucket, &pos->skip, pp_nl_sock_dump_view,
			   d);
}

/**
 * pp_nl_sock_get_dumpit() - show the sockets that match
 * @skb: where to write
 * @cb: the dump; filters as in SOCK_KILL
 *
 * Marks are shown to, and may be asked for by, administrators only.
 *
 * Context: process.
 * Return: bytes written, 0 at the end, or -errno
 */
int pp_nl_sock_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = pp_compat_genl_dump_attrs(cb);
	struct pp_nl_sock_pos *pos = (void *)cb->ctx;
	struct pp_nl_sock_dump d = {
		.skb = skb,
		.user_ns = sk_user_ns(NETLINK_CB(cb->skb).sk),
		.admin = netlink_net_capable(cb->skb, CAP_NET_ADMIN),
		.waits = 50,
	};
	int err;

	BUILD_BUG_ON(sizeof(*pos) > sizeof(cb->ctx));
	if (pos->done)
		return 0;
	err = pp_nl_sock_filter(attrs, &d.f, d.user_ns, cb->extack);
	if (err)
		return err;
	if (attrs[PKTPATH_A_SOCK_MARK] && !d.admin)
		return pp_nl_bad(cb->extack, attrs[PKTPATH_A_SOCK_MARK], -EPERM,
				 "Only an administrator may ask for marks");
	if (attrs[PKTPATH_A_SOCK_WANT])
		d.want = nla_get_u32(attrs[PKTPATH_A_SOCK_WANT]);
	pp_nl_msg_dump(&d.m, cb, PKTPATH_CMD_SOCK_GET);
	err = pp_nl_sock_dump_all(pp_nl_cb_net(cb), pos, &d);
	pos->done = !err;
	return pp_nl_dump_end(skb, err);
}

static int pp_nl_sock_kill_one(struct sock *sk, void *arg)
{
	struct pp_nl_sock_dump *d = arg;
	struct pp_nl_sock_name n;

	pp_nl_sock_name_sk(sk, &n);
	if (pp_sf(sk, PKTPATH_SF_ABORTED) || !pp_nl_sock_match(&n, sk, &d->f))
		return 0;
	pp_sock_abort(sk, ECONNABORTED);
	d->count++;
	cond_resched();
	return 0;
}

static int pp_nl_sock_kill_view(const struct pp_tcp_view *v, void *arg)
{
	struct pp_nl_sock_dump *d = arg;
	struct pp_nl_sock_name n;

	if (!pp_nl_sock_unlisted(v))
		return 0;
	pp_nl_sock_name_view(v, &n);
	if (!pp_nl_sock_match(&n, v->sk, &d->f))
		return 0;
	pp_tcp_view_kill(v);
	d->count++;
	cond_resched();
	return 0;
}

/* Ends what matches; returns how many. */
static unsigned int pp_nl_sock_kill_all(struct pp_net *pn,
					struct pp_nl_sock_dump *d)
{
	unsigned int bucket = PKTPATH_TCP_WALK_CONNS, skip = 0;
	u64 pos = 0;

	pp_sock_walk(pn, &pos, pp_nl_sock_kill_one, d);
	pp_tcp_walk(pn, &bucket, &skip, pp_nl_sock_kill_view, d);
	return d->count;
}

/* Writes a message of one or two numbers; @attr2: 0 for none. */
static int pp_nl_sock_numbers(struct sk_buff *skb, const struct pp_nl_msg *m,
			      int attr, u32 value, int attr2, u32 value2)
{
	void *hdr = pp_nl_put(skb, m);

	if (!hdr || nla_put_u32(skb, attr, value) ||
	    (attr2 && nla_put_u32(skb, attr2, value2)))
		return -EMSGSIZE;
	genlmsg_end(skb, hdr);
	return 0;
}

/* The same as the answer, which is @reply, to a request; takes it. */
static int pp_nl_sock_answer(struct sk_buff *reply, struct genl_info *info,
			     int attr, u32 value, int attr2, u32 value2)
{
	struct pp_nl_msg m;
	int err;

	pp_nl_msg_reply(&m, info);
	err = pp_nl_sock_numbers(reply, &m, attr, value, attr2, value2);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

/**
 * pp_nl_sock_kill_doit() - end the sockets that match
 * @skb: request
 * @info: its attributes: at least one criterion, or ALL
 *
 * Has memory for the answer before it ends the first: how many there were could
 * not be told later.
 *
 * Context: process; takes socket locks.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_sock_kill_doit(struct sk_buff *skb, struct genl_info *info)
{
	bool all = nla_get_flag(info->attrs[PKTPATH_A_SOCK_ALL]);
	struct pp_nl_sock_dump d = {};
	struct sk_buff *reply;
	int err;

	err = pp_nl_sock_filter(info->attrs, &d.f, current_user_ns(),
				info->extack);
	if (err)
		return err;
	if (!all && !(d.f.has & ~BIT(PKTPATH_A_SOCK_FAMILY)))
		return pp_nl_missing(info->extack, PKTPATH_A_SOCK_ALL,
				     "Say which sockets, or all");
	reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	pp_nl_sock_kill_all(pp_nl_info_net(info), &d);
	return pp_nl_sock_answer(reply, info, PKTPATH_A_SOCK_COUNT, d.count,
				 0, 0);
}

/*
 * Routes and neighbours first, so that the detaching, for which everybody waits,
 * has less to undo.
 */
static unsigned int pp_nl_down_devs(struct pp_net *pn)
{
	unsigned int n = 0;
	struct pp_dev *pd;

	mutex_lock(&pn->cfg_lock);
	pp_fib_flush(pn, 0);
	pp_neigh_flush(pn, NULL, true);
	mutex_unlock(&pn->cfg_lock);
	rtnl_lock();
	list_for_each_entry(pd, &pn->devs, list)
		if (!(pd->flags & PKTPATH_DEVF_LOOP))
			n++;
	pp_link_detach_all(pn);
	rtnl_unlock();
	return n;
}

/* Empties a netns; adds what there was. */
static void pp_nl_down_net(struct pp_net *pn, u32 *socks, u32 *devs)
{
	struct pp_nl_msg ntf = { .cmd = PKTPATH_CMD_DOWN_NTF };
	struct pp_nl_sock_dump d = {};
	struct sk_buff *msg;
	unsigned int n;
	int err = 0;

	/*
	 * A packet there holds its socket, whoever has closed it; and a call
	 * that waits for the packet to go keeps the socket from being killed.
	 */
	nf_queue_nf_hook_drop(pn->net);
	pp_fault_flush(pn);
	pp_nl_sock_kill_all(pn, &d);
	n = pp_nl_down_devs(pn);
	nf_queue_nf_hook_drop(pn->net);
	pp_fault_flush(pn);
	*socks += d.count;
	*devs += n;
	if (!pp_nl_listening(pn->net))
		return;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (msg)
		err = pp_nl_sock_numbers(msg, &ntf, PKTPATH_A_DOWN_SOCKS,
					 d.count, PKTPATH_A_DOWN_DEVS, n);
	pp_nl_notify(pn->net, msg, err);
}

/*
 * One without a name and without a process lives on while a connection that
 * was closed there has data to deliver: nobody can enter it.
 */
static int pp_nl_down_all(u32 *socks, u32 *devs)
{
	unsigned int have = 0, max = 0, i;
	struct net **nets, *net;

	rcu_read_lock();
	for_each_net_rcu(net)
		max++;
	rcu_read_unlock();
	nets = kvmalloc_array(max, sizeof(*nets), GFP_KERNEL);
	if (!nets)
		return -ENOMEM;
	rcu_read_lock();
	for_each_net_rcu(net) {
		if (have == max)
			break;
		nets[have] = maybe_get_net(net);
		if (nets[have])
			have++;
	}
	rcu_read_unlock();
	for (i = 0; i < have; i++) {
		pp_nl_down_net(pp_net(nets[i]), socks, devs);
		put_net(nets[i]);
		cond_resched();
	}
	kvfree(nets);
	return 0;
}

/**
 * pp_nl_down_doit() - end all sockets, flush tables, detach all devices
 * @skb: request
 * @info: ALL: of every netns
 *
 * Context: process; takes socket locks, RTNL, cfg_lock.
 * Return: 0 or -errno
 */
int pp_nl_down_doit(struct sk_buff *skb, struct genl_info *info)
{
	bool all = nla_get_flag(info->attrs[PKTPATH_A_DOWN_ALL]);
	struct sk_buff *reply;
	u32 socks = 0, devs = 0;
	int err = 0;

	if (all && !capable(CAP_NET_ADMIN)) {
		NL_SET_ERR_MSG(info->extack,
			       "Other namespaces are for the machine's root");
		return -EPERM;
	}
	/* first, see pp_nl_sock_kill_doit() */
	reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	if (all)
		err = pp_nl_down_all(&socks, &devs);
	else
		pp_nl_down_net(pp_nl_info_net(info), &socks, &devs);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return pp_nl_sock_answer(reply, info, PKTPATH_A_DOWN_SOCKS, socks,
				 PKTPATH_A_DOWN_DEVS, devs);
}
