// SPDX-License-Identifier: GPL-2.0
/* pktpath sock -i, -o: what TCP tells of a connection, in the words of ss. */
#include <linux/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "pktpath.h"

/*
 * struct tcp_info as the newest kernel has it; what an older one did not send
 * stays zero. The headers of the machine the tool is built on may be older
 * still.
 */
struct info {
	struct tcp_info i;
	uint8_t later[128];
};

#define AT_SND_WND 228	/* of tcpi_snd_wnd; what follows came later */
#define AT_ACCECN (AT_SND_WND + 20)	/* of tcpi_received_ce */

/* Behind the counters of Accurate ECN. */
struct accecn {
	uint32_t mode:2, seen:2, fail:4, rest:24;
};

#define ACCECN_MODE 2		/* TCPI_ECN_MODE_ACCECN */

static uint32_t later32(const struct info *in, size_t at)
{
	uint32_t v;

	memcpy(&v, (const uint8_t *)in + at, sizeof(v));
	return v;
}

static void flag(const char *name, bool on)
{
	if (!on)
		return;
	js_bool(name, true);
	if (!opts.json)
		printf(" %s", name);
}

static void num(const char *name, uint64_t v)
{
	if (!v)
		return;
	js_u64(name, v);
	if (!opts.json)
		printf(" %s:%llu", name, (unsigned long long)v);
}

/* Microseconds, shown in milliseconds as ss does. */
static void ms(const char *name, double us)
{
	js_u64(name, us);
	if (!opts.json)
		printf(" %s:%g", name, us / 1000);
}

static void rate(const char *name, uint64_t bytes)
{
	static const char units[] = "KMGT";
	double bits = (double)bytes * 8;
	int u = -1;

	if (!bytes || bytes == UINT64_MAX)
		return;
	js_u64(name, bytes * 8);
	if (opts.json)
		return;
	while (bits >= 1000 && u < 3) {
		bits /= 1000;
		u++;
	}
	if (u < 0)
		printf(" %s %.0fbps", name, bits);
	else
		printf(" %s %.3g%cbps", name, bits, units[u]);
}

static void show_options(const struct tcp_info *i)
{
	flag("ts", i->tcpi_options & TCPI_OPT_TIMESTAMPS);
	flag("sack", i->tcpi_options & TCPI_OPT_SACK);
	flag("ecn", i->tcpi_options & TCPI_OPT_ECN);
	flag("ecnseen", i->tcpi_options & TCPI_OPT_ECN_SEEN);
	flag("fastopen", i->tcpi_options & TCPI_OPT_SYN_DATA);
}

static void show_cc(const struct nlattr **tb)
{
	const struct nlattr *a = tb[PKTPATH_A_SOCK_CONGCTL];

	if (!a || mnl_attr_validate(a, MNL_TYPE_NUL_STRING) < 0)
		return;
	js_str("cong_alg", mnl_attr_get_str(a));
	if (!opts.json)
		printf(" %s", mnl_attr_get_str(a));
}

/* What the algorithm tells; of dctcp the meaning is known. */
static void show_cc_info(const struct nlattr **tb)
{
	static const char *const dctcp[] = { "ce_state", "alpha", "ab_ecn",
					     "ab_tot" };
	const struct nlattr *a = tb[PKTPATH_A_SOCK_CONGCTL_INFO];
	const struct nlattr *name = tb[PKTPATH_A_SOCK_CONGCTL];
	const uint32_t *v;
	size_t n, k;
	bool known;

	if (!a || !name || mnl_attr_validate(name, MNL_TYPE_NUL_STRING) < 0)
		return;
	v = mnl_attr_get_payload(a);
	n = mnl_attr_get_payload_len(a) / sizeof(*v);
	known = !strcmp(mnl_attr_get_str(name), "dctcp") && n == 4;
	js_object(mnl_attr_get_str(name));
	if (!opts.json)
		printf(" %s:(", mnl_attr_get_str(name));
	for (k = 0; k < n; k++) {
		char num_key[8];

		snprintf(num_key, sizeof(num_key), "%zu", k);
		js_u64(known ? dctcp[k] : num_key, v[k]);
		if (!opts.json)
			printf("%s%s%s%u", k ? "," : "", known ? dctcp[k] : "",
			       known ? ":" : "", v[k]);
	}
	js_object_end();
	if (!opts.json)
		putchar(')');
}

static void show_pair(const char *one, const char *two, uint64_t a, uint64_t b,
		      const char *fmt)
{
	js_u64(one, a);
	js_u64(two, b);
	if (!opts.json)
		printf(fmt, (unsigned long long)a, (unsigned long long)b);
}

static void show_times(const struct tcp_info *i)
{
	if (i->tcpi_options & TCPI_OPT_WSCALE)
		show_pair("snd_wscale", "rcv_wscale", i->tcpi_snd_wscale,
			  i->tcpi_rcv_wscale, " wscale:%llu,%llu");
	if (i->tcpi_rto && i->tcpi_rto != 3000000)
		ms("rto", i->tcpi_rto);
	num("backoff", i->tcpi_backoff);
	if (i->tcpi_rtt) {
		js_u64("rtt", i->tcpi_rtt);
		js_u64("rttvar", i->tcpi_rttvar);
		if (!opts.json)
			printf(" rtt:%g/%g", i->tcpi_rtt / 1000.0,
			       i->tcpi_rttvar / 1000.0);
	}
	if (i->tcpi_ato)
		ms("ato", i->tcpi_ato);
	num("mss", i->tcpi_snd_mss);
	num("pmtu", i->tcpi_pmtu);
	num("rcvmss", i->tcpi_rcv_mss);
	num("advmss", i->tcpi_advmss);
	num("cwnd", i->tcpi_snd_cwnd);
	if (i->tcpi_snd_ssthresh < 0xFFFF)
		num("ssthresh", i->tcpi_snd_ssthresh);
}

static void show_counts(const struct tcp_info *i)
{
	num("bytes_sent", i->tcpi_bytes_sent);
	num("bytes_retrans", i->tcpi_bytes_retrans);
	num("bytes_acked", i->tcpi_bytes_acked);
	num("bytes_received", i->tcpi_bytes_received);
	num("segs_out", i->tcpi_segs_out);
	num("segs_in", i->tcpi_segs_in);
	num("data_segs_out", i->tcpi_data_segs_out);
	num("data_segs_in", i->tcpi_data_segs_in);
}

static void show_rates(const struct tcp_info *i)
{
	if (i->tcpi_rtt && i->tcpi_snd_mss && i->tcpi_snd_cwnd)
		rate("send", (uint64_t)i->tcpi_snd_cwnd * i->tcpi_snd_mss *
			     1000000 / i->tcpi_rtt);
	num("lastsnd", i->tcpi_last_data_sent);
	num("lastrcv", i->tcpi_last_data_recv);
	num("lastack", i->tcpi_last_ack_recv);
	rate("pacing_rate", i->tcpi_pacing_rate);
	rate("max_pacing_rate", i->tcpi_max_pacing_rate);
	rate("delivery_rate", i->tcpi_delivery_rate);
	num("delivered", i->tcpi_delivered);
	num("delivered_ce", i->tcpi_delivered_ce);
	flag("app_limited", i->tcpi_delivery_rate_app_limited);
	if (i->tcpi_busy_time) {
		js_u64("busy", i->tcpi_busy_time / 1000);
		if (!opts.json)
			printf(" busy:%llums", (unsigned long long)
			       i->tcpi_busy_time / 1000);
	}
	num("rwnd_limited", i->tcpi_rwnd_limited / 1000);
	num("sndbuf_limited", i->tcpi_sndbuf_limited / 1000);
}

static void show_accecn(const struct info *in)
{
	static const char *const names[] = {
		"received_ce", "delivered_e1_bytes", "delivered_e0_bytes",
		"delivered_ce_bytes", "received_e1_bytes", "received_e0_bytes",
		"received_ce_bytes",
	};
	struct accecn a;
	size_t k, n = sizeof(names) / sizeof(names[0]);

	memcpy(&a, (const uint8_t *)in + AT_ACCECN + 4 * n, sizeof(a));
	if (a.mode != ACCECN_MODE)
		return;
	flag("accecn", true);
	num("accecn_fail", a.fail);
	num("accecn_opt_seen", a.seen);
	for (k = 0; k < n; k++)
		num(names[k], later32(in, AT_ACCECN + 4 * k));
}

static void show_loss(const struct info *in)
{
	const struct tcp_info *i = &in->i;

	num("unacked", i->tcpi_unacked);
	if (i->tcpi_retrans || i->tcpi_total_retrans)
		show_pair("retrans", "retrans_total", i->tcpi_retrans,
			  i->tcpi_total_retrans, " retrans:%llu/%llu");
	num("lost", i->tcpi_lost);
	num("sacked", i->tcpi_sacked);
	num("dsack_dups", i->tcpi_dsack_dups);
	if (i->tcpi_reordering != 3)
		num("reordering", i->tcpi_reordering);
	num("reord_seen", i->tcpi_reord_seen);
	if (i->tcpi_rcv_rtt)
		ms("rcv_rtt", i->tcpi_rcv_rtt);
	num("rcv_space", i->tcpi_rcv_space);
	num("rcv_ssthresh", i->tcpi_rcv_ssthresh);
	num("notsent", i->tcpi_notsent_bytes);
	if (i->tcpi_min_rtt && i->tcpi_min_rtt != UINT32_MAX)
		ms("minrtt", i->tcpi_min_rtt);
	num("rcv_ooopack", i->tcpi_rcv_ooopack);
	num("snd_wnd", later32(in, AT_SND_WND));
	num("rcv_wnd", later32(in, AT_SND_WND + 4));
	num("rehash", later32(in, AT_SND_WND + 8));
	show_accecn(in);
}

/* One line behind the socket's, without its end. */
void show_tcp_info(const struct nlattr **tb)
{
	const struct nlattr *a = tb[PKTPATH_A_SOCK_INFO];
	struct info in = {};
	size_t len;

	if (!a)
		return;
	len = mnl_attr_get_payload_len(a);
	memcpy(&in, mnl_attr_get_payload(a),
	       len < sizeof(in) ? len : sizeof(in));
	if (!opts.json)
		fputs("\n\t", stdout);
	js_object("tcp_info");
	show_options(&in.i);
	show_cc(tb);
	if (get_u8(tb, PKTPATH_A_SOCK_STATE, 0) != ST_LISTEN) {
		show_times(&in.i);
		show_counts(&in.i);
		show_cc_info(tb);
		show_rates(&in.i);
		show_loss(&in);
	}
	js_object_end();
}

/* timer:(on,200ms,0), as ss -o. */
void show_timer(const struct nlattr **tb)
{
	static const char *const names[] = { "off", "on", "keepalive",
					     "timewait", "persist" };
	uint8_t t = get_u8(tb, PKTPATH_A_SOCK_TIMER, 0);
	uint32_t left = get_u32(tb, PKTPATH_A_SOCK_TIMER_MS, 0);
	uint8_t tries = get_u8(tb, PKTPATH_A_SOCK_RETRANS, 0);

	if (!t || t >= sizeof(names) / sizeof(names[0]))
		return;
	js_object("timer");
	js_str("timer", names[t]);
	js_u64("expires", left);
	js_u64("retrans", tries);
	js_object_end();
	if (opts.json)
		return;
	if (left >= 60000)
		printf(" timer:(%s,%umin%usec,%u)", names[t], left / 60000,
		       left / 1000 % 60, tries);
	else if (left >= 1000)
		printf(" timer:(%s,%u.%03usec,%u)", names[t], left / 1000,
		       left % 1000, tries);
	else
		printf(" timer:(%s,%ums,%u)", names[t], left, tries);
}
