# SPDX-License-Identifier: GPL-2.0
# Test programs: each selftests/DIR/NAME.c with a main becomes OUT/DIR_NAME.
# Called by scripts/build with HARNESS (the kernel's selftests) and OUT.
# Libraries other than that of selftests/lib: /* LIBS: -static */ in the source.
TESTDIRS := $(filter-out lib unit fuzz oracle,$(notdir \
	$(patsubst %/,%,$(wildcard selftests/*/))))
SOURCES := $(foreach d,$(TESTDIRS),$(wildcard selftests/$(d)/*.c))
MAIN := (^|[^a-z_])main *[(]|^TEST_HARNESS_MAIN
SOURCES := $(if $(SOURCES),$(shell grep -lE '$(MAIN)' $(SOURCES)))
LIBSRC := $(wildcard selftests/lib/*.c)
LIBOBJ := $(LIBSRC:selftests/lib/%.c=$(OUT)/lib/%.o)
name = $(subst /,_,$(1:selftests/%.c=%))
# frames are written through the headers of their protocols
CFLAGS := -O2 -g -Wall -Wextra -Werror -fno-strict-aliasing \
	-D_GNU_SOURCE= -Iinclude/uapi \
	-Iselftests/lib -isystem $(HARNESS) -pthread

# and what a program is run with by LD_PRELOAD, selftests/DIR/NAME_preload.c
PRELOAD := $(foreach d,$(TESTDIRS),$(wildcard selftests/$(d)/*_preload.c))

all: $(foreach s,$(PRELOAD),$(OUT)/$(call name,$(s)).so) $(foreach s,$(SOURCES),$(OUT)/$(call name,$(s)))

$(OUT)/lib/%.o: selftests/lib/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# an archive: a program gets those parts of the library that it names
$(OUT)/lib.a: $(LIBOBJ)
	@rm -f $@
	ar rcs $@ $^

define program
$(OUT)/$(call name,$(1)): $(1) $(OUT)/lib.a scripts/tests.mk
	$(CC) $(CFLAGS) -MMD -MP -MF $$@.d -o $$@ $$< $(OUT)/lib.a \
		$$(or $$(shell sed -n 's,.*/\* LIBS: \(.*\) \*/.*,\1,p' $$<),-lmnl)
endef
$(foreach s,$(SOURCES),$(eval $(call program,$(s))))

define preload
$(OUT)/$(call name,$(1)).so: $(1) scripts/tests.mk
	$(CC) $(CFLAGS) -MMD -MP -MF $$@.d -shared -fPIC -o $$@ $$<
endef
$(foreach s,$(PRELOAD),$(eval $(call preload,$(s))))

-include $(wildcard $(OUT)/*.d $(OUT)/lib/*.d)
