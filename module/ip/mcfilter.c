// SPDX-License-Identifier: GPL-2.0
/*
 * Arithmetic of source filters: sets of addresses as sorted arrays.
 *
 * Pure: also compiled in user space for unit tests.
 *
 * Path: mcast.c, mcast_sock.c, igmp.c -> here
 * Mirrors: none; the rules are RFC 3376 §3.2 and §5.1
 * Locks: none
 */
#include "ip/igmp_msg.h"

static void pp_mcset_sift(__be32 *s, u32 root, u32 n)
{
	__be32 top = s[root];
	u32 child;

	while ((child = 2 * root + 1) < n) {
		if (child + 1 < n && pp_mcset_less(s[child], s[child + 1]))
			child++;
		if (!pp_mcset_less(top, s[child]))
			break;
		s[root] = s[child];
		root = child;
	}
	s[root] = top;
}

/**
 * pp_mcset_sort() - make a set of what a user has given
 * @s: addresses in any order
 * @n: how many
 *
 * Context: any.
 * Return: how many are left when each is there once.
 */
u32 pp_mcset_sort(__be32 *s, u32 n)
{
	u32 i, out = 0;
	__be32 last;

	for (i = n / 2; i-- > 0; )
		pp_mcset_sift(s, i, n);
	for (i = n; i-- > 1; ) {
		last = s[i];
		s[i] = s[0];
		s[0] = last;
		pp_mcset_sift(s, 0, i);
	}
	for (i = 0; i < n; i++)
		if (!out || s[out - 1] != s[i])
			s[out++] = s[i];
	return out;
}

/**
 * pp_mcset_has() - is an address in a set?
 * @s: the set
 * @n: its size
 * @addr: the address
 *
 * Context: any.
 * Return: true when it is.
 */
bool pp_mcset_has(const __be32 *s, u32 n, __be32 addr)
{
	u32 low = 0, high = n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (s[mid] == addr)
			return true;
		if (pp_mcset_less(s[mid], addr))
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/**
 * pp_mcset_or() - union
 * @out: room for @na + @nb, not one of the two
 * @a: a set
 * @na: its size
 * @b: another
 * @nb: its size
 *
 * Context: any.
 * Return: size of @out.
 */
u32 pp_mcset_or(__be32 *out, const __be32 *a, u32 na, const __be32 *b, u32 nb)
{
	u32 i = 0, j = 0, n = 0;

	while (i < na || j < nb) {
		if (j >= nb || (i < na && pp_mcset_less(a[i], b[j]))) {
			out[n++] = a[i++];
		} else {
			if (i < na && a[i] == b[j])
				i++;
			out[n++] = b[j++];
		}
	}
	return n;
}

/* What of @a is, or is not, in @b. */
static u32 pp_mcset_pick(__be32 *out, const __be32 *a, u32 na,
			 const __be32 *b, u32 nb, bool there)
{
	u32 i, j = 0, n = 0;

	for (i = 0; i < na; i++) {
		while (j < nb && pp_mcset_less(b[j], a[i]))
			j++;
		if ((j < nb && b[j] == a[i]) == there)
			out[n++] = a[i];
	}
	return n;
}

/**
 * pp_mcset_and() - intersection
 * @out: room for @na; may be @a
 * @a: a set
 * @na: its size
 * @b: another
 * @nb: its size
 *
 * Context: any.
 * Return: size of @out.
 */
u32 pp_mcset_and(__be32 *out, const __be32 *a, u32 na, const __be32 *b, u32 nb)
{
	return pp_mcset_pick(out, a, na, b, nb, true);
}

/**
 * pp_mcset_minus() - difference
 * @out: room for @na; may be @a
 * @a: a set
 * @na: its size
 * @b: what is taken away
 * @nb: its size
 *
 * Context: any.
 * Return: size of @out.
 */
u32 pp_mcset_minus(__be32 *out, const __be32 *a, u32 na, const __be32 *b,
		   u32 nb)
{
	return pp_mcset_pick(out, a, na, b, nb, false);
}
