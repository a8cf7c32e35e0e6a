/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * pktpath for user space: the socket family, its own socket options and the
 * generic netlink family that controls it.
 *
 * Everything here is append only: no number changes its meaning.
 */
#ifndef _UAPI_LINUX_PKTPATH_H
#define _UAPI_LINUX_PKTPATH_H

#include <linux/types.h>

/*
 * Family of socket(2). 18 is the module's default; the number in force is in
 * /sys/module/pktpath/parameters/family.
 */
#ifndef AF_PKTPATH
#define AF_PKTPATH 18
#define PF_PKTPATH AF_PKTPATH
#endif

/* ---- setsockopt(2) and getsockopt(2) ---- */

#define SOL_PKTPATH 0x5050

/* Every option is an int; "get" means read-only. */
#define PKTPATH_INET_ADDR	1 /* 0/1: sockaddrs come out as AF_INET */
#define PKTPATH_QDISC_BYPASS	2 /* 0/1: send past the qdisc; 1 takes CAP_NET_RAW */
#define PKTPATH_REUSEPORT	3 /* 0/1: SO_REUSEPORT on every kernel */
#define PKTPATH_ZEROCOPY	4 /* 0/1: SO_ZEROCOPY on every kernel */
#define PKTPATH_PROTOCOL	5 /* get: IPPROTO_* (SO_PROTOCOL is private) */
#define PKTPATH_DOMAIN		6 /* get: AF_PKTPATH, or AF_INET after 1 */

/* ---- Generic netlink ---- */

#define PKTPATH_GENL_NAME	"pktpath"
#define PKTPATH_GENL_VERSION	1
#define PKTPATH_GENL_MCGRP	"config"	/* group of the *_NTF messages */

/*
 * Commands. "do" is one request and one answer (an acknowledgment, or a
 * message of the same command); "dump" is NLM_F_DUMP. "admin" needs
 * CAP_NET_ADMIN in the user namespace of the netns. Each command is followed
 * by its attribute set. Unknown attributes, wrong lengths and values out of
 * range are refused with a text in the extended acknowledgment.
 */
enum pktpath_cmd {
	PKTPATH_CMD_UNSPEC,

	/* PKTPATH_A_DEV_* */
	PKTPATH_CMD_DEV_ATTACH,	/* do, admin: IFINDEX or IFNAME */
	PKTPATH_CMD_DEV_DETACH,	/* do, admin: IFINDEX or IFNAME */
	PKTPATH_CMD_DEV_GET,	/* do: IFINDEX or IFNAME; dump */
	PKTPATH_CMD_DEV_NTF,	/* attached, or changed */
	PKTPATH_CMD_DEV_DEL_NTF, /* detached */

	/* PKTPATH_A_ADDR_* */
	PKTPATH_CMD_ADDR_ADD,	/* do, admin: FAMILY, LOCAL, PREFIXLEN, dev, PEER */
	PKTPATH_CMD_ADDR_DEL,	/* do, admin: as ADDR_ADD */
	PKTPATH_CMD_ADDR_GET,	/* do: FAMILY, LOCAL; dump; filters: same, dev */
	PKTPATH_CMD_ADDR_NTF,	/* added, or the probing state changed */
	PKTPATH_CMD_ADDR_DEL_NTF,

	/* PKTPATH_A_ROUTE_* */
	PKTPATH_CMD_ROUTE_ADD,	/* do, admin: FAMILY, DST, PREFIXLEN, ... */
	PKTPATH_CMD_ROUTE_DEL,	/* do, admin: what is given must match */
	PKTPATH_CMD_ROUTE_GET,	/* dump; filters: FAMILY, TABLE or VRF, TYPE,
				 * PROTOCOL, OIF or OIFNAME
				 */
	PKTPATH_CMD_ROUTE_RESOLVE, /* do: FAMILY, DST and the flow's others */
	PKTPATH_CMD_ROUTE_NTF,
	PKTPATH_CMD_ROUTE_DEL_NTF,

	/* PKTPATH_A_NEIGH_* */
	PKTPATH_CMD_NEIGH_ADD,	/* do, admin: FAMILY, DST, dev, LLADDR */
	PKTPATH_CMD_NEIGH_DEL,	/* do, admin: FAMILY, DST, dev */
	PKTPATH_CMD_NEIGH_GET,	/* do: FAMILY, DST, dev; dump; filters: same */
	PKTPATH_CMD_NEIGH_FLUSH, /* do, admin: dev or all; PERMANENT */
	PKTPATH_CMD_NEIGH_NTF,	/* by NEIGH_ADD only, not by the protocol */
	PKTPATH_CMD_NEIGH_DEL_NTF,

	/* PKTPATH_A_SOCK_* */
	PKTPATH_CMD_SOCK_GET,	/* dump; filters: see the attributes */
	PKTPATH_CMD_SOCK_KILL,	/* do, admin: filter or ALL; answer: COUNT */

	/* PKTPATH_A_STAT_* */
	PKTPATH_CMD_STAT_GET,	/* dump; filter: GROUP */

	/* PKTPATH_A_DOWN_* */
	PKTPATH_CMD_DOWN,	/* do, admin: ALL; answer: SOCKS, DEVS */
	PKTPATH_CMD_DOWN_NTF,	/* the netns was emptied */

	/* PKTPATH_A_RULE_* */
	PKTPATH_CMD_RULE_ADD,	/* do, admin: FAMILY, TABLE or TYPE, ... */
	PKTPATH_CMD_RULE_DEL,	/* do, admin: what is given must match */
	PKTPATH_CMD_RULE_GET,	/* dump, in order */
	PKTPATH_CMD_RULE_NTF,
	PKTPATH_CMD_RULE_DEL_NTF,

	/* PKTPATH_A_MROUTE_* */
	PKTPATH_CMD_MROUTE_ADD,	/* do, admin: FAMILY, GROUP, IIF, OUTS */
	PKTPATH_CMD_MROUTE_DEL,	/* do, admin: FAMILY, GROUP, SRC */
	PKTPATH_CMD_MROUTE_GET,	/* dump, in order of addition */
	PKTPATH_CMD_MROUTE_NTF,	/* added, or a device of it has gone */
	PKTPATH_CMD_MROUTE_DEL_NTF,

	/* PKTPATH_A_FAULT_* */
	PKTPATH_CMD_FAULT_ADD,	/* do, admin: STAGE, ACTION, ...; answer: ID */
	PKTPATH_CMD_FAULT_DEL,	/* do, admin: ID or ALL */
	PKTPATH_CMD_FAULT_GET,	/* dump, admin, in order */

	__PKTPATH_CMD_MAX,
	PKTPATH_CMD_MAX = __PKTPATH_CMD_MAX - 1
};

/*
 * An address is a pair of an attribute FAMILY (AF_INET; none other yet) and
 * binary attributes of that family's length (4 bytes, network order).
 *
 * "dev" above is IFINDEX or IFNAME; both may be given if they agree.
 */

/* Attached devices. */
enum pktpath_a_dev {
	PKTPATH_A_DEV_UNSPEC,
	PKTPATH_A_DEV_PAD,		/* alignment of 64-bit values */
	PKTPATH_A_DEV_IFINDEX,		/* u32 */
	PKTPATH_A_DEV_IFNAME,		/* string, < 16 bytes */
	PKTPATH_A_DEV_FLAGS,		/* u32, PKTPATH_DEV_*; out */
	PKTPATH_A_DEV_MTU,		/* u32, bytes; out */
	PKTPATH_A_DEV_LLADDR,		/* binary, hardware address; out */
	PKTPATH_A_DEV_TYPE,		/* u32, ARPHRD_*; out */
	PKTPATH_A_DEV_NADDRS,		/* u32, own addresses; out */
	PKTPATH_A_DEV_RX_PACKETS,	/* u64; out, as all below */
	PKTPATH_A_DEV_RX_BYTES,		/* u64 */
	PKTPATH_A_DEV_RX_DROPPED,	/* u64 */
	PKTPATH_A_DEV_TX_PACKETS,	/* u64 */
	PKTPATH_A_DEV_TX_BYTES,		/* u64 */
	PKTPATH_A_DEV_TX_DROPPED,	/* u64 */
	PKTPATH_A_DEV_TX_DIRECT_DROPS,	/* u64, by a stopped queue on bypass */
	PKTPATH_A_DEV_VRF,		/* u32, ifindex of the VRF it is in */

	__PKTPATH_A_DEV_MAX,
	PKTPATH_A_DEV_MAX = __PKTPATH_A_DEV_MAX - 1
};

/* Bits of PKTPATH_A_DEV_FLAGS. */
#define PKTPATH_DEV_LOOP	0x01	/* loopback, attached by itself */
#define PKTPATH_DEV_NOARP	0x02	/* no address resolution */
#define PKTPATH_DEV_HOOK	0x04	/* ingress by a netfilter hook */
#define PKTPATH_DEV_RX		0x08	/* ingress by an rx handler */
#define PKTPATH_DEV_UP		0x10	/* administratively up */
#define PKTPATH_DEV_CARRIER	0x20	/* has a carrier */

/* Own addresses. */
enum pktpath_a_addr {
	PKTPATH_A_ADDR_UNSPEC,
	PKTPATH_A_ADDR_FAMILY,		/* u8, AF_INET */
	PKTPATH_A_ADDR_LOCAL,		/* binary, the address */
	PKTPATH_A_ADDR_PREFIXLEN,	/* u8, 0..32 */
	PKTPATH_A_ADDR_IFINDEX,		/* u32 */
	PKTPATH_A_ADDR_IFNAME,		/* string */
	PKTPATH_A_ADDR_BROADCAST,	/* binary; out, absent if none */
	PKTPATH_A_ADDR_ACD,		/* u8, PKTPATH_ADDR_ACD_*; out */
	PKTPATH_A_ADDR_PEER,		/* binary, the other end of the link */

	__PKTPATH_A_ADDR_MAX,
	PKTPATH_A_ADDR_MAX = __PKTPATH_A_ADDR_MAX - 1
};

/* PKTPATH_A_ADDR_ACD: address conflict detection, RFC 5227. */
#define PKTPATH_ADDR_ACD_NONE		0	/* not probed on this device */
#define PKTPATH_ADDR_ACD_PROBE		1
#define PKTPATH_ADDR_ACD_ANNOUNCE	2
#define PKTPATH_ADDR_ACD_DONE		3
#define PKTPATH_ADDR_ACD_CONFLICT	4	/* somebody else has it */

/* Routes; values of TYPE, SCOPE, PROTOCOL, TABLE and FLAGS: rtnetlink.h. */
enum pktpath_a_route {
	PKTPATH_A_ROUTE_UNSPEC,
	PKTPATH_A_ROUTE_FAMILY,		/* u8, AF_INET */
	PKTPATH_A_ROUTE_TABLE,		/* u32, default RT_TABLE_MAIN */
	PKTPATH_A_ROUTE_DST,		/* binary; host bits must be 0 */
	PKTPATH_A_ROUTE_PREFIXLEN,	/* u8, 0..32 */
	PKTPATH_A_ROUTE_TYPE,		/* u8, RTN_*, default RTN_UNICAST */
	PKTPATH_A_ROUTE_SCOPE,		/* u8, RT_SCOPE_*, default by type */
	PKTPATH_A_ROUTE_PROTOCOL,	/* u8, RTPROT_*, default _BOOT */
	PKTPATH_A_ROUTE_TOS,		/* u8 */
	PKTPATH_A_ROUTE_GATEWAY,	/* binary */
	PKTPATH_A_ROUTE_PREFSRC,	/* binary */
	PKTPATH_A_ROUTE_OIF,		/* u32, ifindex */
	PKTPATH_A_ROUTE_OIFNAME,	/* string */
	PKTPATH_A_ROUTE_METRIC,		/* u32, smaller is better */
	PKTPATH_A_ROUTE_MTU,		/* u32, bytes */
	PKTPATH_A_ROUTE_MTU_LOCK,	/* flag: never lowered by ICMP */
	PKTPATH_A_ROUTE_FLAGS,		/* u32; in: RTNH_F_ONLINK */
	PKTPATH_A_ROUTE_MODE,		/* u8, PKTPATH_MODE_*, in */

	/* ROUTE_RESOLVE: the flow. */
	PKTPATH_A_ROUTE_SRC,		/* binary */
	PKTPATH_A_ROUTE_IIF,		/* u32: as if received there */
	PKTPATH_A_ROUTE_MARK,		/* u32 */
	PKTPATH_A_ROUTE_UID,		/* u32, default the caller's */
	PKTPATH_A_ROUTE_IPPROTO,	/* u8 */
	PKTPATH_A_ROUTE_SPORT,		/* u16, network order */
	PKTPATH_A_ROUTE_DPORT,		/* u16, network order */
	PKTPATH_A_ROUTE_CONGCTL,	/* string, TCP's congestion control */
	PKTPATH_A_ROUTE_CONGCTL_LOCK,	/* flag: TCP_CONGESTION is refused */
	PKTPATH_A_ROUTE_WEIGHT,		/* u8: flows are shared among the routes
					 * of one prefix that have a weight
					 */
	PKTPATH_A_ROUTE_ADVMSS,		/* u32, bytes */
	PKTPATH_A_ROUTE_WINDOW,		/* u32, bytes */
	PKTPATH_A_ROUTE_HOPLIMIT,	/* u8 */
	PKTPATH_A_ROUTE_INITCWND,	/* u32, segments */
	PKTPATH_A_ROUTE_INITRWND,	/* u32, segments */
	PKTPATH_A_ROUTE_RTO_MIN,	/* u32, ms */
	PKTPATH_A_ROUTE_QUICKACK,	/* u8: 1: ACKs are not delayed */
	PKTPATH_A_ROUTE_FEATURES,	/* u32, RTAX_FEATURE_ECN */
	PKTPATH_A_ROUTE_VRF,		/* u32: ifindex of a VRF, in place of
					 * the number of its table; in
					 */

	__PKTPATH_A_ROUTE_MAX,
	PKTPATH_A_ROUTE_MAX = __PKTPATH_A_ROUTE_MAX - 1
};

/* PKTPATH_A_ROUTE_MODE and PKTPATH_A_NEIGH_MODE of an ADD. */
#define PKTPATH_MODE_ADD	0	/* EEXIST if there is one (default) */
#define PKTPATH_MODE_REPLACE	1	/* change it, or add */
#define PKTPATH_MODE_CHANGE	2	/* ENOENT if there is none */
#define PKTPATH_MODE_APPEND	3	/* routes: beside an equal one */

/* Neighbours; values of STATE: NUD_* of neighbour.h. */
enum pktpath_a_neigh {
	PKTPATH_A_NEIGH_UNSPEC,
	PKTPATH_A_NEIGH_FAMILY,		/* u8, AF_INET */
	PKTPATH_A_NEIGH_DST,		/* binary, the neighbour's address */
	PKTPATH_A_NEIGH_IFINDEX,	/* u32 */
	PKTPATH_A_NEIGH_IFNAME,		/* string */
	PKTPATH_A_NEIGH_LLADDR,		/* binary, 6 bytes */
	PKTPATH_A_NEIGH_STATE,		/* u16, NUD_*, default PERMANENT */
	PKTPATH_A_NEIGH_FLAGS,		/* u8; out */
	PKTPATH_A_NEIGH_MODE,		/* u8, PKTPATH_MODE_*, in */
	PKTPATH_A_NEIGH_PERMANENT,	/* flag: FLUSH takes these too */
	PKTPATH_A_NEIGH_PROBES,		/* u32, requests unanswered; out */
	PKTPATH_A_NEIGH_QUEUED,		/* u32, packets waiting; out */
	PKTPATH_A_NEIGH_CONFIRMED,	/* u32, ms ago; out */
	PKTPATH_A_NEIGH_USED,		/* u32, ms ago; out */
	PKTPATH_A_NEIGH_UPDATED,	/* u32, ms ago; out */

	__PKTPATH_A_NEIGH_MAX,
	PKTPATH_A_NEIGH_MAX = __PKTPATH_A_NEIGH_MAX - 1
};

/*
 * Sockets. "filter": in SOCK_GET and SOCK_KILL only sockets that match every
 * given attribute are shown or ended; each is also part of what is shown.
 */
enum pktpath_a_sock {
	PKTPATH_A_SOCK_UNSPEC,
	PKTPATH_A_SOCK_PAD,		/* alignment of 64-bit values */
	PKTPATH_A_SOCK_FAMILY,		/* u8, AF_INET; filter, with SRC, DST */
	PKTPATH_A_SOCK_PROTOCOL,	/* u8, IPPROTO_*; filter */
	PKTPATH_A_SOCK_TYPE,		/* u8, SOCK_*; out */
	PKTPATH_A_SOCK_STATE,		/* u8, TCP_* of tcp_states.h; out */
	PKTPATH_A_SOCK_STATES,		/* u32, bit per state; filter, in */
	PKTPATH_A_SOCK_SRC,		/* binary; filter */
	PKTPATH_A_SOCK_SRC_PREFIXLEN,	/* u8, default 32; filter, in */
	PKTPATH_A_SOCK_SPORT,		/* u16, network order; filter */
	PKTPATH_A_SOCK_DST,		/* binary; filter */
	PKTPATH_A_SOCK_DST_PREFIXLEN,	/* u8, default 32; filter, in */
	PKTPATH_A_SOCK_DPORT,		/* u16, network order; filter */
	PKTPATH_A_SOCK_IFINDEX,		/* u32, bound device; filter */
	PKTPATH_A_SOCK_COOKIE,		/* u64, SO_COOKIE; filter */
	PKTPATH_A_SOCK_UID,		/* u32, owner; filter */
	PKTPATH_A_SOCK_MARK,		/* u32; filter; out only to admins */
	PKTPATH_A_SOCK_INODE,		/* u64; out, as all below */
	PKTPATH_A_SOCK_RQUEUE,		/* u32, bytes to be read */
	PKTPATH_A_SOCK_WQUEUE,		/* u32, bytes not yet sent */
	PKTPATH_A_SOCK_MEMINFO,		/* u32[9], SK_MEMINFO_* order */
	PKTPATH_A_SOCK_DROPS,		/* u32, packets */
	PKTPATH_A_SOCK_REFS,		/* u32 */
	PKTPATH_A_SOCK_FLAGS,		/* u32, PKTPATH_SOCK_* */
	PKTPATH_A_SOCK_SHUTDOWN,	/* u8, 1 receive, 2 send */
	PKTPATH_A_SOCK_ALL,		/* flag: SOCK_KILL without filter */
	PKTPATH_A_SOCK_COUNT,		/* u32, ended by SOCK_KILL */
	PKTPATH_A_SOCK_WANT,		/* u32, PKTPATH_SOCK_WANT_*; in */
	PKTPATH_A_SOCK_INFO,		/* struct tcp_info, if wanted, and no call
					 * holds the socket for long
					 */
	PKTPATH_A_SOCK_CONGCTL,		/* string, with INFO */
	PKTPATH_A_SOCK_CONGCTL_INFO,	/* u32 each, the algorithm's own */
	PKTPATH_A_SOCK_TIMER,		/* u8, as "tr" in /proc/net/tcp */
	PKTPATH_A_SOCK_TIMER_MS,	/* u32, until it fires */
	PKTPATH_A_SOCK_RETRANS,		/* u8, retransmissions or probes */

	__PKTPATH_A_SOCK_MAX,
	PKTPATH_A_SOCK_MAX = __PKTPATH_A_SOCK_MAX - 1
};

/* Bits of PKTPATH_A_SOCK_WANT. */
#define PKTPATH_SOCK_WANT_INFO	0x01

/* Bits of PKTPATH_A_SOCK_FLAGS. */
#define PKTPATH_SOCK_INET_ADDR	0x01	/* PKTPATH_INET_ADDR is set */
#define PKTPATH_SOCK_BYPASS	0x02	/* PKTPATH_QDISC_BYPASS is set */
#define PKTPATH_SOCK_REUSEADDR	0x04
#define PKTPATH_SOCK_REUSEPORT	0x08
#define PKTPATH_SOCK_BOUND	0x10	/* has a local port */

/* Counters: one message each. */
enum pktpath_a_stat {
	PKTPATH_A_STAT_UNSPEC,
	PKTPATH_A_STAT_PAD,		/* alignment of 64-bit values */
	/* Ip, Icmp, IcmpMsg, Tcp, Udp, TcpExt, IpExt, Pp, Drop */
	PKTPATH_A_STAT_GROUP,		/* string; filter */
	PKTPATH_A_STAT_NAME,		/* string; out */
	PKTPATH_A_STAT_VALUE,		/* u64; out */

	__PKTPATH_A_STAT_MAX,
	PKTPATH_A_STAT_MAX = __PKTPATH_A_STAT_MAX - 1
};

/* Emptying a netns: ready for rmmod as far as it is concerned. */
enum pktpath_a_down {
	PKTPATH_A_DOWN_UNSPEC,
	PKTPATH_A_DOWN_SOCKS,		/* u32, sockets ended; out */
	PKTPATH_A_DOWN_DEVS,		/* u32, devices detached; out */
	PKTPATH_A_DOWN_ALL,		/* flag: every netns of the machine, for
					 * the root of its first user namespace
					 */

	__PKTPATH_A_DOWN_MAX,
	PKTPATH_A_DOWN_MAX = __PKTPATH_A_DOWN_MAX - 1
};

/* Policy rules, asked in order of PREF; the first that has a route wins. */
enum pktpath_a_rule {
	PKTPATH_A_RULE_UNSPEC,
	PKTPATH_A_RULE_FAMILY,		/* u8, AF_INET */
	PKTPATH_A_RULE_PREF,		/* u32, default: before all others */
	PKTPATH_A_RULE_TABLE,		/* u32, where to look */
	PKTPATH_A_RULE_TYPE,		/* u8, RTN_UNICAST (default) or one that
					 * refuses
					 */
	PKTPATH_A_RULE_SRC,		/* binary */
	PKTPATH_A_RULE_SRC_LEN,		/* u8, default 32 */
	PKTPATH_A_RULE_DST,		/* binary */
	PKTPATH_A_RULE_DST_LEN,		/* u8, default 32 */
	PKTPATH_A_RULE_TOS,		/* u8 */
	PKTPATH_A_RULE_MARK,		/* u32 */
	PKTPATH_A_RULE_MASK,		/* u32, default all bits of MARK */
	PKTPATH_A_RULE_IIFNAME,		/* string; lo: what we send */
	PKTPATH_A_RULE_OIFNAME,		/* string */
	PKTPATH_A_RULE_INVERT,		/* flag: all that does not match */
	PKTPATH_A_RULE_IPPROTO,		/* u8, IPPROTO_* */
	PKTPATH_A_RULE_SPORT,		/* u16, host order */
	PKTPATH_A_RULE_SPORT_LAST,	/* u16, default SPORT */
	PKTPATH_A_RULE_DPORT,		/* u16, host order */
	PKTPATH_A_RULE_DPORT_LAST,	/* u16, default DPORT */
	PKTPATH_A_RULE_UID,		/* u32; what comes in is root's */
	PKTPATH_A_RULE_UID_LAST,	/* u32, default UID */
	PKTPATH_A_RULE_SUPPRESS_PREFIXLEN, /* u32: routes up to this length do
					    * not count
					    */
	PKTPATH_A_RULE_GOTO,		/* u32: a higher PREF to go on at, in
					 * place of TABLE
					 */
	PKTPATH_A_RULE_L3MDEV,		/* flag: what is in a VRF; looks in its
					 * table, in place of TABLE
					 */

	__PKTPATH_A_RULE_MAX,
	PKTPATH_A_RULE_MAX = __PKTPATH_A_RULE_MAX - 1
};

/* Static routes of multicast, where net.pktpath.conf.IF.mc_forwarding is 1. */
enum pktpath_a_mroute {
	PKTPATH_A_MROUTE_UNSPEC,
	PKTPATH_A_MROUTE_PAD,
	PKTPATH_A_MROUTE_FAMILY,	/* u8, AF_INET */
	PKTPATH_A_MROUTE_GROUP,		/* binary */
	PKTPATH_A_MROUTE_SRC,		/* binary; default: any */
	PKTPATH_A_MROUTE_IIF,		/* u32, or the next */
	PKTPATH_A_MROUTE_IIFNAME,	/* string */
	PKTPATH_A_MROUTE_OUTS,		/* nest of nests, one a device:
					 * PKTPATH_A_MROUTE_OUT_*
					 */
	PKTPATH_A_MROUTE_PACKETS,	/* u64, out: by the right device */
	PKTPATH_A_MROUTE_BYTES,		/* u64, out: of these */
	PKTPATH_A_MROUTE_WRONG_IF,	/* u64, out: packets by another */

	__PKTPATH_A_MROUTE_MAX,
	PKTPATH_A_MROUTE_MAX = __PKTPATH_A_MROUTE_MAX - 1
};

enum pktpath_a_mroute_out {
	PKTPATH_A_MROUTE_OUT_UNSPEC,
	PKTPATH_A_MROUTE_OUT_IFINDEX,	/* u32, or the next */
	PKTPATH_A_MROUTE_OUT_IFNAME,	/* string */
	PKTPATH_A_MROUTE_OUT_TTL,	/* u8, default 1: that of a packet must
					 * be greater
					 */

	__PKTPATH_A_MROUTE_OUT_MAX,
	PKTPATH_A_MROUTE_OUT_MAX = __PKTPATH_A_MROUTE_OUT_MAX - 1
};

/*
 * Faults on purpose. The rules of a stage are asked in order for each packet
 * there that FILTER may match; the first that hits decides.
 */
enum pktpath_a_fault {
	PKTPATH_A_FAULT_UNSPEC,
	PKTPATH_A_FAULT_PAD,		/* alignment of 64-bit values */
	PKTPATH_A_FAULT_ID,		/* u32, of the rule; from 1 */
	PKTPATH_A_FAULT_STAGE,		/* string, as IP_OUTPUT */
	PKTPATH_A_FAULT_ACTION,		/* u8, PKTPATH_FAULT_* */
	PKTPATH_A_FAULT_FILTER,		/* PKTPATH_JOURNEY_CONF_FLOW bytes of
					 * struct pktpath_journey_conf: addresses,
					 * ports and protocol, all else 0
					 */
	PKTPATH_A_FAULT_PROB,		/* u32, millionths; default all */
	PKTPATH_A_FAULT_EVERY,		/* u32: one packet in so many */
	PKTPATH_A_FAULT_SEED,		/* u32, default any */
	PKTPATH_A_FAULT_DELAY,		/* u32, us: of DELAY; of REORDER at most,
					 * default 10000
					 */
	PKTPATH_A_FAULT_GAP,		/* u32: packets REORDER lets pass, default
					 * 1
					 */
	PKTPATH_A_FAULT_WHERE,		/* u8, what CORRUPT spoils */
	PKTPATH_A_FAULT_ALL,		/* flag: FAULT_DEL of every rule */
	PKTPATH_A_FAULT_SEEN,		/* u64, packets; out */
	PKTPATH_A_FAULT_HITS,		/* u64, packets; out */

	__PKTPATH_A_FAULT_MAX,
	PKTPATH_A_FAULT_MAX = __PKTPATH_A_FAULT_MAX - 1
};

/* PKTPATH_A_FAULT_ACTION */
#define PKTPATH_FAULT_DROP	0
#define PKTPATH_FAULT_DELAY	1
#define PKTPATH_FAULT_DUP	2
#define PKTPATH_FAULT_CORRUPT	3	/* one bit */
#define PKTPATH_FAULT_REORDER	4	/* held until others have passed */
#define PKTPATH_FAULT_NOMEM	5	/* an allocation fails */

/* PKTPATH_A_FAULT_WHERE */
#define PKTPATH_FAULT_PAYLOAD	0	/* of IP, default */
#define PKTPATH_FAULT_HEADER	1	/* of IP */

/* ---- The journey: /proc/net/pktpath/journey ---- */

/*
 * One recording an open file. write() of one struct pktpath_journey_conf
 * starts it, read() takes whole struct pktpath_journey_rec, close() ends it.
 * open() needs CAP_NET_ADMIN over the netns; only that netns's packets are
 * seen; EBUSY: the netns has four recordings, ENODEV: it goes. A second write()
 * is EBUSY; of the first ENODEV: no such device, ESRCH: no such process, EINVAL:
 * values that make no sense. A read() of an empty recording waits, or with
 * O_NONBLOCK says EAGAIN; it returns 0 when the netns or the module goes.
 * poll() waits for records.
 *
 * Records of one CPU are in order of time, those of several are not.
 */

/* Stages of the path, in the order a packet meets them. */
enum pktpath_stage {
	PKTPATH_AT_SOCK_SEND,
	PKTPATH_AT_TP_SEND,
	PKTPATH_AT_TP_XMIT,
	PKTPATH_AT_IP_ROUTE,
	PKTPATH_AT_IP_LOCAL_OUT,
	PKTPATH_AT_IP_OUTPUT,
	PKTPATH_AT_IP_FINISH,
	PKTPATH_AT_NEIGH,
	PKTPATH_AT_DEV_QUEUE,
	PKTPATH_AT_DEV_XMIT,
	PKTPATH_AT_TX_DONE,
	PKTPATH_AT_DEV_RX,
	PKTPATH_AT_LINK_RCV,
	PKTPATH_AT_IP_RCV,
	PKTPATH_AT_IP_ROUTE_IN,
	PKTPATH_AT_IP_FORWARD,
	PKTPATH_AT_IP_LOCAL,
	PKTPATH_AT_TP_RCV,
	PKTPATH_AT_SOCK_QUEUE,
	PKTPATH_AT_SOCK_WAKE,
	PKTPATH_AT_SOCK_RECV,

	/* No stages of the path: */
	PKTPATH_AT_FREE = 64,	/* the buffer was freed, not after DEV_XMIT; with
				 * @segs (and @len, FLOW) cut by the device layer
				 * into so many, whose journeys begin at DEV_XMIT
				 */
	PKTPATH_AT_LOST = 65,	/* @id records of @cpu were lost before this */
	PKTPATH_AT_OWNER = 66,	/* whose the socket of @cookie is: @pid, @cgroup */
};

#define PKTPATH_JOURNEY_VERSION 1

/* Bits of pktpath_journey_conf.flags. */
#define PKTPATH_JOURNEY_DROPS	0x01	/* nothing but drops */
#define PKTPATH_JOURNEY_OWNERS	0x02	/* tell whose a journey's sockets are */

#define PKTPATH_JOURNEY_RING_MIN 64
#define PKTPATH_JOURNEY_RING_MAX 131072

/**
 * struct pktpath_journey_conf - what is to be recorded; 0: any
 * @version: PKTPATH_JOURNEY_VERSION
 * @flags: PKTPATH_JOURNEY_*, no others
 * @ring: room a CPU has for records until they are read, in whole records
 *	  (those of one packet are kept together, and then take half of that),
 *	  rounded up to a power of two; 0: 16384 or, with few CPUs, more
 * @sample: one packet in so many; 0 and 1: every packet. Decided once, at the
 *	    first stage: a journey is recorded whole or not at all.
 * @saddr: the packet's source
 * @daddr: the packet's destination
 * @host: either of them
 * @sport: the packet's source port
 * @dport: the packet's destination port
 * @port: either of them
 * @saddr_len: bits of @saddr that count, 0 to 32; likewise @daddr_len,
 *	       @host_len
 * @daddr_len: see @saddr_len
 * @host_len: see @saddr_len
 * @proto: IPPROTO_*
 * @reserved: 0
 * @ifindex: a device that the packet comes in or goes out by
 * @pid: a process, as the opener's namespace counts them, that sends or reads
 *	 the packet, or has a socket that does: it made that socket, or was the
 *	 last to call bind(), connect(), listen() or accept() for it or, being
 *	 recorded, to send or read by it
 * @cookie: SO_COOKIE of a socket that sends or gets the packet
 * @cgroup: number of the cgroup (inode in cgroup2) such a socket was made in
 *
 * write() also takes PKTPATH_JOURNEY_CONF_FLOW bytes, those before @ifindex.
 * Of the four behind them a packet may be one whose kernel part is over before
 * it is known: its records are kept back until it is, and given to the reader
 * then, or never. ENODEV, ESRCH: there is no such device, process. With DROPS
 * they are not to be had, EINVAL.
 */
struct pktpath_journey_conf {
	__u32 version;
	__u32 flags;
	__u32 ring;
	__u32 sample;
	__be32 saddr;
	__be32 daddr;
	__be32 host;
	__be16 sport;
	__be16 dport;
	__be16 port;
	__u8 saddr_len;
	__u8 daddr_len;
	__u8 host_len;
	__u8 proto;
	__u8 reserved[2];
	__u32 ifindex;
	__u32 pid;
	__u64 cookie;
	__u64 cgroup;
};

#define PKTPATH_JOURNEY_CONF_FLOW 40

/* Bits of pktpath_journey_rec.flags. */
#define PKTPATH_JREC_FLOW	0x01	/* addresses, ports, proto, seq are set */
#define PKTPATH_JREC_DROP	0x02	/* a drop; @cause, see below */
#define PKTPATH_JREC_KERNEL	0x04	/* @cause is the kernel's drop reason */
#define PKTPATH_JREC_TASK	0x08	/* in the context of process @pid */
#define PKTPATH_JREC_HANDOVER	0x10	/* TX_DONE: received by another netns */

/**
 * struct pktpath_journey_rec - a packet at a stage
 * @time: CLOCK_MONOTONIC, ns
 * @id: the journey, unique in the netns; 0: of no packet but of @cookie's
 *	stream, joined by @seq
 * @cookie: SO_COOKIE of the socket; 0: not known here
 * @saddr: source, with FLOW
 * @daddr: destination, with FLOW
 * @cgroup: of PKTPATH_AT_OWNER, which has neither
 * @sport: source port, with FLOW; an ICMP message's type << 8 | code
 * @dport: destination port, with FLOW; an echo's identifier
 * @seq: TCP: sequence number, of a record without @id that of the stream
 *	 (SOCK_SEND, TP_SEND: first byte queued; SOCK_WAKE: next byte expected;
 *	 SOCK_RECV: next byte to be read); else the IP identification
 * @len: bytes of the packet here, or of the user's call
 * @ifindex: device, 0: none yet
 * @pid: process that called; of PKTPATH_AT_OWNER see
 *	 pktpath_journey_conf.pid, 0: none that the opener can see
 * @cpu: where
 * @segs: segments of a super-packet, else 0
 * @stage: enum pktpath_stage
 * @proto: IPPROTO_*
 * @cause: of a drop: line of "Drop:" in /proc/net/pktpath/netstat, from 0
 * @flags: PKTPATH_JREC_*
 * @tcp_flags: byte 13 of a TCP header, with FLOW
 * @reserved: 0
 */
struct pktpath_journey_rec {
	__u64 time;
	__u64 id;
	__u64 cookie;
	union {
		struct {
			__be32 saddr;
			__be32 daddr;
		};
		__u64 cgroup;
	};
	__be16 sport;
	__be16 dport;
	__u32 seq;
	__u32 len;
	__u32 ifindex;
	__u32 pid;
	__u16 cpu;
	__u16 segs;
	__u8 stage;
	__u8 proto;
	__u8 cause;
	__u8 flags;
	__u8 tcp_flags;
	__u8 reserved[3];
};

#endif
