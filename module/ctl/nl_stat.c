// SPDX-License-Identifier: GPL-2.0
/*
 * Control plane: every counter of the netns as a pair of name and value.
 *
 * Path: none
 * Mirrors: net/ipv4/proc.c (snmp_seq_show)
 * Locks: none
 */
#include "core/drop.h"
#include "core/mib.h"
#include "ctl/ctl.h"

/* Rows in the order of a dump: counters, drops, ICMP types in and out. */
#define PKTPATH_STAT_DROPS	PKTPATH_MIB_MAX
#define PKTPATH_STAT_ICMP_IN	(PKTPATH_STAT_DROPS + PKTPATH_DROP_MAX)
#define PKTPATH_STAT_ICMP_OUT	(PKTPATH_STAT_ICMP_IN + 256)
#define PKTPATH_STAT_END	(PKTPATH_STAT_ICMP_OUT + 256)

/* Where a dump goes on. */
struct pp_nl_stat_pos {
	unsigned int row;
};

struct pp_nl_stat_row {
	const char *group;
	const char *name;
	u64 value;
	char buf[16];
};

/* Fills @row; false: nothing to show (an ICMP type never seen). */
static bool pp_nl_stat_row(const struct pp_net *pn, unsigned int i,
			   struct pp_nl_stat_row *row)
{
	bool out = i >= PKTPATH_STAT_ICMP_OUT;

	if (i < PKTPATH_STAT_DROPS) {
		row->group = pp_mib_rows[i].group;
		row->name = pp_mib_rows[i].name;
		row->value = pp_mib_read(pn, i);
		return true;
	}
	if (i < PKTPATH_STAT_ICMP_IN) {
		i -= PKTPATH_STAT_DROPS;
		row->group = "Drop";
		row->name = pp_drop_descs[i].name;
		row->value = pp_mib_read_drop(pn, i);
		return true;
	}
	i -= out ? PKTPATH_STAT_ICMP_OUT : PKTPATH_STAT_ICMP_IN;
	row->value = pp_mib_read_icmp(pn, out, i);
	if (!row->value)
		return false;
	snprintf(row->buf, sizeof(row->buf), "%sType%u", out ? "Out" : "In", i);
	row->group = "IcmpMsg";
	row->name = row->buf;
	return true;
}

static int pp_nl_stat_fill(struct sk_buff *skb, const struct pp_nl_msg *m,
			   const struct pp_nl_stat_row *row)
{
	void *hdr;

	hdr = pp_nl_put(skb, m);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_string(skb, PKTPATH_A_STAT_GROUP, row->group) ||
	    nla_put_string(skb, PKTPATH_A_STAT_NAME, row->name) ||
	    nla_put_u64_64bit(skb, PKTPATH_A_STAT_VALUE, row->value,
			      PKTPATH_A_STAT_PAD)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * pp_nl_stat_get_dumpit() - show the counters
 * @skb: where to write
 * @cb: the dump; filter GROUP
 *
 * Context: process.
 * Return: bytes written, 0 at the end, or -errno
 */
int pp_nl_stat_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = pp_compat_genl_dump_attrs(cb);
	const struct nlattr *group = attrs[PKTPATH_A_STAT_GROUP];
	struct pp_nl_stat_pos *pos = (void *)cb->ctx;
	struct pp_net *pn = pp_nl_cb_net(cb);
	struct pp_nl_stat_row row;
	struct pp_nl_msg m;
	int err = 0;

	BUILD_BUG_ON(sizeof(*pos) > sizeof(cb->ctx));
	pp_nl_msg_dump(&m, cb, PKTPATH_CMD_STAT_GET);
	for (; pos->row < PKTPATH_STAT_END; pos->row++) {
		if (!pp_nl_stat_row(pn, pos->row, &row) ||
		    (group && strcmp(row.group, nla_data(group))))
			continue;
		err = pp_nl_stat_fill(skb, &m, &row);
		if (err)
			break;
	}
	return pp_nl_dump_end(skb, err);
}
