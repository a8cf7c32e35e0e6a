// SPDX-License-Identifier: GPL-2.0
#include <linux/skbuff.h>
#include <linux/socket.h>

ssize_t pp_probe(struct sk_buff *skb, struct iov_iter *iter, size_t n);
ssize_t pp_probe(struct sk_buff *skb, struct iov_iter *iter, size_t n)
{
	return skb_splice_from_iter(skb, iter, n) + MSG_SPLICE_PAGES +
	       MSG_NO_SHARED_FRAGS;
}
