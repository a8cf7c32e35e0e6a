// SPDX-License-Identifier: GPL-2.0
/*
 * pktpath trace -- CMD: a command by `pktpath run`, recorded from before it
 * begins until it ends.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "trace.h"

static pid_t cmd_pid;
static int cmd_status;

/* Does not return. Who killed the parent does not want the child, either. */
static void cmd_child(char **words, int n, pid_t parent, int nice)
{
	static char name[] = "pktpath", run[] = "run", end[] = "--";
	char **argv = calloc(n + 4, sizeof(*argv));

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (!argv || getppid() != parent)
		_exit(1);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	setpriority(PRIO_PROCESS, 0, nice);
	/* what is recorded goes to the output, and may be for a program */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	argv[0] = name;
	argv[1] = run;
	argv[2] = end;
	memcpy(argv + 3, words, n * sizeof(*argv));
	execv("/proc/self/exe", argv);
	complain("cannot start \"%s\": %s", words[0], strerror(errno));
	_exit(1);
}

int cmd_start(char **words, int nice)
{
	pid_t self = getpid();
	int n = 0;

	while (words[n])
		n++;
	fflush(NULL);
	cmd_pid = fork();
	if (!cmd_pid)
		cmd_child(words, n, self, nice);
	if (cmd_pid > 0)
		return 0;
	complain("cannot start \"%s\": %s", words[0], strerror(errno));
	return EXIT_REFUSED;
}

bool cmd_ended(void)
{
	if (cmd_pid > 0 && waitpid(cmd_pid, &cmd_status, WNOHANG) == cmd_pid)
		cmd_pid = -1;
	return cmd_pid < 0;
}

int cmd_end(char **words)
{
	if (!cmd_ended()) {
		/* the recording's end is its end */
		kill(cmd_pid, SIGTERM);
		while (waitpid(cmd_pid, NULL, 0) < 0 && errno == EINTR)
			;
		return 0;
	}
	if (WIFSIGNALED(cmd_status))
		complain("\"%s\" was ended by signal %d", words[0],
			 WTERMSIG(cmd_status));
	else if (cmd_status)
		complain("\"%s\" ended with status %d", words[0],
			 WEXITSTATUS(cmd_status));
	return cmd_status ? EXIT_REFUSED : 0;
}
