/* SPDX-License-Identifier: GPL-2.0 */
/* The one place of the version; dkms.conf is compared with it by a check. */
#ifndef PKTPATH_CORE_VERSION_H
#define PKTPATH_CORE_VERSION_H

#define PKTPATH_VERSION "0.1.0"

#endif
