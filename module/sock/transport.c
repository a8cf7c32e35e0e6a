// SPDX-License-Identifier: GPL-2.0
/*
 * Transports of other modules: their register, the life of their sockets.
 *
 * A socket holds the module of its transport, by its proto and its proto_ops,
 * so module exit finds no socket left. A packet under way is covered by RCU,
 * which unregistering waits for.
 *
 * Path: socket() => pp_tport_get(); the rest is in transport_io.c
 * Mirrors: net/ipv4/af_inet.c (inet_register_protosw)
 * Locks: pp_tport_lock for the register; the socket lock
 */
#include <linux/ctype.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <net/sock.h>
#include "compat/compat.h"
#include "ip/ip.h"
#include "sock/sock_priv.h"
#include "sock/transport_priv.h"

#define PKTPATH_TPORT_TYPES \
	(1U << SOCK_DGRAM | 1U << SOCK_RDM | 1U << SOCK_SEQPACKET)
#define PKTPATH_TPORT_PRIV_MAX 2048
#define PKTPATH_TPORT_HEADER_MAX 60

struct pp_tport __rcu *pp_tports[256] __read_mostly;

static LIST_HEAD(pp_tport_list);
static DEFINE_MUTEX(pp_tport_lock);

/* ---- Sockets ---- */

static bool pp_tport_serves(const struct pp_tport *tp, int type, int protocol)
{
	if (!(tp->t->types & 1U << type))
		return false;
	return tp->t->protocol == protocol ||
	       (!protocol && type != SOCK_DGRAM);
}

/**
 * pp_tport_get() - whose is a socket of that kind?
 * @type: SOCK_*
 * @protocol: IPPROTO_*, 0: the first there is
 * @sw: filled
 *
 * Context: process, may sleep.
 * Return: the transport, to be given back by pp_tport_put(), or NULL.
 */
struct pp_tport *pp_tport_get(int type, int protocol, struct pp_inetsw *sw)
{
	struct pp_tport *tp, *found = NULL;

	mutex_lock(&pp_tport_lock);
	list_for_each_entry(tp, &pp_tport_list, list) {
		if (!pp_tport_serves(tp, type, protocol) ||
		    !try_module_get(tp->t->owner))
			continue;
		atomic_inc(&tp->socks);
		found = tp;
		break;
	}
	mutex_unlock(&pp_tport_lock);
	if (found)
		*sw = (struct pp_inetsw){
			.type = type,
			.protocol = found->t->protocol,
			.prot = &found->prot,
			.ops = &found->ops,
		};
	return found;
}

/**
 * pp_tport_put() - opposite of pp_tport_get()
 * @tp: the transport; a socket that has come of it holds it by itself
 *
 * Context: any.
 */
void pp_tport_put(struct pp_tport *tp)
{
	struct module *owner = tp->t->owner;

	atomic_dec(&tp->socks);
	module_put(owner);
}

static void pp_tport_destruct(struct sock *sk)
{
	struct pp_tport *tp = pp_tport_sk(sk)->tp;

	pp_inet_sock_destruct(sk);
	atomic_dec(&tp->socks);
}

static int pp_tport_init_sock(struct sock *sk)
{
	struct pp_tport *tp = container_of(sk->sk_prot, struct pp_tport, prot);
	struct pp_tport_sock *ts = pp_tport_sk(sk);
	int err = 0;

	atomic_inc(&tp->socks);
	ts->tp = tp;
	sk->sk_destruct = pp_tport_destruct;
	timer_setup(&ts->timer, pp_tport_expired, 0);
	if (tp->t->init)
		err = tp->t->init(sk);
	if (err) {
		ts->closed = true;
		pktpath_timer_stop(sk);
	}
	return err;
}

/* The transport lets go of the socket; locked. */
static void pp_tport_end(struct sock *sk)
{
	struct pp_tport_sock *ts = pp_tport_sk(sk);

	pp_tport_unhash(sk);
	if (ts->closed)
		return;
	ts->closed = true;
	pktpath_timer_stop(sk);
	if (ts->tp->t->destroy)
		ts->tp->t->destroy(sk);
}

/* Also when creation fails half way. */
static void pp_tport_destroy(struct sock *sk)
{
	lock_sock(sk);
	pp_tport_end(sk);
	release_sock(sk);
}

static void pp_tport_close(struct sock *sk, long timeout)
{
	sk_common_release(sk);
}

static int pp_tport_connect(struct sock *sk, struct pp_compat_sockaddr *uaddr,
			    int len)
{
	int err;

	lock_sock(sk);
	err = pp_ip_datagram_connect(sk, (struct sockaddr_in *)uaddr);
	release_sock(sk);
	return err;
}

static int pp_tport_disconnect(struct sock *sk, int flags)
{
	int err;

	lock_sock(sk);
	err = pp_ip_datagram_disconnect(sk);
	release_sock(sk);
	return err;
}

static int pp_tport_abort(struct sock *sk, int err)
{
	lock_sock(sk);
	if (sock_flag(sk, SOCK_DEAD))
		goto release;
	pp_tport_end(sk);
	sk->sk_userlocks &= ~(SOCK_BINDPORT_LOCK | SOCK_BINDADDR_LOCK);
	pp_ip_datagram_disconnect(sk);
	skb_queue_purge(&sk->sk_receive_queue);
	skb_queue_purge(&sk->sk_error_queue);
	sk->sk_err = err;
	sk_error_report(sk);
	sk->sk_state_change(sk);
release:
	release_sock(sk);
	return 0;
}

static int pp_tport_setsockopt(struct sock *sk, int level, int optname,
			       sockptr_t optval, unsigned int optlen)
{
	const struct pktpath_transport *t = pp_tport_sk(sk)->tp->t;
	int err = -EPIPE;

	if (!t->setsockopt)
		return -ENOPROTOOPT;
	lock_sock(sk);
	if (!pp_tport_sk(sk)->closed)
		err = t->setsockopt(sk, optname, optval, optlen);
	release_sock(sk);
	return err;
}

static int pp_tport_getsockopt(struct sock *sk, int level, int optname,
			       char __user *optval, int __user *optlen)
{
	const struct pktpath_transport *t = pp_tport_sk(sk)->tp->t;
	int err = -EPIPE;

	if (!t->getsockopt)
		return -ENOPROTOOPT;
	lock_sock(sk);
	if (!pp_tport_sk(sk)->closed)
		err = t->getsockopt(sk, optname, optval, optlen);
	release_sock(sk);
	return err;
}

PKTPATH_PROTO_RECVMSG(pp_tport_recv)

static const struct proto pp_tport_prot = {
	.init = pp_tport_init_sock,
	.destroy = pp_tport_destroy,
	.close = pp_tport_close,
	.connect = pp_tport_connect,
	.disconnect = pp_tport_disconnect,
	.setsockopt = pp_tport_setsockopt,
	.getsockopt = pp_tport_getsockopt,
	.sendmsg = pp_tport_sendmsg,
	.recvmsg = PKTPATH_RECVMSG_OP(pp_tport_recv),
	.backlog_rcv = pp_tport_backlog,
	.release_cb = pp_tport_release_cb,
	.unhash = pp_tport_unhash,
	.get_port = pp_tport_get_port,
	.diag_destroy = pp_tport_abort,
};

/* ---- The register ---- */

static bool pp_tport_name_ok(const char *name)
{
	size_t i, len = strnlen(name, PKTPATH_TRANSPORT_NAME_MAX);

	if (!len || len == PKTPATH_TRANSPORT_NAME_MAX)
		return false;
	for (i = 0; i < len; i++)
		if (!isalnum(name[i]) && name[i] != '_')
			return false;
	return true;
}

static bool pp_tport_ok(const struct pktpath_transport *t)
{
	if (!pp_tport_name_ok(t->name) || !t->owner || !t->protocol ||
	    t->protocol == IPPROTO_RAW || t->types & ~PKTPATH_TPORT_TYPES ||
	    t->priv_size > PKTPATH_TPORT_PRIV_MAX)
		return false;
	if (t->header < 2 * sizeof(__be16) ||
	    t->header > PKTPATH_TPORT_HEADER_MAX)
		return false;
	if (!t->types)
		return t->input && !t->send && !t->rcv;
	/* @input knows of no sockets, and could give them nothing */
	return t->send && t->rcv && !t->input;
}

static struct pp_tport *pp_tport_make(const struct pktpath_transport *t)
{
	struct pp_tport *tp = kzalloc(sizeof(*tp), GFP_KERNEL);
	size_t size;

	if (!tp)
		return NULL;
	size = sizeof(struct pp_tport_sock) + t->priv_size;
	tp->t = t;
	tp->prot = pp_tport_prot;
	/* also the slab's, which must be nobody else's */
	snprintf(tp->prot.name, sizeof(tp->prot.name), "PPT_%s", t->name);
	tp->prot.owner = t->owner;
	tp->prot.obj_size = max_t(size_t, size, sizeof(struct inet_sock));
	/* options may be copied from and to what is the transport's */
	tp->prot.useroffset = offsetof(struct pp_tport_sock, priv);
	tp->prot.usersize = t->priv_size;
	tp->ops = pp_dgram_ops;
	tp->ops.owner = t->owner;
	return tp;
}

static struct pp_tport *pp_tport_find(const struct pktpath_transport *t)
{
	struct pp_tport *tp;

	lockdep_assert_held(&pp_tport_lock);
	list_for_each_entry(tp, &pp_tport_list, list)
		if (tp->t == t || !strcmp(tp->t->name, t->name))
			return tp;
	return NULL;
}

/* Becomes visible; register locked. */
static int pp_tport_add(struct pp_tport *tp)
{
	u8 protocol = tp->t->protocol;
	int err;

	if (pp_tport_find(tp->t))
		return -EEXIST;
	if (rcu_access_pointer(pp_tports[protocol]))
		return -EBUSY;
	err = proto_register(&tp->prot, 1);
	if (err)
		return err;
	rcu_assign_pointer(pp_tports[protocol], tp);
	err = pp_protocol_add(&pp_tport_protocol, protocol);
	if (err) {
		RCU_INIT_POINTER(pp_tports[protocol], NULL);
		proto_unregister(&tp->prot);
		return err;
	}
	list_add_tail(&tp->list, &pp_tport_list);
	return 0;
}

/**
 * pktpath_register_transport() - a protocol of another module
 * @t: its calls, constant until it is unregistered
 *
 * Mirrors: net/ipv4/af_inet.c:inet_register_protosw, net/ipv4/protocol.c:
 * inet_add_protocol.
 *
 * Context: process, may sleep.
 * Return: 0, -EINVAL, -EEXIST, -EBUSY, -ENOMEM.
 */
int pktpath_register_transport(const struct pktpath_transport *t)
{
	struct pp_tport *tp;
	int err;

	if (!pp_tport_ok(t))
		return -EINVAL;
	tp = pp_tport_make(t);
	if (!tp)
		return -ENOMEM;
	mutex_lock(&pp_tport_lock);
	err = pp_tport_add(tp);
	mutex_unlock(&pp_tport_lock);
	if (err)
		kfree(tp);
	return err;
}
EXPORT_SYMBOL_GPL(pktpath_register_transport);

/**
 * pktpath_unregister_transport() - the opposite
 * @t: as registered
 *
 * The count of sockets falls before the last use of their proto, which is in
 * the same RCU callback.
 *
 * Context: process, may sleep.
 * Return: 0, -ENOENT, -EBUSY: it has sockets.
 */
int pktpath_unregister_transport(const struct pktpath_transport *t)
{
	struct pp_tport *tp;
	int err = 0;

	mutex_lock(&pp_tport_lock);
	tp = pp_tport_find(t);
	if (!tp || tp->t != t)
		err = -ENOENT;
	else if (atomic_read(&tp->socks))
		err = -EBUSY;
	else
		list_del(&tp->list);
	mutex_unlock(&pp_tport_lock);
	if (err)
		return err;
	pp_protocol_del(&pp_tport_protocol, t->protocol);
	RCU_INIT_POINTER(pp_tports[t->protocol], NULL);
	synchronize_net();
	rcu_barrier();
	proto_unregister(&tp->prot);
	kfree(tp);
	return 0;
}
EXPORT_SYMBOL_GPL(pktpath_unregister_transport);
