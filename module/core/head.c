// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers of outgoing packets, cut from a page of the CPU.
 *
 * A packet that is sent at once and freed soon need not go through the slab
 * and have its buffer cleared each time: the page is used again from its start
 * as soon as all cut from it are free. What a receiver that does not read can
 * pin is bounded by the page: a buffer has 384 bytes at least, so for each
 * that it keeps, no more than PAGE_SIZE / 384 times of what it is charged for.
 *
 * The page's reference count is kept ahead by many, so that cutting takes no
 * atomic operation: @bias are still ours, the others the buffers'.
 *
 * Path: udp/udp_output.c, tcp/tcp_output.c => here
 * Mirrors: net/core/skbuff.c (__netdev_alloc_skb), mm/page_alloc.c
 *	    (page_frag_alloc_align)
 * Locks: none; preemption off while the CPU's page is looked at. Who may be
 * interrupted by a softirq has a page of its own, so that neither needs to
 * keep the other off.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>
#include "core/head.h"

/* Longer ones would not go in at least twice. */
#define PKTPATH_HEAD_MAX	((unsigned int)PAGE_SIZE / 2)
#define PKTPATH_HEAD_BIAS	((int)PAGE_SIZE)

/**
 * struct pp_heads - one page of one CPU
 * @page: the page, or NULL
 * @off: where the free rest begins
 * @bias: references to @page that are ours
 */
struct pp_heads {
	struct page *page;
	unsigned int off;
	int bias;
};

/* With softirqs on, and in one or with them off. */
struct pp_heads_cpu {
	struct pp_heads of[2];
};

static DEFINE_PER_CPU(struct pp_heads_cpu, pp_heads);

static struct pp_heads *pp_heads_get(void)
{
	return &get_cpu_ptr(&pp_heads)->of[!!in_softirq()];
}

static void pp_heads_put(struct page *page, int bias)
{
	if (!page)
		return;
	page_ref_sub(page, bias - 1);
	put_page(page);
}

/* @size bytes of this CPU's page with a reference to it, or NULL. */
static void *pp_head_cut(unsigned int size)
{
	struct pp_heads *h = pp_heads_get();
	struct page *page = h->page;
	void *data = NULL;

	if (unlikely(!page))
		goto out;
	if (likely(page_ref_count(page) == h->bias)) {
		/* all are back: begin anew */
		h->off = 0;
		if (unlikely(h->bias < PKTPATH_HEAD_BIAS / 2)) {
			page_ref_add(page, PKTPATH_HEAD_BIAS - h->bias);
			h->bias = PKTPATH_HEAD_BIAS;
		}
	}
	if (unlikely(h->off + size > PAGE_SIZE || h->bias < 2))
		goto out;
	data = page_address(page) + h->off;
	h->off += size;
	h->bias--;
out:
	put_cpu_ptr(&pp_heads);
	return data;
}

/* Gives this CPU a new page. False: no memory to spare. */
static bool pp_head_refill(gfp_t gfp)
{
	struct page *page = alloc_page(gfp | __GFP_NOWARN | __GFP_NORETRY);
	struct pp_heads *h, old;

	if (!page)
		return false;
	/* from the reserves: what is cut would be taken for theirs */
	if (page_is_pfmemalloc(page)) {
		put_page(page);
		return false;
	}
	page_ref_add(page, PKTPATH_HEAD_BIAS - 1);
	h = pp_heads_get();
	old = *h;
	h->page = page;
	h->off = 0;
	h->bias = PKTPATH_HEAD_BIAS;
	put_cpu_ptr(&pp_heads);
	pp_heads_put(old.page, old.bias);
	return true;
}

/**
 * pp_head_skb() - an skb with a buffer from this CPU's page
 * @len: bytes of data that it must hold
 * @gfp: for a new page
 *
 * The twin of alloc_skb(), which is to be tried when there is none.
 * Mirrors: net/core/skbuff.c:__netdev_alloc_skb
 *
 * Context: process or softirq; may sleep if @gfp lets it.
 * Return: the caller's, empty; or NULL: too long, or memory is short.
 */
struct sk_buff *pp_head_skb(unsigned int len, gfp_t gfp)
{
	unsigned int size = SKB_DATA_ALIGN(len) +
			    SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	struct sk_buff *skb;
	void *data;

	if (unlikely(size > PKTPATH_HEAD_MAX))
		return NULL;
	data = pp_head_cut(size);
	if (unlikely(!data)) {
		if (!pp_head_refill(gfp))
			return NULL;
		data = pp_head_cut(size);
		if (!data)
			return NULL;
	}
	skb = build_skb(data, size);
	if (unlikely(!skb))
		skb_free_frag(data);
	return skb;
}

/**
 * pp_heads_exit() - give the pages back
 *
 * Buffers that are still on their way keep theirs.
 *
 * Context: module exit; nobody sends any more.
 */
void pp_heads_exit(void)
{
	struct pp_heads *h;
	int cpu, i;

	for_each_possible_cpu(cpu) {
		for (i = 0; i < 2; i++) {
			h = &per_cpu_ptr(&pp_heads, cpu)->of[i];
			pp_heads_put(h->page, h->bias);
			h->page = NULL;
		}
	}
}
