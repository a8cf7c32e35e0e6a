// SPDX-License-Identifier: GPL-2.0
/*
 * Recordings: /proc/net/pktpath/journey, one an open file. The file cannot be
 * polled: when the netns or the module goes, proc closes it under its reader,
 * and somebody asleep in poll() would be left on a freed wait queue. A reader
 * asleep in read() is known to proc and is waited for.
 *
 * Path: none
 * Mirrors: none
 * Locks: pp_journey_lock (who records) around pp_journey.lock (one file)
 */
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "core/layer.h"
#include "journey/journey_priv.h"

#define PKTPATH_JOURNEY_NAP	(HZ / 100 ?: 1)

static DEFINE_MUTEX(pp_journey_lock);
static unsigned int pp_journey_running;	/* of all netns, under it */

static int pp_journey_open(struct inode *inode, struct file *file)
{
	struct pp_net *pn = pde_data(inode);
	struct pp_journey *j;
	int err = 0;

	if (!file_ns_capable(file, pn->net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	j = kzalloc(sizeof(*j), GFP_KERNEL_ACCOUNT);
	if (!j)
		return -ENOMEM;
	j->pn = pn;
	j->slot = -1;
	mutex_init(&j->lock);
	mutex_lock(&pp_journey_lock);
	if (!pn->journey)
		err = -ENODEV;
	else if (pn->journey->files == PKTPATH_JOURNEY_RECS)
		err = -EBUSY;
	else
		pn->journey->files++;
	mutex_unlock(&pp_journey_lock);
	if (err) {
		kfree(j);
		return err;
	}
	j->pidns = get_pid_ns(task_active_pid_ns(current));
	file->private_data = j;
	return stream_open(inode, file);
}

/* pp_journey_lock held. */
static int pp_journey_publish(struct pp_journey *j)
{
	struct pp_journey_net *jn = j->pn->journey;
	int i, err;

	if (!pp_journey_running) {
		err = pp_track_start();
		if (err)
			return err;
		err = pp_journey_probes_on();
		if (err) {
			pp_track_stop();
			return err;
		}
	}
	for (i = 0; rcu_access_pointer(jn->rec[i]); i++)
		;
	j->slot = i;
	rcu_assign_pointer(jn->rec[i], j);
	WRITE_ONCE(jn->running, jn->running + 1);
	pp_journey_running++;
	return 0;
}

/* Likewise; on return no probe knows the recording. */
static void pp_journey_withdraw(struct pp_journey *j)
{
	struct pp_journey_net *jn = j->pn->journey;

	RCU_INIT_POINTER(jn->rec[j->slot], NULL);
	WRITE_ONCE(jn->running, jn->running - 1);
	if (!--pp_journey_running) {
		pp_journey_probes_off();
		pp_track_stop();
		return;
	}
	synchronize_rcu();
	pp_track_forget(j->pn, j->slot);
	/* probes that had found an entry before it went */
	synchronize_rcu();
}

static ssize_t pp_journey_write(struct file *file, const char __user *buf,
				size_t len, loff_t *pos)
{
	struct pp_journey *j = file->private_data;
	struct pktpath_journey_conf conf;
	int err;

	if (len != sizeof(conf))
		return -EINVAL;
	if (copy_from_user(&conf, buf, sizeof(conf)))
		return -EFAULT;
	if (!pp_journey_conf_ok(&conf))
		return -EINVAL;
	mutex_lock(&pp_journey_lock);
	mutex_lock(&j->lock);
	err = -EBUSY;
	if (j->slot >= 0)
		goto unlock;
	j->conf = conf;
	err = pp_journey_ring_alloc(j);
	if (err)
		goto unlock;
	err = READ_ONCE(j->pn->exiting) ? -ENODEV : pp_journey_publish(j);
	if (err)
		pp_journey_ring_free(j);
unlock:
	mutex_unlock(&j->lock);
	mutex_unlock(&pp_journey_lock);
	return err ?: len;
}

static ssize_t pp_journey_read(struct file *file, char __user *buf, size_t len,
			       loff_t *pos)
{
	struct pp_journey *j = file->private_data;
	size_t n = len / sizeof(struct pktpath_journey_rec);
	int got;

	if (!n)
		return -EINVAL;
	for (;;) {
		if (mutex_lock_interruptible(&j->lock))
			return -ERESTARTSYS;
		got = j->slot < 0 ? -ENODATA : pp_journey_ring_read(j, buf, n);
		mutex_unlock(&j->lock);
		if (got)
			break;
		if (READ_ONCE(j->pn->exiting))
			return 0;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		schedule_timeout_interruptible(PKTPATH_JOURNEY_NAP);
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
	return got < 0 ? got : got * sizeof(struct pktpath_journey_rec);
}

static int pp_journey_release(struct inode *inode, struct file *file)
{
	struct pp_journey *j = file->private_data;

	mutex_lock(&pp_journey_lock);
	if (j->slot >= 0)
		pp_journey_withdraw(j);
	j->pn->journey->files--;
	mutex_unlock(&pp_journey_lock);
	pp_journey_ring_free(j);
	put_pid_ns(j->pidns);
	mutex_destroy(&j->lock);
	kfree(j);
	return 0;
}

static const struct proc_ops pp_journey_proc_ops = {
	.proc_open = pp_journey_open,
	.proc_read = pp_journey_read,
	.proc_write = pp_journey_write,
	.proc_release = pp_journey_release,
};

/**
 * pp_journey_proc_init() - make /proc/net/pktpath/journey
 * @pn: the netns
 * @dir: its directory; removing it ends all recordings
 *
 * The file belongs to root of the netns's user namespace.
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_journey_proc_init(struct pp_net *pn, struct proc_dir_entry *dir)
{
	kuid_t uid = make_kuid(pn->net->user_ns, 0);
	kgid_t gid = make_kgid(pn->net->user_ns, 0);
	struct proc_dir_entry *e;

	e = proc_create_data("journey", 0600, dir, &pp_journey_proc_ops, pn);
	if (!e)
		return -ENOMEM;
	if (uid_valid(uid) && gid_valid(gid))
		proc_set_user(e, uid, gid);
	return 0;
}

static int pp_journey_net_init(struct pp_net *pn)
{
	struct pp_journey_net *jn = kzalloc(sizeof(*jn), GFP_KERNEL);

	if (!jn)
		return -ENOMEM;
	jn->serial = alloc_percpu(u64);
	if (!jn->serial) {
		kfree(jn);
		return -ENOMEM;
	}
	WRITE_ONCE(pn->journey, jn);
	return 0;
}

static void pp_journey_net_exit(struct pp_net *pn)
{
	struct pp_journey_net *jn = pn->journey;

	WARN_ON_ONCE(jn->files);
	WRITE_ONCE(pn->journey, NULL);
	synchronize_rcu();
	free_percpu(jn->serial);
	kfree(jn);
}

const struct pp_layer pp_journey_layer = {
	.name = "journey",
	.net_init = pp_journey_net_init,
	.net_exit = pp_journey_net_exit,
};
