// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink from the wrong side: malformed requests of every command,
 * requests without the permission, dumps while the tables change.
 * Proves: attacks I1 (who may configure).
 */
#include <sys/wait.h>
#include "fix.h"

/* Every command a user may send. */
struct cmd {
	const char *name;
	int cmd;
	bool admin;
	bool dump;
	int top;	/* greatest attribute of the set */
};

static const struct cmd cmds[] = {
	{ "dev-attach", PKTPATH_CMD_DEV_ATTACH, true, false,
	  PKTPATH_A_DEV_MAX },
	{ "dev-detach", PKTPATH_CMD_DEV_DETACH, true, false,
	  PKTPATH_A_DEV_MAX },
	{ "dev-get", PKTPATH_CMD_DEV_GET, false, false, PKTPATH_A_DEV_MAX },
	{ "dev-get", PKTPATH_CMD_DEV_GET, false, true, PKTPATH_A_DEV_MAX },
	{ "addr-add", PKTPATH_CMD_ADDR_ADD, true, false, PKTPATH_A_ADDR_MAX },
	{ "addr-del", PKTPATH_CMD_ADDR_DEL, true, false, PKTPATH_A_ADDR_MAX },
	{ "addr-get", PKTPATH_CMD_ADDR_GET, false, false, PKTPATH_A_ADDR_MAX },
	{ "addr-get", PKTPATH_CMD_ADDR_GET, false, true, PKTPATH_A_ADDR_MAX },
	{ "route-add", PKTPATH_CMD_ROUTE_ADD, true, false,
	  PKTPATH_A_ROUTE_MAX },
	{ "route-del", PKTPATH_CMD_ROUTE_DEL, true, false,
	  PKTPATH_A_ROUTE_MAX },
	{ "route-get", PKTPATH_CMD_ROUTE_GET, false, true,
	  PKTPATH_A_ROUTE_MAX },
	{ "route-resolve", PKTPATH_CMD_ROUTE_RESOLVE, false, false,
	  PKTPATH_A_ROUTE_MAX },
	{ "neigh-add", PKTPATH_CMD_NEIGH_ADD, true, false,
	  PKTPATH_A_NEIGH_MAX },
	{ "neigh-del", PKTPATH_CMD_NEIGH_DEL, true, false,
	  PKTPATH_A_NEIGH_MAX },
	{ "neigh-get", PKTPATH_CMD_NEIGH_GET, false, false,
	  PKTPATH_A_NEIGH_MAX },
	{ "neigh-get", PKTPATH_CMD_NEIGH_GET, false, true,
	  PKTPATH_A_NEIGH_MAX },
	{ "neigh-flush", PKTPATH_CMD_NEIGH_FLUSH, true, false,
	  PKTPATH_A_NEIGH_MAX },
	{ "sock-get", PKTPATH_CMD_SOCK_GET, false, true, PKTPATH_A_SOCK_MAX },
	{ "sock-kill", PKTPATH_CMD_SOCK_KILL, true, false,
	  PKTPATH_A_SOCK_MAX },
	{ "stat-get", PKTPATH_CMD_STAT_GET, false, true, PKTPATH_A_STAT_MAX },
	{ "rule-add", PKTPATH_CMD_RULE_ADD, true, false, PKTPATH_A_RULE_MAX },
	{ "rule-del", PKTPATH_CMD_RULE_DEL, true, false, PKTPATH_A_RULE_MAX },
	{ "rule-get", PKTPATH_CMD_RULE_GET, false, true, PKTPATH_A_RULE_MAX },
	{ "mroute-add", PKTPATH_CMD_MROUTE_ADD, true, false,
	  PKTPATH_A_MROUTE_MAX },
	{ "mroute-del", PKTPATH_CMD_MROUTE_DEL, true, false,
	  PKTPATH_A_MROUTE_MAX },
	{ "mroute-get", PKTPATH_CMD_MROUTE_GET, false, true,
	  PKTPATH_A_MROUTE_MAX },
	{ "down", PKTPATH_CMD_DOWN, true, false, PKTPATH_A_DOWN_MAX },
};

static void begin(struct msg *m, const struct genl *g, const struct cmd *c)
{
	msg_init(m, g->family, c->cmd, c->dump ? NLM_F_DUMP : 0);
}

/* An attribute that is in no set. */
TEST_F(ctl, unknown_attribute)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		begin(&self->m, &self->g, &cmds[i]);
		msg_u32(&self->m, cmds[i].top + 1, 0);
		EXPECT_EQ(EINVAL, genl_do(&self->g, &self->m, NULL, NULL)) {
			TH_LOG("%s", cmds[i].name);
		}
		EXPECT_NE(0, self->g.text[0]) {
			TH_LOG("%s", cmds[i].name);
		}
		begin(&self->m, &self->g, &cmds[i]);
		msg_u32(&self->m, 0x3fff, 0);
		EXPECT_EQ(EINVAL, genl_do(&self->g, &self->m, NULL, NULL));
	}
}

/* Attributes that only answers have. */
TEST_F(ctl, answer_only_attribute)
{
	static const struct {
		int cmd, attr;
	} t[] = {
		{ PKTPATH_CMD_DEV_ATTACH, PKTPATH_A_DEV_FLAGS },
		{ PKTPATH_CMD_DEV_ATTACH, PKTPATH_A_DEV_MTU },
		{ PKTPATH_CMD_DEV_ATTACH, PKTPATH_A_DEV_PAD },
		{ PKTPATH_CMD_ADDR_ADD, PKTPATH_A_ADDR_ACD },
		{ PKTPATH_CMD_ADDR_ADD, PKTPATH_A_ADDR_BROADCAST },
		{ PKTPATH_CMD_ROUTE_ADD, PKTPATH_A_ROUTE_IIF },
		{ PKTPATH_CMD_ROUTE_DEL, PKTPATH_A_ROUTE_MODE },
		{ PKTPATH_CMD_NEIGH_ADD, PKTPATH_A_NEIGH_PROBES },
		{ PKTPATH_CMD_SOCK_KILL, PKTPATH_A_SOCK_INODE },
		{ PKTPATH_CMD_SOCK_KILL, PKTPATH_A_SOCK_COUNT },
		{ PKTPATH_CMD_DOWN, PKTPATH_A_DOWN_SOCKS },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		msg_init(&self->m, self->g.family, t[i].cmd, 0);
		msg_u32(&self->m, t[i].attr, 1);
		EXPECT_EQ(EINVAL, genl_do(&self->g, &self->m, NULL, NULL)) {
			TH_LOG("command %d attribute %d", t[i].cmd, t[i].attr);
		}
		EXPECT_NE(0, self->g.text[0]);
	}
}

/* Each attribute of each command in lengths from nothing to far too much. */
TEST_F(ctl, wrong_lengths)
{
	static const size_t lens[] = { 0, 1, 2, 3, 5, 7, 9, 15, 16, 17, 33,
				       255, 4096, 32000 };
	static char junk[32000];
	unsigned int i, l;
	int a;

	memset(junk, 'x', sizeof(junk));
	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		/* these two do something without any attribute */
		if (cmds[i].cmd == PKTPATH_CMD_DOWN ||
		    cmds[i].cmd == PKTPATH_CMD_NEIGH_FLUSH)
			continue;
		for (a = 0; a <= cmds[i].top; a++) {
			for (l = 0; l < ARRAY_SIZE(lens); l++) {
				begin(&self->m, &self->g, &cmds[i]);
				msg_attr(&self->m, a, junk, lens[l]);
				genl_do(&self->g, &self->m, NULL, NULL);
				ASSERT_NE(EAGAIN, self->g.error);
				if (cmds[i].dump || !self->g.error)
					continue;
				EXPECT_NE(0, self->g.text[0]) {
					TH_LOG("%s %d len %zu: errno %d",
					       cmds[i].name, a, lens[l],
					       self->g.error);
				}
			}
		}
	}
	/* and the device is still there */
	MSG(DEV_GET);
	U32(DEV_IFINDEX, self->v0);
	OK(NULL, NULL);
}

/* A string without its end, and one too long for a device name. */
TEST_F(ctl, strings)
{
	MSG(DEV_GET);
	BIN(DEV_IFNAME, "v0", 2);
	NO(EINVAL);
	MSG(DEV_GET);
	STR(DEV_IFNAME, "abcdefghijklmnop");
	NO(EINVAL);
	DUMP(STAT_GET);
	STR(STAT_GROUP, "abcdefghijklmnopabcdefghijklmnop");
	NO(EINVAL);
}

TEST_F(ctl, header)
{
	struct genlmsghdr *gh;

	/* a reserved field, flags that mean nothing here */
	MSG(DEV_GET);
	U32(DEV_IFINDEX, self->v0);
	gh = NLMSG_DATA(self->m.nlh);
	gh->reserved = 1;
	NO(EINVAL);
	MSG(DEV_GET);
	U32(DEV_IFINDEX, self->v0);
	self->m.nlh->nlmsg_flags |= NLM_F_CREATE;
	NO(EINVAL);
	/* commands that nobody may send */
	msg_init(&self->m, self->g.family, 0, 0);
	EXPECT_EQ(EOPNOTSUPP, genl_do(&self->g, &self->m, NULL, NULL));
	MSG(DEV_NTF);
	EXPECT_EQ(EOPNOTSUPP, genl_do(&self->g, &self->m, NULL, NULL));
	msg_init(&self->m, self->g.family, PKTPATH_CMD_MAX + 1, 0);
	EXPECT_EQ(EOPNOTSUPP, genl_do(&self->g, &self->m, NULL, NULL));
	/* a dump of what has none, an answer of what only dumps */
	DUMP(DOWN);
	EXPECT_EQ(EOPNOTSUPP, genl_do(&self->g, &self->m, NULL, NULL));
	MSG(STAT_GET);
	EXPECT_EQ(EOPNOTSUPP, genl_do(&self->g, &self->m, NULL, NULL));
}

/* Trailing bytes, nested flags, an attribute twice. */
TEST_F(ctl, odd_attributes)
{
	MSG(DEV_GET);
	U32(DEV_IFINDEX, self->v0);
	self->m.len += 2;
	EXPECT_EQ(EINVAL, genl_do(&self->g, &self->m, NULL, NULL));
	MSG(DEV_GET);
	msg_u32(&self->m, PKTPATH_A_DEV_IFINDEX | NLA_F_NESTED, self->v0);
	EXPECT_EQ(EINVAL, genl_do(&self->g, &self->m, NULL, NULL));
	MSG(DEV_GET);
	U32(DEV_IFINDEX, 0);
	NO(ERANGE);
	MSG(DEV_GET);
	U32(DEV_IFINDEX, 0x80000000);
	NO(ERANGE);
}

static uint32_t rnd_state = 12345;

static uint32_t rnd(void)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 17;
	rnd_state ^= rnd_state << 5;
	return rnd_state;
}

/* Attributes of random types, lengths and contents, headers half right. */
static void random_msg(struct msg *m, const struct genl *g)
{
	const struct cmd *c = &cmds[rnd() % ARRAY_SIZE(cmds)];
	unsigned int n = rnd() % 8, i;
	uint8_t data[64];
	size_t len;

	begin(m, g, c);
	while (n--) {
		len = rnd() % 4 ? (size_t)1 << rnd() % 4 : rnd() % 64;
		for (i = 0; i < len; i++)
			data[i] = rnd() % 2 ? rnd() : 2;
		msg_attr(m, rnd() % (c->top + 2), data, len);
	}
	if (rnd() % 16 == 0)
		m->buf[NLMSG_HDRLEN + GENL_HDRLEN + rnd() % 64] ^= rnd();
}

TEST_F(ctl, random)
{
	unsigned int i, good = 0;

	for (i = 0; i < 5000; i++) {
		random_msg(&self->m, &self->g);
		if (!genl_do(&self->g, &self->m, NULL, NULL))
			good++;
		ASSERT_NE(EAGAIN, self->g.error);
	}
	EXPECT_LT(0, good);
	EXPECT_GT(5000, good);
	DUMP(DEV_GET);
	OK(NULL, NULL);
}

/* ---- Permissions ---- */

/* In a child, as @fn leaves it: may it change things? Shows always work. */
static int try_all(int expect)
{
	static struct msg m;
	unsigned int i;
	struct genl g;

	if (genl_open(&g))
		return 1;
	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		begin(&m, &g, &cmds[i]);
		genl_do(&g, &m, NULL, NULL);
		if ((cmds[i].admin ? expect : 0) == EPERM &&
		    g.error != EPERM) {
			fprintf(stderr, "# %s: errno %d\n", cmds[i].name,
				g.error);
			return 2;
		}
		if (!(cmds[i].admin && expect == EPERM) && g.error == EPERM) {
			fprintf(stderr, "# %s: refused\n", cmds[i].name);
			return 3;
		}
	}
	return 0;
}

static int child(int (*fn)(void))
{
	pid_t pid = fork();
	int st;

	if (!pid)
		_exit(fn());
	if (pid < 0 || waitpid(pid, &st, 0) != pid || !WIFEXITED(st))
		return 99;
	return WEXITSTATUS(st);
}

static int as_nobody(void)
{
	if (setgid(65534) || setuid(65534))
		return 10;
	return try_all(EPERM);
}

/* Root of a user namespace, but in the netns of the parent's. */
static int as_foreign_root(void)
{
	if (setgid(65534) || setuid(65534))
		return 10;
	if (unshare(CLONE_NEWUSER))
		return 11;
	return try_all(EPERM);
}

/* Root of a user namespace in a netns of that namespace. */
static int as_own_root(void)
{
	if (setgid(65534) || setuid(65534))
		return 10;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return 11;
	return try_all(0);
}

TEST_F(ctl, perm_nobody)
{
	EXPECT_EQ(0, child(as_nobody));
}

TEST_F(ctl, perm_foreign_root)
{
	int ret = child(as_foreign_root);

	if (ret == 11)
		SKIP(return, "no user namespaces here");
	EXPECT_EQ(0, ret);
}

TEST_F(ctl, perm_own_root)
{
	int ret = child(as_own_root);

	if (ret == 11)
		SKIP(return, "no user namespaces here");
	EXPECT_EQ(0, ret);
}

/* Marks of sockets are for administrators. */
static int marks_as_nobody(void)
{
	static struct msg m;
	struct genl g;

	if (setgid(65534) || setuid(65534) || genl_open(&g))
		return 10;
	msg_init(&m, g.family, PKTPATH_CMD_SOCK_GET, NLM_F_DUMP);
	msg_u32(&m, PKTPATH_A_SOCK_MARK, 1);
	return genl_do(&g, &m, NULL, NULL) == EPERM && g.text[0] ? 0 : 1;
}

TEST_F(ctl, perm_marks)
{
	EXPECT_EQ(0, child(marks_as_nobody));
}

/* ---- Dumps while the table changes ---- */

#define STABLE 400

static void count_stable(struct nlattr **attrs, int cmd, void *arg)
{
	uint32_t dst = ntohl(attr_u32(attrs[PKTPATH_A_ROUTE_DST]));
	unsigned int *seen = arg;

	(void)cmd;
	if (dst >> 24 == 20 && ((dst >> 8) & 0xffff) < STABLE)
		seen[(dst >> 8) & 0xffff]++;
}

static int change_routes(struct genl *g, struct msg *m, uint32_t base, int n,
			 int cmd, int ifindex)
{
	uint32_t dst;
	int i, err;

	for (i = 0; i < n; i++) {
		dst = htonl(base + (i << 8));
		msg_init(m, g->family, cmd, 0);
		msg_u8(m, PKTPATH_A_ROUTE_FAMILY, AF_INET);
		msg_attr(m, PKTPATH_A_ROUTE_DST, &dst, 4);
		msg_u8(m, PKTPATH_A_ROUTE_PREFIXLEN, 24);
		msg_u32(m, PKTPATH_A_ROUTE_OIF, ifindex);
		err = genl_do(g, m, NULL, NULL);
		if (err)
			return err;
	}
	return 0;
}

/* Adds and deletes other routes until it is told to stop. */
static void churn(int ifindex, int stop)
{
	static struct msg m;
	struct genl g;
	char c;

	if (genl_open(&g))
		_exit(1);
	while (recv(stop, &c, 1, MSG_DONTWAIT) < 0)
		if (change_routes(&g, &m, 0x13000000, 50,
				  PKTPATH_CMD_ROUTE_ADD, ifindex) ||
		    change_routes(&g, &m, 0x13000000, 50,
				  PKTPATH_CMD_ROUTE_DEL, ifindex))
			_exit(2);
	_exit(0);
}

TEST_F(ctl, dump_while_changing)
{
	unsigned int seen[STABLE + 1], i, round;
	struct genl small;
	int sv[2], st;
	pid_t pid;

	ASSERT_EQ(0, change_routes(&self->g, &self->m, 0x14000000, STABLE,
				   PKTPATH_CMD_ROUTE_ADD, self->v0));
	/* a small buffer: many parts, many places to resume */
	ASSERT_EQ(0, genl_open_size(&small, 4096));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, sv));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		churn(self->v0, sv[1]);
	for (round = 0; round < 30; round++) {
		memset(seen, 0, sizeof(seen));
		DUMP(ROUTE_GET);
		ASSERT_EQ(0, genl_do(&small, &self->m, count_stable, seen));
		for (i = 0; i < STABLE && seen[i] == 1; i++)
			;
		ASSERT_EQ(STABLE, i) {
			TH_LOG("round %u: route %u came %u times", round, i,
			       seen[i]);
		}
	}
	ASSERT_EQ(1, send(sv[0], "x", 1, 0));
	ASSERT_EQ(pid, waitpid(pid, &st, 0));
	EXPECT_EQ(0, st);
}

#define CLIENTS 8

/*
 * Listeners that go while some connections are not accepted and others not yet
 * complete, and data comes in.
 */
static void open_and_close(int family)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int lfd = socket(family, SOCK_STREAM, 0), fd[CLIENTS], i;
	socklen_t len = sizeof(sin);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (lfd < 0 || bind(lfd, (struct sockaddr *)&sin, sizeof(sin)) ||
	    listen(lfd, CLIENTS) ||
	    getsockname(lfd, (struct sockaddr *)&sin, &len))
		_exit(1);
	sin.sin_family = AF_INET;
	for (i = 0; i < CLIENTS; i++) {
		fd[i] = socket(family, SOCK_STREAM, 0);
		if (connect(fd[i], (struct sockaddr *)&sin, sizeof(sin)) ||
		    write(fd[i], "unread", 6) != 6)
			_exit(2);
	}
	close(lfd);
	for (i = 0; i < CLIENTS; i++)
		close(fd[i]);
}

/* A look at connections while the one who could have accepted them goes. */
TEST_F(ctl, dump_against_close)
{
	int family = pp_test_family(), st, sv[2], i;
	unsigned int seen = 0;
	pid_t pid;
	char c;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, sv));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		for (i = 0; i < 200; i++)
			open_and_close(family);
		send(sv[1], "x", 1, 0);
		_exit(0);
	}
	while (recv(sv[0], &c, 1, MSG_DONTWAIT) < 0) {
		DUMP(SOCK_GET);
		U32(SOCK_WANT, PKTPATH_SOCK_WANT_INFO);
		ASSERT_EQ(0, genl_do(&self->g, &self->m, NULL, NULL));
		seen += self->g.count;
	}
	ASSERT_EQ(pid, waitpid(pid, &st, 0));
	EXPECT_EQ(0, st);
	EXPECT_LT(CLIENTS, seen);
}

/* Dumps begun and left: nothing is held that keeps the module or the netns. */
TEST_F(ctl, dump_abandoned)
{
	struct genl g;
	int i;

	ASSERT_EQ(0, change_routes(&self->g, &self->m, 0x14000000, STABLE,
				   PKTPATH_CMD_ROUTE_ADD, self->v0));
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, genl_open(&g));
		msg_init(&self->m, g.family, PKTPATH_CMD_ROUTE_GET, NLM_F_DUMP);
		ASSERT_EQ(0, genl_send(&g, &self->m));
		close(g.fd);
	}
	MSG(DEV_DETACH);
	U32(DEV_IFINDEX, self->v0);
	OK(NULL, NULL);
}

TEST_HARNESS_MAIN
