// SPDX-License-Identifier: GPL-2.0
/*
 * ioctl(2) on our sockets: own addresses in the old interface requests, queue
 * lengths from the transport.
 *
 * Addresses and routes are changed over netlink alone; the old requests to
 * change them are refused here, since generic code would otherwise give them
 * to the driver.
 *
 * Path: ioctl(2) => proto.ioctl
 * Mirrors: net/ipv4/af_inet.c (inet_ioctl), net/ipv4/devinet.c
 * Locks: RCU
 */
#include <linux/if.h>
#include <linux/netdevice.h>
#include <linux/sockios.h>
#include <net/sock.h>
#include <asm/ioctls.h>
#include "compat/compat.h"
#include "core/dev.h"
#include "core/ifaddr.h"
#include "core/pp_sock.h"
#include "ip/ip.h"
#include "sock/sock_priv.h"

/* What a request says of the first address of a device. */
static __be32 pp_ioctl_pick(const struct pp_ifaddr *ifa, unsigned int cmd)
{
	switch (cmd) {
	case SIOCGIFBRDADDR:
		return ifa->bcast;
	case SIOCGIFDSTADDR:
		return ifa->peer;
	case SIOCGIFNETMASK:
		return ifa->mask;
	default:
		return ifa->addr;
	}
}

static int pp_ioctl_ifaddr_rcu(const struct sock *sk, unsigned int cmd,
			       struct ifreq *ifr)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr->ifr_addr;
	struct pp_net *pn = pp_sk(sk)->pn;
	struct hlist_node *first;
	struct net_device *dev;
	struct pp_dev *pd;

	dev = dev_get_by_name_rcu(pn->net, ifr->ifr_name);
	if (!dev)
		return -ENODEV;
	pd = pp_dev_find_rcu(pn, dev->ifindex);
	first = pd ? rcu_dereference(hlist_first_rcu(&pd->addrs)) : NULL;
	if (!first)
		return -EADDRNOTAVAIL;
	pp_ip_fill_sockaddr(sk, sin,
			    pp_ioctl_pick(hlist_entry(first, struct pp_ifaddr,
						      node), cmd), 0);
	return 0;
}

/* Mirrors: net/ipv4/devinet.c:devinet_ioctl */
static int pp_ioctl_get_ifaddr(const struct sock *sk, unsigned int cmd,
			       void __user *arg)
{
	struct ifreq ifr;
	int err;

	if (get_user_ifreq(&ifr, NULL, arg))
		return -EFAULT;
	ifr.ifr_name[IFNAMSIZ - 1] = 0;
	rcu_read_lock();
	err = pp_ioctl_ifaddr_rcu(sk, cmd, &ifr);
	rcu_read_unlock();
	if (!err && put_user_ifreq(&ifr, arg))
		err = -EFAULT;
	return err;
}

/**
 * pp_inet_ioctl() - ioctl(2)
 * @sock: the socket
 * @cmd: request
 * @arg: user pointer
 *
 * Context: process.
 * Return: 0, -errno, or -ENOIOCTLCMD for requests that generic code serves.
 */
int pp_inet_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct sock *sk = sock->sk;

	switch (cmd) {
	case SIOCGIFADDR:
	case SIOCGIFBRDADDR:
	case SIOCGIFNETMASK:
	case SIOCGIFDSTADDR:
		return pp_ioctl_get_ifaddr(sk, cmd, (void __user *)arg);
	case SIOCSIFADDR:
	case SIOCSIFBRDADDR:
	case SIOCSIFNETMASK:
	case SIOCSIFDSTADDR:
	case SIOCADDRT:
	case SIOCDELRT:
	case SIOCGARP:
	case SIOCSARP:
	case SIOCDARP:
		return -EOPNOTSUPP;
	case SIOCRTMSG:
		return -EINVAL;
	default:
		/* SIOCINQ, SIOCOUTQ; of streams SIOCATMARK, SIOCOUTQNSD too */
		if (!sk->sk_prot->ioctl)
			return -ENOIOCTLCMD;
		return pp_compat_ioctl(sk, cmd, arg);
	}
}
