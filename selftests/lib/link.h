/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Links and namespaces made by the program itself: a test of the debug kernel
 * makes hundreds of them, where a start of ip(8) takes most of a second.
 *
 * All work in the namespace of the calling thread and return 0, or -1 with a
 * line on stderr.
 */
#ifndef PKTPATH_SELFTESTS_LINK_H
#define PKTPATH_SELFTESTS_LINK_H

#include <stdint.h>

/* A pair of veth: @dev here, @peer in the namespace @ns_fd. */
int link_veth(const char *dev, const char *peer, int ns_fd);
/* A VRF device; puts @dev into it, or (NULL) out of the one in which it is. */
int link_vrf(const char *vrf, uint32_t table);
int link_master(const char *dev, const char *vrf);
int link_del(const char *dev);
int link_up(const char *dev);
/* Waits until the kernel has told of the carrier: what is sent before is lost. */
int link_await_up(const char *dev);
/* A.B.C.D/24 of the kernel's own stack, with its broadcast address. */
int link_addr(const char *dev, const char *addr);
int link_mac(const char *dev, uint8_t mac[6]);

/* A namespace with a name, as ip-netns(8) makes it; an open descriptor. */
int netns_add(const char *name);
void netns_del(const char *name);

/*
 * Runs @path with arguments (the last NULL) and @input on its standard input:
 * the exit status, 255 when it could not be run.
 */
int run_with(const char *input, const char *path, ...);

#endif
