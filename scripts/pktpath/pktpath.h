/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pktpath, the tool: what its files share. Every cmd_*() gets the words after
 * its own name and returns the exit status: 0 done, 1 usage, 2 refused.
 */
#ifndef PKTPATH_TOOL_H
#define PKTPATH_TOOL_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/pktpath.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define EXIT_USAGE 1
#define EXIT_REFUSED 2

/* Options before the object. */
struct opts {
	bool json;
	bool pretty;
	bool details;
	bool force;		/* -force: a batch goes on after an error */
};

extern struct opts opts;

/* ---- words.c, filter.c: the command line ---- */

struct args {
	int n;
	char **v;
};

const char *arg_peek(const struct args *a);
const char *arg_next(struct args *a);
/* The next word, or a message "... needs a value" and NULL. */
const char *arg_value(struct args *a, const char *of);
/* The name of a device as a word of a line, in one of a few static buffers:
 * what would not be part of it, as \ooo. word_read() makes it what it was.
 */
const char *word_write(const char *s);
void word_read(char *word);
/* @word is a prefix of @full, as ip(8) abbreviates. */
bool word_is(const char *word, const char *full);
/* Bytes of the character that @s begins with, 0: it is not UTF-8. */
size_t utf8_len(const char *s);
/* Puts ? for what a terminal would obey, or is not UTF-8; @s. */
char *printable(char *s);
/* Parse or say what is wrong; return 0 or EXIT_USAGE. */
int parse_addr(const char *s, struct in_addr *addr);
int parse_prefix(const char *s, struct in_addr *addr, uint8_t *plen,
		 bool need_len);
/* In hex, as sock -e shows them. */
int parse_cookie(const char *s, uint64_t *cookie);
int parse_u32(const char *s, uint32_t min, uint32_t max, uint32_t *v,
	      const char *what);
int parse_lladdr(const char *s, uint8_t ll[6]);
int parse_table(const char *s, uint32_t *table);
/* A word of a filter of flows, with its value: 1 taken, 0 no such word, -1
 * wrong, and why was said.
 */
int filter_word(struct pktpath_journey_conf *c, const char *w,
		struct args *a);
/* The filter in the same words, " udp dport 53", or "". In a static buffer. */
const char *filter_text(const struct pktpath_journey_conf *c);
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int usage(const char *text);

/* ---- nl.c: generic netlink ---- */

/* Words of a command that fit for certain, see words_fit(). */
#define NL_BUF 65536

/* Opens the family; on failure says why and returns EXIT_REFUSED. */
int nl_open(void);
void nl_close(void);
/* Starts a request in @buf of NL_BUF bytes. */
struct nlmsghdr *nl_start(char *buf, uint8_t cmd, uint16_t flags);
/* Sends and reads all answers; @cb sees each message's attributes. Says what
 * the kernel's extended acknowledgment says. 0 or EXIT_REFUSED.
 */
typedef int (*nl_cb)(uint8_t cmd, const struct nlattr **tb, void *arg);
int nl_talk(struct nlmsghdr *nlh, nl_cb cb, void *arg);
/* From now on nl_talk() sends nothing, but gives its requests to @fn, whose
 * answer is its own; NULL: as before.
 */
typedef int (*nl_catch_fn)(const struct nlmsghdr *nlh, void *arg);
void nl_catch(nl_catch_fn fn, void *arg);
/* errno of the last nl_talk() that was refused. */
int nl_errno(void);
void put_dev(struct nlmsghdr *nlh, uint16_t type, const char *name);
void put_addr(struct nlmsghdr *nlh, uint16_t type, struct in_addr addr);

#define NL_ATTR_MAX 64

uint32_t get_u32(const struct nlattr **tb, int type, uint32_t dflt);
uint64_t get_u64(const struct nlattr **tb, int type);
uint8_t get_u8(const struct nlattr **tb, int type, uint8_t dflt);
uint16_t get_u16(const struct nlattr **tb, int type, uint16_t dflt);
uint16_t get_port(const struct nlattr **tb, int type);
/* Text of an address attribute, in one of a few static buffers; NULL. */
const char *get_addr(const struct nlattr **tb, int type);
const char *dev_name(uint32_t ifindex);
/* The same for output: a device's name may hold what a terminal obeys. */
const char *dev_text(uint32_t ifindex);

/* ---- out.c: JSON ---- */

void js_array(const char *key);
void js_array_end(void);
void js_object(const char *key);
void js_object_end(void);
void js_str(const char *key, const char *val);
void js_u64(const char *key, uint64_t val);
void js_s64(const char *key, int64_t val);
void js_bool(const char *key, bool val);
void js_finish(void);

/* ---- the objects ---- */

int cmd_dev(struct args *a);
int cmd_addr(struct args *a);
int cmd_route(struct args *a);
int cmd_rule(struct args *a);
int cmd_mroute(struct args *a);
/* An entry as a line of a saved file, to the FILE @arg. */
int mroute_save(uint8_t cmd, const struct nlattr **tb, void *arg);
int cmd_maddr(struct args *a);
int cmd_neigh(struct args *a);
int cmd_sock(struct args *a);
int cmd_stat(struct args *a);
int cmd_down(struct args *a);
int cmd_trace(struct args *a);
int cmd_fault(struct args *a);
int cmd_save(struct args *a);
int cmd_restore(struct args *a);
int cmd_host_link(struct args *a);
/* What is, as lines for restore; 0 or EXIT_REFUSED. */
int save_all(FILE *f);
/* The next metric of a route that is a number, from *@i on; false: no more. */
bool route_metric(const struct nlattr **tb, size_t *i, const char **word,
		  uint32_t *val);
/* The scope that a route has when nothing is said. */
uint8_t save_route_scope(uint8_t type, bool gw);
/* One line of a batch file: words between blanks, # starts a comment. */
int run_line(char *line);
/* Becomes the command, or returns 125 to 127. */
int cmd_run(struct args *a);
/* Of the loaded module's sockets; -1: there is none. */
int module_family(void);

/* ---- sock_tcp.c: what TCP tells ---- */

#define ST_SYN_RECV 3
#define ST_TIME_WAIT 6
#define ST_CLOSE 7
#define ST_LISTEN 10

void show_tcp_info(const struct nlattr **tb);
void show_timer(const struct nlattr **tb);

/* ---- procs.c: who holds a socket ---- */

/*
 * Calls @cb for every descriptor of the socket of @inode, by a list of all that
 * is made at the first call and kept until procs_forget().
 */
void procs_forget(void);
/* Whether it still is that socket. */
bool proc_holds(int pid, int fd, uint64_t inode);
void procs_of_inode(uint64_t inode,
		    void (*cb)(int pid, int fd, char *comm, void *arg),
		    void *arg);

/* ---- netns.c ---- */

/* Enters the netns named (as `ip netns`), or of a pid or path. */
int netns_enter(const char *name);
/* Calls @cb once inside each distinct netns that can be found. */
int netns_each(int (*cb)(const char *name, void *arg), void *arg);

#endif
