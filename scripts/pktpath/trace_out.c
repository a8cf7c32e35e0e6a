// SPDX-License-Identifier: GPL-2.0
/* Journeys as lines, timelines, JSON lines and Chrome's trace format. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "../../module/core/stage.h"
#include "trace.h"

static const char *const stage_names[] = {
#define STAGE_NAME(id, tp, dir, name, fn, file, twin) name,
	PKTPATH_STAGES(STAGE_NAME)
#undef STAGE_NAME
};

const char *trace_stage_name(uint8_t stage)
{
	if (stage < sizeof(stage_names) / sizeof(stage_names[0]))
		return stage_names[stage];
	return stage == PKTPATH_AT_FREE ? "FREE" : "?";
}

const char *trace_cause_name(const struct trace_names *names,
			     const struct pktpath_journey_rec *r)
{
	static char text[48];

	if (!(r->flags & PKTPATH_JREC_DROP))
		return NULL;
	if (!(r->flags & PKTPATH_JREC_KERNEL) && r->cause < names->n)
		return names->cause[r->cause];
	snprintf(text, sizeof(text), "%s %u", r->flags & PKTPATH_JREC_KERNEL ?
		 "kernel reason" : "cause", r->cause);
	return text;
}

static const char *proto_name(uint8_t proto)
{
	static char text[8];

	switch (proto) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
		return "icmp";
	default:
		snprintf(text, sizeof(text), "ip:%u", proto);
		return text;
	}
}

static const char *addr_text(__be32 addr, char buf[INET_ADDRSTRLEN])
{
	return inet_ntop(AF_INET, &addr, buf, INET_ADDRSTRLEN);
}

static bool has_ports(const struct pktpath_journey_rec *f)
{
	return f->proto == IPPROTO_TCP || f->proto == IPPROTO_UDP;
}

const char *out_flow(const struct journey *j)
{
	const struct pktpath_journey_rec *f = journey_flow(j);
	char s[INET_ADDRSTRLEN], d[INET_ADDRSTRLEN];
	static char text[96];

	if (!f)
		return "-";
	if (has_ports(f))
		snprintf(text, sizeof(text), "%s %s:%u > %s:%u",
			 proto_name(f->proto), addr_text(f->saddr, s),
			 ntohs(f->sport), addr_text(f->daddr, d),
			 ntohs(f->dport));
	else
		snprintf(text, sizeof(text), "%s %s > %s",
			 proto_name(f->proto), addr_text(f->saddr, s),
			 addr_text(f->daddr, d));
	return text;
}

static uint64_t total(const struct journey *j)
{
	return j->n ? j->r[j->n - 1].time - j->r[0].time : 0;
}

uint32_t out_bytes(const struct journey *j)
{
	uint32_t i, len = 0;

	for (i = 0; i < j->n; i++)
		if (j->r[i].id && j->r[i].stage > PKTPATH_AT_TP_SEND &&
		    j->r[i].stage != PKTPATH_AT_SOCK_RECV &&
		    j->r[i].len > len)
			len = j->r[i].len;
	return len;
}

void out_line(const struct journey *j, const struct trace_names *names)
{
	const struct pktpath_journey_rec *d = journey_drop(j);

	printf("%" PRIu64 ".%06" PRIu64 " %-46s %5u B %9" PRIu64 " ns  %s..%s",
	       (uint64_t)j->r[0].time / 1000000000,
	       (uint64_t)j->r[0].time / 1000 % 1000000,
	       out_flow(j), out_bytes(j), total(j),
	       trace_stage_name(j->r[0].stage),
	       trace_stage_name(j->r[j->n - 1].stage));
	if (d)
		printf("  DROP %s", trace_cause_name(names, d));
	putchar('\n');
}

void out_follow(const struct journey *j, const struct trace_names *names,
		const struct pktpath_journey_rec *of, uint64_t since)
{
	const struct pktpath_journey_rec *f = journey_flow(j);
	uint64_t most = 0, t;
	uint32_t i, at = 0;

	for (i = 0; i + 1 < j->n; i++) {
		t = j->r[i + 1].time - j->r[i].time;
		if (t > most) {
			most = t;
			at = i;
		}
	}
	printf("%12" PRIu64 " ns %s seq %10u %5u B %9" PRIu64 " ns, most in %s",
	       (uint64_t)j->r[0].time - since,
	       f->saddr == of->saddr && f->sport == of->sport ? ">" : "<",
	       f->seq, out_bytes(j), total(j), trace_stage_name(j->r[at].stage));
	printf(" %" PRIu64, most);
	if (journey_drop(j))
		printf("  DROP %s", trace_cause_name(names, journey_drop(j)));
	putchar('\n');
}

/* What stands behind a stage's times. */
static void step_notes(const struct pktpath_journey_rec *r,
		       const struct trace_names *names)
{
	printf("  cpu %u", r->cpu);
	if (r->ifindex)
		printf(" dev %s", dev_text(r->ifindex));
	if (r->flags & PKTPATH_JREC_TASK && r->pid)
		printf(" pid %u", r->pid);
	if (r->len)
		printf(" %u B", r->len);
	if (r->segs)
		printf(r->stage == PKTPATH_AT_FREE ?
		       " cut by the device layer into %u segments" :
		       " in %u segments", r->segs);
	if (r->flags & PKTPATH_JREC_HANDOVER)
		printf(" received by another namespace");
	if (r->flags & PKTPATH_JREC_DROP)
		printf(" DROP %s", trace_cause_name(names, r));
}

void out_timeline(const struct journey *j, const struct trace_names *names)
{
	uint64_t t, all = total(j);
	uint32_t i;

	printf("%s, %u B, %" PRIu64 " ns", out_flow(j), out_bytes(j), all);
	for (i = 0; i < j->owners; i++) {
		printf("%ssock %" PRIx64, i ? " to " : ", ",
		       j->owner[i].cookie);
		if (j->owner[i].pid)
			printf(" of pid %u", j->owner[i].pid);
		if (j->owner[i].cgroup)
			printf(" in cgroup %" PRIu64, j->owner[i].cgroup);
	}
	if (j->from)
		printf("\njourney %" PRIu64 ", a fragment of journey %" PRIu64,
		       j->id, j->from);
	if (j->segment)
		printf("\njourney %" PRIu64 ", a segment of journey %" PRIu64,
		       j->id, j->segment);
	if (j->into)
		printf("\njourney %" PRIu64 ", joined into journey %" PRIu64,
		       j->id, j->into);
	if (j->parts)
		printf("\njourney %" PRIu64 ", put together of %" PRIu32
		       " fragments, journeys", j->id, j->parts);
	for (i = 0; i < j->parts; i++)
		printf(" %" PRIu64, j->part[i]);
	puts("\n      at ns   stage             ns     %");
	for (i = 0; i < j->n; i++) {
		t = i + 1 < j->n ? j->r[i + 1].time - j->r[i].time : 0;
		printf(" %10" PRIu64 "   %-12s", (uint64_t)j->r[i].time -
		       (uint64_t)j->r[0].time,
		       trace_stage_name(j->r[i].stage));
		if (i + 1 < j->n)
			printf(" %7" PRIu64 " %5.1f", t,
			       all ? 100.0 * t / all : 0.0);
		else
			printf(" %13s", "");
		step_notes(&j->r[i], names);
		putchar('\n');
	}
	if (j->cut)
		printf(" (%u records more)\n", j->cut);
}

void out_json(const struct journey *j, const struct trace_names *names)
{
	const struct pktpath_journey_rec *f = journey_flow(j), *r;
	char buf[INET_ADDRSTRLEN];
	uint32_t i;

	js_object(NULL);
	js_u64("id", j->id);
	if (f) {
		js_str("proto", proto_name(f->proto));
		js_str("src", addr_text(f->saddr, buf));
		js_str("dst", addr_text(f->daddr, buf));
	}
	if (f && has_ports(f)) {
		js_u64("sport", ntohs(f->sport));
		js_u64("dport", ntohs(f->dport));
	}
	if (f)
		js_u64("seq", f->seq);
	if (j->from)
		js_u64("fragment_of", j->from);
	if (j->segment)
		js_u64("segment_of", j->segment);
	if (j->into)
		js_u64("joined_into", j->into);
	if (j->parts) {
		js_array("fragments");
		for (i = 0; i < j->parts; i++)
			js_u64(NULL, j->part[i]);
		js_array_end();
	}
	js_u64("cookie", j->cookie);
	js_array("sockets");
	for (i = 0; i < j->owners; i++) {
		js_object(NULL);
		js_u64("cookie", j->owner[i].cookie);
		js_u64("pid", j->owner[i].pid);
		js_u64("cgroup", j->owner[i].cgroup);
		js_object_end();
	}
	js_array_end();
	js_u64("len", out_bytes(j));
	js_u64("total_ns", total(j));
	js_array("stages");
	for (i = 0, r = j->r; i < j->n; i++, r++) {
		js_object(NULL);
		js_str("stage", trace_stage_name(r->stage));
		js_u64("time", r->time);
		js_u64("cpu", r->cpu);
		js_u64("len", r->len);
		if (r->ifindex)
			js_u64("ifindex", r->ifindex);
		if (r->segs)
			js_u64("segments", r->segs);
		if (r->flags & PKTPATH_JREC_TASK)
			js_u64("pid", r->pid);
		if (r->flags & PKTPATH_JREC_DROP)
			js_str("drop", trace_cause_name(names, r));
		js_object_end();
	}
	js_array_end();
	js_object_end();
	js_finish();
}

/* ---- Chrome's trace format, as the Perfetto UI reads it ---- */

/* A track a CPU, whose slices are stages, and one a flow, of its journeys. */
#define PERFETTO_CPUS	1	/* as "processes" */
#define PERFETTO_FLOWS	2
#define PERFETTO_TRACKS	1024

static struct {
	char name[96];
	uint64_t end;
} perfetto_flow[PERFETTO_TRACKS];
static uint32_t perfetto_flows;
static bool perfetto_cpu[PERFETTO_TRACKS];

static void perfetto_name(FILE *f, const char *what, unsigned int pid,
			  unsigned int tid, const char *name)
{
	fprintf(f, ",\n{\"name\":\"%s_name\",\"ph\":\"M\",", what);
	fprintf(f, "\"pid\":%u,\"tid\":%u,\"args\":{\"name\":\"%s\"}}", pid,
		tid, name);
}

void out_perfetto_head(FILE *f)
{
	perfetto_flows = 0;
	memset(perfetto_cpu, 0, sizeof(perfetto_cpu));
	fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n", f);
	fprintf(f, "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":%u,",
		PERFETTO_CPUS);
	fputs("\"args\":{\"name\":\"CPUs\"}}", f);
	perfetto_name(f, "process", PERFETTO_FLOWS, 0, "flows");
}

static void perfetto_slice(FILE *f, const char *name, unsigned int pid,
			   unsigned int tid, uint64_t at, uint64_t ns)
{
	fprintf(f, ",\n{\"name\":\"%s\",\"cat\":\"pktpath\",", name);
	fprintf(f, "\"ph\":\"X\",\"pid\":%u,\"tid\":%u,", pid, tid);
	fprintf(f, "\"ts\":%" PRIu64 ".%03u,\"dur\":%" PRIu64 ".%03u,",
		at / 1000, (unsigned int)(at % 1000), ns / 1000,
		(unsigned int)(ns % 1000));
}

/* The track of a flow; the last is for all beyond. */
static uint32_t perfetto_track(FILE *f, const char *flow)
{
	uint32_t i;

	for (i = 0; i < perfetto_flows; i++)
		if (!strcmp(perfetto_flow[i].name, flow))
			return i;
	if (i == PERFETTO_TRACKS)
		return i - 1;
	perfetto_flows++;
	if (i == PERFETTO_TRACKS - 1)
		flow = "others";
	snprintf(perfetto_flow[i].name, sizeof(perfetto_flow[i].name), "%s",
		 flow);
	perfetto_flow[i].end = 0;
	perfetto_name(f, "thread", PERFETTO_FLOWS, i, flow);
	return i;
}

/* Slices of a track must not overlap: one that began before the end of the
 * flow's last one begins there; its whole time is in its arguments.
 */
static void perfetto_journey(FILE *f, const struct journey *j)
{
	uint32_t i = perfetto_track(f, out_flow(j));
	uint64_t at = j->r[0].time, end = at + total(j);

	if (at < perfetto_flow[i].end)
		at = perfetto_flow[i].end;
	if (end < at)
		end = at;
	perfetto_flow[i].end = end;
	perfetto_slice(f, "journey", PERFETTO_FLOWS, i, at, end - at);
	fprintf(f, "\"args\":{\"id\":%" PRIu64 ",\"total_ns\":%" PRIu64 ",",
		j->id, total(j));
	fprintf(f, "\"len\":%u}}", out_bytes(j));
}

void out_perfetto(FILE *f, const struct journey *j,
		  const struct trace_names *names)
{
	const struct pktpath_journey_rec *r;
	char cpu[16];
	const char *drop;
	uint32_t i;

	perfetto_journey(f, j);
	for (i = 0, r = j->r; i < j->n; i++, r++) {
		if (r->cpu < PERFETTO_TRACKS && !perfetto_cpu[r->cpu]) {
			perfetto_cpu[r->cpu] = true;
			snprintf(cpu, sizeof(cpu), "CPU %u", r->cpu);
			perfetto_name(f, "thread", PERFETTO_CPUS, r->cpu, cpu);
		}
		drop = trace_cause_name(names, r);
		perfetto_slice(f, trace_stage_name(r->stage), PERFETTO_CPUS,
			       r->cpu, r->time,
			       i + 1 < j->n ? r[1].time - r->time : 0);
		fprintf(f, "\"args\":{\"id\":%" PRIu64 ",\"flow\":\"%s\",",
			j->id, out_flow(j));
		fprintf(f, "\"len\":%u,\"drop\":\"%s\"}}", r->len,
			drop ? drop : "");
	}
}

void out_perfetto_end(FILE *f)
{
	fputs("\n]}\n", f);
}
