// SPDX-License-Identifier: GPL-2.0
/*
 * The family: creation of sockets, their proto_ops.
 *
 * A socket's struct sock carries the family and a private sk_protocol, never
 * those of the kernel's stack, so generic code that casts by either does not
 * take it for one of its own. proto.bind is not used: every transport binds
 * by pp_ip_bind_addr() and proto.get_port(), with the socket locked.
 * proto.connect, .disconnect and .diag_destroy take the lock themselves.
 *
 * Path: system call => pp_inet_sendmsg()=>proto.sendmsg; pp_inet_recvmsg()
 *	 <= receive queue of the socket
 * Mirrors: net/ipv4/af_inet.c
 * Locks: socket lock
 */
#include <linux/bpf-cgroup.h>
#include <linux/capability.h>
#include <linux/in.h>
#include <linux/module.h>
#include <net/sock.h>
#include "compat/compat.h"
#include "core/layer.h"
#include "core/pp_sock.h"
#include "core/trace.h"
#include "ip/ip.h"
#include "uapi/linux/pktpath.h"
#include "raw/raw.h"
#include "sock/sock.h"
#include "sock/sock_priv.h"
#include "tcp/tcp.h"
#include "udp/udp.h"

int pp_family = AF_PKTPATH;
module_param_named(family, pp_family, int, 0444);
MODULE_PARM_DESC(family, "address family number of the stack's sockets");

static atomic_t pp_inet_sk_hash = ATOMIC_INIT(0);

/**
 * pp_sock_abort() - end a socket from outside
 * @sk: the socket, held by the caller
 * @err: positive errno that its owner reads once
 *
 * The flag is set before the transport lets go of the port, so that no
 * automatic bind can come between.
 *
 * Context: process, takes the socket lock.
 */
void pp_sock_abort(struct sock *sk, int err)
{
	lock_sock(sk);
	if (sock_flag(sk, SOCK_DEAD)) {
		release_sock(sk);
		return;
	}
	set_bit(PKTPATH_SF_ABORTED, &pp_sk(sk)->flags);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	release_sock(sk);
	sk->sk_prot->diag_destroy(sk, err);
}

/* ---- Addresses ---- */

/**
 * pp_inet_parse_addr() - an IPv4 address of the user
 * @uaddr: copied from the user already
 * @len: its length, bytes
 * @unspec: the wildcard may also come as AF_UNSPEC, which bind() has always
 *	    allowed
 * @sin: filled unless it is too short; family AF_INET
 *
 * Context: any.
 * Return: 0, -EINVAL, -EAFNOSUPPORT.
 */
int pp_inet_parse_addr(const void *uaddr, int len, bool unspec,
		       struct sockaddr_in *sin)
{
	if (len < (int)sizeof(*sin))
		return -EINVAL;
	memcpy(sin, uaddr, sizeof(*sin));
	if (sin->sin_family != pp_family && sin->sin_family != AF_INET &&
	    !(unspec && sin->sin_family == AF_UNSPEC &&
	      sin->sin_addr.s_addr == htonl(INADDR_ANY)))
		return -EAFNOSUPPORT;
	sin->sin_family = AF_INET;
	return 0;
}

/* Whether the caller may bind @port: capability below the netns's limit. */
static bool pp_inet_port_allowed(const struct sock *sk, u16 port)
{
	struct pp_net *pn = pp_sk(sk)->pn;

	if (!port || pp_sock_wire_proto(sk) == IPPROTO_ICMP)
		return true;
	return port >= READ_ONCE(pn->sysctl.ip_unprivileged_port_start) ||
	       ns_capable(sock_net(sk)->user_ns, CAP_NET_BIND_SERVICE);
}

/*
 * Takes a port for a socket that has none; socket locked. By its contract
 * get_port() may say 1 for a port that is taken: so that is all that is made
 * EADDRINUSE, or want of memory would look like it.
 */
static int pp_inet_take_port(struct sock *sk, u16 port)
{
	struct inet_sock *inet = inet_sk(sk);
	int err = sk->sk_prot->get_port(sk, port);

	if (err)
		return err < 0 ? err : -EADDRINUSE;
	inet->inet_sport = htons(inet->inet_num);
	return 0;
}

static int pp_inet_autobind(struct sock *sk)
{
	int err = 0;

	lock_sock(sk);
	if (pp_sf(sk, PKTPATH_SF_ABORTED))
		err = -EPIPE;
	else if (!inet_sk(sk)->inet_num)
		err = pp_inet_take_port(sk, 0);
	release_sock(sk);
	/* no port is free: as on AF_INET */
	return err == -EADDRINUSE ? -EAGAIN : err;
}

/* A raw socket has no port, and may be bound again. */
static int pp_inet_bind_raw(struct sock *sk, __be32 addr)
{
	int type;

	if (sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	type = pp_ip_bind_type(sk, addr);
	if (type < 0)
		return type;
	pp_ip_bind_addr(sk, addr, type);
	if (addr)
		sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
	sk_dst_reset(sk);
	return 0;
}

/*
 * Whether the address and the port may be had, looked at before the state of
 * the socket, as on AF_INET. Return: type of the address or -errno.
 */
static int pp_inet_bind_type(const struct sock *sk,
			     const struct sockaddr_in *sin)
{
	int type = pp_ip_bind_type(sk, sin->sin_addr.s_addr);

	if (type < 0)
		return type;
	if (pp_sock_wire_proto(sk) == IPPROTO_ICMP &&
	    (type == RTN_BROADCAST || type == RTN_MULTICAST))
		return -EADDRNOTAVAIL;
	return pp_inet_port_allowed(sk, ntohs(sin->sin_port)) ? type : -EACCES;
}

static int pp_inet_bind_locked(struct sock *sk, const struct sockaddr_in *sin)
{
	struct inet_sock *inet = inet_sk(sk);
	u16 port = ntohs(sin->sin_port);
	int type, err;

	if (pp_sf(sk, PKTPATH_SF_ABORTED))
		return -ECONNABORTED;
	if (sk->sk_type == SOCK_RAW)
		return pp_inet_bind_raw(sk, sin->sin_addr.s_addr);
	type = pp_inet_bind_type(sk, sin);
	if (type < 0)
		return type;
	if (sk->sk_state != TCP_CLOSE || inet->inet_num)
		return -EINVAL;
	pp_ip_bind_addr(sk, sin->sin_addr.s_addr, type);
	if (port || !pp_sf(sk, PKTPATH_SF_BIND_NOPORT)) {
		err = pp_inet_take_port(sk, port);
		if (err)
			goto unbind;
		err = BPF_CGROUP_RUN_PROG_INET4_POST_BIND(sk);
		if (err)
			goto unhash;
	}
	if (inet->inet_rcv_saddr)
		sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
	if (port)
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	inet->inet_sport = htons(inet->inet_num);
	inet->inet_daddr = 0;
	inet->inet_dport = 0;
	sk_dst_reset(sk);
	return 0;

unhash:
	sk->sk_prot->unhash(sk);
	if (sk->sk_prot->put_port)
		sk->sk_prot->put_port(sk);
	inet->inet_num = 0;
	inet->inet_sport = 0;
unbind:
	inet->inet_rcv_saddr = 0;
	inet->inet_saddr = 0;
	return err;
}

/**
 * pp_inet_bind() - proto_ops.bind
 * @sock: socket
 * @uaddr: address, copied from the user already
 * @addr_len: its length, bytes
 *
 * Context: process, sleeps.
 * Return: 0 or -errno as AF_INET.
 */
int pp_inet_bind(struct socket *sock, struct pp_compat_sockaddr *uaddr,
		 int addr_len)
{
	struct sock *sk = sock->sk;
	struct sockaddr_in sin;
	int err;

	pp_sock_own(sk);
	err = pp_inet_parse_addr(uaddr, addr_len, true, &sin);
	/* as on AF_INET raw sockets do not look at the family */
	if (err && (err != -EAFNOSUPPORT || sk->sk_type != SOCK_RAW))
		return err;
	lock_sock(sk);
	err = pp_inet_bind_locked(sk, &sin);
	release_sock(sk);
	return err;
}

/**
 * pp_inet_connect_family() - the family of connect()'s address
 * @sk: socket
 * @uaddr: address from user space, already in kernel memory
 * @len: its length
 *
 * Context: any.
 * Return: family, AF_UNSPEC dissolves; -EINVAL: too short to have one;
 * -ECONNABORTED: the socket was killed
 */
int pp_inet_connect_family(const struct sock *sk, const void *uaddr, int len)
{
	sa_family_t family;

	if (len < (int)sizeof(family))
		return -EINVAL;
	if (pp_sf(sk, PKTPATH_SF_ABORTED))
		return -ECONNABORTED;
	pp_sock_own(sk);
	memcpy(&family, uaddr, sizeof(family));
	return family;
}

static int pp_inet_dgram_connect(struct socket *sock,
				 struct pp_compat_sockaddr *uaddr,
				 int addr_len, int flags)
{
	struct sock *sk = sock->sk;
	struct sockaddr_in sin;
	int family, err;

	family = pp_inet_connect_family(sk, uaddr, addr_len);
	if (family < 0)
		return family;
	if (family == AF_UNSPEC)
		return sk->sk_prot->disconnect(sk, flags);
	/* looked at again under the lock */
	if (data_race(!inet_sk(sk)->inet_num)) {
		err = pp_inet_autobind(sk);
		if (err)
			return err;
	}
	err = pp_inet_parse_addr(uaddr, addr_len, false, &sin);
	if (err)
		return err;
	return sk->sk_prot->connect(sk, (struct pp_compat_sockaddr *)&sin,
				    sizeof(sin));
}

/**
 * pp_inet_getname() - proto_ops.getname
 * @sock: socket
 * @uaddr: filled
 * @peer: 0 own address, 1 peer's, 2 peer's in any state
 *
 * Context: process, sleeps.
 * Return: length or -ENOTCONN.
 */
int pp_inet_getname(struct socket *sock, struct sockaddr *uaddr, int peer)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)uaddr;
	struct inet_sock *inet = inet_sk(sock->sk);
	struct sock *sk = sock->sk;
	int len = sizeof(*sin);

	lock_sock(sk);
	if (!peer)
		pp_ip_fill_sockaddr(sk, sin, inet->inet_rcv_saddr ?:
				    inet->inet_saddr, inet->inet_sport);
	else if (!inet->inet_dport ||
		 (peer == 1 &&
		  (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_SYN_SENT)))
		len = -ENOTCONN;
	else
		pp_ip_fill_sockaddr(sk, sin, inet->inet_daddr,
				    inet->inet_dport);
	release_sock(sk);
	return len;
}

/* ---- Data ---- */

/*
 * pp_inet_sendmsg() - first function of the way down
 * @sock: the socket
 * @msg: what to send; the caller's
 * @size: bytes in @msg
 *
 * Mirrors: net/ipv4/af_inet.c:inet_sendmsg
 *
 * Context: process, may sleep.
 * Return: bytes taken, or -errno.
 */
static int pp_inet_sendmsg(struct socket *sock, struct msghdr *msg,
			   size_t size)
{
	struct sock *sk = sock->sk;
	int err;

	pp_at_sock_send(NULL, sk, size);
	sock_rps_record_flow(sk);
	/* looked at again under the lock */
	if (unlikely(data_race(!inet_sk(sk)->inet_num))) {
		err = pp_inet_autobind(sk);
		if (err)
			return err;
	}
	return sk->sk_prot->sendmsg(sk, msg, size);
}

/**
 * pp_inet_recvmsg() - last function of the way up
 * @sock: the socket
 * @msg: where to; the caller's
 * @size: room in @msg, bytes
 * @flags: MSG_*
 *
 * Mirrors: net/ipv4/af_inet.c:inet_recvmsg
 *
 * Context: process, may sleep.
 * Return: bytes received, or -errno.
 */
int pp_inet_recvmsg(struct socket *sock, struct msghdr *msg, size_t size,
		    int flags)
{
	struct sock *sk = sock->sk;
	int ret;

	if (likely(!(flags & MSG_ERRQUEUE)))
		sock_rps_record_flow(sk);
	ret = pp_compat_recvmsg(sk, msg, size, flags);
	pp_at_sock_recv(NULL, sk, ret > 0 ? ret : 0);
	return ret;
}

/*
 * As on AF_INET: an unconnected socket says ENOTCONN and is shut down all the
 * same, which wakes those who poll for EPOLLHUP.
 */
static int pp_inet_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	int err = 0;

	how++;		/* SHUT_RD, SHUT_WR, SHUT_RDWR to RCV_ | SEND_ */
	if ((how & ~SHUTDOWN_MASK) || !how)
		return -EINVAL;
	lock_sock(sk);
	if (sk->sk_state == TCP_CLOSE)
		err = -ENOTCONN;
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | how);
	if (sk->sk_prot->shutdown)
		sk->sk_prot->shutdown(sk, how);
	sk->sk_state_change(sk);
	release_sock(sk);
	return err;
}

/* ---- Birth and death ---- */

/**
 * pp_inet_release() - proto_ops.release: the last descriptor is closed
 * @sock: socket
 *
 * Context: process, sleeps.
 * Return: 0.
 */
int pp_inet_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	long timeout = 0;

	if (!sk)
		return 0;
	pp_inet_list_del(sk);
	BPF_CGROUP_RUN_PROG_INET_SOCK_RELEASE(sk);
	if (sk->sk_type != SOCK_STREAM)
		pp_ip_mc_drop_socket(sk);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
	if (sock_flag(sk, SOCK_LINGER) && !(current->flags & PF_EXITING))
		timeout = sk->sk_lingertime;
	sk->sk_prot->close(sk, timeout);
	sock->sk = NULL;
	return 0;
}

/* .family is only compared with other families', so the default will do. */
#define PKTPATH_DGRAM_OPS(poll_fn)				\
	.family = PF_PKTPATH,					\
	.owner = THIS_MODULE,					\
	.release = pp_inet_release,				\
	.bind = pp_inet_bind,					\
	.connect = pp_inet_dgram_connect,			\
	.socketpair = sock_no_socketpair,			\
	.accept = sock_no_accept,				\
	.getname = pp_inet_getname,				\
	.poll = poll_fn,					\
	.ioctl = pp_inet_ioctl,					\
	.gettstamp = sock_gettstamp,				\
	.listen = sock_no_listen,				\
	.shutdown = pp_inet_shutdown,				\
	.setsockopt = pp_inet_setsockopt,			\
	.getsockopt = pp_inet_getsockopt,			\
	.sendmsg = pp_inet_sendmsg,				\
	.recvmsg = pp_inet_recvmsg,				\
	.mmap = sock_no_mmap

static const struct proto_ops pp_udp_ops = {
	PKTPATH_DGRAM_OPS(pp_udp_poll),
	.splice_eof = pp_udp_splice_eof,
	.peek_len = pp_udp_peek_len,
	.set_peek_off = sk_set_peek_off,
};

/* Of ping and raw sockets, and of the transports of other modules. */
const struct proto_ops pp_dgram_ops = {
	PKTPATH_DGRAM_OPS(datagram_poll),
};

static const struct pp_inetsw pp_inetsw[] = {
	{
		.type = SOCK_STREAM, .protocol = IPPROTO_TCP,
		.prot = &pp_tcp_prot, .ops = &pp_stream_ops,
	},
	{
		.type = SOCK_DGRAM, .protocol = IPPROTO_UDP,
		.prot = &pp_udp_prot, .ops = &pp_udp_ops,
	},
	{
		.type = SOCK_DGRAM, .protocol = IPPROTO_ICMP, .reuse = true,
		.prot = &pp_ping_prot, .ops = &pp_dgram_ops,
	},
	{
		.type = SOCK_RAW, .reuse = true,
		.prot = &pp_raw_prot, .ops = &pp_dgram_ops,
	},
};

static const struct pp_inetsw *pp_inet_lookup(int type, int protocol)
{
	int err = -ESOCKTNOSUPPORT;
	int i;

	for (i = 0; i < ARRAY_SIZE(pp_inetsw); i++) {
		if (pp_inetsw[i].type != type)
			continue;
		if (!pp_inetsw[i].protocol ? protocol && protocol <= U8_MAX :
		    !protocol || pp_inetsw[i].protocol == protocol)
			return &pp_inetsw[i];
		err = -EPROTONOSUPPORT;
	}
	return ERR_PTR(err);
}

/*
 * Policies of cgroup BPF and most security modules look at AF_INET alone, so
 * not everyone may have our sockets: CAP_NET_RAW, or a group the
 * administrator has named.
 */
static int pp_inet_may_create(struct pp_net *pn, const struct pp_inetsw *sw)
{
	int err = -EPERM;

	if (sw->type != SOCK_RAW &&
	    pp_netns_gid_allowed(pn, pn->sysctl.group_range)) {
		if (sw->protocol != IPPROTO_ICMP ||
		    pp_netns_gid_allowed(pn, pn->sysctl.ping_group_range))
			return 0;
		err = -EACCES;
	}
	return ns_capable(pn->net->user_ns, CAP_NET_RAW) ? 0 : err;
}

/**
 * pp_inet_sock_destruct() - sk_destruct: nobody refers to the socket
 * @sk: the socket
 *
 * Context: softirq.
 */
void pp_inet_sock_destruct(struct sock *sk)
{
	__skb_queue_purge(&sk->sk_receive_queue);
	__skb_queue_purge(&sk->sk_error_queue);
	WARN_ON_ONCE(atomic_read(&sk->sk_rmem_alloc));
	WARN_ON_ONCE(sk->sk_wmem_queued);
	kfree(rcu_dereference_protected(inet_sk(sk)->inet_opt, 1));
	dst_release(rcu_dereference_protected(sk->sk_dst_cache, 1));
}

/* What all our sockets have in common; @sk is zeroed but for sock_init_data */
static void pp_inet_sock_init(struct sock *sk, struct pp_net *pn,
			      const struct pp_inetsw *sw, int protocol)
{
	struct inet_sock *inet = inet_sk(sk);
	struct pp_sock *ps = pp_sk(sk);

	sk->sk_protocol = PKTPATH_SK_PROTO(sw->protocol ?: protocol);
	sk->sk_backlog_rcv = sw->prot->backlog_rcv;
	sk->sk_destruct = pp_inet_sock_destruct;
	sk->sk_reuse = sw->reuse ? SK_CAN_REUSE : SK_NO_REUSE;
	sk->sk_txrehash = READ_ONCE(pn->net->core.sysctl_txrehash);
	sock_set_flag(sk, SOCK_RCU_FREE);
	/* fq tells flows apart by it: never 0, never one just used */
	do {
		sk->sk_hash = (u32)atomic_inc_return(&pp_inet_sk_hash);
	} while (!sk->sk_hash);
	/* a stream's comes with its connection */
	if (sw->type != SOCK_STREAM)
		sk_set_txhash(sk);

	inet->uc_ttl = -1;
	inet->mc_ttl = 1;
	inet->pmtudisc = READ_ONCE(pn->sysctl.ip_no_pmtu_disc) ?
			 IP_PMTUDISC_DONT : IP_PMTUDISC_WANT;

	ps->pn = pn;
	ps->owner = current->tgid;
	ps->flags = BIT(PKTPATH_SF_MC_LOOP) | BIT(PKTPATH_SF_MC_ALL);
	if (READ_ONCE(pn->sysctl.inet_addr))
		ps->flags |= BIT(PKTPATH_SF_INET_ADDR);
	/* random as well, and seen by nobody */
	atomic_set(&ps->ident, sk->sk_txhash);
}

static int pp_inet_create_sw(struct net *net, struct socket *sock, int protocol,
			     const struct pp_inetsw *sw)
{
	struct pp_net *pn = pp_net(net);
	struct sock *sk;
	int err;

	err = pp_inet_may_create(pn, sw);
	if (err)
		return err;
	if (READ_ONCE(pn->exiting))
		return -EAFNOSUPPORT;

	sk = sk_alloc(net, pp_family, GFP_KERNEL, sw->prot, 0);
	if (!sk)
		return -ENOBUFS;
	sock->state = SS_UNCONNECTED;
	sock->ops = sw->ops;
	sock_init_data(sock, sk);
	pp_inet_sock_init(sk, pn, sw, protocol);
	if (sw->prot->init) {
		err = sw->prot->init(sk);
		if (err)
			goto release;
	}
	err = BPF_CGROUP_RUN_PROG_INET_SOCK(sk);
	if (err)
		goto release;
	pp_inet_list_add(sk);
	sock_prot_inuse_add(net, sw->prot, 1);
	pp_compat_custom_sockopt(sock);
	if (sock->type == SOCK_STREAM)
		set_bit(SOCK_SUPPORT_ZC, &sock->flags);
	return 0;

release:
	sk_common_release(sk);
	sock->sk = NULL;
	return err;
}

static int pp_inet_create(struct net *net, struct socket *sock, int protocol,
			  int kern)
{
	const struct pp_inetsw *sw;
	struct pp_tport *tp = NULL;
	struct pp_inetsw own;
	int err;

	if (protocol < 0 || protocol >= IPPROTO_MAX)
		return -EINVAL;
	sw = pp_inet_lookup(sock->type, protocol);
	if (IS_ERR(sw)) {
		tp = pp_tport_get(sock->type, protocol, &own);
		if (!tp)
			return PTR_ERR(sw);
		sw = &own;
	}
	/* a kernel socket would not keep the netns, which all of us rely on */
	err = kern ? -EOPNOTSUPP : pp_inet_create_sw(net, sock, protocol, sw);
	if (tp)
		pp_tport_put(tp);
	return err;
}

/* ---- Layer ---- */

static struct net_proto_family pp_inet_family __ro_after_init = {
	.create = pp_inet_create,
	.owner = THIS_MODULE,
};

/*
 * Numbers by which no code of the kernel takes a socket for its own. Others
 * may be free as well, but only because their module is not loaded.
 */
static const u8 pp_inet_families[] = {
	AF_PKTPATH, AF_IPX, AF_NETBEUI, AF_SECURITY, AF_ECONET, AF_SNA,
	AF_IRDA, AF_WANPIPE,
};

static bool pp_inet_family_ok(int family)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(pp_inet_families); i++)
		if (pp_inet_families[i] == family)
			return true;
	return false;
}

static int pp_inet_init(void)
{
	if (!pp_inet_family_ok(pp_family)) {
		pr_err("pktpath: family=%d belongs to the kernel; use 4, 13, 14, 18, 19, 22, 23 or 25\n",
		       pp_family);
		return -EINVAL;
	}
	pp_inet_family.family = pp_family;
	return 0;
}

static int pp_inet_start(void)
{
	int err = sock_register(&pp_inet_family);

	if (err == -EEXIST)
		pr_err("pktpath: address family %d is taken by another module; choose a free one with the parameter family=N\n",
		       pp_family);
	return err;
}

static void pp_inet_stop(void)
{
	sock_unregister(pp_family);
}

static int pp_inet_net_init(struct pp_net *pn)
{
	int err = pp_inet_list_net_init(pn);

	if (err)
		return err;
	err = pp_tport_net_init(pn);
	if (err)
		pp_inet_list_net_exit(pn);
	return err;
}

static void pp_inet_net_exit(struct pp_net *pn)
{
	pp_tport_net_exit(pn);
	pp_inet_list_net_exit(pn);
}

const struct pp_layer pp_sock_layer = {
	.name = "sock",
	.init = pp_inet_init,
	.net_init = pp_inet_net_init,
	.net_exit = pp_inet_net_exit,
	.start = pp_inet_start,
	.stop = pp_inet_stop,
};
