// SPDX-License-Identifier: GPL-2.0
/* Network namespaces by name, pid or path, and all that can be found. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "pktpath.h"

#define NETNS_DIR "/var/run/netns"

static int netns_open(const char *name)
{
	char path[300];
	const char *p;

	for (p = name; isdigit((unsigned char)*p); p++)
		;
	if (strchr(name, '/'))
		snprintf(path, sizeof(path), "%s", name);
	else
		snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
	if (!*p && *name && access(path, F_OK))
		snprintf(path, sizeof(path), "/proc/%s/ns/net", name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

int netns_enter(const char *name)
{
	int fd = netns_open(name);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		complain("there is no network namespace \"%s\"", name);
		return EXIT_REFUSED;
	}
	if (fd < 0 || setns(fd, CLONE_NEWNET)) {
		complain("cannot enter network namespace \"%s\": %s", name,
			 strerror(errno));
		if (fd >= 0)
			close(fd);
		return EXIT_REFUSED;
	}
	close(fd);
	return 0;
}

struct seen {
	ino_t *ino;
	size_t n;
};

/* Remembers the netns behind @fd; false if it was met before or no memory. */
static bool netns_new(struct seen *s, int fd)
{
	struct stat st;
	ino_t *p;
	size_t i;

	if (fstat(fd, &st))
		return false;
	for (i = 0; i < s->n; i++)
		if (s->ino[i] == st.st_ino)
			return false;
	p = realloc(s->ino, (s->n + 1) * sizeof(*p));
	if (!p)
		return false;
	s->ino = p;
	s->ino[s->n++] = st.st_ino;
	return true;
}

static int netns_visit(struct seen *s, const char *path, const char *name,
		       int (*cb)(const char *name, void *arg), void *arg)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return 0;
	if (netns_new(s, fd) && !setns(fd, CLONE_NEWNET))
		ret = cb(name, arg);
	close(fd);
	return ret;
}

static int netns_dir(struct seen *s, const char *dirname, const char *suffix,
		     int (*cb)(const char *name, void *arg), void *arg)
{
	DIR *dir = opendir(dirname);
	struct dirent *d;
	char path[600];
	int ret = 0, r;

	if (!dir)
		return 0;
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.' ||
		    (*suffix && !isdigit((unsigned char)d->d_name[0])))
			continue;
		snprintf(path, sizeof(path), "%s/%s%s", dirname, d->d_name,
			 suffix);
		r = netns_visit(s, path, d->d_name, cb, arg);
		if (r)
			ret = r;
	}
	closedir(dir);
	return ret;
}

int netns_each(int (*cb)(const char *name, void *arg), void *arg)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct seen s = {};
	int ret, r;

	if (home < 0) {
		complain("cannot open the present network namespace: %s",
			 strerror(errno));
		return EXIT_REFUSED;
	}
	ret = netns_visit(&s, "/proc/self/ns/net", "-", cb, arg);
	r = netns_dir(&s, NETNS_DIR, "", cb, arg);
	if (r)
		ret = r;
	r = netns_dir(&s, "/proc", "/ns/net", cb, arg);
	if (r)
		ret = r;
	free(s.ino);
	/* who may not has not left it, either */
	if (setns(home, CLONE_NEWNET) && errno != EPERM && !ret) {
		complain("cannot go back to the own network namespace: %s",
			 strerror(errno));
		ret = EXIT_REFUSED;
	}
	close(home);
	return ret;
}
