// SPDX-License-Identifier: GPL-2.0
/* pktpath dev: attach netdevices to the stack, detach them, show them. */
#include <inttypes.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include "pktpath.h"

static const char dev_usage[] =
	"Usage: pktpath dev attach|detach IF\n"
	"       pktpath dev [ show [ IF ] ]\n";

static const struct {
	uint32_t bit;
	const char *name;
} dev_flags[] = {
	{ PKTPATH_DEV_LOOP, "LOOPBACK" },
	{ PKTPATH_DEV_NOARP, "NOARP" },
	{ PKTPATH_DEV_HOOK, "HOOK" },
	{ PKTPATH_DEV_RX, "RX" },
	{ PKTPATH_DEV_UP, "UP" },
	{ PKTPATH_DEV_CARRIER, "LOWER_UP" },
};

static const char *dev_type(uint32_t type)
{
	switch (type) {
	case ARPHRD_ETHER:
		return "ether";
	case ARPHRD_LOOPBACK:
		return "loopback";
	case ARPHRD_PPP:
		return "ppp";
	case 0xfffe: /* ARPHRD_NONE */
		return "none";
	default:
		return "other";
	}
}

static const char *dev_lladdr(const struct nlattr *a)
{
	static char text[3 * 32 + 1];
	const uint8_t *p;
	size_t i, n;

	if (!a)
		return NULL;
	p = mnl_attr_get_payload(a);
	n = mnl_attr_get_payload_len(a);
	if (!n || n > 32)
		return NULL;
	for (i = 0; i < n; i++)
		sprintf(text + 3 * i, "%02x%s", p[i], i + 1 < n ? ":" : "");
	return text;
}

static void dev_show_flags(uint32_t flags)
{
	const char *sep = "";
	size_t i;

	js_array("flags");
	if (!opts.json)
		putchar('<');
	for (i = 0; i < sizeof(dev_flags) / sizeof(dev_flags[0]); i++) {
		if (!(flags & dev_flags[i].bit))
			continue;
		js_str(NULL, dev_flags[i].name);
		if (!opts.json)
			printf("%s%s", sep, dev_flags[i].name);
		sep = ",";
	}
	if (!opts.json)
		putchar('>');
	js_array_end();
}

static int dev_show_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	uint32_t ifindex = get_u32(tb, PKTPATH_A_DEV_IFINDEX, 0);
	uint32_t type = get_u32(tb, PKTPATH_A_DEV_TYPE, 0xffff);
	const char *ll = dev_lladdr(tb[PKTPATH_A_DEV_LLADDR]);
	const char *name = dev_text(ifindex);
	uint32_t mtu = get_u32(tb, PKTPATH_A_DEV_MTU, 0);
	uint32_t naddrs = get_u32(tb, PKTPATH_A_DEV_NADDRS, 0);
	uint32_t vrf = get_u32(tb, PKTPATH_A_DEV_VRF, 0);
	static const struct {
		const char *key;
		int type;
	} counts[] = {
		{ "rx_packets", PKTPATH_A_DEV_RX_PACKETS },
		{ "rx_bytes", PKTPATH_A_DEV_RX_BYTES },
		{ "rx_dropped", PKTPATH_A_DEV_RX_DROPPED },
		{ "tx_packets", PKTPATH_A_DEV_TX_PACKETS },
		{ "tx_bytes", PKTPATH_A_DEV_TX_BYTES },
		{ "tx_dropped", PKTPATH_A_DEV_TX_DROPPED },
	};
	size_t i;

	(void)cmd;
	(void)arg;
	js_object(NULL);
	js_u64("ifindex", ifindex);
	js_str("ifname", name);
	if (!opts.json)
		printf("%u: %s: ", ifindex, name);
	dev_show_flags(get_u32(tb, PKTPATH_A_DEV_FLAGS, 0));
	js_u64("mtu", mtu);
	js_str("link_type", dev_type(type));
	if (ll)
		js_str("address", ll);
	js_u64("addrs", naddrs);
	if (vrf)
		js_str("vrf", dev_text(vrf));
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		js_u64(counts[i].key, get_u64(tb, counts[i].type));
	js_object_end();
	if (opts.json)
		return 0;
	printf(" mtu %u addrs %u", mtu, naddrs);
	if (vrf)
		printf(" vrf %s", dev_text(vrf));
	printf("\n    link/%s%s%s\n",
	       dev_type(type), ll ? " " : "", ll ? ll : "");
	printf("    RX: packets %" PRIu64 " bytes %" PRIu64 " dropped %" PRIu64
	       "\n    TX: packets %" PRIu64 " bytes %" PRIu64 " dropped %"
	       PRIu64 "\n",
	       get_u64(tb, PKTPATH_A_DEV_RX_PACKETS),
	       get_u64(tb, PKTPATH_A_DEV_RX_BYTES),
	       get_u64(tb, PKTPATH_A_DEV_RX_DROPPED),
	       get_u64(tb, PKTPATH_A_DEV_TX_PACKETS),
	       get_u64(tb, PKTPATH_A_DEV_TX_BYTES),
	       get_u64(tb, PKTPATH_A_DEV_TX_DROPPED));
	return 0;
}

static int dev_show(const char *name)
{
	struct nlmsghdr *nlh;
	char buf[NL_BUF];
	int ret;

	nlh = nl_start(buf, PKTPATH_CMD_DEV_GET, name ? 0 : NLM_F_DUMP);
	if (name)
		put_dev(nlh, PKTPATH_A_DEV_IFNAME, name);
	js_array(NULL);
	ret = nl_talk(nlh, dev_show_one, NULL);
	js_array_end();
	js_finish();
	return ret;
}

int cmd_dev(struct args *a)
{
	const char *verb = arg_next(a), *name;
	struct nlmsghdr *nlh;
	char buf[NL_BUF];
	uint8_t cmd;

	if (!verb)
		return dev_show(NULL);
	name = arg_next(a);
	if (name && word_is(name, "dev") && a->n)
		name = arg_next(a);
	if (a->n) {
		complain("\"%s\" is one word too many", arg_peek(a));
		return usage(dev_usage);
	}
	if (name && strlen(name) >= IF_NAMESIZE) {
		complain("\"%s\" is too long for a device name", name);
		return EXIT_USAGE;
	}
	if (word_is(verb, "show") || word_is(verb, "list"))
		return dev_show(name);
	if (word_is(verb, "attach"))
		cmd = PKTPATH_CMD_DEV_ATTACH;
	else if (word_is(verb, "detach"))
		cmd = PKTPATH_CMD_DEV_DETACH;
	else
		return usage(dev_usage);
	if (!name)
		return usage(dev_usage);
	nlh = nl_start(buf, cmd, 0);
	put_dev(nlh, PKTPATH_A_DEV_IFNAME, name);
	return nl_talk(nlh, NULL, NULL);
}
