// SPDX-License-Identifier: GPL-2.0
/*
 * The filter of pktpath run: reports the calls that could open a socket past
 * us, and nothing else, so that all others cost what a filter costs.
 */
#include <asm/unistd.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "pktpath.h"
#include "run.h"

#define RUN_INSNS 96

/* Numbers of i386 that open sockets or rings. */
#define I386_SOCKETCALL 102
#define I386_SOCKET 359

struct prog {
	unsigned int n;
	struct sock_filter i[RUN_INSNS];
};

static void emit(struct prog *p, uint16_t code, uint32_t k, uint8_t jt,
		 uint8_t jf)
{
	p->i[p->n++] = (struct sock_filter)BPF_JUMP(code, k, jt, jf);
}

static void load(struct prog *p, size_t offset)
{
	emit(p, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

/* All arguments that matter are ints: the upper half is never looked at. */
static void load_arg(struct prog *p, int n)
{
	load(p, offsetof(struct seccomp_data, args) + 8 * n);
}

static void ret(struct prog *p, uint32_t what)
{
	emit(p, BPF_RET | BPF_K, what, 0, 0);
}

/* If the loaded value is @k, return @what. */
static void ret_if(struct prog *p, uint32_t k, uint32_t what)
{
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, k, 0, 1);
	ret(p, what);
}

/* Opens a block for one number; the place where it began. */
static unsigned int block(struct prog *p, uint32_t nr)
{
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 0);
	return p->n - 1;
}

static void block_end(struct prog *p, unsigned int begin)
{
	ret(p, SECCOMP_RET_ALLOW);
	p->i[begin].jf = p->n - begin - 1;
}

static void on_socket(struct prog *p)
{
	unsigned int b = block(p, __NR_socket);
	uint32_t v6 = run_opts.v6_refuse ? 0 : 1;

	load_arg(p, 1);
	emit(p, BPF_ALU | BPF_AND | BPF_K, 0xf, 0, 0);
	/* neither stream nor datagram: none of ours */
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, SOCK_STREAM, 3, 0);
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, SOCK_DGRAM, 2, 0);
	emit(p, BPF_JMP | BPF_JEQ | BPF_K,
	     run_opts.raw ? SOCK_RAW : SOCK_DGRAM, 1, 0);
	ret(p, SECCOMP_RET_ALLOW);
	load_arg(p, 0);
	if (run_late()) {
		/* it could not move: whoever asks for it can do without */
		emit(p, BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 0, 4);
		load_arg(p, 2);
		ret_if(p, IPPROTO_MPTCP, SECCOMP_RET_USER_NOTIF);
		ret(p, SECCOMP_RET_ALLOW);
	} else {
		ret_if(p, AF_INET, SECCOMP_RET_USER_NOTIF);
	}
	if (!v6)
		ret_if(p, AF_INET6, SECCOMP_RET_USER_NOTIF);
	block_end(p, b);
}

static void on_sockopt(struct prog *p, uint32_t nr, uint32_t one, uint32_t two)
{
	unsigned int b = block(p, nr);

	load_arg(p, 1);
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, SOL_SOCKET, 1, 0);
	ret(p, SECCOMP_RET_ALLOW);
	load_arg(p, 2);
	ret_if(p, one, SECCOMP_RET_USER_NOTIF);
	ret_if(p, two, SECCOMP_RET_USER_NOTIF);
	block_end(p, b);
}

static void on_seccomp(struct prog *p)
{
	unsigned int b = block(p, __NR_seccomp);

	load_arg(p, 0);
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_SET_MODE_FILTER, 1, 0);
	ret(p, SECCOMP_RET_ALLOW);
	load_arg(p, 1);
	emit(p, BPF_JMP | BPF_JSET | BPF_K, SECCOMP_FILTER_FLAG_NEW_LISTENER,
	     0, 1);
	ret(p, SECCOMP_RET_USER_NOTIF);
	block_end(p, b);
}

/* The same numbers in every table of this machine. */
static void on_uring(struct prog *p)
{
	ret_if(p, __NR_io_uring_setup, SECCOMP_RET_USER_NOTIF);
	ret_if(p, __NR_io_uring_enter, SECCOMP_RET_USER_NOTIF);
	ret_if(p, __NR_io_uring_register, SECCOMP_RET_USER_NOTIF);
}

static void on_i386(struct prog *p)
{
	unsigned int b;

	load(p, offsetof(struct seccomp_data, arch));
	b = p->n;
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 0);
	load(p, offsetof(struct seccomp_data, nr));
	ret_if(p, I386_SOCKETCALL, SECCOMP_RET_USER_NOTIF);
	ret_if(p, I386_SOCKET, SECCOMP_RET_USER_NOTIF);
	on_uring(p);
	ret(p, SECCOMP_RET_ALLOW);
	p->i[b].jt = p->n - b - 1;
}

static void build(struct prog *p)
{
	on_i386(p);
	load(p, offsetof(struct seccomp_data, nr));
	/* a call that a tracer skips */
	ret_if(p, ~0U, SECCOMP_RET_ALLOW);
	/* x32 has the numbers of x86_64 with a bit set. */
	emit(p, BPF_JMP | BPF_JGE | BPF_K, __X32_SYSCALL_BIT, 0, 1);
	ret(p, SECCOMP_RET_USER_NOTIF);
	on_uring(p);
	if (run_late()) {
		ret_if(p, __NR_bind, SECCOMP_RET_USER_NOTIF);
		ret_if(p, __NR_connect, SECCOMP_RET_USER_NOTIF);
	}
	on_socket(p);
	if (run_opts.translate)
		on_sockopt(p, __NR_setsockopt, SO_REUSEPORT, SO_ZEROCOPY);
	on_sockopt(p, __NR_getsockopt, SO_DOMAIN, SO_PROTOCOL);
	on_seccomp(p);
	ret(p, SECCOMP_RET_ALLOW);
}

static int install(const struct sock_fprog *prog)
{
	unsigned int flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	int fd;

	/* A signal must not take back a call that is being answered: Go sends
	 * itself so many that nothing would ever be.
	 */
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		     flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, prog);
	if (fd < 0 && errno == EINVAL)
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
			     prog);
	return fd < 0 ? -errno : fd;
}

int run_filter_install(void)
{
	struct prog p = {};
	struct sock_fprog prog = { .filter = p.i };
	int fd;

	build(&p);
	prog.len = p.n;
	fd = install(&prog);
	if (fd != -EACCES)
		return fd;
	/* Without CAP_SYS_ADMIN: only for who never gains privilege. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return install(&prog);
}
