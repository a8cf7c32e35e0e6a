// SPDX-License-Identifier: GPL-2.0
/*
 * Socket filters: classic and extended BPF, on receive and over reuseport;
 * programs at the tracepoints of the path, and what those of them say that the
 * tests of journeys do not meet.
 * Proves: hazards S5, K19 (a filter's verdict is obeyed), K3.
 */
#include <glob.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <sys/syscall.h>
#include "../../module/core/stage.h"
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

static int load(enum bpf_prog_type type, const struct bpf_insn *insn, int n)
{
	union bpf_attr attr = {
		.prog_type = type,
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
	int no = load(BPF_PROG_TYPE_SOCKET_FILTER, drop, 2);
	int yes = load(BPF_PROG_TYPE_SOCKET_FILTER, pass, 2);
	int fd, peer;
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

#define INSN(c, d, s, o, i) \
	{ .code = c, .dst_reg = d, .src_reg = s, .off = o, .imm = i }

static int counter(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = sizeof(uint32_t),
		.value_size = sizeof(uint64_t),
		.max_entries = 1,
	};

	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

static uint64_t counted(int map)
{
	uint64_t value = UINT64_MAX;
	uint32_t key = 0;
	union bpf_attr attr = {
		.map_fd = map,
		.key = (uint64_t)(unsigned long)&key,
		.value = (uint64_t)(unsigned long)&value,
	};

	syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr));
	return value;
}

static int raw_tracepoint(const char *name, int prog)
{
	union bpf_attr attr = {
		.raw_tracepoint.name = (uint64_t)(unsigned long)name,
		.raw_tracepoint.prog_fd = prog,
	};

	return syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &attr, sizeof(attr));
}

/* A program at a stage of the path sees the packet: core/trace.h. */
TEST_F(stacks, tracepoint)
{
	int map = counter(), prog, link, fd, peer;
	/* map[0]++ for packets of 805 bytes */
	struct bpf_insn code[] = {
		INSN(BPF_LDX | BPF_MEM | BPF_DW, 6, 1, 16, 0),
		INSN(BPF_JMP | BPF_JNE | BPF_K, 6, 0, 9, 805),
		INSN(BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4),
		INSN(BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_FD, 0, map),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, 1),
		INSN(BPF_STX | BPF_XADD | BPF_DW, 0, 1, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	char buf[777] = "";

	prog = load(BPF_PROG_TYPE_RAW_TRACEPOINT, code, ARRAY_SIZE(code));
	if (map < 0 || prog < 0)
		SKIP(return, "no BPF programs here");
	EXPECT_ERRNO(ENOENT, raw_tracepoint("pp_no_such_stage", prog));
	link = raw_tracepoint("pp_ip_output", prog);
	ASSERT_LE(0, link);
	make(&self->p, &fd, &peer);
	ASSERT_EQ(777, pp_sendto(fd, buf, 777, PKTPATH_T_B, 5000));
	ASSERT_EQ(777, recv(peer, buf, sizeof(buf), 0));
	ASSERT_EQ(700, pp_sendto(fd, buf, 700, PKTPATH_T_B, 5000));
	ASSERT_EQ(700, recv(peer, buf, sizeof(buf), 0));
	EXPECT_EQ(variant->inet ? 0 : 1, counted(map));
	close(link);
	ASSERT_EQ(777, pp_sendto(fd, buf, 777, PKTPATH_T_B, 5000));
	EXPECT_EQ(variant->inet ? 0 : 1, counted(map));
	close(prog);
	close(map);
	close(fd);
	close(peer);
}

/* At each stage of the list, and where packets are dropped. */
TEST_F(stacks, every_tracepoint)
{
#define STAGE_TRACEPOINT(id, tp, ...) #tp " "
	char names[] = PKTPATH_STAGES(STAGE_TRACEPOINT) "pp_drop";
	struct bpf_insn code[] = {
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	char *name, *save;
	int prog, link, n = 0;

	if (self->p.inet)
		SKIP(return, "these are pktpath's");
	prog = load(BPF_PROG_TYPE_RAW_TRACEPOINT, code, ARRAY_SIZE(code));
	if (prog < 0)
		SKIP(return, "no BPF programs here");
	name = strtok_r(names, " ", &save);
	for (; name; name = strtok_r(NULL, " ", &save)) {
		link = raw_tracepoint(name, prog);
		EXPECT_LE(0, link);
		close(link);
		n++;
	}
	EXPECT_EQ(PKTPATH_STAGE_MAX + 1, n);
	close(prog);
}

#define TRACING "/sys/kernel/tracing/"

static int trace(const char *event, int on)
{
	return pp_run("echo %d >" TRACING "events/%s/enable", on, event);
}

/* Whether the trace has a line with both. */
static bool traced(const char *event, const char *what)
{
	return !pp_run("grep ' %s: ' " TRACING "trace | grep -q '%s'", event,
		       what);
}

/*
 * What the way of one datagram does not show: a drop, by our name and by the
 * kernel's; the look for a route; what is passed on.
 */
TEST_F(stacks, drop_and_forward_are_traced)
{
	static const char * const events[] = {
		"pktpath/pp_drop", "pktpath/pp_ip_route",
		"pktpath/pp_ip_forward", "skb/kfree_skb",
	};
	int fd, peer;
	unsigned int i;

	if (self->p.inet)
		SKIP(return, "these are pktpath's");
	if (pp_run("test -d " TRACING "events || mount -t tracefs none " TRACING))
		SKIP(return, "no tracefs");
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/all/forwarding", "1"));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/forwarding", "1"));
	ASSERT_EQ(0, pp_route(&self->p, "add 10.88.0.0/24 via " PKTPATH_T_B2));
	ASSERT_EQ(0, pp_ns_enter(self->p.ns_b));
	ASSERT_EQ(0, pp_run("ip route add 10.88.0.0/24 via " PKTPATH_T_A));
	ASSERT_EQ(0, pp_ns_enter(self->p.ns_a));
	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_run("echo >" TRACING "trace"));
	for (i = 0; i < ARRAY_SIZE(events); i++)
		ASSERT_EQ(0, trace(events[i], 1));
	close(fd);
	EXPECT_EQ(1, send(peer, "x", 1, 0));
	close(peer);
	fd = pp_udp(&self->p);
	EXPECT_EQ(1, pp_sendto(fd, "y", 1, PKTPATH_T_B, 5001));
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, 0);
	EXPECT_EQ(1, pp_sendto(peer, "z", 1, "10.88.0.9", 9));
	for (i = 0; i < 3000 && pp_counter("pktpath/snmp", "Ip",
					   "ForwDatagrams") < 1; i++)
		usleep(10000);
	for (i = 0; i < ARRAY_SIZE(events); i++)
		EXPECT_EQ(0, trace(events[i], 0));
	EXPECT_TRUE(traced("pp_drop", "stage=TP_RCV cause=UdpNoPort"));
	EXPECT_TRUE(traced("kfree_skb", "NO_SOCKET"));
	EXPECT_TRUE(traced("pp_ip_route", "len="));
	EXPECT_TRUE(traced("pp_ip_forward", "len=29"));
	pp_run("echo >" TRACING "trace");
	close(fd);
	close(peer);
}

/* Whether a format prints numbers alone, and what is text in it, by itself. */
static bool format_ok(const char *path)
{
	char *line = NULL, *p, names[4][32];
	bool ok = true, printed = false;
	FILE *f = fopen(path, "r");
	int i, n = 0;
	size_t size = 0;

	while (f && getline(&line, &size, f) >= 0) {
		/* who reads a record elsewhere does not have our enumerators */
		ok &= !strstr(line, "PKTPATH_");
		p = strstr(line, "char *");
		if (p && n < 4 && sscanf(p, "char * %31[a-z_]", names[n]) == 1)
			n++;
		if (strncmp(line, "print fmt", 9))
			continue;
		printed = true;
		for (i = 0; i < n; i++) {
			p = strstr(line, names[i]);
			ok &= !p || strncmp(p - 5, "REC->", 5);
		}
	}
	free(line);
	if (f)
		fclose(f);
	return ok && printed;
}

/* A record may be read later: its strings are in the format, not at addresses. */
TEST_F(stacks, records_have_names)
{
	glob_t g;
	size_t i;

	if (self->p.inet)
		SKIP(return, "these are pktpath's");
	if (pp_run("test -d " TRACING "events || mount -t tracefs none " TRACING))
		SKIP(return, "no tracefs");
	ASSERT_EQ(0, glob(TRACING "events/pktpath/*/format", 0, NULL, &g));
	EXPECT_LE(19, g.gl_pathc);
	for (i = 0; i < g.gl_pathc; i++)
		EXPECT_TRUE(format_ok(g.gl_pathv[i]))
			TH_LOG("%s", g.gl_pathv[i]);
	globfree(&g);
	EXPECT_EQ(0, pp_run("grep -q '{ %d, \"TP_RCV\" }.*\"UdpNoPort\"' "
			    TRACING "events/pktpath/pp_drop/format",
			    PKTPATH_STAGE_TP_RCV));
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
