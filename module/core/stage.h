/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stages of the path, in the order a packet meets them. Tracepoints, drop
 * counters and the picture in the README are made from this one list.
 *
 * X(ID, tracepoint, direction, "NAME", "function", "file", "kernel twin")
 * Direction: OUT, IN or BOTH (forwarding). Stages that the kernel itself
 * performs (DEV_XMIT, TX_DONE, DEV_RX) have no tracepoint of ours: the
 * kernel's is named in their place.
 */
#ifndef PKTPATH_CORE_STAGE_H
#define PKTPATH_CORE_STAGE_H

#define PKTPATH_STAGES(X) \
	X(SOCK_SEND, pp_sock_send, OUT, "SOCK_SEND", \
	  "pp_inet_sendmsg", "sock/af_pktpath.c", "inet_sendmsg") \
	X(TP_SEND, pp_tp_send, OUT, "TP_SEND", \
	  "pp_udp_sendmsg", "udp/udp_output.c", "udp_sendmsg") \
	X(TP_XMIT, pp_tp_xmit, OUT, "TP_XMIT", \
	  "pp_udp_send_skb", "udp/udp_output.c", "udp_send_skb") \
	X(IP_ROUTE, pp_ip_route, OUT, "IP_ROUTE", \
	  "pp_ip_route_output_flow", "ip/route.c", "ip_route_output_flow") \
	X(IP_LOCAL_OUT, pp_ip_local_out, OUT, "IP_LOCAL_OUT", \
	  "pp_ip_local_out", "ip/ip_output.c", "ip_local_out") \
	X(IP_OUTPUT, pp_ip_output, OUT, "IP_OUTPUT", \
	  "pp_ip_output", "ip/ip_output.c", "ip_output") \
	X(IP_FINISH, pp_ip_finish, OUT, "IP_FINISH", \
	  "pp_ip_finish_output", "ip/ip_output.c", "ip_finish_output") \
	X(NEIGH, pp_neigh, OUT, "NEIGH", \
	  "pp_neigh_output", "neigh/arp_output.c", "neigh_output") \
	X(DEV_QUEUE, pp_dev_queue, OUT, "DEV_QUEUE", \
	  "pp_link_xmit", "link/link_output.c", "dev_queue_xmit") \
	X(DEV_XMIT, net_dev_start_xmit, KOUT, "DEV_XMIT", \
	  "ndo_start_xmit", "", "ndo_start_xmit") \
	X(TX_DONE, consume_skb, KOUT, "TX_DONE", \
	  "consume_skb", "", "consume_skb") \
	X(DEV_RX, netif_receive_skb, KIN, "DEV_RX", \
	  "netif_receive_skb", "", "__netif_receive_skb_core") \
	X(LINK_RCV, pp_link_rcv, IN, "LINK_RCV", \
	  "pp_link_rcv", "link/link_input.c", "rx_handler") \
	X(IP_RCV, pp_ip_rcv, IN, "IP_RCV", \
	  "pp_ip_rcv", "ip/ip_input.c", "ip_rcv") \
	X(IP_ROUTE_IN, pp_ip_route_in, IN, "IP_ROUTE_IN", \
	  "pp_ip_rcv_finish", "ip/ip_input.c", "ip_rcv_finish") \
	X(IP_FORWARD, pp_ip_forward, IN, "IP_FORWARD", \
	  "pp_ip_forward", "ip/ip_forward.c", "ip_forward") \
	X(IP_LOCAL, pp_ip_local, IN, "IP_LOCAL", \
	  "pp_ip_local_deliver", "ip/ip_input.c", "ip_local_deliver") \
	X(TP_RCV, pp_tp_rcv, IN, "TP_RCV", \
	  "pp_udp_rcv", "udp/udp_input.c", "udp_rcv") \
	X(SOCK_QUEUE, pp_sock_queue, IN, "SOCK_QUEUE", \
	  "pp_udp_queue_rcv_skb", "udp/udp_input.c", \
	  "__udp_enqueue_schedule_skb") \
	X(SOCK_WAKE, pp_sock_wake, IN, "SOCK_WAKE", \
	  "pp_udp_data_ready", "udp/udp_input.c", "sock_def_readable") \
	X(SOCK_RECV, pp_sock_recv, IN, "SOCK_RECV", \
	  "pp_inet_recvmsg", "sock/af_pktpath.c", "inet_recvmsg")

enum pp_stage {
#define PKTPATH_STAGE_ENUM(id, tp, dir, name, fn, file, twin) \
	PKTPATH_STAGE_##id,
	PKTPATH_STAGES(PKTPATH_STAGE_ENUM)
#undef PKTPATH_STAGE_ENUM
	PKTPATH_STAGE_MAX
};

/* Stage of a drop that belongs to ARP, not to a packet's way. */
#define PKTPATH_STAGE_ARP PKTPATH_STAGE_NEIGH

#endif
