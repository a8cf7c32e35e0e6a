/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of one netns, per CPU. Names are the kernel's (RFC 2011, 2013,
 * and /proc/net/netstat) so that tools that parse net/snmp read ours.
 *
 * X(ID, "group", "name"); groups: Ip, Icmp, Tcp, Udp, TcpExt, IpExt,
 * Pp (ours alone).
 */
#ifndef PKTPATH_CORE_MIB_H
#define PKTPATH_CORE_MIB_H

#include <linux/percpu.h>
#include "core/drop_causes.h"

#define PKTPATH_MIBS(X) \
	X(IP_INRECEIVES, "Ip", "InReceives") \
	X(IP_INHDRERRORS, "Ip", "InHdrErrors") \
	X(IP_INADDRERRORS, "Ip", "InAddrErrors") \
	X(IP_FORWDATAGRAMS, "Ip", "ForwDatagrams") \
	X(IP_INUNKNOWNPROTOS, "Ip", "InUnknownProtos") \
	X(IP_INDISCARDS, "Ip", "InDiscards") \
	X(IP_INDELIVERS, "Ip", "InDelivers") \
	X(IP_OUTREQUESTS, "Ip", "OutRequests") \
	X(IP_OUTDISCARDS, "Ip", "OutDiscards") \
	X(IP_OUTNOROUTES, "Ip", "OutNoRoutes") \
	X(IP_REASMTIMEOUT, "Ip", "ReasmTimeout") \
	X(IP_REASMREQDS, "Ip", "ReasmReqds") \
	X(IP_REASMOKS, "Ip", "ReasmOKs") \
	X(IP_REASMFAILS, "Ip", "ReasmFails") \
	X(IP_FRAGOKS, "Ip", "FragOKs") \
	X(IP_FRAGFAILS, "Ip", "FragFails") \
	X(IP_FRAGCREATES, "Ip", "FragCreates") \
	X(ICMP_INMSGS, "Icmp", "InMsgs") \
	X(ICMP_INERRORS, "Icmp", "InErrors") \
	X(ICMP_INCSUMERRORS, "Icmp", "InCsumErrors") \
	X(ICMP_INDESTUNREACHS, "Icmp", "InDestUnreachs") \
	X(ICMP_INTIMEEXCDS, "Icmp", "InTimeExcds") \
	X(ICMP_INPARMPROBS, "Icmp", "InParmProbs") \
	X(ICMP_INSRCQUENCHS, "Icmp", "InSrcQuenchs") \
	X(ICMP_INREDIRECTS, "Icmp", "InRedirects") \
	X(ICMP_INECHOS, "Icmp", "InEchos") \
	X(ICMP_INECHOREPS, "Icmp", "InEchoReps") \
	X(ICMP_INTIMESTAMPS, "Icmp", "InTimestamps") \
	X(ICMP_INTIMESTAMPREPS, "Icmp", "InTimestampReps") \
	X(ICMP_INADDRMASKS, "Icmp", "InAddrMasks") \
	X(ICMP_INADDRMASKREPS, "Icmp", "InAddrMaskReps") \
	X(ICMP_OUTMSGS, "Icmp", "OutMsgs") \
	X(ICMP_OUTERRORS, "Icmp", "OutErrors") \
	X(ICMP_OUTRATELIMITGLOBAL, "Icmp", "OutRateLimitGlobal") \
	X(ICMP_OUTRATELIMITHOST, "Icmp", "OutRateLimitHost") \
	X(ICMP_OUTDESTUNREACHS, "Icmp", "OutDestUnreachs") \
	X(ICMP_OUTTIMEEXCDS, "Icmp", "OutTimeExcds") \
	X(ICMP_OUTPARMPROBS, "Icmp", "OutParmProbs") \
	X(ICMP_OUTSRCQUENCHS, "Icmp", "OutSrcQuenchs") \
	X(ICMP_OUTREDIRECTS, "Icmp", "OutRedirects") \
	X(ICMP_OUTECHOS, "Icmp", "OutEchos") \
	X(ICMP_OUTECHOREPS, "Icmp", "OutEchoReps") \
	X(ICMP_OUTTIMESTAMPS, "Icmp", "OutTimestamps") \
	X(ICMP_OUTTIMESTAMPREPS, "Icmp", "OutTimestampReps") \
	X(ICMP_OUTADDRMASKS, "Icmp", "OutAddrMasks") \
	X(ICMP_OUTADDRMASKREPS, "Icmp", "OutAddrMaskReps") \
	X(TCP_ACTIVEOPENS, "Tcp", "ActiveOpens") \
	X(TCP_PASSIVEOPENS, "Tcp", "PassiveOpens") \
	X(TCP_ATTEMPTFAILS, "Tcp", "AttemptFails") \
	X(TCP_ESTABRESETS, "Tcp", "EstabResets") \
	X(TCP_CURRESTAB, "Tcp", "CurrEstab") \
	X(TCP_INSEGS, "Tcp", "InSegs") \
	X(TCP_OUTSEGS, "Tcp", "OutSegs") \
	X(TCP_RETRANSSEGS, "Tcp", "RetransSegs") \
	X(TCP_INERRS, "Tcp", "InErrs") \
	X(TCP_OUTRSTS, "Tcp", "OutRsts") \
	X(TCP_INCSUMERRORS, "Tcp", "InCsumErrors") \
	X(UDP_INDATAGRAMS, "Udp", "InDatagrams") \
	X(UDP_NOPORTS, "Udp", "NoPorts") \
	X(UDP_INERRORS, "Udp", "InErrors") \
	X(UDP_OUTDATAGRAMS, "Udp", "OutDatagrams") \
	X(UDP_RCVBUFERRORS, "Udp", "RcvbufErrors") \
	X(UDP_SNDBUFERRORS, "Udp", "SndbufErrors") \
	X(UDP_INCSUMERRORS, "Udp", "InCsumErrors") \
	X(UDP_IGNOREDMULTI, "Udp", "IgnoredMulti") \
	X(UDP_MEMERRORS, "Udp", "MemErrors") \
	X(TCPEXT_SYNCOOKIESSENT, "TcpExt", "SyncookiesSent") \
	X(TCPEXT_SYNCOOKIESRECV, "TcpExt", "SyncookiesRecv") \
	X(TCPEXT_SYNCOOKIESFAILED, "TcpExt", "SyncookiesFailed") \
	X(TCPEXT_EMBRYONICRSTS, "TcpExt", "EmbryonicRsts") \
	X(TCPEXT_PRUNECALLED, "TcpExt", "PruneCalled") \
	X(TCPEXT_RCVPRUNED, "TcpExt", "RcvPruned") \
	X(TCPEXT_RCVCOLLAPSED, "TcpExt", "TCPRcvCollapsed") \
	X(TCPEXT_OFOPRUNED, "TcpExt", "OfoPruned") \
	X(TCPEXT_OUTOFWINDOWICMPS, "TcpExt", "OutOfWindowIcmps") \
	X(TCPEXT_LOCKDROPPEDICMPS, "TcpExt", "LockDroppedIcmps") \
	X(TCPEXT_TW, "TcpExt", "TW") \
	X(TCPEXT_TWRECYCLED, "TcpExt", "TWRecycled") \
	X(TCPEXT_TWKILLED, "TcpExt", "TWKilled") \
	X(TCPEXT_PAWSACTIVE, "TcpExt", "PAWSActive") \
	X(TCPEXT_PAWSESTAB, "TcpExt", "PAWSEstab") \
	X(TCPEXT_BEYONDWINDOW, "TcpExt", "BeyondWindow") \
	X(TCPEXT_PAWSOLDACK, "TcpExt", "PAWSOldAck") \
	X(TCPEXT_PAWSTIMEWAIT, "TcpExt", "PAWSTimewait") \
	X(TCPEXT_DELAYEDACKS, "TcpExt", "DelayedACKs") \
	X(TCPEXT_DELAYEDACKLOCKED, "TcpExt", "DelayedACKLocked") \
	X(TCPEXT_DELAYEDACKLOST, "TcpExt", "DelayedACKLost") \
	X(TCPEXT_LISTENOVERFLOWS, "TcpExt", "ListenOverflows") \
	X(TCPEXT_LISTENDROPS, "TcpExt", "ListenDrops") \
	X(TCPEXT_HPHITS, "TcpExt", "TCPHPHits") \
	X(TCPEXT_PUREACKS, "TcpExt", "TCPPureAcks") \
	X(TCPEXT_HPACKS, "TcpExt", "TCPHPAcks") \
	X(TCPEXT_RENORECOVERY, "TcpExt", "TCPRenoRecovery") \
	X(TCPEXT_SACKRECOVERY, "TcpExt", "TCPSackRecovery") \
	X(TCPEXT_SACKRENEGING, "TcpExt", "TCPSACKReneging") \
	X(TCPEXT_SACKREORDER, "TcpExt", "TCPSACKReorder") \
	X(TCPEXT_FULLUNDO, "TcpExt", "TCPFullUndo") \
	X(TCPEXT_PARTIALUNDO, "TcpExt", "TCPPartialUndo") \
	X(TCPEXT_DSACKUNDO, "TcpExt", "TCPDSACKUndo") \
	X(TCPEXT_LOSSUNDO, "TcpExt", "TCPLossUndo") \
	X(TCPEXT_LOSTRETRANSMIT, "TcpExt", "TCPLostRetransmit") \
	X(TCPEXT_RENOFAILURES, "TcpExt", "TCPRenoFailures") \
	X(TCPEXT_SACKFAILURES, "TcpExt", "TCPSackFailures") \
	X(TCPEXT_LOSSFAILURES, "TcpExt", "TCPLossFailures") \
	X(TCPEXT_FASTRETRANS, "TcpExt", "TCPFastRetrans") \
	X(TCPEXT_SLOWSTARTRETRANS, "TcpExt", "TCPSlowStartRetrans") \
	X(TCPEXT_TIMEOUTS, "TcpExt", "TCPTimeouts") \
	X(TCPEXT_LOSSPROBES, "TcpExt", "TCPLossProbes") \
	X(TCPEXT_LOSSPROBERECOVERY, "TcpExt", "TCPLossProbeRecovery") \
	X(TCPEXT_RENORECOVERYFAIL, "TcpExt", "TCPRenoRecoveryFail") \
	X(TCPEXT_SACKRECOVERYFAIL, "TcpExt", "TCPSackRecoveryFail") \
	X(TCPEXT_DSACKOLDSENT, "TcpExt", "TCPDSACKOldSent") \
	X(TCPEXT_DSACKOFOSENT, "TcpExt", "TCPDSACKOfoSent") \
	X(TCPEXT_DSACKRECV, "TcpExt", "TCPDSACKRecv") \
	X(TCPEXT_DSACKOFORECV, "TcpExt", "TCPDSACKOfoRecv") \
	X(TCPEXT_ABORTONDATA, "TcpExt", "TCPAbortOnData") \
	X(TCPEXT_ABORTONCLOSE, "TcpExt", "TCPAbortOnClose") \
	X(TCPEXT_ABORTONMEMORY, "TcpExt", "TCPAbortOnMemory") \
	X(TCPEXT_ABORTONTIMEOUT, "TcpExt", "TCPAbortOnTimeout") \
	X(TCPEXT_ABORTONLINGER, "TcpExt", "TCPAbortOnLinger") \
	X(TCPEXT_ABORTFAILED, "TcpExt", "TCPAbortFailed") \
	X(TCPEXT_MEMORYPRESSURES, "TcpExt", "TCPMemoryPressures") \
	X(TCPEXT_SACKDISCARD, "TcpExt", "TCPSACKDiscard") \
	X(TCPEXT_DSACKIGNOREDOLD, "TcpExt", "TCPDSACKIgnoredOld") \
	X(TCPEXT_DSACKIGNOREDNOUNDO, "TcpExt", "TCPDSACKIgnoredNoUndo") \
	X(TCPEXT_DSACKRECVSEGS, "TcpExt", "TCPDSACKRecvSegs") \
	X(TCPEXT_DSACKIGNOREDDUBIOUS, "TcpExt", \
	  "TCPDSACKIgnoredDubious") \
	X(TCPEXT_SPURIOUSRTOS, "TcpExt", "TCPSpuriousRTOs") \
	X(TCPEXT_BACKLOGDROP, "TcpExt", "TCPBacklogDrop") \
	X(TCPEXT_DEFERACCEPTDROP, "TcpExt", "TCPDeferAcceptDrop") \
	X(TCPEXT_TIMEWAITOVERFLOW, "TcpExt", "TCPTimeWaitOverflow") \
	X(TCPEXT_REQQFULLDOCOOKIES, "TcpExt", "TCPReqQFullDoCookies") \
	X(TCPEXT_REQQFULLDROP, "TcpExt", "TCPReqQFullDrop") \
	X(TCPEXT_RETRANSFAIL, "TcpExt", "TCPRetransFail") \
	X(TCPEXT_RCVCOALESCE, "TcpExt", "TCPRcvCoalesce") \
	X(TCPEXT_OFOQUEUE, "TcpExt", "TCPOFOQueue") \
	X(TCPEXT_OFODROP, "TcpExt", "TCPOFODrop") \
	X(TCPEXT_OFOMERGE, "TcpExt", "TCPOFOMerge") \
	X(TCPEXT_CHALLENGEACK, "TcpExt", "TCPChallengeACK") \
	X(TCPEXT_SYNCHALLENGE, "TcpExt", "TCPSYNChallenge") \
	X(TCPEXT_SPURIOUSRTXHOSTQUEUES, "TcpExt", "TCPSpuriousRtxHostQueues") \
	X(TCPEXT_FROMZEROWINDOWADV, "TcpExt", "TCPFromZeroWindowAdv") \
	X(TCPEXT_TOZEROWINDOWADV, "TcpExt", "TCPToZeroWindowAdv") \
	X(TCPEXT_WANTZEROWINDOWADV, "TcpExt", "TCPWantZeroWindowAdv") \
	X(TCPEXT_SYNRETRANS, "TcpExt", "TCPSynRetrans") \
	X(TCPEXT_ORIGDATASENT, "TcpExt", "TCPOrigDataSent") \
	X(TCPEXT_FASTOPENACTIVE, "TcpExt", "TCPFastOpenActive") \
	X(TCPEXT_FASTOPENACTIVEFAIL, "TcpExt", "TCPFastOpenActiveFail") \
	X(TCPEXT_FASTOPENPASSIVE, "TcpExt", "TCPFastOpenPassive") \
	X(TCPEXT_FASTOPENPASSIVEFAIL, "TcpExt", "TCPFastOpenPassiveFail") \
	X(TCPEXT_FASTOPENLISTENOVERFLOW, "TcpExt", \
	  "TCPFastOpenListenOverflow") \
	X(TCPEXT_FASTOPENCOOKIEREQD, "TcpExt", "TCPFastOpenCookieReqd") \
	X(TCPEXT_FASTOPENBLACKHOLE, "TcpExt", "TCPFastOpenBlackhole") \
	X(TCPEXT_FASTOPENPASSIVEALTKEY, "TcpExt", \
	  "TCPFastOpenPassiveAltKey") \
	X(TCPEXT_ACKSKIPPEDSYNRECV, "TcpExt", "TCPACKSkippedSynRecv") \
	X(TCPEXT_ACKSKIPPEDPAWS, "TcpExt", "TCPACKSkippedPAWS") \
	X(TCPEXT_ACKSKIPPEDSEQ, "TcpExt", "TCPACKSkippedSeq") \
	X(TCPEXT_ACKSKIPPEDFINWAIT2, "TcpExt", "TCPACKSkippedFinWait2") \
	X(TCPEXT_ACKSKIPPEDTIMEWAIT, "TcpExt", "TCPACKSkippedTimeWait") \
	X(TCPEXT_ACKSKIPPEDCHALLENGE, "TcpExt", "TCPACKSkippedChallenge") \
	X(TCPEXT_WINPROBE, "TcpExt", "TCPWinProbe") \
	X(TCPEXT_MTUPFAIL, "TcpExt", "TCPMTUPFail") \
	X(TCPEXT_MTUPSUCCESS, "TcpExt", "TCPMTUPSuccess") \
	X(TCPEXT_KEEPALIVE, "TcpExt", "TCPKeepAlive") \
	X(TCPEXT_DELIVERED, "TcpExt", "TCPDelivered") \
	X(TCPEXT_DELIVEREDCE, "TcpExt", "TCPDeliveredCE") \
	X(TCPEXT_ZEROWINDOWDROP, "TcpExt", "TCPZeroWindowDrop") \
	X(TCPEXT_RCVQDROP, "TcpExt", "TCPRcvQDrop") \
	X(TCPEXT_MINTTLDROP, "TcpExt", "TCPMinTTLDrop") \
	X(TCPEXT_MD5NOTFOUND, "TcpExt", "TCPMD5NotFound") \
	X(TCPEXT_MD5UNEXPECTED, "TcpExt", "TCPMD5Unexpected") \
	X(TCPEXT_MD5FAILURE, "TcpExt", "TCPMD5Failure") \
	X(TCPEXT_AOREQUIRED, "TcpExt", "TCPAORequired") \
	X(TCPEXT_AOBAD, "TcpExt", "TCPAOBad") \
	X(TCPEXT_AOKEYNOTFOUND, "TcpExt", "TCPAOKeyNotFound") \
	X(TCPEXT_AOGOOD, "TcpExt", "TCPAOGood") \
	X(TCPEXT_AODROPPEDICMPS, "TcpExt", "TCPAODroppedIcmps") \
	X(TCPEXT_MIGRATEREQSUCCESS, "TcpExt", "TCPMigrateReqSuccess") \
	X(TCPEXT_MIGRATEREQFAILURE, "TcpExt", "TCPMigrateReqFailure") \
	X(IPEXT_INNOROUTES, "IpExt", "InNoRoutes") \
	X(IPEXT_INTRUNCATEDPKTS, "IpExt", "InTruncatedPkts") \
	X(IPEXT_INMCASTPKTS, "IpExt", "InMcastPkts") \
	X(IPEXT_OUTMCASTPKTS, "IpExt", "OutMcastPkts") \
	X(IPEXT_INBCASTPKTS, "IpExt", "InBcastPkts") \
	X(IPEXT_OUTBCASTPKTS, "IpExt", "OutBcastPkts") \
	X(IPEXT_INOCTETS, "IpExt", "InOctets") \
	X(IPEXT_OUTOCTETS, "IpExt", "OutOctets") \
	X(IPEXT_INMCASTOCTETS, "IpExt", "InMcastOctets") \
	X(IPEXT_OUTMCASTOCTETS, "IpExt", "OutMcastOctets") \
	X(IPEXT_INBCASTOCTETS, "IpExt", "InBcastOctets") \
	X(IPEXT_OUTBCASTOCTETS, "IpExt", "OutBcastOctets") \
	X(IPEXT_INCSUMERRORS, "IpExt", "InCsumErrors") \
	X(IPEXT_INNOECTPKTS, "IpExt", "InNoECTPkts") \
	X(IPEXT_INECT1PKTS, "IpExt", "InECT1Pkts") \
	X(IPEXT_INECT0PKTS, "IpExt", "InECT0Pkts") \
	X(IPEXT_INCEPKTS, "IpExt", "InCEPkts") \
	X(IPEXT_REASMOVERLAPS, "IpExt", "ReasmOverlaps") \
	X(PP_LINK_IN, "Pp", "LinkIn") \
	X(PP_LINK_OUT, "Pp", "LinkOut") \
	X(PP_LINK_OUTDROPS, "Pp", "LinkOutDrops") \
	X(PP_LOOP, "Pp", "LinkLoop") \
	X(PP_TO_KERNEL, "Pp", "ToKernel") \
	X(PP_ARP_INREQUESTS, "Pp", "ArpInRequests") \
	X(PP_ARP_INREPLIES, "Pp", "ArpInReplies") \
	X(PP_ARP_INERRORS, "Pp", "ArpInErrors") \
	X(PP_ARP_OUTREQUESTS, "Pp", "ArpOutRequests") \
	X(PP_ARP_OUTREPLIES, "Pp", "ArpOutReplies") \
	X(PP_ARP_CONFLICTS, "Pp", "ArpConflicts") \
	X(PP_ARP_DEFENDS, "Pp", "ArpDefends") \
	X(PP_NEIGH_FAILED, "Pp", "NeighFailed") \
	X(PP_NEIGH_QDROPS, "Pp", "NeighQueueDrops") \
	X(PP_NEIGH_OVERFLOW, "Pp", "NeighTableOverflow")

enum pp_mib {
#define PKTPATH_MIB_ENUM(id, group, name) PKTPATH_MIB_##id,
	PKTPATH_MIBS(PKTPATH_MIB_ENUM)
#undef PKTPATH_MIB_ENUM
	PKTPATH_MIB_MAX
};

/* ICMP messages by type, in and out (RFC 2011 icmpMsg), as in net/snmp. */
struct pp_mib_cpu {
	unsigned long c[PKTPATH_MIB_MAX];
	unsigned long drops[PKTPATH_DROP_MAX];
	unsigned long icmp_in[256];
	unsigned long icmp_out[256];
};

#define pp_mib_inc(pn, id) this_cpu_inc((pn)->mib->c[PKTPATH_MIB_##id])
#define pp_mib_add(pn, id, n) this_cpu_add((pn)->mib->c[PKTPATH_MIB_##id], n)

struct pp_net;

/* One row of the printable list: see pp_mib_rows. */
struct pp_mib_row {
	const char *group;
	const char *name;
};

extern const struct pp_mib_row pp_mib_rows[PKTPATH_MIB_MAX];

unsigned long pp_mib_read(const struct pp_net *pn, enum pp_mib id);
unsigned long pp_mib_read_drop(const struct pp_net *pn, unsigned int cause);
unsigned long pp_mib_read_icmp(const struct pp_net *pn, bool out, u8 type);

#endif
