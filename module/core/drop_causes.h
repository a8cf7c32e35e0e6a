/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a packet was thrown away. Drop-reason subsystems of the kernel are a
 * closed set, so each of our causes names the nearest core reason, used for
 * kfree_skb_reason(), and keeps the finer cause in our own counter and in the
 * pktpath:pp_drop tracepoint.
 *
 * X(ID, "Name", core reason without SKB_DROP_REASON_); the core reason must
 * exist on every supported kernel.
 */
#ifndef PKTPATH_CORE_DROP_CAUSES_H
#define PKTPATH_CORE_DROP_CAUSES_H

#define PKTPATH_DROPS(X) \
	X(NOT_SPECIFIED, "NotSpecified", NOT_SPECIFIED) \
	X(NOMEM, "NoMemory", NOMEM) \
	X(LINK_SHARED, "LinkShared", NOMEM) \
	X(LINK_UNREADABLE, "LinkUnreadable", NOT_SPECIFIED) \
	X(LINK_DOWN, "LinkDown", NOT_SPECIFIED) \
	X(OTHERHOST, "OtherHost", OTHERHOST) \
	X(IP_TRUNC, "IpTruncated", PKT_TOO_SMALL) \
	X(IP_HDR, "IpHeader", IP_INHDR) \
	X(IP_CSUM, "IpChecksum", IP_CSUM) \
	X(IP_OPTIONS, "IpOptions", IP_INHDR) \
	X(IP_SRCROUTE, "IpSourceRoute", IP_INHDR) \
	X(IP_MARTIAN_SRC, "IpMartianSource", NOT_SPECIFIED) \
	X(IP_MARTIAN_DST, "IpMartianDest", NOT_SPECIFIED) \
	X(IP_LINK_BCAST, "IpUnicastInLinkBroadcast", \
	  UNICAST_IN_L2_MULTICAST) \
	X(IP_NOROUTE_IN, "IpNoRouteIn", IP_INNOROUTES) \
	X(IP_NOT_LOCAL, "IpNotLocal", NOT_SPECIFIED) \
	X(IP_KERNEL, "IpKernelAddress", NOT_SPECIFIED) \
	X(IP_NOT_MEMBER, "IpNotMember", NOT_SPECIFIED) \
	X(IP_MC_WRONG_IF, "IpGroupWrongDevice", NOT_SPECIFIED) \
	X(IP_BLACKHOLE, "IpBlackhole", NOT_SPECIFIED) \
	X(IP_UNREACHABLE, "IpUnreachable", NOT_SPECIFIED) \
	X(IP_PROHIBIT, "IpProhibit", NOT_SPECIFIED) \
	X(IP_FRAGMENT, "IpFragment", NOT_SPECIFIED) \
	X(IP_FRAG_DUP, "IpFragDuplicate", NOT_SPECIFIED) \
	X(IP_FRAG_LIMIT, "IpFragLimit", NOMEM) \
	X(IP_FRAG_TIMEOUT, "IpFragTimeout", NOT_SPECIFIED) \
	X(IP_NOPROTO, "IpNoProtocol", IP_NOPROTO) \
	X(IP_NOROUTE_OUT, "IpNoRouteOut", IP_OUTNOROUTES) \
	X(IP_TOOBIG, "IpTooBig", PKT_TOO_BIG) \
	X(IP_TTL, "IpTtlExceeded", NOT_SPECIFIED) \
	X(IP_GSO, "IpGso", SKB_GSO_SEG) \
	X(NETFILTER, "Netfilter", NETFILTER_DROP) \
	X(REROUTE, "Reroute", IP_OUTNOROUTES) \
	X(ICMP_TRUNC, "IcmpTruncated", PKT_TOO_SMALL) \
	X(ICMP_CSUM, "IcmpChecksum", ICMP_CSUM) \
	X(ICMP_TYPE, "IcmpType", NOT_SPECIFIED) \
	X(ICMP_BCAST, "IcmpBroadcast", NOT_SPECIFIED) \
	X(ICMP_BOGUS, "IcmpBogusError", NOT_SPECIFIED) \
	X(ICMP_IGNORED, "IcmpIgnored", NOT_SPECIFIED) \
	X(ICMP_RATELIMIT, "IcmpRateLimit", NOT_SPECIFIED) \
	X(IGMP_BAD, "IgmpBad", NOT_SPECIFIED) \
	X(UDP_TRUNC, "UdpTruncated", PKT_TOO_SMALL) \
	X(UDP_LEN, "UdpLength", PKT_TOO_SMALL) \
	X(UDP_CSUM, "UdpChecksum", UDP_CSUM) \
	X(UDP_NOPORT, "UdpNoPort", NO_SOCKET) \
	X(UDP_GSO, "UdpGso", SKB_GSO_SEG) \
	X(TCP_TRUNC, "TcpTruncated", PKT_TOO_SMALL) \
	X(TCP_CSUM, "TcpChecksum", TCP_CSUM) \
	X(TCP_NOPORT, "TcpNoPort", NO_SOCKET) \
	X(TCP_FLAGS, "TcpFlags", TCP_FLAGS) \
	X(TCP_PAWS, "TcpPaws", TCP_RFC7323_PAWS) \
	X(TCP_SEQUENCE, "TcpSequence", TCP_INVALID_SEQUENCE) \
	X(TCP_OLD_DATA, "TcpOldData", TCP_OLD_DATA) \
	X(TCP_OLD_ACK, "TcpOldAck", TCP_OLD_ACK) \
	X(TCP_ACK_UNSENT, "TcpAckUnsent", TCP_ACK_UNSENT_DATA) \
	X(TCP_ZEROWINDOW, "TcpZeroWindow", TCP_ZEROWINDOW) \
	X(TCP_RESET, "TcpReset", TCP_RESET) \
	X(TCP_SYN, "TcpSyn", TCP_INVALID_SYN) \
	X(TCP_OVERFLOW, "TcpListenOverflow", NOT_SPECIFIED) \
	X(TCP_CLOSED, "TcpClosed", TCP_CLOSE) \
	X(TCP_MINTTL, "TcpMinTtl", NOT_SPECIFIED) \
	X(TCP_MD5_NONE, "TcpMd5Missing", TCP_MD5NOTFOUND) \
	X(TCP_MD5_UNEXPECTED, "TcpMd5Unexpected", TCP_MD5UNEXPECTED) \
	X(TCP_MD5_WRONG, "TcpMd5Wrong", TCP_MD5FAILURE) \
	X(TCP_AO_NONE, "TcpAoMissing", NOT_SPECIFIED) \
	X(TCP_AO_UNEXPECTED, "TcpAoUnexpected", NOT_SPECIFIED) \
	X(TCP_AO_NOKEY, "TcpAoNoKey", NOT_SPECIFIED) \
	X(TCP_AO_WRONG, "TcpAoWrong", NOT_SPECIFIED) \
	X(TCP_BACKLOG, "TcpBacklog", SOCKET_BACKLOG) \
	X(TCP_PRUNED, "TcpPruned", TCP_OFO_QUEUE_PRUNE) \
	X(TP_TRUNC, "TransportTruncated", PKT_TOO_SMALL) \
	X(TP_CSUM, "TransportChecksum", NOT_SPECIFIED) \
	X(TP_INVALID, "TransportInvalid", NOT_SPECIFIED) \
	X(TP_DUPLICATE, "TransportDuplicate", NOT_SPECIFIED) \
	X(TP_GIVEN_UP, "TransportGivenUp", NOT_SPECIFIED) \
	X(SOCK_FILTER, "SocketFilter", SOCKET_FILTER) \
	X(SOCK_RCVBUF, "SocketRcvbuf", SOCKET_RCVBUFF) \
	X(SOCK_MEM, "SocketMemory", PROTO_MEM) \
	X(SOCK_CLOSED, "SocketClosed", NO_SOCKET) \
	X(ARP_TRUNC, "ArpTruncated", PKT_TOO_SMALL) \
	X(ARP_HDR, "ArpHeader", NOT_SPECIFIED) \
	X(ARP_MARTIAN, "ArpMartian", NOT_SPECIFIED) \
	X(ARP_IGNORED, "ArpIgnored", NOT_SPECIFIED) \
	X(NEIGH_FAILED, "NeighFailed", NEIGH_FAILED) \
	X(NEIGH_QUEUEFULL, "NeighQueueFull", NEIGH_QUEUEFULL) \
	X(NEIGH_DEAD, "NeighDead", NEIGH_DEAD) \
	X(NEIGH_CREATE, "NeighCreate", NEIGH_CREATEFAIL) \
	X(NEIGH_HDR, "NeighHeader", DEV_HDR) \
	X(DEV_QUEUE, "DevQueue", NOT_SPECIFIED) \
	X(TEARDOWN, "Teardown", NOT_SPECIFIED) \
	X(FAULT, "Fault", NOT_SPECIFIED) \
	X(FAULT_LIMIT, "FaultLimit", NOMEM)

enum pp_drop_cause {
#define PKTPATH_DROP_ENUM(id, name, reason) PKTPATH_DROP_##id,
	PKTPATH_DROPS(PKTPATH_DROP_ENUM)
#undef PKTPATH_DROP_ENUM
	PKTPATH_DROP_MAX
};

#endif
