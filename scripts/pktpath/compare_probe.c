// SPDX-License-Identifier: GPL-2.0
/*
 * pktpath trace --compare: probes at matching functions of both stacks.
 *
 * A probe is a perf event with a small program that notes time, arguments and
 * task in a ring. It needs neither BTF nor a compiler, costs the same on both
 * stacks, and goes with its file descriptor, however this process ends.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "compare.h"
#include "pktpath.h"

#define RING_SIZE (4u << 20)

/* Of the first three arguments in struct pt_regs. */
#if defined(__x86_64__)
static const int16_t arg_at[3] = { 112, 104, 96 };
#define PROBE_MACHINE true
#elif defined(__aarch64__)
static const int16_t arg_at[3] = { 0, 8, 16 };
#define PROBE_MACHINE true
#else
static const int16_t arg_at[3];
#define PROBE_MACHINE false
#endif

#define POINT(_stage, _family, _kind, _proto, _skb, _sk, _name) \
	{ .stage = _stage, .family = _family, .kind = _kind, \
	  .proto = _proto, .skb = _skb, .sk = _sk, .name = _name }
#define INET(_stage, _proto, _skb, _sk, _name) \
	POINT(PKTPATH_AT_##_stage, COMPARE_INET, POINT_ENTRY, _proto, _skb, \
	      _sk, _name)
#define OWN(_stage, _proto, _skb, _sk, _name) \
	POINT(PKTPATH_AT_##_stage, COMPARE_OWN, POINT_ENTRY, _proto, _skb, \
	      _sk, _name)
#define BOTH(_stage, _kind, _skb, _sk, _name) \
	POINT(PKTPATH_AT_##_stage, COMPARE_BOTH, _kind, 0, _skb, _sk, _name)

/*
 * A stage of ours that the compiler has put into the one before has no twin
 * here: its time is in that one's, as the kernel's is.
 */
const struct compare_point compare_points[COMPARE_POINTS] = {
	INET(SOCK_SEND, 0, -1, -1, "inet_sendmsg"),
	OWN(SOCK_SEND, IPPROTO_UDP, -1, -1, "pp_inet_sendmsg"),
	OWN(SOCK_SEND, IPPROTO_TCP, -1, -1, "pp_inet_stream_sendmsg"),
	INET(TP_SEND, IPPROTO_UDP, -1, 0, "udp_sendmsg"),
	INET(TP_SEND, IPPROTO_TCP, -1, 0, "tcp_sendmsg"),
	OWN(TP_SEND, IPPROTO_UDP, -1, 0, "pp_udp_sendmsg"),
	OWN(TP_SEND, IPPROTO_TCP, -1, 0, "pp_tcp_sendmsg"),
	INET(IP_ROUTE, 0, -1, -1, "ip_route_output_flow"),
	OWN(IP_ROUTE, 0, -1, -1, "pp_ip_route_output_flow"),
	INET(TP_XMIT, IPPROTO_UDP, -1, -1, "udp_send_skb"),
	INET(TP_XMIT, IPPROTO_TCP, -1, 0, "__tcp_transmit_skb"),
	OWN(TP_XMIT, IPPROTO_UDP, -1, -1, "pp_udp_send_skb"),
	OWN(TP_XMIT, IPPROTO_TCP, -1, 0, "pp_tcp_transmit_skb"),
	INET(IP_LOCAL_OUT, 0, 2, -1, "ip_local_out"),
	OWN(IP_LOCAL_OUT, 0, 2, -1, "pp_ip_local_out_rcu"),
	INET(IP_FINISH, 0, 2, -1, "ip_finish_output2"),
	OWN(IP_FINISH, 0, 1, -1, "pp_ip_finish_output2"),
	BOTH(DEV_QUEUE, POINT_ENTRY, 0, -1, "__dev_queue_xmit"),
	BOTH(DEV_XMIT, POINT_TRACE, 0, -1, "net_dev_start_xmit"),
	BOTH(DEV_RX, POINT_TRACE, 0, -1, "netif_receive_skb"),
	INET(IP_RCV, 0, 0, -1, "ip_rcv_core"),
	OWN(IP_RCV, 0, 0, -1, "pp_ip_rcv"),
	INET(TP_RCV, IPPROTO_UDP, 0, -1, "udp_rcv"),
	INET(TP_RCV, IPPROTO_TCP, 0, -1, "tcp_v4_rcv"),
	OWN(TP_RCV, IPPROTO_UDP, 0, -1, "pp_udp_rcv"),
	OWN(TP_RCV, IPPROTO_TCP, 0, -1, "pp_tcp_v4_rcv"),
	INET(SOCK_QUEUE, IPPROTO_UDP, 1, 0, "__udp_enqueue_schedule_skb"),
	INET(SOCK_QUEUE, IPPROTO_TCP, 1, 0, "tcp_queue_rcv"),
	OWN(SOCK_QUEUE, IPPROTO_UDP, 1, 0, "pp_udp_enqueue"),
	OWN(SOCK_QUEUE, IPPROTO_TCP, 1, 0, "pp_tcp_data_queue"),
	BOTH(SOCK_WAKE, POINT_ENTRY, -1, 0, "sock_def_readable"),
	INET(SOCK_RECV, 0, -1, -1, "inet_recvmsg"),
	OWN(SOCK_RECV, 0, -1, -1, "pp_inet_recvmsg"),
	POINT(COMPARE_COPY, COMPARE_BOTH, POINT_ENTRY, IPPROTO_TCP, 0, -1,
	      "skb_copy_datagram_iter"),
	POINT(COMPARE_FREE, COMPARE_BOTH, POINT_TRACE, IPPROTO_UDP, 0, -1,
	      "consume_skb"),
	POINT(COMPARE_END, COMPARE_INET, POINT_RETURN, 0, -1, -1,
	      "inet_recvmsg"),
	POINT(COMPARE_END, COMPARE_OWN, POINT_RETURN, 0, -1, -1,
	      "pp_inet_recvmsg"),
};

static int ring_fd = -1, lost_fd = -1, kprobe_type;
static int point_fd[COMPARE_POINTS], prog_fd[COMPARE_POINTS];
static uint64_t *ring_taken, *ring_given;
static uint8_t *ring_data;
static size_t page;

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int refuse(const char *what, int err)
{
	if (err == EPERM || err == EACCES)
		complain("--compare needs root (CAP_BPF, CAP_PERFMON), a kernel not locked down");
	else
		complain("this kernel cannot %s: %s", what, strerror(err));
	return EXIT_REFUSED;
}

/* ---- The ring ---- */

static int map_new(int type, uint32_t key, uint32_t value, uint32_t entries)
{
	union bpf_attr attr = {
		.map_type = type, .key_size = key, .value_size = value,
		.max_entries = entries,
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

static int ring_map(void)
{
	uint8_t *at;

	page = sysconf(_SC_PAGESIZE);
	ring_taken = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED,
			  ring_fd, 0);
	if (ring_taken == MAP_FAILED)
		return -1;
	at = mmap(NULL, page + 2 * RING_SIZE, PROT_READ, MAP_SHARED, ring_fd,
		  page);
	if (at == MAP_FAILED)
		return -1;
	ring_given = (void *)at;
	ring_data = at + page;
	return 0;
}

bool probe_take(struct compare_rec *r)
{
	uint64_t at = *ring_taken;
	uint32_t *head, len;

	while (at < __atomic_load_n(ring_given, __ATOMIC_ACQUIRE)) {
		head = (void *)(ring_data + (at & (RING_SIZE - 1)));
		len = __atomic_load_n(head, __ATOMIC_ACQUIRE);
		if (len & BPF_RINGBUF_BUSY_BIT)
			return false;
		at += ((len & ~BPF_RINGBUF_DISCARD_BIT) +
		       BPF_RINGBUF_HDR_SZ + 7) & ~7u;
		if (len == sizeof(*r))
			memcpy(r, head + 2, sizeof(*r));
		__atomic_store_n(ring_taken, at, __ATOMIC_RELEASE);
		if (len == sizeof(*r))
			return true;
	}
	return false;
}

uint64_t probe_lost(void)
{
	uint32_t key = 0;
	uint64_t n = 0;
	union bpf_attr attr = {
		.map_fd = lost_fd, .key = (uintptr_t)&key,
		.value = (uintptr_t)&n,
	};

	bpf(BPF_MAP_LOOKUP_ELEM, &attr);
	return n;
}

/* ---- The program ---- */

#define CODE_MAX 64

struct code {
	struct bpf_insn insn[CODE_MAX];
	int n;
};

static void op(struct code *c, uint8_t code, int dst, int src, int16_t off,
	       int32_t imm)
{
	c->insn[c->n++] = (struct bpf_insn){ code, dst, src, off, imm };
}

static void call(struct code *c, int helper)
{
	op(c, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

/* @how: 0, or BPF_PSEUDO_* */
static void load64(struct code *c, int dst, int how, uint64_t v)
{
	bool map = how;

	op(c, BPF_LD | BPF_DW | BPF_IMM, dst, how, 0, v);
	op(c, 0, 0, 0, 0, map ? 0 : v >> 32);
}

static void store(struct code *c, size_t member, int src)
{
	op(c, BPF_STX | BPF_DW | BPF_MEM, BPF_REG_10, src,
	   (int)member - (int)sizeof(struct compare_rec), 0);
}

static void code_args(struct code *c, int kind)
{
	size_t at = offsetof(struct compare_rec, arg);
	int i;

	for (i = 0; i < 3; i++, at += sizeof(uint64_t)) {
		/* a tracepoint has its own list, of one at least */
		if (kind == POINT_TRACE && i)
			op(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 0);
		else
			op(c, BPF_LDX | BPF_DW | BPF_MEM, BPF_REG_1, BPF_REG_6,
			   kind == POINT_TRACE ? 0 : arg_at[i], 0);
		store(c, at, BPF_REG_1);
	}
}

static void code_make(struct code *c, uint16_t point, uint64_t group)
{
	op(c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0);
	call(c, BPF_FUNC_ktime_get_ns);
	store(c, offsetof(struct compare_rec, time), BPF_REG_0);
	code_args(c, compare_points[point].kind);
	call(c, BPF_FUNC_get_current_pid_tgid);
	store(c, offsetof(struct compare_rec, task), BPF_REG_0);
	call(c, BPF_FUNC_get_smp_processor_id);
	op(c, BPF_STX | BPF_W | BPF_MEM, BPF_REG_10, BPF_REG_0,
	   (int)offsetof(struct compare_rec, cpu) -
	   (int)sizeof(struct compare_rec), 0);
	call(c, BPF_FUNC_get_current_cgroup_id);
	load64(c, BPF_REG_1, 0, group);
	op(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, point);
	op(c, BPF_JMP | BPF_JNE | BPF_X, BPF_REG_0, BPF_REG_1, 1, 0);
	op(c, BPF_ALU64 | BPF_OR | BPF_K, BPF_REG_2, 0, 0, 1 << 16);
	op(c, BPF_STX | BPF_W | BPF_MEM, BPF_REG_10, BPF_REG_2,
	   (int)offsetof(struct compare_rec, point) -
	   (int)sizeof(struct compare_rec), 0);

	load64(c, BPF_REG_1, BPF_PSEUDO_MAP_FD, ring_fd);
	op(c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0);
	op(c, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0,
	   -(int)sizeof(struct compare_rec));
	op(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0,
	   sizeof(struct compare_rec));
	/* it is looked for: a wake-up would cost what is measured */
	op(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4, 0, 0, BPF_RB_NO_WAKEUP);
	call(c, BPF_FUNC_ringbuf_output);
	op(c, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 4, 0);
	load64(c, BPF_REG_1, BPF_PSEUDO_MAP_VALUE, lost_fd);
	op(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, 1);
	op(c, BPF_STX | BPF_DW | BPF_ATOMIC, BPF_REG_1, BPF_REG_2, 0, BPF_ADD);
	op(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	op(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int code_load(uint16_t point, uint64_t group)
{
	struct code c = {};
	union bpf_attr attr = {
		.prog_type = compare_points[point].kind == POINT_TRACE ?
			     BPF_PROG_TYPE_RAW_TRACEPOINT :
			     BPF_PROG_TYPE_KPROBE,
		.license = (uintptr_t)"GPL",
		.insns = (uintptr_t)c.insn,
	};

	code_make(&c, point, group);
	attr.insn_cnt = c.n;
	return bpf(BPF_PROG_LOAD, &attr);
}

/* ---- Probes ---- */

static int attach_trace(const char *name, int prog)
{
	union bpf_attr attr = {
		.raw_tracepoint = {
			.name = (uintptr_t)name, .prog_fd = prog,
		},
	};

	return bpf(BPF_RAW_TRACEPOINT_OPEN, &attr);
}

/* On one processor, as the program sees all of them. */
static int attach_function(const char *name, bool at_return, int prog)
{
	struct perf_event_attr attr = {
		.type = kprobe_type, .size = sizeof(attr),
		.config = at_return, .sample_period = 1,
		.kprobe_func = (uintptr_t)name,
	};
	int fd, err;

	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1,
		     PERF_FLAG_FD_CLOEXEC);
	if (fd < 0 || !ioctl(fd, PERF_EVENT_IOC_SET_BPF, prog))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static int attach(uint16_t i, uint64_t group)
{
	const struct compare_point *p = &compare_points[i];

	prog_fd[i] = code_load(i, group);
	if (prog_fd[i] < 0)
		return refuse("load a program for a probe (CONFIG_BPF_EVENTS)",
			      errno);
	if (p->kind == POINT_TRACE)
		point_fd[i] = attach_trace(p->name, prog_fd[i]);
	else
		point_fd[i] = attach_function(p->name,
					      p->kind == POINT_RETURN,
					      prog_fd[i]);
	if (point_fd[i] >= 0)
		return 0;
	if (errno == EPERM || errno == EACCES)
		return refuse("", errno);
	/* without it the rest is compared: both lose the stage */
	if (p->stage != PKTPATH_AT_SOCK_SEND)
		return 0;
	complain("no probe can be put at the function %s: %s", p->name,
		 strerror(errno));
	return EXIT_REFUSED;
}

int probe_attach(uint64_t group)
{
	size_t i;
	int ret;

	for (i = 0; i < COMPARE_POINTS && compare_points[i].name; i++) {
		ret = attach(i, group);
		if (ret)
			return ret;
	}
	return 0;
}

static void detach(size_t i)
{
	if (point_fd[i] >= 0)
		close(point_fd[i]);
	if (prog_fd[i] >= 0)
		close(prog_fd[i]);
	point_fd[i] = -1;
	prog_fd[i] = -1;
}

void probe_detach(uint8_t stage)
{
	size_t i;

	for (i = 0; i < COMPARE_POINTS; i++)
		if (compare_points[i].stage == stage)
			detach(i);
}

int probe_open(void)
{
	const char *path = "/sys/bus/event_source/devices/kprobe/type";
	FILE *f = fopen(path, "re");
	size_t i;

	for (i = 0; i < COMPARE_POINTS; i++) {
		point_fd[i] = -1;
		prog_fd[i] = -1;
	}
	if (f) {
		if (fscanf(f, "%d", &kprobe_type) != 1)
			kprobe_type = 0;
		fclose(f);
	}
	if (!PROBE_MACHINE || !kprobe_type) {
		complain("this kernel offers no probes at functions (CONFIG_KPROBE_EVENTS, \"%s\")",
			 path);
		return EXIT_REFUSED;
	}
	lost_fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 1);
	if (lost_fd >= 0)
		ring_fd = map_new(BPF_MAP_TYPE_RINGBUF, 0, 0, RING_SIZE);
	if (ring_fd < 0 || ring_map())
		return refuse("keep what programs at probes note (CONFIG_BPF_SYSCALL)",
			      errno);
	return 0;
}

void probe_close(void)
{
	size_t i;

	for (i = 0; i < COMPARE_POINTS; i++)
		detach(i);
	if (ring_fd >= 0)
		close(ring_fd);
	if (lost_fd >= 0)
		close(lost_fd);
}
