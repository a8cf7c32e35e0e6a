/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The graph of stages: which stage a packet may come to from which. A journey
 * is a walk of it, from a call, a received frame or a packet of our own making
 * to the last thing that is seen of it. Where the path goes another way than
 * the list of core/stage.h, the comment says why. FREE is no stage: the buffer
 * ended there.
 *
 * X(FROM, TO)
 */
#ifndef PKTPATH_JOURNEY_WAYS_H
#define PKTPATH_JOURNEY_WAYS_H

/* A datagram's route is looked for before there is a buffer, a segment's when
 * it is made; again when the routes changed meanwhile.
 */
#define PKTPATH_WAYS_CALL(X) \
	X(SOCK_SEND, TP_SEND) \
	X(TP_SEND, IP_ROUTE) \
	X(TP_SEND, TP_XMIT) \
	X(IP_ROUTE, IP_ROUTE) \
	X(IP_ROUTE, TP_XMIT) \
	X(TP_XMIT, IP_ROUTE) \
	X(TP_XMIT, IP_LOCAL_OUT) \
	X(IP_ROUTE, IP_LOCAL_OUT)

/* Fragments are made in IP_FINISH: the packet is freed, they go on. Likewise
 * segments behind DEV_QUEUE, of what the device cannot cut: from DEV_XMIT.
 */
#define PKTPATH_WAYS_OUT(X) \
	X(IP_LOCAL_OUT, IP_OUTPUT) \
	X(IP_OUTPUT, IP_FINISH) \
	X(IP_FINISH, NEIGH) \
	X(IP_FINISH, FREE) \
	X(NEIGH, DEV_QUEUE) \
	X(DEV_QUEUE, DEV_XMIT) \
	X(DEV_QUEUE, FREE) \
	X(DEV_XMIT, TX_DONE) \
	X(DEV_XMIT, DEV_RX)

/* What ends early: a frame for the kernel's own stack, a fragment that joins
 * others in netfilter, a group's that only copies go on of, a protocol's that
 * raw sockets alone have copies of. A super-packet that a fault divides ends
 * where that is.
 */
#define PKTPATH_WAYS_IN(X) \
	X(DEV_RX, LINK_RCV) \
	X(DEV_RX, FREE) \
	X(LINK_RCV, IP_RCV) \
	X(IP_RCV, IP_ROUTE_IN) \
	X(IP_RCV, FREE) \
	X(IP_ROUTE_IN, IP_LOCAL) \
	X(IP_ROUTE_IN, IP_FORWARD) \
	X(IP_ROUTE_IN, FREE) \
	X(IP_FORWARD, IP_OUTPUT) \
	X(IP_LOCAL, TP_RCV) \
	X(IP_LOCAL, FREE)

/* What is used up in TP_RCV: an ACK, a message of ICMP. A datagram's buffer
 * is freed by its reader, a segment's joins others at SOCK_QUEUE.
 */
#define PKTPATH_WAYS_SOCK(X) \
	X(TP_RCV, SOCK_QUEUE) \
	X(TP_RCV, FREE) \
	X(SOCK_QUEUE, SOCK_WAKE) \
	X(SOCK_QUEUE, SOCK_RECV) \
	X(SOCK_QUEUE, FREE) \
	X(SOCK_WAKE, SOCK_RECV) \
	X(SOCK_WAKE, FREE) \
	X(FREE, SOCK_RECV)

#define PKTPATH_WAYS(X) \
	PKTPATH_WAYS_CALL(X) \
	PKTPATH_WAYS_OUT(X) \
	PKTPATH_WAYS_IN(X) \
	PKTPATH_WAYS_SOCK(X)

#endif
