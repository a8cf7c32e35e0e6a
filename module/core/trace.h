/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of the path, one per stage of core/stage.h that is ours, and
 * pp_drop. Off, a stage costs one patched branch. Fields are stable: perf,
 * ftrace, bpftrace and raw-tracepoint BPF programs attach to them.
 *
 * Raw arguments of a stage: (const struct sk_buff *skb, const struct sock *sk,
 * unsigned int len); skb or sk may be NULL. SOCK_SEND and SOCK_RECV carry the
 * length of the user's call in len, the others skb->len. Of pp_drop: (skb,
 * stage's name, cause's name, const struct net *net).
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM pktpath

#if !defined(PKTPATH_CORE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define PKTPATH_CORE_TRACE_H

#include <linux/skbuff.h>
#include <linux/tracepoint.h>
#include <net/sock.h>

DECLARE_EVENT_CLASS(pp_stage,
	TP_PROTO(const struct sk_buff *skb, const struct sock *sk,
		 unsigned int len),
	TP_ARGS(skb, sk, len),
	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__field(const void *, skaddr)
		__field(u64, cookie)
		__field(unsigned int, len)
		__field(int, ifindex)
	),
	TP_fast_assign(
		__entry->skbaddr = skb;
		__entry->skaddr = sk;
		__entry->cookie = sk ? atomic64_read(&sk->sk_cookie) : 0;
		__entry->len = len;
		__entry->ifindex = skb && skb->dev ? skb->dev->ifindex : 0;
	),
	TP_printk("skb=%p sk=%p cookie=%llu len=%u ifindex=%d",
		  __entry->skbaddr, __entry->skaddr, __entry->cookie,
		  __entry->len, __entry->ifindex)
);

#define PKTPATH_STAGE_EVENT(name)					\
	DEFINE_EVENT(pp_stage, name,					\
		TP_PROTO(const struct sk_buff *skb,			\
			 const struct sock *sk, unsigned int len),	\
		TP_ARGS(skb, sk, len))

PKTPATH_STAGE_EVENT(pp_sock_send);
PKTPATH_STAGE_EVENT(pp_tp_send);
PKTPATH_STAGE_EVENT(pp_tp_xmit);
PKTPATH_STAGE_EVENT(pp_ip_route);
PKTPATH_STAGE_EVENT(pp_ip_local_out);
PKTPATH_STAGE_EVENT(pp_ip_output);
PKTPATH_STAGE_EVENT(pp_ip_finish);
PKTPATH_STAGE_EVENT(pp_neigh);
PKTPATH_STAGE_EVENT(pp_dev_queue);
PKTPATH_STAGE_EVENT(pp_link_rcv);
PKTPATH_STAGE_EVENT(pp_ip_rcv);
PKTPATH_STAGE_EVENT(pp_ip_route_in);
PKTPATH_STAGE_EVENT(pp_ip_forward);
PKTPATH_STAGE_EVENT(pp_ip_local);
PKTPATH_STAGE_EVENT(pp_tp_rcv);
PKTPATH_STAGE_EVENT(pp_sock_queue);
PKTPATH_STAGE_EVENT(pp_sock_wake);
PKTPATH_STAGE_EVENT(pp_sock_recv);

TRACE_EVENT(pp_drop,
	TP_PROTO(const struct sk_buff *skb, const char *stage,
		 const char *cause, const struct net *net),
	TP_ARGS(skb, stage, cause, net),
	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__field(const char *, stage)
		__field(const char *, cause)
		__field(unsigned int, len)
	),
	TP_fast_assign(
		__entry->skbaddr = skb;
		__entry->stage = stage;
		__entry->cause = cause;
		__entry->len = skb ? skb->len : 0;
	),
	TP_printk("skb=%p stage=%s cause=%s len=%u", __entry->skbaddr,
		  __entry->stage, __entry->cause, __entry->len)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH core
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
