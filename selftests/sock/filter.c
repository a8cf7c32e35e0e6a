// SPDX-License-Identifier: GPL-2.0
/*
 * Socket filters: classic and extended BPF, on receive and over reuseport.
 * Proves: hazards S5, K19 (a filter's verdict is obeyed), K3.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <sys/syscall.h>
#include "pp_fixture.h"

#define PORT 4000

static int attach(int fd, int level, int opt, struct sock_filter *code, int n)
{
	struct sock_fprog prog = { .len = n, .filter = code };

	return setsockopt(fd, level, opt, &prog, sizeof(prog));
}

static void make(struct pp_pair *p, int *fd, int *peer)
{
	*fd = pp_udp_bound(p, PKTPATH_T_A, PORT);
	*peer = pp_peer_udp(p, PKTPATH_T_B, 5000);
	pp_connect(*peer, PKTPATH_T_A, PORT);
}

/* Sees the packet from the UDP header on: byte 8 is the first of the data. */
TEST_F(stacks, classic_by_content)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'y', 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	int fd, peer;
	char buf[8];

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, attach(fd, SOL_SOCKET, SO_ATTACH_FILTER, code, 4));
	ASSERT_EQ(2, send(peer, "no", 2, 0));
	ASSERT_EQ(3, send(peer, "yes", 3, 0));
	ASSERT_EQ(3, recv(fd, buf, sizeof(buf), 0));
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, sizeof(buf), MSG_DONTWAIT));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_DETACH_FILTER, 0));
	ASSERT_EQ(2, send(peer, "no", 2, 0));
	ASSERT_EQ(2, recv(fd, buf, sizeof(buf), 0));
	close(fd);
	close(peer);
}

/* A filter may cut a datagram, but not below its UDP header. */
TEST_F(stacks, trim)
{
	struct sock_filter twelve[] = { BPF_STMT(BPF_RET | BPF_K, 12) };
	struct sock_filter one[] = { BPF_STMT(BPF_RET | BPF_K, 1) };
	int fd, peer;
	char buf[64];

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, attach(fd, SOL_SOCKET, SO_ATTACH_FILTER, twelve, 1));
	ASSERT_EQ(10, send(peer, "0123456789", 10, 0));
	ASSERT_EQ(4, recv(fd, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp("0123", buf, 4));
	ASSERT_EQ(0, attach(fd, SOL_SOCKET, SO_ATTACH_FILTER, one, 1));
	ASSERT_EQ(10, send(peer, "0123456789", 10, 0));
	EXPECT_EQ(0, recv(fd, buf, sizeof(buf), 0));
	close(fd);
	close(peer);
}

TEST_F(stacks, locked)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, 0xffff) };
	int fd, peer;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, attach(fd, SOL_SOCKET, SO_ATTACH_FILTER, code, 1));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_LOCK_FILTER, 1));
	EXPECT_ERRNO(EPERM, pp_set(fd, SOL_SOCKET, SO_DETACH_FILTER, 0));
	EXPECT_ERRNO(EPERM, attach(fd, SOL_SOCKET, SO_ATTACH_FILTER, code, 1));
	close(fd);
	close(peer);
}

TEST_F(stacks, nonsense)
{
	struct sock_filter code[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0) };
	int fd, peer;

	make(&self->p, &fd, &peer);
	EXPECT_ERRNO(EINVAL, attach(fd, SOL_SOCKET, SO_ATTACH_FILTER, code, 1));
	EXPECT_ERRNO(ENOENT, pp_set(fd, SOL_SOCKET, SO_DETACH_FILTER, 0));
	close(fd);
	close(peer);
}

static int load(const struct bpf_insn *insn, int n)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (uint64_t)(unsigned long)insn,
		.insn_cnt = n,
		.license = (uint64_t)(unsigned long)"GPL",
	};

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

TEST_F(stacks, extended)
{
	struct bpf_insn drop[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct bpf_insn pass[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 0xffff },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int no = load(drop, 2), yes = load(pass, 2), fd, peer;
	char buf[8];

	if (no < 0 || yes < 0)
		SKIP(return, "no BPF programs here");
	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_ATTACH_BPF, no));
	ASSERT_EQ(1, send(peer, "x", 1, 0));
	EXPECT_EQ(0, pp_readable(fd, 100));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_ATTACH_BPF, yes));
	ASSERT_EQ(1, send(peer, "y", 1, 0));
	ASSERT_EQ(1, recv(fd, buf, sizeof(buf), 0));
	EXPECT_EQ('y', buf[0]);
	close(no);
	close(yes);
	close(fd);
	close(peer);
}

/* A program chooses the member of a group, here by the first byte. */
TEST_F(stacks, reuseport_steered)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, '0'),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	int fd[3], i, j, peer;
	char c;

	for (i = 0; i < 3; i++) {
		fd[i] = pp_udp(&self->p);
		ASSERT_EQ(0, pp_reuseport(&self->p, fd[i], 1));
		ASSERT_EQ(0, pp_bind(fd[i], PKTPATH_T_A, PORT));
	}
	ASSERT_EQ(0, attach(fd[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, code,
			    3));
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	for (i = 0; i < 9; i++) {
		c = '0' + i % 3;
		ASSERT_EQ(1, pp_sendto(peer, &c, 1, PKTPATH_T_A, PORT));
		ASSERT_EQ(1, recv(fd[i % 3], &c, 1, 0));
		EXPECT_EQ('0' + i % 3, c);
		for (j = 0; j < 3; j++)
			EXPECT_ERRNO(EAGAIN, recv(fd[j], &c, 1, MSG_DONTWAIT));
	}
	for (i = 0; i < 3; i++)
		close(fd[i]);
	close(peer);
}

TEST_HARNESS_MAIN
