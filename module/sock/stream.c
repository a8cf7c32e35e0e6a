// SPDX-License-Identifier: GPL-2.0
/*
 * System calls of stream sockets: connect, listen, accept, shutdown.
 *
 * Path: entry of TCP => tcp/tcp_sendmsg.c, tcp/tcp_ipv4.c (connect)
 * Mirrors: net/ipv4/af_inet.c (inet_stream_connect, inet_accept, inet_listen)
 * Locks: take the socket lock
 */
#include <linux/module.h>
#include <net/inet_common.h>
#include "core/trace.h"
#include "ip/ip.h"
#include "sock/sock.h"
#include "sock/sock_priv.h"
#include "tcp/tcp.h"
#include "uapi/linux/pktpath.h"

#define PKTPATH_CONNECTING (TCPF_SYN_SENT | TCPF_SYN_RECV)

/* Until the handshake is over, or the time. Socket locked. */
static long pp_inet_wait_for_connect(struct sock *sk, long timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	add_wait_queue(sk_sleep(sk), &wait);
	while ((1 << sk->sk_state) & PKTPATH_CONNECTING) {
		release_sock(sk);
		timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, timeo);
		lock_sock(sk);
		if (signal_pending(current) || !timeo)
			break;
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	return timeo;
}

/* The first write after a connect() that waited for it. */
static int pp_inet_stream_deferred(struct socket *sock,
				   struct pp_tcp_fo_data *fo)
{
	int err;

	if (!fo)
		return -EISCONN;
	err = pp_tcp_connect_deferred(sock->sk, fo);
	if (!err)
		return -EINPROGRESS;
	sock->state = SS_UNCONNECTED;
	return err;
}

/* The address is looked at last, as on AF_INET; @len 0: there is none. */
static int pp_inet_stream_start(struct socket *sock, const void *uaddr, int len,
				struct pp_tcp_fo_data *fo)
{
	struct sock *sk = sock->sk;
	struct sockaddr_in sin;
	int err;

	switch (sock->state) {
	case SS_CONNECTED:
		return -EISCONN;
	case SS_CONNECTING:
		if (pp_tcp_fo_deferred(sk))
			return pp_inet_stream_deferred(sock, fo);
		return -EALREADY;
	case SS_UNCONNECTED:
		break;
	default:
		return -EINVAL;
	}
	if (sk->sk_state != TCP_CLOSE)
		return -EISCONN;
	err = pp_inet_parse_addr(uaddr, len, false, &sin);
	if (err)
		return err;
	err = pp_tcp_v4_connect(sk, &sin, fo);
	if (err)
		return err;
	sock->state = SS_CONNECTING;
	return pp_tcp_fo_deferred(sk) ? 0 : -EINPROGRESS;
}

static int pp_inet_stream_connect_locked(struct socket *sock,
					 const void *uaddr, int len, int flags,
					 struct pp_tcp_fo_data *fo)
{
	struct sock *sk = sock->sk;
	long timeo;
	int err;

	err = pp_inet_stream_start(sock, uaddr, len, fo);
	if (err != -EINPROGRESS && err != -EALREADY)
		return err;
	timeo = sock_sndtimeo(sk, flags & O_NONBLOCK);
	if ((1 << sk->sk_state) & PKTPATH_CONNECTING) {
		int was = sk->sk_disconnects;

		if (!timeo)
			return err;
		timeo = pp_inet_wait_for_connect(sk, timeo);
		if (was != sk->sk_disconnects)
			return -EPIPE;
		if (signal_pending(current) &&
		    (1 << sk->sk_state) & PKTPATH_CONNECTING)
			return sock_intr_errno(timeo);
		if (!timeo && (1 << sk->sk_state) & PKTPATH_CONNECTING)
			return err;
	}
	if (sk->sk_state != TCP_CLOSE) {
		sock->state = SS_CONNECTED;
		return 0;
	}
	err = sock_error(sk) ? : -ECONNABORTED;
	sock->state = SS_UNCONNECTED;
	sk->sk_prot->disconnect(sk, flags);
	sk->sk_err = 0;
	return err;
}

static int pp_inet_stream_connect(struct socket *sock,
				  struct pp_compat_sockaddr *uaddr,
				  int addr_len, int flags)
{
	struct sock *sk = sock->sk;
	int family, err;

	family = pp_inet_connect_family(sk, uaddr, addr_len);
	if (family < 0)
		return family;
	lock_sock(sk);
	if (family == AF_UNSPEC) {
		err = sk->sk_prot->disconnect(sk, flags);
		sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
	} else {
		err = pp_inet_stream_connect_locked(sock, uaddr, addr_len,
						    flags, NULL);
	}
	release_sock(sk);
	return err;
}

static int pp_inet_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	int err = -EINVAL;

	pp_sock_own(sk);
	lock_sock(sk);
	if (sock->state == SS_UNCONNECTED &&
	    (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN) &&
	    !pp_sf(sk, PKTPATH_SF_ABORTED))
		err = pp_tcp_listen_start(sk, backlog);
	release_sock(sk);
	return err;
}

static void pp_inet_accept_finish(struct socket *newsock, struct sock *child)
{
	pp_sock_own(child);
	lock_sock(child);
	pp_inet_list_add(child);
	sock_prot_inuse_add(sock_net(child), child->sk_prot, 1);
	pp_compat_custom_sockopt(newsock);
	set_bit(SOCK_SUPPORT_ZC, &newsock->flags);
	newsock->ops = &pp_stream_ops;
	sock_graft(child, newsock);
	newsock->state = SS_CONNECTED;
	release_sock(child);
}

static int pp_inet_do_accept(struct socket *sock, struct socket *newsock,
			     int flags)
{
	struct sock *sk = sock->sk, *child;
	int err = 0;

	lock_sock(sk);
	child = pp_tcp_accept_child(sk, flags, &err);
	release_sock(sk);
	if (child)
		pp_inet_accept_finish(newsock, child);
	return err;
}

PKTPATH_OPS_ACCEPT(pp_inet_do_accept)

static int pp_inet_stream_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	int err = 0;

	how++;		/* SHUT_RD, SHUT_WR, SHUT_RDWR to RCV_ | SEND_ */
	if ((how & ~SHUTDOWN_MASK) || !how)
		return -EINVAL;
	lock_sock(sk);
	/* A connect() that nobody has waited for is over, well or not. */
	if (sock->state == SS_CONNECTING)
		sock->state = (1 << sk->sk_state) &
			      (PKTPATH_CONNECTING | TCPF_CLOSE) ?
			      SS_DISCONNECTING : SS_CONNECTED;
	switch (sk->sk_state) {
	case TCP_CLOSE:
		err = -ENOTCONN;
		fallthrough;
	default:
		WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | how);
		if (how & SEND_SHUTDOWN)
			pp_tcp_shutdown_send(sk);
		break;
	case TCP_LISTEN:
		if (!(how & RCV_SHUTDOWN))
			break;
		fallthrough;
	case TCP_SYN_SENT:
		err = sk->sk_prot->disconnect(sk, O_NONBLOCK);
		sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
		break;
	}
	sk->sk_state_change(sk);
	release_sock(sk);
	return err;
}

/* RFC 7413: a write that opens the connection; what the SYN does not carry is
 * written when there is one.
 */
static int pp_inet_stream_fastopen(struct socket *sock, struct msghdr *msg,
				   size_t size)
{
	int flags = msg->msg_flags & MSG_DONTWAIT ? O_NONBLOCK : 0;
	struct sock *sk = sock->sk;
	struct pp_tcp_fo_data fo;
	int err, ret, done = 0;

	if (pp_sf(sk, PKTPATH_SF_ABORTED))
		return -ECONNABORTED;
	lock_sock(sk);
	/* Another thread was first to write. */
	if (!(msg->msg_flags & MSG_FASTOPEN) && !pp_tcp_fo_deferred(sk)) {
		release_sock(sk);
		return sk->sk_prot->sendmsg(sk, msg, size);
	}
	err = pp_tcp_fo_begin(sk, &fo, msg, size);
	if (err)
		goto out;
	err = pp_inet_stream_connect_locked(sock, msg->msg_name,
					    msg->msg_name ?
					    msg->msg_namelen : 0, flags, &fo);
	done = pp_tcp_fo_end(sk, &fo);
out:
	if (err && (err != -EINPROGRESS || !done))
		err = sk_stream_error(sk, msg->msg_flags, err);
	release_sock(sk);
	if (err)
		return err == -EINPROGRESS && done ? done : err;
	if (done && !msg_data_left(msg))
		return done;
	msg->msg_flags &= ~MSG_FASTOPEN;
	ret = sk->sk_prot->sendmsg(sk, msg, size - done);
	return done ? done + max(ret, 0) : ret;
}

static int pp_inet_stream_sendmsg(struct socket *sock, struct msghdr *msg,
				  size_t size)
{
	struct sock *sk = sock->sk;

	pp_at_sock_send(NULL, sk, size);
	sock_rps_record_flow(sk);
	if (unlikely(msg->msg_flags & MSG_FASTOPEN ||
		     (sock->state == SS_CONNECTING && pp_tcp_fo_deferred(sk))))
		return pp_inet_stream_fastopen(sock, msg, size);
	return sk->sk_prot->sendmsg(sk, msg, size);
}

const struct proto_ops pp_stream_ops = {
	.family = PF_PKTPATH,
	.owner = THIS_MODULE,
	.release = pp_inet_release,
	.bind = pp_inet_bind,
	.connect = pp_inet_stream_connect,
	.socketpair = sock_no_socketpair,
	.accept = PKTPATH_OPS_ACCEPT_OP(pp_inet_do_accept),
	.getname = pp_inet_getname,
	.poll = pp_tcp_poll,
	.ioctl = pp_inet_ioctl,
	.gettstamp = sock_gettstamp,
	.listen = pp_inet_listen,
	.shutdown = pp_inet_stream_shutdown,
	.setsockopt = pp_inet_setsockopt,
	.getsockopt = pp_inet_getsockopt,
	.sendmsg = pp_inet_stream_sendmsg,
	.recvmsg = pp_inet_recvmsg,
	.mmap = sock_no_mmap,
	.set_rcvlowat = pp_tcp_set_rcvlowat,
	.peek_len = pp_tcp_peek_len,
	.set_peek_off = sk_set_peek_off,
	.splice_read = pp_tcp_splice_read,
	.splice_eof = pp_tcp_splice_eof,
};
