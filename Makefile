# SPDX-License-Identifier: GPL-2.0
# What people type; the module itself is described by Kbuild.
KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
PROBE := $(CURDIR)/build/probe
KMAKE = $(MAKE) -C $(KDIR) M=$(CURDIR) PKTPATH_PROBE_DIR=$(PROBE)

all: modules tool

modules: probe
	+$(KMAKE) modules

probe:
	scripts/probe.sh $(KDIR) $(PROBE)

tool:
	$(MAKE) -C scripts/pktpath

install: all
	+$(KMAKE) modules_install
	depmod -a $(KVERSION)
	$(MAKE) -C scripts/pktpath PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) install

# What a package holds beside the sources for DKMS; no kernel is needed.
package: tool
	$(MAKE) -C scripts/pktpath PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) install
	install -d $(DESTDIR)/lib/systemd/system $(DESTDIR)/etc/pktpath
	sed 's,@SBIN@,$(PREFIX)/sbin,' scripts/pktpath/pktpath.service \
		>$(DESTDIR)/lib/systemd/system/pktpath.service

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

.PHONY: all modules probe tool install package clean check style kunit demo bench vm
