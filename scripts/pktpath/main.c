// SPDX-License-Identifier: GPL-2.0
/*
 * pktpath: controls the AF_PKTPATH stack; grammar and look of ip(8), ss(8)
 * and nstat(8). Exit status: 0 done, 1 wrong usage, 2 refused; that of "run" is
 * the command's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "pktpath.h"
#include "../../module/core/version.h"

struct opts opts;

static const char main_usage[] =
	"Usage: pktpath [ OPTIONS ] OBJECT { COMMAND | help }\n"
	"       pktpath [ -force ] -batch FILE\n"
	"       pktpath [ -n NAME ] run [ OPTIONS ] [ -- ] CMD [ ARG... ]\n"
	"OBJECT  := dev | addr | route | rule | neigh | mroute | maddr | sock | stat |\n"
	"           trace | fault | down | save | restore | host-link\n"
	"OPTIONS := -j[son] | -p[retty] | -d[etails] | -V[ersion] |\n"
	"           -n[etns] NAME\n";

static const struct {
	const char *name;
	int (*run)(struct args *a);
} objects[] = {
	{ "dev", cmd_dev },
	{ "addr", cmd_addr },
	{ "address", cmd_addr },
	{ "route", cmd_route },
	{ "rule", cmd_rule },
	{ "mroute", cmd_mroute },
	{ "maddress", cmd_maddr },
	{ "neighbor", cmd_neigh },
	{ "neighbour", cmd_neigh },
	{ "sock", cmd_sock },
	{ "stat", cmd_stat },
	{ "down", cmd_down },
	{ "trace", cmd_trace },
	{ "fault", cmd_fault },
	{ "save", cmd_save },
	{ "restore", cmd_restore },
	{ "host-link", cmd_host_link },
};

/* A word is an address with its length at most, or text, in a request. */
#define WORD_ROOM 24

static bool words_fit(const struct args *a)
{
	size_t room = 0;
	int i;

	for (i = 0; i < a->n; i++)
		room += WORD_ROOM + strlen(a->v[i]);
	return room < NL_BUF - 1024;
}

static int run_object(struct args *a)
{
	const char *name = arg_next(a);
	char help[] = "help";
	char *words[] = { help };
	struct args h = { 1, words };
	size_t i;

	if (!words_fit(a)) {
		complain("a command of so many words does not fit");
		return EXIT_USAGE;
	}
	for (i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		if (!word_is(name, objects[i].name))
			continue;
		if (arg_peek(a) && !strcmp(arg_peek(a), "help"))
			return objects[i].run(&h);
		return objects[i].run(a);
	}
	if (strcmp(name, "help"))
		complain("\"%s\" is not an object", name);
	return usage(main_usage);
}

#define BATCH_WORDS 128	/* an mroute by 32 devices has 8 + 3 * 32 */

int run_line(char *line)
{
	char *words[BATCH_WORDS], *save = NULL, *w;
	struct args a = { 0, words };

	line[strcspn(line, "#\n")] = '\0';
	for (w = strtok_r(line, " \t\r", &save); w;
	     w = strtok_r(NULL, " \t\r", &save)) {
		if (a.n == BATCH_WORDS) {
			complain("a line has more than %d words", BATCH_WORDS);
			return EXIT_USAGE;
		}
		word_read(w);
		words[a.n++] = w;
	}
	return a.n ? run_object(&a) : 0;
}

static int run_batch(const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "r") : stdin;
	int ret = 0, r, n = 0;
	char *line = NULL;
	size_t size = 0;

	if (!f) {
		complain("cannot open \"%s\": %s", path, strerror(errno));
		return EXIT_REFUSED;
	}
	while (getline(&line, &size, f) >= 0) {
		n++;
		r = run_line(line);
		if (!r)
			continue;
		complain("%s:%d: this line failed", path, n);
		ret = r;
		if (!opts.force)
			break;
	}
	if (!feof(f) && (!ret || opts.force)) {
		complain("cannot read \"%s\": %s", path, strerror(errno));
		ret = EXIT_REFUSED;
	}
	free(line);
	if (f != stdin)
		fclose(f);
	return ret;
}

static int parse_opts(struct args *a, const char **batch)
{
	const char *w, *v;
	int ret;

	while (arg_peek(a) && *arg_peek(a) == '-') {
		w = arg_next(a);
		w += w[1] == '-' ? 2 : 1;
		if (word_is(w, "json")) {
			opts.json = true;
		} else if (word_is(w, "pretty")) {
			opts.pretty = true;
		} else if (word_is(w, "details")) {
			opts.details = true;
		} else if (word_is(w, "force")) {
			opts.force = true;
		} else if (word_is(w, "netns")) {
			v = arg_value(a, "-n");
			if (!v)
				return EXIT_USAGE;
			ret = netns_enter(v);
			if (ret)
				return ret;
		} else if (word_is(w, "batch")) {
			*batch = arg_value(a, "-batch");
			if (!*batch)
				return EXIT_USAGE;
		} else if (word_is(w, "Version")) {
			printf("pktpath %s\n", PKTPATH_VERSION);
			exit(0);
		} else {
			complain("\"-%s\" is not an option", w);
			return usage(main_usage);
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct args a = { argc - 1, argv + 1 };
	const char *batch = NULL;
	int ret;

	ret = parse_opts(&a, &batch);
	if (ret)
		return ret;
	if (!batch == !a.n)
		return usage(main_usage);
	if (!batch && !strcmp(a.v[0], "help"))
		return usage(main_usage);
	if (!batch && a.n > 1 && !strcmp(a.v[1], "help") &&
	    strcmp(a.v[0], "run"))
		return run_object(&a);
	if (!batch && !strcmp(a.v[0], "run")) {
		arg_next(&a);
		return cmd_run(&a);
	}
	/* a recording is read where there is no module, too */
	if (batch || !word_is(a.v[0], "trace")) {
		ret = nl_open();
		if (ret)
			return ret;
	}
	ret = batch ? run_batch(batch) : run_object(&a);
	nl_close();
	if (fflush(stdout) || ferror(stdout)) {
		complain("cannot write the output: %s", strerror(errno));
		ret = EXIT_REFUSED;
	}
	return ret;
}
