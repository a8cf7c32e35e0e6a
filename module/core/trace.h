/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of the path, one per stage of core/stage.h that is ours, and
 * pp_drop. The path calls the pp_at_ function of its stage. Off, a stage costs
 * one patched branch. Fields are stable: perf, ftrace, bpftrace and
 * raw-tracepoint BPF programs attach to them.
 *
 * Raw arguments of a stage: (const struct sk_buff *skb, const struct sock *sk,
 * unsigned int len); skb or sk may be NULL. SOCK_SEND and SOCK_RECV carry the
 * length of the user's call in len, the others skb->len. Of pp_drop: (skb,
 * enum pp_stage, enum pp_drop_cause, const struct net *net).
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM pktpath

#if !defined(PKTPATH_CORE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define PKTPATH_CORE_TRACE_H

#include <linux/jump_label.h>
#include <linux/skbuff.h>
#include <linux/tracepoint.h>
#include <net/sock.h>
#include "core/drop_causes.h"
#include "core/stage.h"

int pp_stages_get(void);
void pp_stages_put(void);

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
	DEFINE_EVENT_FN(pp_stage, name,					\
		TP_PROTO(const struct sk_buff *skb,			\
			 const struct sock *sk, unsigned int len),	\
		TP_ARGS(skb, sk, len),					\
		pp_stages_get, pp_stages_put)

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

/* The numbers go into the format, by which all readers find the names. */
#undef PKTPATH_TRACE_STAGE
#define PKTPATH_TRACE_STAGE(id, tp, dir, name, fn, file, twin)		\
	TRACE_DEFINE_ENUM(PKTPATH_STAGE_##id);
#undef PKTPATH_TRACE_CAUSE
#define PKTPATH_TRACE_CAUSE(id, name, reason)				\
	TRACE_DEFINE_ENUM(PKTPATH_DROP_##id);
PKTPATH_STAGES(PKTPATH_TRACE_STAGE)
PKTPATH_DROPS(PKTPATH_TRACE_CAUSE)

#undef PKTPATH_TRACE_STAGE
#define PKTPATH_TRACE_STAGE(id, tp, dir, name, fn, file, twin)		\
	{ PKTPATH_STAGE_##id, name },
#undef PKTPATH_TRACE_CAUSE
#define PKTPATH_TRACE_CAUSE(id, name, reason)	{ PKTPATH_DROP_##id, name },

/*
 * A record is read later, and elsewhere: it has numbers. The names' addresses
 * are for who is there: str() of bpftrace, and filters (cause_name == "...").
 */
TRACE_EVENT(pp_drop,
	TP_PROTO(const struct sk_buff *skb, enum pp_stage stage,
		 enum pp_drop_cause cause, const struct net *net),
	TP_ARGS(skb, stage, cause, net),
	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__field(const char *, stage_name)
		__field(const char *, cause_name)
		__field(unsigned int, len)
		__field(u8, stage)
		__field(u8, cause)
	),
	TP_fast_assign(
		__entry->skbaddr = skb;
		__entry->stage_name = pp_drop_stage_names[stage];
		__entry->cause_name = pp_drop_descs[cause].name;
		__entry->len = skb ? skb->len : 0;
		__entry->stage = stage;
		__entry->cause = cause;
	),
	TP_printk("skb=%p stage=%s cause=%s len=%u", __entry->skbaddr,
		  __print_symbolic(__entry->stage,
				   PKTPATH_STAGES(PKTPATH_TRACE_STAGE)
				   { 255, "?" }),
		  __print_symbolic(__entry->cause,
				   PKTPATH_DROPS(PKTPATH_TRACE_CAUSE)
				   { 255, "?" }),
		  __entry->len)
);

/*
 * The stages call the recorder of journeys, and it the tracepoint: that one's
 * detour would be as long as a record. It is in journey/attach.c.
 */
#ifndef TRACE_HEADER_MULTI_READ
DECLARE_STATIC_KEY_FALSE(pp_stages_on);

#ifdef NOTRACE
#define PKTPATH_STAGES_ON	false
#else
#define PKTPATH_STAGES_ON	static_branch_unlikely(&pp_stages_on)
#endif

#define PKTPATH_STAGE_AT(stage)						\
void pp_record_pp_##stage(const struct sk_buff *skb,			\
			  const struct sock *sk, unsigned int len);	\
static __always_inline void pp_at_##stage(const struct sk_buff *skb,	\
					  const struct sock *sk,	\
					  unsigned int len)		\
{									\
	if (PKTPATH_STAGES_ON)						\
		pp_record_pp_##stage(skb, sk, len);			\
}

PKTPATH_STAGE_AT(sock_send)
PKTPATH_STAGE_AT(tp_send)
PKTPATH_STAGE_AT(tp_xmit)
PKTPATH_STAGE_AT(ip_route)
PKTPATH_STAGE_AT(ip_local_out)
PKTPATH_STAGE_AT(ip_output)
PKTPATH_STAGE_AT(ip_finish)
PKTPATH_STAGE_AT(neigh)
PKTPATH_STAGE_AT(dev_queue)
PKTPATH_STAGE_AT(link_rcv)
PKTPATH_STAGE_AT(ip_rcv)
PKTPATH_STAGE_AT(ip_route_in)
PKTPATH_STAGE_AT(ip_forward)
PKTPATH_STAGE_AT(ip_local)
PKTPATH_STAGE_AT(tp_rcv)
PKTPATH_STAGE_AT(sock_queue)
PKTPATH_STAGE_AT(sock_wake)
PKTPATH_STAGE_AT(sock_recv)

void pp_record_found(const struct sk_buff *skb, const struct sock *sk);

/* No stage: a received packet's socket is known from here on. */
static __always_inline void pp_at_found(const struct sk_buff *skb,
					const struct sock *sk)
{
	if (PKTPATH_STAGES_ON)
		pp_record_found(skb, sk);
}
#endif

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH core
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
