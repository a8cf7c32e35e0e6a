// SPDX-License-Identifier: GPL-2.0
/* Links and namespaces made by the program itself; see link.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sched.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "link.h"

#define NETNS_DIR "/run/netns"
#define AWAIT_MS 30000
#define RUN_ARGS 16

static int failed(const char *what, const char *dev)
{
	fprintf(stderr, "# %s %s: %s\n", what, dev, strerror(errno));
	return -1;
}

/* Sends a request and takes its answer: what came of it goes to @cb. */
static int talk(struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	char buf[16384];
	int n = -1;

	if (!nl)
		return -1;
	nlh->nlmsg_seq = 1;
	if (!mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) &&
	    mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) >= 0)
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (n > 0)
		n = mnl_cb_run(buf, n, 1, mnl_socket_get_portid(nl), cb, data);
	mnl_socket_close(nl);
	return n < 0 ? -1 : 0;
}

static struct nlmsghdr *request(char *buf, int type, int flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	return nlh;
}

int link_veth(const char *dev, const char *peer, int ns_fd)
{
	struct nlattr *info, *data, *other;
	char buf[1024] = { 0 };
	struct nlmsghdr *nlh;

	nlh = request(buf, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, dev);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	other = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, peer);
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, ns_fd);
	mnl_attr_nest_end(nlh, other);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return talk(nlh, NULL, NULL) ? failed("veth", dev) : 0;
}

int link_vrf(const char *vrf, uint32_t table)
{
	struct nlattr *info, *data;
	char buf[512] = { 0 };
	struct nlmsghdr *nlh;

	nlh = request(buf, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, vrf);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "vrf");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u32(nlh, IFLA_VRF_TABLE, table);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return talk(nlh, NULL, NULL) ? failed("vrf", vrf) : 0;
}

int link_del(const char *dev)
{
	char buf[256] = { 0 };
	struct nlmsghdr *nlh;

	nlh = request(buf, RTM_DELLINK, NLM_F_ACK);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, dev);
	return talk(nlh, NULL, NULL) ? failed("end of", dev) : 0;
}

static int dev_ioctl(const char *dev, unsigned long cmd, struct ifreq *ifr)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err, ret;

	if (fd < 0)
		return -1;
	snprintf(ifr->ifr_name, IFNAMSIZ, "%s", dev);
	ret = ioctl(fd, cmd, ifr);
	err = errno;
	close(fd);
	errno = err;
	return ret;
}

int link_master(const char *dev, const char *vrf)
{
	struct ifreq ifr = { 0 };
	char buf[256] = { 0 };
	struct nlmsghdr *nlh;

	if (vrf && dev_ioctl(vrf, SIOCGIFINDEX, &ifr))
		return failed("index", vrf);
	nlh = request(buf, RTM_NEWLINK, NLM_F_ACK);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, dev);
	mnl_attr_put_u32(nlh, IFLA_MASTER, ifr.ifr_ifindex);
	return talk(nlh, NULL, NULL) ? failed("master of", dev) : 0;
}

int link_up(const char *dev)
{
	struct ifreq ifr = { 0 };

	if (dev_ioctl(dev, SIOCGIFFLAGS, &ifr))
		return failed("flags", dev);
	ifr.ifr_flags |= IFF_UP;
	return dev_ioctl(dev, SIOCSIFFLAGS, &ifr) ? failed("up", dev) : 0;
}

int link_mac(const char *dev, uint8_t mac[6])
{
	struct ifreq ifr = { 0 };

	if (dev_ioctl(dev, SIOCGIFHWADDR, &ifr))
		return failed("address", dev);
	memcpy(mac, ifr.ifr_hwaddr.sa_data, 6);
	return 0;
}

static int oper_state(const struct nlmsghdr *nlh, void *data)
{
	struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct ifinfomsg))
		if (mnl_attr_get_type(attr) == IFLA_OPERSTATE)
			*(int *)data = mnl_attr_get_u8(attr);
	return MNL_CB_OK;
}

int link_await_up(const char *dev)
{
	int i, state = IF_OPER_UNKNOWN;
	struct nlmsghdr *nlh;
	char buf[256];

	for (i = 0; i < AWAIT_MS; i++) {
		memset(buf, 0, sizeof(buf));
		nlh = request(buf, RTM_GETLINK, 0);
		mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
		mnl_attr_put_strz(nlh, IFLA_IFNAME, dev);
		if (talk(nlh, oper_state, &state))
			return failed("state", dev);
		if (state == IF_OPER_UP)
			return 0;
		usleep(1000);
	}
	fprintf(stderr, "# %s has no carrier\n", dev);
	return -1;
}

int link_addr(const char *dev, const char *addr)
{
	struct ifreq ifr = { 0 };
	char buf[256] = { 0 };
	struct nlmsghdr *nlh;
	struct ifaddrmsg *ifa;
	struct in_addr in;

	if (dev_ioctl(dev, SIOCGIFINDEX, &ifr) ||
	    inet_pton(AF_INET, addr, &in) != 1)
		return failed("index", dev);
	nlh = request(buf, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	ifa->ifa_family = AF_INET;
	ifa->ifa_prefixlen = 24;
	ifa->ifa_index = ifr.ifr_ifindex;
	mnl_attr_put(nlh, IFA_LOCAL, sizeof(in), &in);
	mnl_attr_put(nlh, IFA_ADDRESS, sizeof(in), &in);
	in.s_addr |= htonl(0xff);
	mnl_attr_put(nlh, IFA_BROADCAST, sizeof(in), &in);
	return talk(nlh, NULL, NULL) ? failed("address of", dev) : 0;
}

/* Mounts and their ends are to reach those who hold the directory, too. */
static int netns_dir(void)
{
	if (mkdir(NETNS_DIR, 0755) && errno != EEXIST)
		return -1;
	if (!mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL))
		return 0;
	if (errno != EINVAL ||
	    mount(NETNS_DIR, NETNS_DIR, "none", MS_BIND | MS_REC, NULL))
		return -1;
	return mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL);
}

int netns_add(const char *name)
{
	int self, fd, err = -1;
	char path[64];

	snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
	self = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (self < 0 || netns_dir())
		return failed("namespace", name);
	fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	if (fd >= 0) {
		close(fd);
		if (!unshare(CLONE_NEWNET)) {
			err = mount("/proc/thread-self/ns/net", path, "none",
				    MS_BIND, NULL);
			if (setns(self, CLONE_NEWNET))
				abort();
		}
	}
	close(self);
	if (err)
		return failed("namespace", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? failed("namespace", name) : fd;
}

void netns_del(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
	umount2(path, MNT_DETACH);
	unlink(path);
}

int run_with(const char *input, const char *path, ...)
{
	char *argv[RUN_ARGS + 1] = { (char *)path };
	posix_spawn_file_actions_t acts;
	int in, err, st = -1, n = 1;
	va_list ap;
	pid_t pid;

	va_start(ap, path);
	while (n < RUN_ARGS && (argv[n] = va_arg(ap, char *)))
		n++;
	va_end(ap);
	in = memfd_create("input", MFD_CLOEXEC);
	if (in < 0 || write(in, input, strlen(input)) < 0 ||
	    lseek(in, 0, SEEK_SET))
		return 255;
	posix_spawn_file_actions_init(&acts);
	posix_spawn_file_actions_adddup2(&acts, in, STDIN_FILENO);
	err = posix_spawnp(&pid, path, &acts, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&acts);
	close(in);
	if (err)
		return 255;
	while (waitpid(pid, &st, 0) < 0)
		if (errno != EINTR)
			return 255;
	return WIFEXITED(st) ? WEXITSTATUS(st) : 255;
}
