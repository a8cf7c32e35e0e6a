// SPDX-License-Identifier: GPL-2.0
/*
 * A program of a control group binds a socket to another device.
 * Proves: hazards S5, K3; LOCKING.md: pp_udp_table.hash_lock.
 */
#include <linux/bpf.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include "pp_fixture.h"

#define PORT 4000

#define INSN(c, d, s, o, i) \
	{ .code = c, .dst_reg = d, .src_reg = s, .off = o, .imm = i }

/* A descriptor of the root of the control groups. */
static int cgroup_root(void)
{
	char dir[] = "/tmp/ppcgXXXXXX";
	int fd;

	if (!mkdtemp(dir))
		return -1;
	if (mount("none", dir, "cgroup2", 0, NULL)) {
		rmdir(dir);
		return -1;
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	umount2(dir, MNT_DETACH);
	rmdir(dir);
	return fd;
}

static int to_cgroup(int cgroup, int prog)
{
	union bpf_attr attr = {
		.link_create.prog_fd = prog,
		.link_create.target_fd = cgroup,
		.link_create.attach_type = BPF_CGROUP_SETSOCKOPT,
	};

	return syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
}

static int load_setsockopt(struct bpf_insn *insn, int n)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_SOCKOPT,
		.expected_attach_type = BPF_CGROUP_SETSOCKOPT,
		.insns = (uint64_t)(unsigned long)insn,
		.insn_cnt = n,
		.license = (uint64_t)(unsigned long)"GPL",
	};

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

#define REBIND 1000	/* + index of a device: an option of the program's */

/*
 * setsockopt() meets a program that binds the socket to a device, in an RCU
 * section: nothing of ours may sleep there, and the socket is found by its new
 * device.
 */
TEST_F(stacks, rebound_by_program)
{
	struct bpf_insn code[] = {
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0),
		INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 6,
		     offsetof(struct bpf_sockopt, optname), 0),
		INSN(BPF_JMP | BPF_JLT | BPF_K, 2, 0, 12, REBIND),
		INSN(BPF_ALU64 | BPF_SUB | BPF_K, 2, 0, 0, REBIND),
		INSN(BPF_STX | BPF_MEM | BPF_W, 10, 2, -4, 0),
		INSN(BPF_LDX | BPF_MEM | BPF_DW, 1, 6, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, SOL_SOCKET),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, SO_BINDTOIFINDEX),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 4, 10, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 4, 0, 0, -4),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 5, 0, 0, 4),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_setsockopt),
		INSN(BPF_JMP | BPF_JNE | BPF_K, 0, 0, 4, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, -1),
		INSN(BPF_STX | BPF_MEM | BPF_W, 6, 1,
		     offsetof(struct bpf_sockopt, optlen), 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	int pa = if_nametoindex("pa"), lo = if_nametoindex("lo");
	int root = cgroup_root(), prog, link, fd, peer, i;
	char buf[8];

	prog = load_setsockopt(code, ARRAY_SIZE(code));
	link = prog < 0 || root < 0 ? -1 : to_cgroup(root, prog);
	if (link < 0)
		SKIP(return, "no such BPF programs here");
	fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	ASSERT_LE(0, fd);
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, pp_set(fd, SOL_UDP, REBIND + lo, 0));
		EXPECT_EQ(lo, pp_get(fd, SOL_SOCKET, SO_BINDTOIFINDEX));
		ASSERT_EQ(1, pp_sendto(peer, "x", 1, PKTPATH_T_A, PORT));
		ASSERT_EQ(0, pp_set(fd, SOL_UDP, REBIND + pa, 0));
		ASSERT_EQ(1, pp_sendto(peer, "y", 1, PKTPATH_T_A, PORT));
		ASSERT_EQ(1, recv(fd, buf, sizeof(buf), 0));
		EXPECT_EQ('y', buf[0]);
	}
	close(link);
	EXPECT_ERRNO(ENOPROTOOPT, pp_set(fd, SOL_UDP, REBIND + lo, 0));
	close(prog);
	close(root);
	close(fd);
	close(peer);
}

TEST_HARNESS_MAIN
