/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For diff.c: where AF_PKTPATH differs from AF_INET on purpose, and why. An entry
 * that no case needs any more is a failure, too.
 */
#ifndef PKTPATH_SELFTESTS_ATTACK_DIFF_MEANT_H
#define PKTPATH_SELFTESTS_ATTACK_DIFF_MEANT_H

#define THIS_NET "RFC 1122 3.2.1.3: a source only before it has an address"
#define CLASS_E "RFC 6890: reserved, never a source"
#define LINK_BCAST "RFC 1122 3.3.6: unicast in a link broadcast is discarded"
#define HALF "half a slot left, answered without it; AF_INET is silent"
#define UNCHANGED "RFC 1122 3.2.2: quoted as received; AF_INET clears padding"
#define FITS "a link of this MTU has let pass what is quoted"
#define NOT_4 "an IPv4 header is of version 4"
#define ROUTES "RFC 1122 3.2.2.2: about routes alone; AF_INET tells ping sockets"
#define QUENCH "RFC 6633: ignored; AF_INET tells ping sockets"

static const struct {
	const char *name;	/* of cases, a pattern as the shell's */
	const char *why;
} meant[] = {
	{ "* protocol 103", "no PIM here: unreachable" },
	{ "* protocol 136", "no UDP-Lite here: unreachable" },
	{ "* from 0.0.0.1", THIS_NET },
	{ "* from 0.255.255.255", THIS_NET },
	{ "* from 10.77.0.255", "RFC 1122 3.2.1.3: no broadcast as source" },
	{ "* from 240.0.0.0", CLASS_E },
	{ "* from 255.255.255.254", CLASS_E },
	{ "echo to 10.77.0.1 link [12]", LINK_BCAST },
	{ "live to 10.77.0.1 link [12]", LINK_BCAST },
	{ "* option 134 length * pointer 4 rest 0",
	  "AF_INET answers with the bad label in its own header" },
	{ "* option 7 length 8 pointer 4 rest 0", HALF },
	{ "* option 7 length 11 pointer 5 rest 0", HALF },
	{ "* option 7 length 12 pointer 8 rest 0", HALF },
	{ "* option 68 length 11 pointer 5 rest 0", HALF },
	{ "* option 68 length 12 pointer 8 rest 0", HALF },
	{ "dead option 0 length * pointer 4 rest 0", UNCHANGED },
	{ "dead option 1 length 0 pointer 4 rest 0", UNCHANGED },
	{ "error 3 about 0 info 5d[cd]", FITS },
	{ "error 3 about 0 info ffff", FITS },
	{ "error * quoted first octet 5", NOT_4 },
	{ "error * quoted first octet [!4]5", NOT_4 },
	{ "error * quoted fragment *",
	  "RFC 1122 3.2.2: no error is about a later fragment" },
	{ "error * quoted length *", "shorter than its own headers" },
	{ "error 4/* about 1", QUENCH },
	{ "error 4 about 1 info *", QUENCH },
	{ "error 5/* about 1", ROUTES },
	{ "error 5 about 1 info *", ROUTES },
	{ NULL, NULL }
};

#endif
