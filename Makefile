# SPDX-License-Identifier: GPL-2.0
# What people type; the module itself is described by Kbuild.
KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
PROBE := $(CURDIR)/build/probe
KMAKE = $(MAKE) -C $(KDIR) M=$(CURDIR) PKTPATH_PROBE_DIR=$(PROBE)
# The kernel that KDIR belongs to, as the kernel's own Makefile finds it out;
# Debian's headers say it in a file of their own.
KVERSION ?= $(or $(shell sed -n 's/^override KERNELRELEASE = //p' \
	$(KDIR)/.kernelvariables 2>/dev/null),$(shell \
	cat $(KDIR)/include/config/kernel.release 2>/dev/null))
ROOT := $(if $(DESTDIR),$(abspath $(DESTDIR)))
TOOL := $(MAKE) -C scripts/pktpath PREFIX=$(PREFIX) DESTDIR=$(ROOT)
MODROOT = $(ROOT)/lib/modules/$(KVERSION)
MODULES := $(patsubst %.o,%.ko,$(shell sed -n 's/^obj-m := //p' Kbuild))
HEADERS := linux/pktpath.h pktpath/net/pktpath.h pktpath/net/pktpath_fib.h
# a directory that is to become a package has no index, the root of a system has
INDEX = if [ -z "$(ROOT)" ] || [ -e $(MODROOT)/modules.order ]; then \
	depmod -a -b "$(ROOT)/" $(KVERSION); fi

# the PATH of a Debian user has no sbin
export PATH := $(PATH):/usr/sbin:/sbin

all: modules tool

modules: probe
	+$(KMAKE) modules

probe:
	scripts/probe.sh $(KDIR) $(PROBE)

tool:
	$(MAKE) -C scripts/pktpath

install: all install-user
	+$(KMAKE) INSTALL_MOD_PATH=$(ROOT) INSTALL_MOD_DIR=updates modules_install
	$(INDEX)

# The tool and the headers: of programs, and, where no program looks, of modules.
install-user: tool
	$(TOOL) install
	install -D -m 644 include/uapi/linux/pktpath.h \
		$(ROOT)$(PREFIX)/include/linux/pktpath.h
	install -D -m 644 -t $(ROOT)$(PREFIX)/include/pktpath/net \
		include/net/pktpath.h include/net/pktpath_fib.h

uninstall:
	$(TOOL) uninstall
	rm -f $(addprefix $(ROOT)$(PREFIX)/include/,$(HEADERS))
	[ ! -d $(ROOT)$(PREFIX)/include/pktpath/net ] || \
		rmdir $(ROOT)$(PREFIX)/include/pktpath/net \
			$(ROOT)$(PREFIX)/include/pktpath
	rm -f $(ROOT)/lib/systemd/system/pktpath.service
	$(if $(KVERSION),rm -f $(patsubst %,$(MODROOT)/updates/%*,$(MODULES)))
	$(if $(KVERSION),$(INDEX))

# What a package holds beside the sources for DKMS; no kernel is needed.
package: install-user
	install -d $(ROOT)/lib/systemd/system $(ROOT)/etc/pktpath
	sed 's,@SBIN@,$(PREFIX)/sbin,' scripts/pktpath/pktpath.service \
		>$(ROOT)/lib/systemd/system/pktpath.service

clean:
	+$(KMAKE) clean
	$(MAKE) -C scripts/pktpath clean
	rm -rf $(PROBE)

check style kunit demo bench vm:
	./scripts/$(ENTRY_$@)

ENTRY_check := check
ENTRY_style := check --only 20-style
ENTRY_kunit := check --only 60-kunit
ENTRY_demo := demo
ENTRY_bench := bench
ENTRY_vm := vm --shell

.PHONY: all modules probe tool install install-user uninstall package clean \
	check style kunit demo bench vm
