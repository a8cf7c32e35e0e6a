# SPDX-License-Identifier: GPL-2.0
# User-space tests of the pure files: selftests/unit/NAME.c and, for libFuzzer,
# selftests/fuzz/NAME.c.  Called with HARNESS (the kernel's selftests), OUT and
# the goal unit or fuzz.  What a test is built with stands in its source:
# /* PURE: core/wire.c ip/lpm.c */, below module/.
UNIT := $(wildcard selftests/unit/*.c)
FUZZ := $(wildcard selftests/fuzz/*.c)
CFLAGS := -O1 -g -Wall -Wextra -Wno-sign-compare -Werror -D_GNU_SOURCE= \
	-fno-omit-frame-pointer -fno-sanitize-recover=all \
	-Iselftests/unit -I$(OUT) -Imodule -Iinclude -Iinclude/uapi \
	-isystem $(HARNESS)
pure = $(addprefix module/,$(shell sed -n \
	's,^/\* PURE: \(.*\) \*/.*,\1,p' $(1)))

unit: $(UNIT:selftests/unit/%.c=$(OUT)/unit_%)
fuzz: $(FUZZ:selftests/fuzz/%.c=$(OUT)/fuzz_%)

define unit_rule
$(OUT)/unit_$(notdir $(basename $(1))): $(1) $(call pure,$(1)) scripts/unit.mk \
		$(wildcard selftests/unit/*.h module/core/*.h module/ip/*.h module/tcp/*.h module/cc/*.c)
	@mkdir -p $(OUT)
	gcc $(CFLAGS) -fsanitize=address,undefined -o $$@ $(1) $(call pure,$(1))
endef
define fuzz_rule
$(OUT)/fuzz_$(notdir $(basename $(1))): $(1) $(call pure,$(1)) scripts/unit.mk \
		$(wildcard selftests/unit/*.h module/core/*.h module/ip/*.h module/tcp/*.h module/cc/*.c)
	@mkdir -p $(OUT)
	clang $(CFLAGS) -fsanitize=fuzzer,address,undefined -o $$@ $(1) \
		$(call pure,$(1))
endef
$(foreach s,$(UNIT),$(eval $(call unit_rule,$(s))))
$(foreach s,$(FUZZ),$(eval $(call fuzz_rule,$(s))))

# the example of the README
$(OUT)/readme_cc.c: README.md
	@mkdir -p $(OUT)
	sed '1,/<!-- cc:begin/d; /<!-- cc:end/,$$d; /^```/d' $< >$@
	[ -s $@ ]
# what of it has nothing to do with modules
$(OUT)/readme_cc_ops.c: $(OUT)/readme_cc.c
	sed '/<linux.module.h>/d; /\.owner/d; /__init/,$$d' $< >$@
$(OUT)/unit_readme_cc_test: $(OUT)/readme_cc_ops.c

.PHONY: unit fuzz
