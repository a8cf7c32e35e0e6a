// SPDX-License-Identifier: GPL-2.0
/*
 * Time stamps, of what comes and of what goes, and times to send at.
 * Proves: design: SOCK_SEND (txtime, timestamping), Sockets.
 */
#include <net/if.h>
#include <time.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include "pp_fixture.h"

#define PORT 4000

#define TX_SW	SOF_TIMESTAMPING_TX_SOFTWARE
#define TX_BASE	(TX_SW | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID)

static void make(struct pp_pair *p, int *fd, int *peer)
{
	*fd = pp_udp_bound(p, PKTPATH_T_A, PORT);
	*peer = pp_peer_udp(p, PKTPATH_T_B, 5000);
	pp_connect(*peer, PKTPATH_T_A, PORT);
}

static bool recent(long sec)
{
	return labs(time(NULL) - sec) <= 30;
}

TEST_F(stacks, timestamp)
{
	struct cmsghdr *c;
	struct msghdr msg;
	struct timeval tv;
	int fd, peer;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_TIMESTAMP, 1));
	ASSERT_EQ(1, send(peer, "x", 1, 0));
	ASSERT_EQ(1, pp_recvmsg(fd, &msg, 0));
	c = pp_cmsg(&msg, SOL_SOCKET, SO_TIMESTAMP);
	ASSERT_NE(NULL, c);
	memcpy(&tv, CMSG_DATA(c), sizeof(tv));
	EXPECT_TRUE(recent(tv.tv_sec));
	close(fd);
	close(peer);
}

TEST_F(stacks, timestampns)
{
	struct cmsghdr *c;
	struct timespec ts;
	struct msghdr msg;
	int fd, peer;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1));
	ASSERT_EQ(1, send(peer, "x", 1, 0));
	ASSERT_EQ(1, pp_recvmsg(fd, &msg, 0));
	c = pp_cmsg(&msg, SOL_SOCKET, SO_TIMESTAMPNS);
	ASSERT_NE(NULL, c);
	memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	EXPECT_TRUE(recent(ts.tv_sec));
	close(fd);
	close(peer);
}

TEST_F(stacks, siocgstamp)
{
	struct timeval tv;
	int fd, peer;
	char buf[4];

	make(&self->p, &fd, &peer);
	EXPECT_ERRNO(ENOENT, ioctl(fd, SIOCGSTAMP, &tv));
	ASSERT_EQ(1, send(peer, "x", 1, 0));
	ASSERT_EQ(1, recv(fd, buf, 4, 0));
	ASSERT_EQ(0, ioctl(fd, SIOCGSTAMP, &tv));
	EXPECT_TRUE(recent(tv.tv_sec));
	close(fd);
	close(peer);
}

TEST_F(stacks, rx_software)
{
	struct scm_timestamping ts;
	struct cmsghdr *c;
	struct msghdr msg;
	int fd, peer, i;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_TIMESTAMPING,
			    SOF_TIMESTAMPING_RX_SOFTWARE |
			    SOF_TIMESTAMPING_SOFTWARE));
	/* the clock of the receive path is switched on by a worker */
	for (i = 0, c = NULL; i < 3000 && !c; i++) {
		ASSERT_EQ(1, send(peer, "x", 1, 0));
		ASSERT_EQ(1, pp_recvmsg(fd, &msg, 0));
		c = pp_cmsg(&msg, SOL_SOCKET, SO_TIMESTAMPING);
		if (!c)
			usleep(10000);
	}
	ASSERT_NE(NULL, c);
	memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	EXPECT_TRUE(recent(ts.ts[0].tv_sec));
	close(fd);
	close(peer);
}

/* One entry of the error queue: its key, or -1 - what is missing. */
static int tx_stamp(int fd, ssize_t *len, int *info)
{
	struct sock_extended_err ee;
	struct scm_timestamping ts;
	struct cmsghdr *c;
	struct msghdr msg;

	if (!(pp_revents(fd, 0, 30000) & POLLERR))
		return -1;
	*len = pp_recvmsg(fd, &msg, MSG_ERRQUEUE);
	if (*len < 0)
		return -2;
	c = pp_cmsg(&msg, SOL_SOCKET, SO_TIMESTAMPING);
	if (!c)
		return -3;
	memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	c = pp_cmsg(&msg, SOL_IP, IP_RECVERR);
	if (!c)
		return -4;
	memcpy(&ee, CMSG_DATA(c), sizeof(ee));
	if (ee.ee_errno != ENOMSG ||
	    ee.ee_origin != SO_EE_ORIGIN_TIMESTAMPING)
		return -5;
	if (!recent(ts.ts[0].tv_sec))
		return -6;
	*info = ee.ee_info;
	return ee.ee_data;
}

TEST_F(stacks, tx_software)
{
	int fd, peer, info, i;
	ssize_t len;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_TIMESTAMPING,
			    TX_BASE | SOF_TIMESTAMPING_OPT_TSONLY));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(10, send(fd, "0123456789", 10, 0));
		ASSERT_EQ(i, tx_stamp(fd, &len, &info));
		EXPECT_EQ(SCM_TSTAMP_SND, info);
		EXPECT_EQ(0, len);
	}
	EXPECT_EQ(0, pp_revents(fd, 0, 0) & POLLERR);
	close(fd);
	close(peer);
}

TEST_F(stacks, tx_with_payload)
{
	int fd, peer, info;
	ssize_t len;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_TIMESTAMPING, TX_BASE));
	ASSERT_EQ(10, send(fd, "0123456789", 10, 0));
	ASSERT_EQ(0, tx_stamp(fd, &len, &info));
	EXPECT_LE(10, len);
	close(fd);
	close(peer);
}

TEST_F(stacks, tx_scheduled)
{
	int fd, peer, info;
	ssize_t len;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_TIMESTAMPING,
			    TX_BASE | SOF_TIMESTAMPING_OPT_TSONLY |
			    SOF_TIMESTAMPING_TX_SCHED));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_EQ(0, tx_stamp(fd, &len, &info));
	EXPECT_EQ(SCM_TSTAMP_SCHED, info);
	ASSERT_EQ(0, tx_stamp(fd, &len, &info));
	EXPECT_EQ(SCM_TSTAMP_SND, info);
	close(fd);
	close(peer);
}

TEST_F(stacks, tx_by_cmsg)
{
	unsigned int flags = TX_SW;
	int fd, peer, info;
	ssize_t len;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_TIMESTAMPING,
			    SOF_TIMESTAMPING_SOFTWARE |
			    SOF_TIMESTAMPING_OPT_TSONLY));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_EQ(0, pp_revents(fd, 0, 50) & POLLERR);
	ASSERT_EQ(1, pp_send_cmsg(fd, "y", 1, NULL, 0, SOL_SOCKET,
				  SO_TIMESTAMPING, &flags, sizeof(flags)));
	EXPECT_LE(0, tx_stamp(fd, &len, &info));
	close(fd);
	close(peer);
}

/* Where it left by: of the entry of the error queue, 0 without. */
static int left_by(int fd)
{
	struct in_pktinfo info;
	struct cmsghdr *c;
	struct msghdr msg;

	if (!(pp_revents(fd, 0, 30000) & POLLERR) ||
	    pp_recvmsg(fd, &msg, MSG_ERRQUEUE) < 0)
		return -1;
	c = pp_cmsg(&msg, SOL_IP, IP_PKTINFO);
	if (!c)
		return 0;
	memcpy(&info, CMSG_DATA(c), sizeof(info));
	return info.ipi_ifindex;
}

/* The packet that comes back with its stamp tells more, where asked for it. */
TEST_F(stacks, tx_with_cmsg)
{
	int fd, peer;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_PKTINFO, 1));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_TIMESTAMPING,
			    TX_BASE | SOF_TIMESTAMPING_OPT_CMSG));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_EQ((int)if_nametoindex("pa"), left_by(fd));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_TIMESTAMPING,
			    TX_BASE | SOF_TIMESTAMPING_OPT_CMSG |
			    SOF_TIMESTAMPING_OPT_TSONLY));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_EQ(0, left_by(fd));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_TIMESTAMPING, TX_BASE));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_EQ(0, left_by(fd));
	close(fd);
	close(peer);
}

TEST_F(stacks, txtime)
{
	struct sock_txtime st = { .clockid = CLOCK_MONOTONIC };
	struct timespec now;
	int fd, peer;
	char buf[4];
	uint64_t at;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	clock_gettime(CLOCK_MONOTONIC, &now);
	at = now.tv_sec * 1000000000ULL + now.tv_nsec;
	/* without SO_TXTIME a time is refused */
	EXPECT_ERRNO(EINVAL, pp_send_cmsg(fd, "x", 1, NULL, 0, SOL_SOCKET,
					  SCM_TXTIME, &at, sizeof(at)));
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_TXTIME, &st, sizeof(st)));
	EXPECT_EQ(1, pp_send_cmsg(fd, "y", 1, NULL, 0, SOL_SOCKET, SCM_TXTIME,
				  &at, sizeof(at)));
	EXPECT_EQ(1, recv(peer, buf, 4, 0));
	close(fd);
	close(peer);
}

TEST_HARNESS_MAIN
