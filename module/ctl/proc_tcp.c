// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/pktpath/tcp: listeners, connections, half-open ones and those in
 * TIME_WAIT, in the format of /proc/net/tcp.
 *
 * Path: none
 * Mirrors: net/ipv4/tcp_ipv4.c (tcp4_seq_show)
 * Locks: none; the walk holds an object while it is copied
 */
#include <linux/proc_fs.h>
#include <linux/seq_file_net.h>
#include <linux/seq_file.h>
#include "ctl/ctl.h"
#include "tcp/tcp.h"

/* A walk begins anew for each batch, so a batch is not small. */
#define PKTPATH_PROC_TCP_BATCH 64

struct pp_proc_tcp_row {
	struct pp_tcp_view v;	/* without references */
	struct pp_tcp_numbers n;
	u64 inode;
	bool full;
};

/* Where a reader is, and the entries it has in hand. */
struct pp_proc_tcp_iter {
	struct seq_net_private p;
	loff_t first;		/* number of rows[0] */
	unsigned int have;
	unsigned int bucket, skip;
	struct pp_proc_tcp_row rows[PKTPATH_PROC_TCP_BATCH];
};

static int pp_proc_tcp_take(const struct pp_tcp_view *v, void *arg)
{
	struct pp_proc_tcp_iter *it = arg;
	struct pp_proc_tcp_row *row;

	if (it->have == PKTPATH_PROC_TCP_BATCH)
		return 1;
	row = &it->rows[it->have++];
	row->v = *v;
	row->full = v->sk;
	row->v.sk = NULL;
	row->v.node = NULL;
	if (v->sk) {
		row->inode = sock_i_ino(v->sk);
		pp_tcp_view_numbers(v->sk, &row->n);
	}
	return 0;
}

/* Entry number *@pos, from 1 on; 0 is the heading. */
static void *pp_proc_tcp_seek(struct seq_file *seq, loff_t *pos)
{
	struct pp_net *pn = pp_net(seq_file_net(seq));
	struct pp_proc_tcp_iter *it = seq->private;

	if (!*pos || *pos < it->first) {
		it->first = 1;
		it->have = 0;
		it->bucket = 0;
		it->skip = 0;
	}
	if (!*pos)
		return SEQ_START_TOKEN;
	while (*pos >= it->first + it->have) {
		it->first += it->have;
		it->have = 0;
		pp_tcp_walk(pn, &it->bucket, &it->skip, pp_proc_tcp_take, it);
		if (!it->have)
			return NULL;
	}
	return &it->rows[*pos - it->first];
}

static void *pp_proc_tcp_start(struct seq_file *seq, loff_t *pos)
{
	return pp_proc_tcp_seek(seq, pos);
}

static void *pp_proc_tcp_next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return pp_proc_tcp_seek(seq, pos);
}

static void pp_proc_tcp_stop(struct seq_file *seq, void *v)
{
}

static int pp_proc_tcp_show(struct seq_file *seq, void *p)
{
	const struct pp_proc_tcp_iter *it = seq->private;
	const struct pp_proc_tcp_row *row = p;
	const struct pp_tcp_view *v = &row->v;
	uid_t uid = 0;

	seq_setwidth(seq, 149);
	if (p == SEQ_START_TOKEN) {
		seq_puts(seq, "  sl  local_address rem_address   st tx_queue ");
		seq_puts(seq, "rx_queue tr tm->when retrnsmt   uid  timeout ");
		seq_puts(seq, "inode");
		seq_pad(seq, '\n');
		return 0;
	}
	if (v->timer != PKTPATH_TCP_TIMER_TIMEWAIT)
		uid = from_kuid_munged(seq_user_ns(seq), v->uid);
	seq_printf(seq, "%4u: %08X:%04X %08X:%04X %02X %08X:%08X",
		   (unsigned int)(it->first + (row - it->rows) - 1),
		   (__force u32)v->laddr, ntohs(v->lport),
		   (__force u32)v->faddr, ntohs(v->fport), v->state,
		   v->state == TCP_LISTEN ? 0 : v->wqueue, v->rqueue);
	/* The address of the socket in the kernel is nobody's business. */
	seq_printf(seq, " %02X:%08lX %08X %5u %8d %llu %d %016x", v->timer,
		   (unsigned long)jiffies_delta_to_clock_t(v->left),
		   v->retrans, uid, v->probes, row->full ? row->inode : 0,
		   v->refs, 0);
	if (row->full)
		seq_printf(seq, " %lu %lu %u %u %d",
			   (unsigned long)jiffies_to_clock_t(row->n.rto_jiffies),
			   (unsigned long)jiffies_to_clock_t(row->n.ato_jiffies),
			   row->n.quick, row->n.cwnd, row->n.ssthresh);
	seq_pad(seq, '\n');
	return 0;
}

static const struct seq_operations pp_proc_tcp_ops = {
	.start = pp_proc_tcp_start,
	.next = pp_proc_tcp_next,
	.stop = pp_proc_tcp_stop,
	.show = pp_proc_tcp_show,
};

/**
 * pp_proc_tcp_init() - make the file that lists connections
 * @net: netns
 * @dir: /proc/net/pktpath; removes it with itself
 *
 * Context: process.
 * Return: 0 or -ENOMEM
 */
int pp_proc_tcp_init(struct net *net, struct proc_dir_entry *dir)
{
	if (!proc_create_net("tcp", 0444, dir, &pp_proc_tcp_ops,
			     sizeof(struct pp_proc_tcp_iter)))
		return -ENOMEM;
	return 0;
}
