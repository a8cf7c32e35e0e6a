// SPDX-License-Identifier: GPL-2.0
/*
 * Recordings: /proc/net/pktpath/journey, one an open file. When the netns or
 * the module goes, proc closes the file under its reader: one asleep in read()
 * is known to proc and is waited for, one asleep in poll() is woken by us and
 * waited for.
 *
 * Path: none
 * Mirrors: none
 * Locks: pp_journey.lock (one file), also over copies to the user, around
 *	  pp_journey_lock (who records, of all netns)
 */
#include <linux/log2.h>
#include <linux/netdevice.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "compat/compat.h"
#include "core/layer.h"
#include "journey/fault_priv.h"
#include "journey/journey_priv.h"

#define PKTPATH_JOURNEY_NAP	(HZ / 100 ?: 1)
#define PKTPATH_JOURNEY_LEAVE	50	/* naps that pollers get to leave in */

/* Who records, of all netns. */
DEFINE_MUTEX(pp_journey_lock);

#define PKTPATH_JOURNEY_LINGER	HZ	/* of the probes behind the last user */

static void pp_journey_off(struct work_struct *work);

/* Under it. */
static struct {
	unsigned int users;	/* who want packets to be remembered */
	unsigned int probers;	/* of these, who want the probes to run */
	bool tracks, probes;	/* are there */
	bool started;		/* all netns have their struct pp_net */
	struct delayed_work off;
} pp_journey_all = {
	.off = __DELAYED_WORK_INITIALIZER(pp_journey_all.off, pp_journey_off,
					  0),
};

/* ---- What probes need ---- */

/* What is remembered of packets goes: nobody will hear of their end. */
static void pp_journey_idle(void)
{
	if (!pp_journey_all.probers && pp_journey_all.probes) {
		pp_journey_probes_off();
		pp_journey_all.probes = false;
		pp_block_sweep(NULL);
		pp_track_clear();
	}
	if (!pp_journey_all.users && pp_journey_all.tracks) {
		pp_track_stop();
		pp_journey_all.tracks = false;
	}
}

static void pp_journey_off(struct work_struct *work)
{
	mutex_lock(&pp_journey_lock);
	pp_journey_idle();
	mutex_unlock(&pp_journey_lock);
}

/**
 * pp_journey_get() - somebody wants packets to be remembered
 *
 * Context: process, pp_journey_lock held, may sleep.
 * Return: 0, -ENOMEM, or -EAGAIN while the module starts or stops.
 */
int pp_journey_get(void)
{
	int err;

	if (!pp_journey_all.started)
		return -EAGAIN;
	if (!pp_journey_all.tracks) {
		err = pp_track_start();
		if (err)
			return err;
		pp_journey_all.tracks = true;
	}
	pp_journey_all.users++;
	return 0;
}

/*
 * Tracepoints are switched by patching the kernel on all CPUs: who opens and
 * closes recordings all the time is not to cause that each time.
 */
static void pp_journey_linger(void)
{
	if (pp_journey_all.started)
		mod_delayed_work(pp_compat_system_wq(), &pp_journey_all.off,
				 PKTPATH_JOURNEY_LINGER);
	else
		pp_journey_idle();
}

/**
 * pp_journey_put() - undoes pp_journey_get()
 *
 * Context: process, pp_journey_lock held.
 */
void pp_journey_put(void)
{
	if (!--pp_journey_all.users)
		pp_journey_linger();
}

/**
 * pp_journey_probe() - a user wants the probes to run
 *
 * Context: process, pp_journey_lock held, after pp_journey_get(); may sleep.
 * Return: 0, -ENOENT when the kernel lacks a tracepoint, or -errno.
 */
int pp_journey_probe(void)
{
	int err;

	if (!pp_journey_all.probes) {
		err = pp_journey_probes_on();
		if (err)
			return err;
		pp_journey_all.probes = true;
	}
	pp_journey_all.probers++;
	return 0;
}

/**
 * pp_journey_unprobe() - undoes pp_journey_probe()
 * @now: at once, unless there are others; else they linger
 *
 * Context: process, pp_journey_lock held, may sleep.
 */
void pp_journey_unprobe(bool now)
{
	if (--pp_journey_all.probers)
		return;
	if (now)
		pp_journey_idle();
	else
		pp_journey_linger();
}

/**
 * pp_journey_live() - who records in a netns
 * @jn: it
 * @live: bit per recording, see struct pp_journey_net
 * @all: likewise
 *
 * Context: process, pp_journey_lock held. Who reads a bit of @live follows
 * what it stands for.
 */
void pp_journey_live(struct pp_journey_net *jn, u8 live, u8 all)
{
	bool only = live == all && is_power_of_2(live) &&
		    live & PKTPATH_JOURNEY_MASK;

	/* one who takes all is not to find one who does not beside it */
	WRITE_ONCE(jn->only, 0);
	WRITE_ONCE(jn->all, jn->all & all);
	/* what the bits stand for before them */
	smp_store_release(&jn->live, live);
	WRITE_ONCE(jn->all, all);
	WRITE_ONCE(jn->only, only ? live : 0);
}

/**
 * pp_journey_leave() - wait until no probe knows a recording
 * @pn: whose
 * @bit: its bit, taken out of pp_journey_net.live
 *
 * Context: process, pp_journey_lock held, may sleep.
 */
void pp_journey_leave(struct pp_net *pn, unsigned int bit)
{
	if (!pp_journey_all.probes)
		return;
	synchronize_rcu();
	pp_track_forget(pn, bit);
	/* probes that had found an entry before it went */
	synchronize_rcu();
	/* and blocks that these left open */
	pp_block_sweep(NULL);
}

/* ---- The file ---- */

static void pp_journey_nap(struct work_struct *work)
{
	struct pp_journey *j = container_of(to_delayed_work(work),
					    struct pp_journey, nap);

	/* who comes now starts this work again, see pp_journey_poll() */
	if (!waitqueue_active(&j->wait->head))
		return;
	if (pp_journey_ring_any(j) || READ_ONCE(j->pn->exiting))
		wake_up_interruptible_poll(&j->wait->head,
					   EPOLLIN | EPOLLRDNORM);
	schedule_delayed_work(&j->nap, PKTPATH_JOURNEY_NAP);
}

static struct pp_journey *pp_journey_new(struct pp_net *pn)
{
	struct pp_journey *j = kzalloc(sizeof(*j), GFP_KERNEL_ACCOUNT);

	if (!j)
		return NULL;
	j->wait = kmalloc(sizeof(*j->wait), GFP_KERNEL_ACCOUNT);
	if (!j->wait) {
		kfree(j);
		return NULL;
	}
	init_waitqueue_head(&j->wait->head);
	INIT_DELAYED_WORK(&j->nap, pp_journey_nap);
	mutex_init(&j->lock);
	j->pn = pn;
	j->slot = -1;
	return j;
}

/*
 * Nobody may be left on the queue when it goes. epoll and its like leave at
 * POLLFREE, who sleeps in poll() when it is woken: proc tells it then that the
 * file is readable. Should one stay, the queue does, too.
 */
static void pp_journey_unpoll(struct pp_journey_wait *w)
{
	int i;

	/* nobody comes any more: the file is closed */
	for (i = 0; waitqueue_active(&w->head); i++) {
		if (i == PKTPATH_JOURNEY_LEAVE)
			return;
		__wake_up(&w->head, TASK_NORMAL, 0,
			  poll_to_key(EPOLLIN | EPOLLRDNORM | EPOLLHUP |
				      POLLFREE));
		schedule_timeout_uninterruptible(i ? PKTPATH_JOURNEY_NAP : 1);
	}
	kfree_rcu(w, rcu);
}

static void pp_journey_free(struct pp_journey *j)
{
	cancel_delayed_work_sync(&j->nap);
	pp_journey_unpoll(j->wait);
	pp_journey_ring_free(j);
	mutex_destroy(&j->lock);
	kfree(j);
}

static int pp_journey_open(struct inode *inode, struct file *file)
{
	struct pp_net *pn = pde_data(inode);
	struct pp_journey *j;
	int err = 0;

	if (!file_ns_capable(file, pn->net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	j = pp_journey_new(pn);
	if (!j)
		return -ENOMEM;
	mutex_lock(&pp_journey_lock);
	if (!pn->journey)
		err = -ENODEV;
	else if (pn->journey->files == PKTPATH_JOURNEY_RECS)
		err = -EBUSY;
	else
		pn->journey->files++;
	mutex_unlock(&pp_journey_lock);
	if (err) {
		pp_journey_free(j);
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

	err = pp_journey_get();
	if (err)
		return err;
	err = pp_journey_probe();
	if (err) {
		pp_journey_put();
		return err;
	}
	for (i = 0; rcu_access_pointer(jn->rec[i]); i++)
		;
	rcu_assign_pointer(jn->rec[i], j);
	WRITE_ONCE(jn->late, j->late ? jn->late | BIT(i) : jn->late);
	pp_journey_live(jn, jn->live | BIT(i),
			j->all ? jn->all | BIT(i) : jn->all);
	/* the rings before it: pairs with pp_journey_poll() */
	smp_store_release(&j->slot, i);
	return 0;
}

/* Likewise; on return no probe knows the recording. */
static void pp_journey_withdraw(struct pp_journey *j)
{
	struct pp_journey_net *jn = j->pn->journey;

	pp_journey_live(jn, jn->live & ~BIT(j->slot), jn->all & ~BIT(j->slot));
	RCU_INIT_POINTER(jn->rec[j->slot], NULL);
	WRITE_ONCE(jn->late, jn->late & ~BIT(j->slot));
	pp_journey_leave(j->pn, j->slot);
	pp_journey_unprobe(false);
	pp_journey_put();
}

/* What it asks for must be there. */
static int pp_journey_ask(struct pp_journey *j,
			  const struct pktpath_journey_conf *conf)
{
	struct pid *pid;
	int err = 0;

	rcu_read_lock();
	if (conf->ifindex && !dev_get_by_index_rcu(j->pn->net, conf->ifindex))
		err = -ENODEV;
	pid = conf->pid ? find_pid_ns(conf->pid, j->pidns) : NULL;
	if (conf->pid && !(pid && pid_task(pid, PIDTYPE_TGID)))
		err = -ESRCH;
	j->tgid = pid_nr(pid);
	rcu_read_unlock();
	j->conf = *conf;
	j->conf.ring = conf->ring ?: pp_journey_ring_default();
	j->all = pp_journey_conf_all(conf);
	j->late = pp_journey_conf_late(conf);
	return err;
}

static ssize_t pp_journey_write(struct file *file, const char __user *buf,
				size_t len, loff_t *pos)
{
	struct pp_journey *j = file->private_data;
	struct pktpath_journey_conf conf = {};
	int err;

	if (len != sizeof(conf) && len != PKTPATH_JOURNEY_CONF_FLOW)
		return -EINVAL;
	if (!maybe_get_net(j->pn->net))
		return -ENODEV;
	err = copy_from_user(&conf, buf, len) ? -EFAULT : 0;
	put_net(j->pn->net);
	if (err)
		return err;
	if (!pp_journey_conf_ok(&conf))
		return -EINVAL;
	/* A reader may hold it as long as its pages please. */
	if (mutex_lock_interruptible(&j->lock))
		return -ERESTARTSYS;
	err = -EBUSY;
	if (j->slot >= 0)
		goto unlock;
	err = pp_journey_ask(j, &conf) ?: pp_journey_ring_alloc(j);
	if (err)
		goto unlock;
	mutex_lock(&pp_journey_lock);
	err = READ_ONCE(j->pn->exiting) ? -ENODEV : pp_journey_publish(j);
	mutex_unlock(&pp_journey_lock);
	if (err)
		pp_journey_ring_free(j);
unlock:
	mutex_unlock(&j->lock);
	return err ?: len;
}

/*
 * The end of a netns waits for calls under way, and a page of the reader's may
 * take as long as whoever serves it likes: a netns does not end meanwhile, and
 * of one that ends nothing is copied.
 */
static int pp_journey_read_once(struct pp_journey *j, char __user *buf,
				size_t n)
{
	struct net *net = j->pn->net;
	int got;

	if (!maybe_get_net(net))
		return 0;
	got = -ERESTARTSYS;
	if (mutex_lock_interruptible(&j->lock))
		goto put;
	got = j->slot < 0 ? -ENODATA : pp_journey_ring_read(j, buf, n);
	mutex_unlock(&j->lock);
put:
	put_net(net);
	return got;
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
		got = pp_journey_read_once(j, buf, n);
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

static __poll_t pp_journey_poll(struct file *file, poll_table *pt)
{
	struct pp_journey *j = file->private_data;

	/* pairs with pp_journey_publish() */
	if (smp_load_acquire(&j->slot) < 0)
		return EPOLLERR;
	if (READ_ONCE(j->pn->exiting))
		return EPOLLIN | EPOLLRDNORM | EPOLLHUP;
	/* who does not ask for input would not leave when the file goes */
	if (poll_requested_events(pt) & (EPOLLIN | EPOLLRDNORM))
		poll_wait(file, &j->wait->head, pt);
	if (pp_journey_ring_any(j))
		return EPOLLIN | EPOLLRDNORM;
	schedule_delayed_work(&j->nap, PKTPATH_JOURNEY_NAP);
	return 0;
}

static int pp_journey_release(struct inode *inode, struct file *file)
{
	struct pp_journey *j = file->private_data;

	mutex_lock(&pp_journey_lock);
	if (j->slot >= 0)
		pp_journey_withdraw(j);
	j->pn->journey->files--;
	mutex_unlock(&pp_journey_lock);
	put_pid_ns(j->pidns);
	pp_journey_free(j);
	return 0;
}

static const struct proc_ops pp_journey_proc_ops = {
	.proc_open = pp_journey_open,
	.proc_read = pp_journey_read,
	.proc_write = pp_journey_write,
	.proc_poll = pp_journey_poll,
	.proc_release = pp_journey_release,
};

/**
 * pp_journey_proc_init() - make /proc/net/pktpath/journey and stages
 * @pn: the netns
 * @dir: its directory; removing it ends all recordings
 *
 * The first belongs to root of the netns's user namespace.
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
	return pp_hist_proc_init(pn, dir);
}

static int pp_journey_net_init(struct pp_net *pn)
{
	struct pp_journey_net *jn = kzalloc(sizeof(*jn), GFP_KERNEL_ACCOUNT);
	u64 *serial;
	int cpu;

	if (!jn)
		return -ENOMEM;
	jn->serial = alloc_percpu_gfp(u64, GFP_KERNEL_ACCOUNT);
	if (!jn->serial || pp_fault_net_init(pn)) {
		free_percpu(jn->serial);
		kfree(jn);
		return -ENOMEM;
	}
	for_each_possible_cpu(cpu) {
		serial = per_cpu_ptr(jn->serial, cpu);
		*serial = cpu;
	}
	WRITE_ONCE(pn->journey, jn);
	return 0;
}

static void pp_journey_net_exit(struct pp_net *pn)
{
	struct pp_journey_net *jn = pn->journey;

	pp_fault_net_exit(pn);
	pp_hist_set(pn, 0);
	WARN_ON_ONCE(jn->files);
	WRITE_ONCE(pn->journey, NULL);
	synchronize_rcu();
	free_percpu(jn->hist);
	free_percpu(jn->serial);
	kfree(jn);
}

static void pp_journey_started(bool yes)
{
	mutex_lock(&pp_journey_lock);
	pp_journey_all.started = yes;
	if (!yes)
		pp_journey_idle();
	mutex_unlock(&pp_journey_lock);
}

/* A probe looks at the netns of every frame of the machine. */
static int pp_journey_start(void)
{
	pp_journey_started(true);
	pp_fault_start();
	return 0;
}

static void pp_journey_stop(void)
{
	pp_fault_stop();
	pp_journey_started(false);
}

static int pp_journey_init(void)
{
	pp_block_init();
	return pp_fault_init();
}

static void pp_journey_exit(void)
{
	pp_fault_exit();
	pp_hist_exit();
	cancel_delayed_work_sync(&pp_journey_all.off);
}

const struct pp_layer pp_journey_layer = {
	.name = "journey",
	.init = pp_journey_init,
	.exit = pp_journey_exit,
	.net_init = pp_journey_net_init,
	.net_pre_exit = pp_fault_net_pre_exit,
	.net_exit = pp_journey_net_exit,
	.start = pp_journey_start,
	.stop = pp_journey_stop,
};
