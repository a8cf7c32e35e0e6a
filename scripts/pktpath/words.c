// SPDX-License-Identifier: GPL-2.0
/* Words of the command line, and what can be wrong with them. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/rtnetlink.h>
#include "pktpath.h"

const char *arg_peek(const struct args *a)
{
	return a->n > 0 ? a->v[0] : NULL;
}

const char *arg_next(struct args *a)
{
	if (a->n <= 0)
		return NULL;
	a->n--;
	return *a->v++;
}

const char *arg_value(struct args *a, const char *of)
{
	const char *s = arg_next(a);

	if (!s)
		complain("\"%s\" needs a value", of);
	return s;
}

bool word_is(const char *word, const char *full)
{
	size_t n = strlen(word);

	return n && n <= strlen(full) && !memcmp(word, full, n);
}

const char *word_write(const char *s)
{
	static char text[4][4 * IF_NAMESIZE + 1];
	static unsigned int turn;
	char *to = text[turn++ % 4], *p = to;
	size_t i;

	for (i = 0; s[i] && i < IF_NAMESIZE; i++) {
		if (s[i] == '\\' || s[i] == '#' || isspace((unsigned char)s[i]))
			p += sprintf(p, "\\%03o", (unsigned char)s[i]);
		else
			*p++ = s[i];
	}
	*p = '\0';
	return to;
}

static bool octal(const char *s)
{
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' &&
	       s[2] >= '0' && s[2] <= '7' && memcmp(s, "000", 3);
}

void word_read(char *word)
{
	char *p = word;

	for (; *word; p++) {
		if (*word == '\\' && octal(word + 1)) {
			*p = (word[1] - '0') << 6 | (word[2] - '0') << 3 |
			     (word[3] - '0');
			word += 4;
		} else {
			*p = *word++;
		}
	}
	*p = '\0';
}

void complain(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("pktpath: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int usage(const char *text)
{
	fputs(text, stderr);
	return EXIT_USAGE;
}

size_t utf8_len(const char *s)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s;
	size_t len = *p < 0x80 ? 1 : *p < 0xc0 ? 0 : *p < 0xe0 ? 2 :
		     *p < 0xf0 ? 3 : *p < 0xf8 ? 4 : 0, i;
	uint32_t c;

	if (len < 2)
		return len;
	c = *p & (0xff >> (len + 1));
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	return len;
}

char *printable(char *s)
{
	unsigned char *p = (unsigned char *)s;
	size_t len;

	for (; *p; p += len) {
		len = utf8_len((char *)p);
		if (*p >= 0x20 && *p != 0x7f && len &&
		    (*p != 0xc2 || p[1] >= 0xa0))
			continue;
		/* of two bytes: one for each */
		len = 1;
		*p = '?';
	}
	return s;
}

int parse_addr(const char *s, struct in_addr *addr)
{
	if (inet_pton(AF_INET, s, addr) == 1)
		return 0;
	complain("\"%s\" is not an IPv4 address", s);
	return EXIT_USAGE;
}

int parse_cookie(const char *s, uint64_t *cookie)
{
	char *end;

	errno = 0;
	*cookie = strtoull(s, &end, 16);
	if (!*s || *end || errno || *s == '-' || !*cookie) {
		complain("\"%s\" is not a socket cookie, as \"sock -e\" shows",
			 s);
		return EXIT_USAGE;
	}
	return 0;
}

int parse_u32(const char *s, uint32_t min, uint32_t max, uint32_t *v,
	      const char *what)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(s, &end, 0);
	if (!isdigit((unsigned char)*s) || *end || errno || n < min ||
	    n > max) {
		complain("\"%s\" is not a %s from %u to %u", s, what, min,
			 max);
		return EXIT_USAGE;
	}
	*v = n;
	return 0;
}

int parse_prefix(const char *s, struct in_addr *addr, uint8_t *plen,
		 bool need_len)
{
	uint32_t len = 32;
	char buf[32];
	char *slash;

	if (!strcmp(s, "default") || !strcmp(s, "any") ||
	    !strcmp(s, "all")) {
		addr->s_addr = 0;
		*plen = 0;
		return 0;
	}
	if (strlen(s) >= sizeof(buf)) {
		complain("\"%s\" is not an IPv4 prefix", s);
		return EXIT_USAGE;
	}
	strcpy(buf, s);
	slash = strchr(buf, '/');
	if (slash)
		*slash = '\0';
	if (parse_addr(buf, addr))
		return EXIT_USAGE;
	if (!slash && need_len) {
		complain("\"%s\" needs a prefix length, as in %s/24", s, s);
		return EXIT_USAGE;
	}
	if (slash && parse_u32(slash + 1, 0, 32, &len, "prefix length"))
		return EXIT_USAGE;
	*plen = len;
	return 0;
}

int parse_lladdr(const char *s, uint8_t ll[6])
{
	const char *p = s;
	int i;

	for (i = 0; i < 6; i++) {
		char *end;
		unsigned long b;

		if (!isxdigit((unsigned char)*p))
			goto bad;
		b = strtoul(p, &end, 16);
		if (b > 255 || *end != (i < 5 ? ':' : '\0'))
			goto bad;
		ll[i] = b;
		p = end + 1;
	}
	return 0;
bad:
	complain("\"%s\" is not a link-layer address like 02:00:00:00:00:01",
		 s);
	return EXIT_USAGE;
}

int parse_table(const char *s, uint32_t *table)
{
	if (!strcmp(s, "main"))
		*table = RT_TABLE_MAIN;
	else if (!strcmp(s, "local"))
		*table = RT_TABLE_LOCAL;
	else if (!strcmp(s, "default"))
		*table = RT_TABLE_DEFAULT;
	else
		return parse_u32(s, 1, UINT32_MAX, table, "table");
	return 0;
}
