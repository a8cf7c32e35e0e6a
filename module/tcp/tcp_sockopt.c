// SPDX-License-Identifier: GPL-2.0
/*
 * Options at level IPPROTO_TCP, one row each.
 *
 * Path: sock/sockopt.c
 * Mirrors: net/ipv4/tcp.c (do_tcp_setsockopt, do_tcp_getsockopt)
 * Locks: takes the socket lock
 */
#include <linux/tcp.h>
#include "tcp/tcp_ao.h"
#include "tcp/tcp_md5.h"
#include "tcp/tcp_priv.h"

struct pp_tcp_option {
	int name;
	int min, max;
	int (*set)(struct sock *sk, int val);
	int (*get)(struct sock *sk);
};

static void pp_tcp_set_flag(struct sock *sk, int bit, bool on)
{
	if (on)
		set_bit(bit, &pp_tcp_sk(sk)->tflags);
	else
		clear_bit(bit, &pp_tcp_sk(sk)->tflags);
}

static int pp_tcp_set_nodelay(struct sock *sk, int val)
{
	pp_tcp_set_flag(sk, PKTPATH_TF_NODELAY, val);
	if (!val || (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return 0;
	/* What waited for Nagle or the cork goes now, or as soon as it may. */
	pp_tcp_set_flag(sk, PKTPATH_TF_PUSH, true);
	pp_tcp_push_pending(sk);
	return 0;
}

static int pp_tcp_get_nodelay(struct sock *sk)
{
	return pp_tf(pp_tcp_sk(sk), PKTPATH_TF_NODELAY);
}

static int pp_tcp_set_cork(struct sock *sk, int val)
{
	pp_tcp_set_flag(sk, PKTPATH_TF_CORK, val);
	if (val || (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return 0;
	/* Nagle goes on, but for TCP_NODELAY. */
	if (pp_tf(pp_tcp_sk(sk), PKTPATH_TF_NODELAY))
		pp_tcp_set_flag(sk, PKTPATH_TF_PUSH, true);
	pp_tcp_push_pending(sk);
	return 0;
}

static int pp_tcp_get_cork(struct sock *sk)
{
	return pp_tf(pp_tcp_sk(sk), PKTPATH_TF_CORK);
}

static int pp_tcp_set_maxseg(struct sock *sk, int val)
{
	if (val && val < 88)
		return -EINVAL;
	pp_tcp_sk(sk)->user_mss = val;
	return 0;
}

static int pp_tcp_get_maxseg(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tp->user_mss && (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return tp->user_mss;
	return tp->mss_cache;
}

static int pp_tcp_set_keepidle(struct sock *sk, int val)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	tp->keepalive_time = val;
	if (sock_flag(sk, SOCK_KEEPOPEN) &&
	    !((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))) {
		u32 idle = pp_jiffies32() - tp->rcv_tstamp_jiffies;
		u32 time = pp_tcp_keepalive_time(sk);

		pp_tcp_keepalive_arm(sk, time > idle ? time - idle : 0);
	}
	return 0;
}

static int pp_tcp_get_keepidle(struct sock *sk)
{
	return pp_tcp_keepalive_time(sk) / HZ;
}

static int pp_tcp_set_keepintvl(struct sock *sk, int val)
{
	pp_tcp_sk(sk)->keepalive_intvl = val;
	return 0;
}

static int pp_tcp_get_keepintvl(struct sock *sk)
{
	return pp_tcp_sk(sk)->keepalive_intvl ? :
	       READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_keepalive_intvl) / HZ;
}

static int pp_tcp_set_keepcnt(struct sock *sk, int val)
{
	pp_tcp_sk(sk)->keepalive_probes = val;
	return 0;
}

static int pp_tcp_get_keepcnt(struct sock *sk)
{
	return pp_tcp_sk(sk)->keepalive_probes ? :
	       READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_keepalive_probes);
}

static int pp_tcp_set_syncnt(struct sock *sk, int val)
{
	pp_tcp_sk(sk)->syn_retries = val;
	return 0;
}

static int pp_tcp_get_syncnt(struct sock *sk)
{
	return pp_tcp_sk(sk)->syn_retries ? :
	       READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_syn_retries);
}

static int pp_tcp_set_linger2(struct sock *sk, int val)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (val < 0)
		tp->linger2_sec = -1;
	else
		tp->linger2_sec = min(val, 120);
	return 0;
}

static int pp_tcp_get_linger2(struct sock *sk)
{
	return pp_tcp_sk(sk)->linger2_sec ? :
	       READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_fin_timeout) / HZ;
}

/* Seconds to SYN-ACKs: how many fit into them with doubling. */
static int pp_tcp_set_defer_accept(struct sock *sk, int val)
{
	int n = 0, t = 1, sum = 0;

	while (val > sum && n < 255) {
		n++;
		sum += t;
		t = min(t * 2, 120);
	}
	WRITE_ONCE(pp_tcp_sk(sk)->defer_accept, n);
	return 0;
}

static int pp_tcp_get_defer_accept(struct sock *sk)
{
	int i, t = 1, sum = 0;

	for (i = 0; i < pp_tcp_sk(sk)->defer_accept; i++) {
		sum += t;
		t = min(t * 2, 120);
	}
	return sum;
}

static int pp_tcp_set_window_clamp(struct sock *sk, int val)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!val) {
		if (sk->sk_state != TCP_CLOSE)
			return -EINVAL;
		tp->window_clamp = 0;
		return 0;
	}
	/* Signed: no clamp is beyond what a window is calculated with. */
	tp->window_clamp = max_t(int, val, SOCK_MIN_RCVBUF / 2);
	/* What has grown already shrinks to it, not below what is offered. */
	tp->rcv_ssthresh = clamp(tp->rcv_ssthresh,
				 min(tp->rcv_wnd, tp->window_clamp),
				 tp->window_clamp);
	return 0;
}

static int pp_tcp_get_window_clamp(struct sock *sk)
{
	return pp_tcp_sk(sk)->window_clamp;
}

static int pp_tcp_set_quickack(struct sock *sk, int val)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!val) {
		tp->pingpong = 1;
		return 0;
	}
	tp->pingpong = 0;
	if ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT) &&
	    pp_tf(tp, PKTPATH_TF_ACK_SCHED)) {
		pp_tcp_send_ack(sk);
		/* An even number: only what is owed now. */
		if (!(val & 1))
			tp->pingpong = 1;
	}
	return 0;
}

static int pp_tcp_get_quickack(struct sock *sk)
{
	return !pp_tcp_sk(sk)->pingpong;
}

static int pp_tcp_set_user_timeout(struct sock *sk, int val)
{
	pp_tcp_sk(sk)->user_timeout_ms = val;
	return 0;
}

static int pp_tcp_get_user_timeout(struct sock *sk)
{
	return pp_tcp_sk(sk)->user_timeout_ms;
}

static int pp_tcp_set_notsent_lowat(struct sock *sk, int val)
{
	WRITE_ONCE(pp_tcp_sk(sk)->notsent_lowat, val);
	pp_tcp_stream_memfree(sk);
	return 0;
}

static int pp_tcp_get_notsent_lowat(struct sock *sk)
{
	return pp_tcp_sk(sk)->notsent_lowat;
}

static int pp_tcp_set_inq(struct sock *sk, int val)
{
	assign_bit(PKTPATH_TF_INQ, &pp_tcp_sk(sk)->tflags, val);
	return 0;
}

static int pp_tcp_get_inq(struct sock *sk)
{
	return pp_tf(pp_tcp_sk(sk), PKTPATH_TF_INQ);
}

static bool pp_tcp_unopened(const struct sock *sk)
{
	return (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN);
}

static int pp_tcp_set_fastopen(struct sock *sk, int val)
{
	return pp_tcp_unopened(sk) ? pp_tcp_fo_tune(sk, val) : -EINVAL;
}

static int pp_tcp_get_fastopen(struct sock *sk)
{
	const struct pp_tcp_listener *lsn = pp_tcp_sk(sk)->lsn;

	return lsn ? lsn->fo_max : 0;
}

static int pp_tcp_set_fo_connect(struct sock *sk, int val)
{
	if (!(READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_fastopen) &
	      PKTPATH_FO_CLIENT))
		return -EOPNOTSUPP;
	if (sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	pp_tcp_set_flag(sk, PKTPATH_TF_FO_CONNECT, val);
	return 0;
}

static int pp_tcp_get_fo_connect(struct sock *sk)
{
	return pp_tf(pp_tcp_sk(sk), PKTPATH_TF_FO_CONNECT);
}

static int pp_tcp_set_fo_no_cookie(struct sock *sk, int val)
{
	if (!pp_tcp_unopened(sk))
		return -EINVAL;
	pp_tcp_set_flag(sk, PKTPATH_TF_FO_NO_COOKIE, val);
	return 0;
}

static int pp_tcp_get_fo_no_cookie(struct sock *sk)
{
	return pp_tf(pp_tcp_sk(sk), PKTPATH_TF_FO_NO_COOKIE);
}

static int pp_tcp_set_save_syn(struct sock *sk, int val)
{
	pp_tcp_set_flag(sk, PKTPATH_TF_SAVE_SYN, val == 1);
	pp_tcp_set_flag(sk, PKTPATH_TF_SAVE_SYN_MAC, val == 2);
	return 0;
}

static int pp_tcp_get_save_syn(struct sock *sk)
{
	return pp_tf(pp_tcp_sk(sk), PKTPATH_TF_SAVE_SYN) +
	       2 * pp_tf(pp_tcp_sk(sk), PKTPATH_TF_SAVE_SYN_MAC);
}

#define PKTPATH_TCP_OPTION(opt, fn, lo, hi) \
	{ opt, lo, hi, pp_tcp_set_##fn, pp_tcp_get_##fn }

static const struct pp_tcp_option pp_tcp_options[] = {
	PKTPATH_TCP_OPTION(TCP_NODELAY, nodelay, INT_MIN, INT_MAX),
	PKTPATH_TCP_OPTION(TCP_CORK, cork, INT_MIN, INT_MAX),
	PKTPATH_TCP_OPTION(TCP_MAXSEG, maxseg, 0, 32767),
	PKTPATH_TCP_OPTION(TCP_KEEPIDLE, keepidle, 1, 32767),
	PKTPATH_TCP_OPTION(TCP_KEEPINTVL, keepintvl, 1, 32767),
	PKTPATH_TCP_OPTION(TCP_KEEPCNT, keepcnt, 1, 127),
	PKTPATH_TCP_OPTION(TCP_SYNCNT, syncnt, 1, 127),
	PKTPATH_TCP_OPTION(TCP_LINGER2, linger2, INT_MIN, INT_MAX),
	PKTPATH_TCP_OPTION(TCP_DEFER_ACCEPT, defer_accept, INT_MIN, INT_MAX),
	PKTPATH_TCP_OPTION(TCP_WINDOW_CLAMP, window_clamp, INT_MIN, INT_MAX),
	PKTPATH_TCP_OPTION(TCP_QUICKACK, quickack, INT_MIN, INT_MAX),
	PKTPATH_TCP_OPTION(TCP_USER_TIMEOUT, user_timeout, 0, INT_MAX),
	PKTPATH_TCP_OPTION(TCP_NOTSENT_LOWAT, notsent_lowat, INT_MIN,
			   INT_MAX),
	PKTPATH_TCP_OPTION(TCP_INQ, inq, 0, 1),
	PKTPATH_TCP_OPTION(TCP_FASTOPEN, fastopen, 0, INT_MAX),
	PKTPATH_TCP_OPTION(TCP_FASTOPEN_CONNECT, fo_connect, 0, 1),
	PKTPATH_TCP_OPTION(TCP_FASTOPEN_NO_COOKIE, fo_no_cookie, 0, 1),
	PKTPATH_TCP_OPTION(TCP_SAVE_SYN, save_syn, 0, 2),
};

static const struct pp_tcp_option *pp_tcp_option(int name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pp_tcp_options); i++)
		if (pp_tcp_options[i].name == name)
			return &pp_tcp_options[i];
	return NULL;
}

static int pp_tcp_set_congestion(struct sock *sk, sockptr_t optval,
				 unsigned int optlen)
{
	char name[PKTPATH_CC_NAME_MAX] = {};
	int err;

	if (optlen < 1)
		return -EINVAL;
	if (copy_from_sockptr(name, optval,
			      min_t(size_t, optlen, sizeof(name) - 1)))
		return -EFAULT;
	sockopt_lock_sock(sk);
	err = pp_tcp_cc_set(sk, name,
			    sockopt_ns_capable(sock_net(sk)->user_ns,
					       CAP_NET_ADMIN));
	sockopt_release_sock(sk);
	return err;
}

static int pp_tcp_set_fo_key(struct sock *sk, sockptr_t optval,
			     unsigned int optlen)
{
	u8 raw[2 * PKTPATH_FO_KEY];
	int err;

	if (optlen != PKTPATH_FO_KEY && optlen != 2 * PKTPATH_FO_KEY)
		return -EINVAL;
	if (copy_from_sockptr(raw, optval, optlen))
		return -EFAULT;
	sockopt_lock_sock(sk);
	err = pp_tcp_fo_sk_key_set(sk, raw, optlen);
	sockopt_release_sock(sk);
	memzero_explicit(raw, sizeof(raw));
	return err;
}

/**
 * pp_tcp_setsockopt() - proto.setsockopt
 * @sk: socket
 * @level: SOL_*
 * @optname: TCP_*
 * @optval: value
 * @optlen: its length
 *
 * Context: process, sleeps.
 * Return: 0 or -errno as AF_INET; -ENOPROTOOPT for what is not supported.
 */
int pp_tcp_setsockopt(struct sock *sk, int level, int optname,
		      sockptr_t optval, unsigned int optlen)
{
	const struct pp_tcp_option *o;
	int val, err;

	if (level == SOL_IP)
		return pp_ip_setsockopt(sk, optname, optval, optlen);
	if (level != SOL_TCP)
		return -ENOPROTOOPT;
	if (optname == TCP_CONGESTION)
		return pp_tcp_set_congestion(sk, optval, optlen);
	if (optname == TCP_FASTOPEN_KEY)
		return pp_tcp_set_fo_key(sk, optval, optlen);
	if (optname == TCP_MD5SIG || optname == TCP_MD5SIG_EXT)
		return pp_tcp_md5_set(sk, optname, optval, optlen);
	if (optname >= PKTPATH_TCP_AO_ADD_KEY && optname <= PKTPATH_TCP_AO_INFO)
		return pp_tcp_ao_set(sk, optname, optval, optlen);
	if (optlen < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	o = pp_tcp_option(optname);
	if (!o)
		return -ENOPROTOOPT;
	if (val < o->min || val > o->max)
		return -EINVAL;
	sockopt_lock_sock(sk);
	err = o->set(sk, val);
	sockopt_release_sock(sk);
	return err;
}

static int pp_tcp_put(char __user *optval, int __user *optlen, int len,
		      const void *from, int size)
{
	len = min(len, size);
	if (put_user(len, optlen) || copy_to_user(optval, from, len))
		return -EFAULT;
	return 0;
}

static int pp_tcp_get_fo_key(struct sock *sk, char __user *optval,
			     int __user *optlen, int len)
{
	u8 raw[2 * PKTPATH_FO_KEY];
	unsigned int n;

	lock_sock(sk);
	n = pp_tcp_fo_sk_key_get(sk, raw);
	release_sock(sk);
	return pp_tcp_put(optval, optlen, len, raw, n);
}

/* The headers go with the first that reads them. */
static int pp_tcp_get_saved_syn(struct sock *sk, char __user *optval,
				int __user *optlen, int len)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_saved_syn *s, **at;
	int err;

	lock_sock(sk);
	at = pp_tcp_fo(tp) ? &pp_tcp_fo(tp)->saved_syn : &tp->open.saved_syn;
	s = *at;
	if (s && len < (int)s->len) {
		err = put_user((int)s->len, optlen) ? -EFAULT : -EINVAL;
		release_sock(sk);
		return err;
	}
	*at = NULL;
	release_sock(sk);
	if (!s)
		return put_user(0, optlen);
	err = pp_tcp_put(optval, optlen, len, s->data, s->len);
	kfree(s);
	return err;
}

/**
 * pp_tcp_getsockopt() - proto.getsockopt
 * @sk: socket
 * @level: SOL_*
 * @optname: TCP_*
 * @optval: where to
 * @optlen: room, then length
 *
 * Context: process, sleeps.
 * Return: 0 or -errno as AF_INET.
 */
int pp_tcp_getsockopt(struct sock *sk, int level, int optname,
		      char __user *optval, int __user *optlen)
{
	char name[PKTPATH_CC_NAME_MAX] = {};
	const struct pp_tcp_option *o;
	struct tcp_info info;
	unsigned int n = 0;
	u32 cc[5] = {};
	int val, len;

	if (level == SOL_IP)
		return pp_ip_getsockopt(sk, optname, optval, optlen);
	if (level != SOL_TCP)
		return -ENOPROTOOPT;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	switch (optname) {
	case PKTPATH_TCP_AO_INFO:
	case PKTPATH_TCP_AO_GET_KEYS:
		return pp_tcp_ao_get(sk, optname, optval, optlen);
	case TCP_INFO:
		pp_tcp_get_info(sk, &info);
		return pp_tcp_put(optval, optlen, len, &info, sizeof(info));
	case TCP_CC_INFO:
		lock_sock(sk);
		if (pp_tcp_sk(sk)->cc->info)
			n = pp_tcp_sk(sk)->cc->info(&pp_tcp_sk(sk)->c, cc);
		release_sock(sk);
		n = min_t(unsigned int, n, ARRAY_SIZE(cc));
		return pp_tcp_put(optval, optlen, len, cc, n * sizeof(cc[0]));
	case TCP_FASTOPEN_KEY:
		return pp_tcp_get_fo_key(sk, optval, optlen, len);
	case TCP_SAVED_SYN:
		return pp_tcp_get_saved_syn(sk, optval, optlen, len);
	case TCP_CONGESTION:
		lock_sock(sk);
		strscpy(name, pp_tcp_sk(sk)->cc->name, sizeof(name));
		release_sock(sk);
		return pp_tcp_put(optval, optlen, len, name, sizeof(name));
	}
	/* As of one of AF_INET's own. */
	if (optname >= 0 && optname == PKTPATH_COMPAT_TCP_IS_MPTCP) {
		val = 0;
		return pp_tcp_put(optval, optlen, len, &val, sizeof(val));
	}
	o = pp_tcp_option(optname);
	if (!o)
		return -ENOPROTOOPT;
	lock_sock(sk);
	val = o->get(sk);
	release_sock(sk);
	return pp_tcp_put(optval, optlen, len, &val, sizeof(val));
}
