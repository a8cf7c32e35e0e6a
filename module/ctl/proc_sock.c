// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/pktpath/udp, icmp and raw: bound sockets, in the format of their
 * twins in /proc/net.
 *
 * Path: none
 * Mirrors: net/ipv4/udp.c (udp4_format_sock), net/ipv4/ping.c
 * Locks: none; the walk holds a socket while it is copied
 */
#include <linux/proc_fs.h>
#include <linux/seq_file_net.h>
#include <linux/seq_file.h>
#include "core/pp_sock.h"
#include "ctl/ctl.h"
#include "raw/raw.h"
#include "udp/udp.h"

typedef int (*pp_proc_walk_t)(struct pp_net *pn, unsigned int *bucket,
			      unsigned int *skip,
			      int (*fn)(struct sock *sk, void *arg), void *arg);

/* What a line shows. */
struct pp_proc_sock_row {
	unsigned int bucket;
	__be32 src, dst;
	u16 sport, dport;
	u8 state;
	u32 wqueue, rqueue;
	kuid_t uid;
	u64 inode;
	int refs;
	u32 drops;
};

/* Where a reader is, and the socket it has in hand. */
struct pp_proc_sock_iter {
	struct seq_net_private p;
	loff_t next;		/* number of the entry after @row */
	bool have;
	unsigned int bucket;
	unsigned int skip;
	struct pp_proc_sock_row row;
};

/* The walk stops at the second socket. */
static int pp_proc_sock_take(struct sock *sk, void *arg)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct pp_proc_sock_iter *it = arg;
	struct pp_proc_sock_row *row = &it->row;

	if (it->have)
		return 1;
	row->bucket = it->bucket;
	row->src = READ_ONCE(inet->inet_rcv_saddr);
	row->dst = READ_ONCE(inet->inet_daddr);
	row->sport = ntohs(READ_ONCE(inet->inet_sport));
	row->dport = ntohs(READ_ONCE(inet->inet_dport));
	row->state = READ_ONCE(sk->sk_state);
	row->wqueue = sk_wmem_alloc_get(sk);
	row->rqueue = sk_rmem_alloc_get(sk);
	row->uid = pp_compat_sk_uid(sk);
	row->inode = sock_i_ino(sk);
	/* less the one that the walk holds */
	row->refs = refcount_read(&sk->sk_refcnt) - 1;
	row->drops = pp_compat_sk_drops(sk);
	it->have = true;
	return 0;
}

/*
 * One of the files, with the kernel's heading of its twin and the width to
 * which that fills up its lines.
 */
struct pp_proc_sock_file {
	pp_proc_walk_t walk;
	const char *heading;
	unsigned int width;
};

static const struct pp_proc_sock_file pp_proc_sock_udp = {
	.walk = pp_udp_walk,
	.heading = "   sl",
	.width = 127,
};

static const struct pp_proc_sock_file pp_proc_sock_icmp = {
	.walk = pp_ping_walk,
	.heading = "  sl",
	.width = 127,
};

static const struct pp_proc_sock_file pp_proc_sock_raw = {
	.walk = pp_raw_walk,
	.heading = "  sl",
};

static const struct pp_proc_sock_file *pp_proc_sock_file(struct seq_file *seq)
{
	return pde_data(file_inode(seq->file));
}

/* Entry number *@pos, from 1 on; 0 is the heading. */
static void *pp_proc_sock_seek(struct seq_file *seq, loff_t *pos)
{
	struct pp_net *pn = pp_net(seq_file_net(seq));
	struct pp_proc_sock_iter *it = seq->private;

	if (!*pos) {
		it->next = 1;
		it->have = false;
		return SEQ_START_TOKEN;
	}
	if (it->have && *pos == it->next - 1)
		return it;
	if (*pos < it->next)
		it->next = 1;
	while (it->next <= *pos) {
		if (it->next == 1) {
			it->bucket = 0;
			it->skip = 0;
		}
		it->have = false;
		pp_proc_sock_file(seq)->walk(pn, &it->bucket, &it->skip,
					     pp_proc_sock_take, it);
		if (!it->have)
			return NULL;
		it->next++;
	}
	return it;
}

static void *pp_proc_sock_start(struct seq_file *seq, loff_t *pos)
{
	return pp_proc_sock_seek(seq, pos);
}

static void *pp_proc_sock_next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return pp_proc_sock_seek(seq, pos);
}

static void pp_proc_sock_stop(struct seq_file *seq, void *v)
{
}

/* The address of the socket in the kernel is nobody's business: zeroes. */
static int pp_proc_sock_show(struct seq_file *seq, void *v)
{
	const struct pp_proc_sock_iter *it = seq->private;
	const struct pp_proc_sock_row *row = &it->row;

	seq_setwidth(seq, pp_proc_sock_file(seq)->width);
	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, pp_proc_sock_file(seq)->heading);
		seq_puts(seq, "  local_address rem_address   st tx_queue ");
		seq_puts(seq, "rx_queue tr tm->when retrnsmt   uid  timeout ");
		seq_puts(seq, "inode ref pointer drops");
		seq_pad(seq, '\n');
		return 0;
	}
	seq_printf(seq, "%5u: %08X:%04X %08X:%04X %02X %08X:%08X",
		   row->bucket, (__force u32)row->src, row->sport,
		   (__force u32)row->dst, row->dport, row->state, row->wqueue,
		   row->rqueue);
	seq_printf(seq, " 00:00000000 00000000 %5u %8d %llu %d %016x %u",
		   from_kuid_munged(seq_user_ns(seq), row->uid), 0, row->inode,
		   row->refs, 0, row->drops);
	seq_pad(seq, '\n');
	return 0;
}

static const struct seq_operations pp_proc_sock_ops = {
	.start = pp_proc_sock_start,
	.next = pp_proc_sock_next,
	.stop = pp_proc_sock_stop,
	.show = pp_proc_sock_show,
};

/**
 * pp_proc_sock_init() - make the files that list sockets
 * @net: netns
 * @dir: /proc/net/pktpath; removes them with itself
 *
 * Context: process.
 * Return: 0 or -ENOMEM
 */
int pp_proc_sock_init(struct net *net, struct proc_dir_entry *dir)
{
	if (!proc_create_net_data("udp", 0444, dir, &pp_proc_sock_ops,
				  sizeof(struct pp_proc_sock_iter),
				  (void *)&pp_proc_sock_udp) ||
	    !proc_create_net_data("icmp", 0444, dir, &pp_proc_sock_ops,
				  sizeof(struct pp_proc_sock_iter),
				  (void *)&pp_proc_sock_icmp) ||
	    !proc_create_net_data("raw", 0444, dir, &pp_proc_sock_ops,
				  sizeof(struct pp_proc_sock_iter),
				  (void *)&pp_proc_sock_raw))
		return -ENOMEM;
	return 0;
}
