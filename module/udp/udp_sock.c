// SPDX-License-Identifier: GPL-2.0
/*
 * UDP's struct proto: birth, connect, options, death; and the layer.
 *
 * Teardown: close() orphans the socket and unhashes it; lookups under way may
 * still queue a datagram on it until a grace period has passed (SOCK_RCU_FREE),
 * so the queue is emptied and uncharged last, by the destructor.
 *
 * Path: none
 * Mirrors: net/ipv4/udp.c (udp_prot)
 * Locks: socket lock
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sockios.h>
#include <asm/ioctls.h>
#include "compat/compat.h"
#include "core/layer.h"
#include "core/ops.h"
#include "udp/udp_priv.h"

static DEFINE_PER_CPU(int, pp_udp_fw_alloc);

/* ---- Birth and death ---- */

static void pp_udp_destruct(struct sock *sk)
{
	struct pp_udp_sock *up = pp_udp_sk(sk);

	/* what SO_RESERVE_MEM has kept back goes too */
	sk->sk_reserved_mem = 0;
	pp_udp_purge(sk);
	kfree(up->cork);
	up->destruct(sk);
}

static int pp_udp_init_sock(struct sock *sk)
{
	struct pp_udp_sock *up = pp_udp_sk(sk);

	up->destruct = sk->sk_destruct;
	sk->sk_destruct = pp_udp_destruct;
	sock_set_flag(sk, SOCK_RCU_FREE);
	return 0;
}

static void pp_udp_destroy(struct sock *sk)
{
	lock_sock(sk);
	sock_set_flag(sk, SOCK_DEAD);
	pp_udp_cork_flush(sk);
	release_sock(sk);
}

static void pp_udp_close(struct sock *sk, long timeout)
{
	sk_common_release(sk);
}

/* ---- Connect ---- */

static int pp_udp_connect(struct sock *sk, struct pp_compat_sockaddr *uaddr,
			  int addr_len)
{
	struct sockaddr_in sin;
	int err;

	if (addr_len < (int)sizeof(sin))
		return -EINVAL;
	memcpy(&sin, uaddr, sizeof(sin));
	if (sin.sin_family != sk->sk_family && sin.sin_family != AF_INET)
		return -EAFNOSUPPORT;
	lock_sock(sk);
	err = pp_ip_datagram_connect(sk, &sin);
	release_sock(sk);
	return err;
}

static int pp_udp_disconnect(struct sock *sk, int flags)
{
	int err;

	lock_sock(sk);
	err = pp_ip_datagram_disconnect(sk);
	release_sock(sk);
	return err;
}

/* From outside: error, no port, nothing queued in either direction. */
static int pp_udp_abort(struct sock *sk, int err)
{
	lock_sock(sk);
	if (!sock_flag(sk, SOCK_DEAD)) {
		WRITE_ONCE(sk->sk_err, err);
		sk_error_report(sk);
		/* the error wakes one reader, its end all of them */
		sk->sk_state_change(sk);
		sk->sk_userlocks &= ~(SOCK_BINDADDR_LOCK | SOCK_BINDPORT_LOCK);
		pp_ip_datagram_disconnect(sk);
		pp_udp_cork_flush(sk);
		pp_udp_purge(sk);
	}
	release_sock(sk);
	return 0;
}

/* ---- Options ---- */

static int pp_udp_do_setsockopt(struct sock *sk, int optname, int val)
{
	struct pp_udp_sock *up = pp_udp_sk(sk);

	switch (optname) {
	case UDP_CORK:
		if (val) {
			set_bit(PKTPATH_UDPF_CORK, &up->uflags);
			return 0;
		}
		clear_bit(PKTPATH_UDPF_CORK, &up->uflags);
		lock_sock(sk);
		pp_udp_cork_push(sk);
		release_sock(sk);
		return 0;
	case UDP_SEGMENT:
		if (val < 0 || val > USHRT_MAX)
			return -EINVAL;
		WRITE_ONCE(up->gso_size, val);
		return 0;
	case UDP_GRO:
		assign_bit(PKTPATH_UDPF_GRO, &up->uflags, val);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

/**
 * pp_udp_setsockopt() - proto.setsockopt
 * @sk: the socket, not locked
 * @level: SOL_UDP
 * @optname: UDP_CORK, UDP_SEGMENT, UDP_GRO
 * @optval: an int
 * @optlen: bytes at @optval
 *
 * Context: process, may sleep.
 * Return: 0, -EINVAL, -EFAULT, -ENOPROTOOPT.
 */
int pp_udp_setsockopt(struct sock *sk, int level, int optname,
		      sockptr_t optval, unsigned int optlen)
{
	int val;

	if (level != SOL_UDP)
		return -ENOPROTOOPT;
	if (optlen < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	return pp_udp_do_setsockopt(sk, optname, val);
}

/**
 * pp_udp_getsockopt() - proto.getsockopt
 * @sk: the socket, not locked
 * @level: SOL_UDP
 * @optname: UDP_CORK, UDP_SEGMENT, UDP_GRO
 * @optval: where to
 * @optlen: room; set to the bytes written
 *
 * Context: process.
 * Return: 0, -EINVAL, -EFAULT, -ENOPROTOOPT.
 */
int pp_udp_getsockopt(struct sock *sk, int level, int optname,
		      char __user *optval, int __user *optlen)
{
	struct pp_udp_sock *up = pp_udp_sk(sk);
	int val, len;

	if (level != SOL_UDP)
		return -ENOPROTOOPT;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	len = min_t(unsigned int, len, sizeof(int));
	switch (optname) {
	case UDP_CORK:
		val = test_bit(PKTPATH_UDPF_CORK, &up->uflags);
		break;
	case UDP_SEGMENT:
		val = READ_ONCE(up->gso_size);
		break;
	case UDP_GRO:
		val = test_bit(PKTPATH_UDPF_GRO, &up->uflags);
		break;
	default:
		return -ENOPROTOOPT;
	}
	if (put_user(len, optlen) || copy_to_user(optval, &val, len))
		return -EFAULT;
	return 0;
}

static int pp_udp_ioctl(struct sock *sk, int cmd, int *karg)
{
	switch (cmd) {
	case SIOCOUTQ:
		*karg = sk_wmem_alloc_get(sk);
		return 0;
	case SIOCINQ:
		*karg = max(0, pp_udp_first_len(sk));
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}

PKTPATH_PROTO_IOCTL(pp_udp_ioctl)
PKTPATH_PROTO_RECVMSG(pp_udp_do_recvmsg)

/* Any: what a netns promises a socket, udp_rmem.c sees to. */
static int pp_udp_least = INT_MAX;

struct proto pp_udp_prot = {
	.name = "PKTPATH-UDP",
	.owner = THIS_MODULE,
	.obj_size = PKTPATH_SOCK_SIZE(struct pp_udp_sock),
	.init = pp_udp_init_sock,
	.destroy = pp_udp_destroy,
	.close = pp_udp_close,
	.connect = pp_udp_connect,
	.disconnect = pp_udp_disconnect,
	.ioctl = PKTPATH_IOCTL_OP(pp_udp_ioctl),
	.setsockopt = pp_udp_setsockopt,
	.getsockopt = pp_udp_getsockopt,
	.sendmsg = pp_udp_sendmsg,
	.recvmsg = PKTPATH_RECVMSG_OP(pp_udp_do_recvmsg),
	.backlog_rcv = pp_udp_backlog_rcv,
	.unhash = pp_udp_unhash,
	.rehash = pp_udp_rehash,
	.get_port = pp_udp_get_port,
	.diag_destroy = pp_udp_abort,
	.memory_allocated = &pp_udp_memory_allocated,
	.per_cpu_fw_alloc = &pp_udp_fw_alloc,
	.sysctl_mem = pp_udp_mem,
	.sysctl_rmem = &pp_udp_least,
	.sysctl_wmem = &pp_udp_least,
};

/* ---- Layer ---- */

static int pp_udp_init(void)
{
	pp_udp_mem_init();
	return proto_register(&pp_udp_prot, 1);
}

static void pp_udp_exit(void)
{
	proto_unregister(&pp_udp_prot);
}

static int pp_udp_start(void)
{
	return pp_protocol_add(&pp_udp_protocol, IPPROTO_UDP);
}

static void pp_udp_stop(void)
{
	pp_protocol_del(&pp_udp_protocol, IPPROTO_UDP);
}

const struct pp_layer pp_udp_layer = {
	.name = "udp",
	.init = pp_udp_init,
	.exit = pp_udp_exit,
	.net_init = pp_udp_table_init,
	.net_exit = pp_udp_table_exit,
	.start = pp_udp_start,
	.stop = pp_udp_stop,
};
