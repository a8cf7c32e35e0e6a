// SPDX-License-Identifier: GPL-2.0
/*
 * The receive queue and the memory it holds.
 *
 * A datagram is charged when it is queued and uncharged when it is taken off,
 * both under the queue's own lock, which also guards sk_forward_alloc: UDP has
 * no other user of it. No destructor, no socket lock, one lock round trip at
 * either end. A page or two stay with the socket, so that a steady flow never
 * touches the shared counters.
 *
 * Path: udp_input.c => here => udp_recvmsg.c
 * Mirrors: net/ipv4/udp.c (__udp_enqueue_schedule_skb, udp_rmem_release,
 *	    __skb_recv_udp, first_packet_length)
 * Locks: sk_receive_queue.lock, BH off
 */
#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/swap.h>
#include <net/busy_poll.h>
#include "compat/compat.h"
#include "core/trace.h"
#include "udp/udp_priv.h"

/* What a socket keeps while its queue is empty, and while it is not. */
#define PKTPATH_UDP_KEEP_IDLE	(3 * (int)PAGE_SIZE)
#define PKTPATH_UDP_KEEP_BUSY	(64 * 1024)

atomic_long_t pp_udp_memory_allocated;
long pp_udp_mem[3] __read_mostly;

/**
 * pp_udp_mem_init() - defaults of the host-wide limits
 *
 * Mirrors: net/ipv4/udp.c:udp_init. Pages: three quarters, all and one and a
 * half of an eighth of memory.
 *
 * Context: init.
 */
void pp_udp_mem_init(void)
{
	unsigned long limit = max(nr_free_buffer_pages() / 8, 128UL);

	pp_udp_mem[0] = limit / 4 * 3;
	pp_udp_mem[1] = limit;
	pp_udp_mem[2] = pp_udp_mem[0] * 2;
}

/*
 * More memory for the queue. Above the first limit of udp_mem a socket gets only
 * the least that its netns promises it. The kernel's function knows one promise
 * for all (pp_udp_prot.sysctl_rmem), which is why it is asked without one.
 *
 * Mirrors: net/core/sock.c:__sk_mem_raise_allocated (v7.2)
 */
static noinline bool pp_udp_schedule(struct sock *sk, int size)
{
	const struct pp_sysctl *sysctl = &pp_sk(sk)->pn->sysctl;

	lockdep_assert_held(&sk->sk_receive_queue.lock);
	if (!__sk_mem_schedule(sk, size, SK_MEM_RECV))
		return false;
	if (likely(atomic_long_read(&pp_udp_memory_allocated) <=
		   READ_ONCE(pp_udp_mem[0])) ||
	    atomic_read(&sk->sk_rmem_alloc) < READ_ONCE(sysctl->udp_rmem_min))
		return true;
	__sk_mem_reclaim(sk, PAGE_ALIGN(size));
	return false;
}

static __always_inline void pp_udp_uncharge(struct sock *sk, int size)
{
	int fwd, keep;

	lockdep_assert_held(&sk->sk_receive_queue.lock);
	sk_forward_alloc_add(sk, size);
	atomic_sub(size, &sk->sk_rmem_alloc);
	fwd = sk->sk_forward_alloc;
	keep = skb_queue_empty(&sk->sk_receive_queue) ? PKTPATH_UDP_KEEP_IDLE :
							PKTPATH_UDP_KEEP_BUSY;
	if (unlikely(fwd > keep))
		__sk_mem_reclaim(sk, fwd - (int)PAGE_SIZE);
}

/**
 * pp_udp_enqueue() - charge a datagram and put it on the receive queue
 * @sk: the socket
 * @skb: the datagram, data at the payload; taken when 0 is returned
 *
 * The first datagram is taken however small SO_RCVBUF is, as on AF_INET.
 *
 * Context: softirq.
 * Return: 0, -ENOMEM (receive buffer full), -ENOBUFS (limits of udp_mem).
 */
int pp_udp_enqueue(struct sock *sk, struct sk_buff *skb)
{
	unsigned int rmem = atomic_read(&sk->sk_rmem_alloc);
	struct sk_buff_head *q = &sk->sk_receive_queue;
	int size = skb->truesize;

	if (unlikely(rmem && rmem + size > READ_ONCE(sk->sk_rcvbuf)))
		return -ENOMEM;

	spin_lock(&q->lock);
	if (size > sk->sk_forward_alloc &&
	    !pp_udp_schedule(sk, size - sk->sk_forward_alloc)) {
		spin_unlock(&q->lock);
		return -ENOBUFS;
	}
	sk_forward_alloc_add(sk, -size);
	atomic_add(size, &sk->sk_rmem_alloc);
	sock_skb_set_dropcount(sk, skb);
	__skb_queue_tail(q, skb);
	/* once the lock is free a reader may free the skb */
	pp_at_sock_wake(skb, sk, skb->len);
	spin_unlock(&q->lock);
	return 0;
}

static __always_inline struct sk_buff *pp_udp_try_dequeue(struct sock *sk)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *skb;

	if (skb_queue_empty_lockless(q))
		return NULL;
	spin_lock_bh(&q->lock);
	skb = __skb_dequeue(q);
	if (skb)
		pp_udp_uncharge(sk, skb->truesize);
	spin_unlock_bh(&q->lock);
	return skb;
}

static noinline struct sk_buff *pp_udp_try_recv(struct sock *sk, int flags,
						int *off, int *err,
						struct sk_buff **last)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *skb;

	if (unlikely(flags & MSG_PEEK))
		return __skb_try_recv_datagram(sk, q, flags, off, err, last);

	*err = sock_error(sk);
	if (unlikely(*err))
		return NULL;
	*err = -EAGAIN;
	*last = (struct sk_buff *)q;
	for (;;) {
		skb = pp_udp_try_dequeue(sk);
		if (likely(skb) || !sk_can_busy_loop(sk))
			return skb;
		sk_busy_loop(sk, flags & MSG_DONTWAIT);
		if (skb_queue_empty_lockless(q))
			return NULL;
	}
}

/**
 * pp_udp_dequeue() - take or look at the first datagram, wait for one
 * @sk: the socket
 * @flags: MSG_PEEK, MSG_DONTWAIT
 * @off: with MSG_PEEK, bytes of the queue to pass over (negative: none); on
 *	 return bytes of the datagram to pass over
 * @err: reason when there is none
 *
 * Context: process, may sleep.
 * Return: the datagram, which the caller frees, or NULL. A datagram looked at
 * is still queued and charged.
 */
struct sk_buff *pp_udp_dequeue(struct sock *sk, int flags, int *off, int *err)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *skb, *last;
	long timeo;

	if (likely(!(flags & MSG_PEEK) && !READ_ONCE(sk->sk_err))) {
		skb = pp_udp_try_dequeue(sk);
		if (likely(skb))
			return skb;
	}
	skb = pp_udp_try_recv(sk, flags, off, err, &last);
	if (likely(skb) || *err != -EAGAIN)
		return skb;
	timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	while (timeo && !__skb_wait_for_more_packets(sk, q, err, &timeo,
						     last)) {
		skb = pp_udp_try_recv(sk, flags, off, err, &last);
		if (skb || *err != -EAGAIN)
			return skb;
	}
	return NULL;
}

/**
 * pp_udp_drop_queued() - a datagram turned out to be bad
 * @sk: the socket
 * @skb: the datagram, still the caller's to free
 * @flags: flags of the call that got it
 *
 * Context: process.
 * Return: true when this caller took it off the queue, and so is to count it.
 */
bool pp_udp_drop_queued(struct sock *sk, struct sk_buff *skb, int flags)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	bool mine = true;

	if (flags & MSG_PEEK) {
		spin_lock_bh(&q->lock);
		mine = skb->next;
		if (mine) {
			__skb_unlink(skb, q);
			refcount_dec(&skb->users);
			pp_udp_uncharge(sk, skb->truesize);
		}
		spin_unlock_bh(&q->lock);
	}
	return mine;
}

/**
 * pp_udp_first_len() - length of the first good datagram
 * @sk: the socket
 *
 * Bad ones in front of it are dropped: select() must not promise a datagram
 * that recv() would then wait for (RFC 1122 §4.1.3.4).
 *
 * Context: process or softirq.
 * Return: bytes, or -1 when there is none.
 */
int pp_udp_first_len(struct sock *sk)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *skb;
	int len = -1;

	spin_lock_bh(&q->lock);
	while ((skb = skb_peek(q)) && unlikely(!pp_udp_csum_ok(skb))) {
		__skb_unlink(skb, q);
		pp_udp_uncharge(sk, skb->truesize);
		pp_udp_count_csum_error(sk);
		pp_skb_drop(pp_sk(sk)->pn, skb, PKTPATH_STAGE_SOCK_RECV,
			    PKTPATH_DROP_UDP_CSUM);
	}
	if (skb)
		len = skb->len;
	spin_unlock_bh(&q->lock);
	return len;
}

/**
 * pp_udp_purge() - throw away what is queued and give the memory back
 * @sk: the socket
 *
 * Context: process or softirq.
 */
void pp_udp_purge(struct sock *sk)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *skb;

	spin_lock_bh(&q->lock);
	while ((skb = __skb_dequeue(q))) {
		pp_udp_uncharge(sk, skb->truesize);
		kfree_skb(skb);
	}
	sk_mem_reclaim(sk);
	spin_unlock_bh(&q->lock);
}
