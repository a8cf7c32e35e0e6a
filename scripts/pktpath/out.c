// SPDX-License-Identifier: GPL-2.0
/* JSON on standard output; nothing is printed unless -j was given. */
#include <inttypes.h>
#include <stdio.h>
#include "pktpath.h"

static int js_depth;
static bool js_first = true;

static void js_indent(void)
{
	int i;

	if (!opts.pretty)
		return;
	putchar('\n');
	for (i = 0; i < js_depth; i++)
		fputs("    ", stdout);
}

static void js_text(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		unsigned char c = *s;
		size_t len = utf8_len(s);

		/* names are bytes, JSON is characters */
		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c == 0x7f || !len)
			printf("\\u%04x", c);
		else
			fwrite(s, 1, len, stdout);
		if (len)
			s += len - 1;
	}
	putchar('"');
}

static void js_key(const char *key)
{
	if (!js_first)
		putchar(',');
	if (js_depth)
		js_indent();
	js_first = false;
	if (!key)
		return;
	js_text(key);
	putchar(':');
	if (opts.pretty)
		putchar(' ');
}

static void js_open(const char *key, char c)
{
	if (!opts.json)
		return;
	js_key(key);
	putchar(c);
	js_depth++;
	js_first = true;
}

static void js_close(char c)
{
	if (!opts.json)
		return;
	js_depth--;
	if (!js_first)
		js_indent();
	putchar(c);
	js_first = false;
}

void js_array(const char *key)
{
	js_open(key, '[');
}

void js_array_end(void)
{
	js_close(']');
}

void js_object(const char *key)
{
	js_open(key, '{');
}

void js_object_end(void)
{
	js_close('}');
}

void js_str(const char *key, const char *val)
{
	if (!opts.json)
		return;
	js_key(key);
	js_text(val);
}

void js_u64(const char *key, uint64_t val)
{
	if (!opts.json)
		return;
	js_key(key);
	printf("%" PRIu64, val);
}

void js_s64(const char *key, int64_t val)
{
	if (!opts.json)
		return;
	js_key(key);
	printf("%" PRId64, val);
}

void js_bool(const char *key, bool val)
{
	if (!opts.json)
		return;
	js_key(key);
	fputs(val ? "true" : "false", stdout);
}

void js_finish(void)
{
	if (opts.json)
		putchar('\n');
	js_first = true;
	js_depth = 0;
}
