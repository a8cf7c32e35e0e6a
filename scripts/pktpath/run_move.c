// SPDX-License-Identifier: GPL-2.0
/*
 * A socket of the kernel's that turns out, at bind(2) or connect(2), to be one
 * that was asked for: another takes its place, with all that was set before.
 *
 * The place is one number in one table. A copy of the descriptor, or an epoll
 * set that watches it, would go on with the old socket; both are refused.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "pktpath.h"
#include "run.h"

/* what headers of a system may be too old for */
#ifndef F_GETOWNER_UIDS
#define F_GETOWNER_UIDS 17
#endif
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif
#ifndef SO_TXREHASH
#define SO_TXREHASH 74
#endif
#ifndef SO_RCVMARK
#define SO_RCVMARK 75
#endif
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif
#ifndef TCP_RTO_MAX_MS
#define TCP_RTO_MAX_MS 44
#endif
#ifndef TCP_RTO_MIN_US
#define TCP_RTO_MIN_US 45
#endif
#ifndef TCP_DELACK_MAX_US
#define TCP_DELACK_MAX_US 46
#endif

#define MOVE_OPT_WORDS 8
#define MOVE_INSNS_MAX 4096

/* Options of one value, in the order in which they are set again. */
static const struct move_opt {
	int level, name;
	const char *text;
} move_opts[] = {
#define O(level, name) { level, name, #name }
	/* once bound to a device, no other can be said */
	O(IPPROTO_IP, IP_UNICAST_IF),
	O(SOL_SOCKET, SO_REUSEADDR), O(SOL_SOCKET, SO_REUSEPORT),
	O(SOL_SOCKET, SO_ZEROCOPY), O(SOL_SOCKET, SO_KEEPALIVE),
	O(SOL_SOCKET, SO_BROADCAST), O(SOL_SOCKET, SO_OOBINLINE),
	O(SOL_SOCKET, SO_DONTROUTE), O(SOL_SOCKET, SO_LINGER),
	O(SOL_SOCKET, SO_RCVBUF), O(SOL_SOCKET, SO_SNDBUF),
	O(SOL_SOCKET, SO_RCVLOWAT), O(SOL_SOCKET, SO_RCVTIMEO),
	O(SOL_SOCKET, SO_SNDTIMEO), O(SOL_SOCKET, SO_MARK),
	O(SOL_SOCKET, SO_TIMESTAMP), O(SOL_SOCKET, SO_TIMESTAMPNS),
	O(SOL_SOCKET, SO_TIMESTAMPING), O(SOL_SOCKET, SO_NO_CHECK),
	O(SOL_SOCKET, SO_RXQ_OVFL), O(SOL_SOCKET, SO_BUSY_POLL),
	O(SOL_SOCKET, SO_MAX_PACING_RATE), O(SOL_SOCKET, SO_LOCK_FILTER),
	O(SOL_SOCKET, SO_BINDTODEVICE), O(SOL_SOCKET, SO_PEEK_OFF),
	O(SOL_SOCKET, SO_TXTIME), O(SOL_SOCKET, SO_INCOMING_CPU),
	O(SOL_SOCKET, SO_PREFER_BUSY_POLL),
	O(SOL_SOCKET, SO_BUSY_POLL_BUDGET), O(SOL_SOCKET, SO_BUF_LOCK),
	O(SOL_SOCKET, SO_TXREHASH), O(SOL_SOCKET, SO_RCVMARK),
	O(SOL_SOCKET, SO_SELECT_ERR_QUEUE),
	O(SOL_SOCKET, SO_TIMESTAMP_NEW), O(SOL_SOCKET, SO_TIMESTAMPNS_NEW),
	O(SOL_SOCKET, SO_TIMESTAMPING_NEW), O(SOL_SOCKET, SO_RESERVE_MEM),
	O(IPPROTO_IP, IP_TOS), O(SOL_SOCKET, SO_PRIORITY),
	O(IPPROTO_IP, IP_TTL), O(IPPROTO_IP, IP_OPTIONS),
	O(IPPROTO_IP, IP_MTU_DISCOVER), O(IPPROTO_IP, IP_RECVERR),
	O(IPPROTO_IP, IP_PKTINFO), O(IPPROTO_IP, IP_RECVTTL),
	O(IPPROTO_IP, IP_RECVTOS), O(IPPROTO_IP, IP_RECVOPTS),
	O(IPPROTO_IP, IP_RETOPTS), O(IPPROTO_IP, IP_RECVORIGDSTADDR),
	O(IPPROTO_IP, IP_FREEBIND), O(IPPROTO_IP, IP_TRANSPARENT),
	O(IPPROTO_IP, IP_MINTTL), O(IPPROTO_IP, IP_MULTICAST_TTL),
	O(IPPROTO_IP, IP_MULTICAST_LOOP), O(IPPROTO_IP, IP_MULTICAST_ALL),
	O(IPPROTO_IP, IP_MULTICAST_IF),
	O(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT),
	O(IPPROTO_IP, IP_RECVERR_RFC4884), O(IPPROTO_IP, IP_RECVFRAGSIZE),
	O(IPPROTO_IP, IP_LOCAL_PORT_RANGE), O(IPPROTO_IP, IP_PASSSEC),
	O(IPPROTO_IP, IP_CHECKSUM),
	O(IPPROTO_TCP, TCP_NODELAY), O(IPPROTO_TCP, TCP_CORK),
	O(IPPROTO_TCP, TCP_MAXSEG), O(IPPROTO_TCP, TCP_KEEPIDLE),
	O(IPPROTO_TCP, TCP_KEEPINTVL), O(IPPROTO_TCP, TCP_KEEPCNT),
	O(IPPROTO_TCP, TCP_SYNCNT), O(IPPROTO_TCP, TCP_LINGER2),
	O(IPPROTO_TCP, TCP_DEFER_ACCEPT), O(IPPROTO_TCP, TCP_WINDOW_CLAMP),
	O(IPPROTO_TCP, TCP_QUICKACK), O(IPPROTO_TCP, TCP_USER_TIMEOUT),
	O(IPPROTO_TCP, TCP_NOTSENT_LOWAT), O(IPPROTO_TCP, TCP_INQ),
	O(IPPROTO_TCP, TCP_FASTOPEN), O(IPPROTO_TCP, TCP_FASTOPEN_CONNECT),
	O(IPPROTO_TCP, TCP_FASTOPEN_KEY), O(IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE),
	O(IPPROTO_TCP, TCP_SAVE_SYN), O(IPPROTO_TCP, TCP_CONGESTION),
	O(IPPROTO_TCP, TCP_ULP), O(IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS),
	O(IPPROTO_TCP, TCP_TX_DELAY), O(IPPROTO_TCP, TCP_RTO_MAX_MS),
	O(IPPROTO_TCP, TCP_RTO_MIN_US), O(IPPROTO_TCP, TCP_DELACK_MAX_US),
	O(IPPROTO_UDP, UDP_CORK), O(IPPROTO_UDP, UDP_SEGMENT),
	O(IPPROTO_UDP, UDP_GRO), O(IPPROTO_UDP, UDP_ENCAP),
	O(IPPROTO_UDP, UDP_NO_CHECK6_TX), O(IPPROTO_UDP, UDP_NO_CHECK6_RX),
#undef O
};

/* ---- Who else has it ---- */

struct holders {
	uint64_t inode;
	int n;
};

static void count_holder(int pid, int fd, char *comm, void *arg)
{
	struct holders *h = arg;

	(void)fd;
	(void)comm;
	h->n += pid != getpid();
}

/* An epoll set of the caller's watches this inode. */
static bool epoll_has(const struct run_task *t, int set, uint64_t inode)
{
	char name[32], line[256];
	const char *p;
	char path[64];
	bool has = false;
	FILE *f;

	snprintf(name, sizeof(name), "fdinfo/%d", set);
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)t->tid, name);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!has && fgets(line, sizeof(line), f)) {
		p = strncmp(line, "tfd:", 4) ? NULL : strstr(line, " ino:");
		has = p && strtoull(p + 5, NULL, 16) == inode;
	}
	fclose(f);
	return has;
}

static bool in_epoll(const struct run_task *t, uint64_t inode)
{
	struct dirent *d;
	bool has = false;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)t->tid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!has && (d = readdir(dir)))
		has = d->d_name[0] != '.' &&
		      epoll_has(t, atoi(d->d_name), inode);
	closedir(dir);
	return has;
}

static int check_alone(const struct run_task *t, int fd, int old)
{
	struct holders h = {};
	struct stat st;

	if (fstat(old, &st))
		return -errno;
	h.inode = st.st_ino;
	procs_forget();
	procs_of_inode(h.inode, count_holder, &h);
	if (h.n != 1) {
		run_say(t, "fd %d cannot move to AF_PKTPATH: it was duplicated (%d copies)",
			fd, h.n);
		return -EOPNOTSUPP;
	}
	if (!in_epoll(t, h.inode))
		return 0;
	run_say(t, "fd %d cannot move to AF_PKTPATH: an epoll set watches it already",
		fd);
	return -EOPNOTSUPP;
}

/* ---- What was set ---- */

/* Where the option goes on a socket of ours; the kernel doubles sizes. */
static int set_again(int new, const struct move_opt *o, void *val,
		     socklen_t len)
{
	int level = o->level, name = o->name;

	if (level == SOL_SOCKET && name == SO_REUSEPORT) {
		level = SOL_PKTPATH;
		name = PKTPATH_REUSEPORT;
	} else if (level == SOL_SOCKET && name == SO_ZEROCOPY) {
		level = SOL_PKTPATH;
		name = PKTPATH_ZEROCOPY;
	} else if (level == SOL_SOCKET &&
		   (name == SO_RCVBUF || name == SO_SNDBUF)) {
		*(int *)val /= 2;
	}
	return setsockopt(new, level, name, val, len);
}

/* More than net.core.[rw]mem_max takes the right that it took before. */
static bool size_again(int new, const struct move_opt *o, int was)
{
	socklen_t len = sizeof(int);
	int name, is, val = was / 2;

	if (o->level != SOL_SOCKET ||
	    (o->name != SO_RCVBUF && o->name != SO_SNDBUF))
		return true;
	if (getsockopt(new, SOL_SOCKET, o->name, &is, &len))
		return false;
	if (is >= was)
		return true;
	name = o->name == SO_RCVBUF ? SO_RCVBUFFORCE : SO_SNDBUFFORCE;
	return !setsockopt(new, SOL_SOCKET, name, &val, sizeof(val));
}

/* Sets what differs from a fresh socket of the kernel's. */
static int replay_opt(const struct run_task *t, const struct move_opt *o,
		      int old, int fresh, int new)
{
	uint64_t was[MOVE_OPT_WORDS] = {}, dflt[MOVE_OPT_WORDS] = {};
	socklen_t wlen = sizeof(was), dlen = sizeof(dflt);
	int size;

	if (getsockopt(old, o->level, o->name, was, &wlen) ||
	    getsockopt(fresh, o->level, o->name, dflt, &dlen))
		return 0;
	if (wlen == dlen && !memcmp(was, dflt, wlen))
		return 0;
	memcpy(&size, was, sizeof(size));
	if (!set_again(new, o, was, wlen) && size_again(new, o, size))
		return 0;
	run_say(t, "its socket cannot move to AF_PKTPATH: %s: %s", o->text,
		strerror(errno));
	return -EOPNOTSUPP;
}

static int replay_filter(const struct run_task *t, int old, int new)
{
	struct sock_filter insns[MOVE_INSNS_MAX];
	struct sock_fprog prog = { .filter = insns };
	socklen_t len = 0;

	/* the length is counted in instructions here; EACCES: an eBPF program */
	if (getsockopt(old, SOL_SOCKET, SO_GET_FILTER, NULL, &len))
		len = errno == EACCES ? MOVE_INSNS_MAX + 1 : 0;
	if (!len)
		return 0;
	prog.len = len;
	if (len <= MOVE_INSNS_MAX &&
	    !getsockopt(old, SOL_SOCKET, SO_GET_FILTER, insns, &len) &&
	    !setsockopt(new, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			sizeof(prog)))
		return 0;
	run_say(t, "its socket cannot move to AF_PKTPATH: its filter cannot be read");
	return -EOPNOTSUPP;
}

/*
 * The kernel remembers who set an owner, and sends the signal with that one's
 * right: here it would be ours.
 */
static bool set_by_us(const struct run_task *t, int old)
{
	uid_t uids[2] = { t->uid, t->euid };

	/* a kernel may not know: whose the socket is then stands for it */
	if (fcntl(old, F_GETOWNER_UIDS, uids) && errno != EINVAL)
		return false;
	return uids[0] == getuid() && uids[1] == geteuid() &&
	       t->uid == getuid() && t->euid == geteuid();
}

/* Who gets SIGIO. */
static int replay_owner(const struct run_task *t, int old, int new)
{
	struct f_owner_ex owner;
	int flags = fcntl(old, F_GETFL);
	bool has = !fcntl(old, F_GETOWN_EX, &owner) && owner.pid;

	if (has && !set_by_us(t, old)) {
		run_say(t, "its socket cannot move to AF_PKTPATH: F_SETOWN was another user's");
		return -EOPNOTSUPP;
	}
	if (has && fcntl(new, F_SETOWN_EX, &owner))
		return -errno;
	if (fcntl(old, F_GETSIG) > 0 &&
	    fcntl(new, F_SETSIG, fcntl(old, F_GETSIG)))
		return -errno;
	return fcntl(new, F_SETFL, flags) ? -errno : 0;
}

/* This process is for one call: what the caller may not it need not, either. */
static int drop_bind(void)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &h, data))
		return -errno;
	data[0].effective &= ~(1u << CAP_NET_BIND_SERVICE);
	return syscall(SYS_capset, &h, data) ? -errno : 0;
}

static int replay_bind(const struct run_task *t, int old, int new)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	char text[INET_ADDRSTRLEN];

	if (getsockname(old, (struct sockaddr *)&sin, &len) ||
	    (!sin.sin_port && !sin.sin_addr.s_addr))
		return 0;
	/* the two stacks may ask for different rights */
	if ((t->net_bind || !drop_bind()) &&
	    !bind(new, (struct sockaddr *)&sin, sizeof(sin)))
		return 0;
	run_say(t, "its socket cannot move to AF_PKTPATH: it is bound to %s:%u: %s",
		inet_ntop(AF_INET, &sin.sin_addr, text, sizeof(text)),
		ntohs(sin.sin_port), strerror(errno));
	return -EOPNOTSUPP;
}

static int replay(const struct run_task *t, int old, int fresh, int new)
{
	size_t i;
	int err;

	err = replay_filter(t, old, new);
	for (i = 0; !err && i < sizeof(move_opts) / sizeof(*move_opts); i++)
		err = replay_opt(t, &move_opts[i], old, fresh, new);
	if (!err)
		err = replay_owner(t, old, new);
	return err ? err : replay_bind(t, old, new);
}

/* A stream socket that connects, is connected or listens stays what it is. */
static bool in_use(int old, int type)
{
	struct sockaddr_in sin;
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	if (type == SOCK_STREAM)
		return !getsockopt(old, IPPROTO_TCP, TCP_INFO, &info, &len) &&
		       info.tcpi_state != TCP_CLOSE;
	len = sizeof(sin);
	return !getpeername(old, (struct sockaddr *)&sin, &len);
}

/*
 * Whoever is root in a netns of his own sets there what he may not here: a
 * socket that has come from it is not made again with our rights.
 */
static bool same_netns(int old, int fresh)
{
	uint64_t a, b;
	socklen_t alen = sizeof(a), blen = sizeof(b);

	return !getsockopt(old, SOL_SOCKET, SO_NETNS_COOKIE, &a, &alen) &&
	       !getsockopt(fresh, SOL_SOCKET, SO_NETNS_COOKIE, &b, &blen) &&
	       alen == sizeof(a) && blen == sizeof(b) && a == b;
}

static int move_to(const struct run_task *t, int fd, int old, int fresh,
		   int new)
{
	if (same_netns(old, fresh))
		return replay(t, old, fresh, new);
	run_say(t, "fd %d cannot move to AF_PKTPATH: it is of another network namespace",
		fd);
	return -EOPNOTSUPP;
}

int move_prepare(const struct run_task *t, int fd, int old)
{
	int type, protocol, fresh, new, err;
	socklen_t len = sizeof(int);

	if (getsockopt(old, SOL_SOCKET, SO_TYPE, &type, &len) ||
	    getsockopt(old, SOL_SOCKET, SO_PROTOCOL, &protocol, &len))
		return -errno;
	if (in_use(old, type)) {
		run_say(t, "fd %d cannot move to AF_PKTPATH: it is in use on AF_INET",
			fd);
		return -EOPNOTSUPP;
	}
	err = check_alone(t, fd, old);
	if (err)
		return err;
	new = sock_create_own(t, type, protocol);
	if (new < 0)
		return new;
	fresh = sock_create_for(t, AF_INET, type, protocol);
	err = fresh < 0 ? fresh : move_to(t, fd, old, fresh, new);
	if (fresh >= 0)
		close(fresh);
	/* a copy that another thread has made meanwhile */
	if (!err)
		err = check_alone(t, fd, old);
	if (!err)
		return new;
	close(new);
	return err;
}
