#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Make netlink_gen.[ch] from pktpath.yaml.

    gen.py            write both files beside the specification
    gen.py --check    fail when they, or the uapi header, do not agree with it

The kernel's own ynl_gen_c.py emits split operations, which the oldest
supported kernel has not; this one emits what all of them have. It also checks
that every number of include/uapi/linux/pktpath.h is the specification's, and
that the replies have the attributes that the sources here put into them.
"""
import glob
import os
import re
import sys

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
UAPI = os.path.join(HERE, "../../include/uapi/linux/pktpath.h")
NOTE = ("/* SPDX-License-Identifier: GPL-2.0 */\n"
        "/* Made of module/ctl/pktpath.yaml by module/ctl/gen.py. */\n")
LIMITS = {"s32-max": 2147483647}


class Spec:
    def __init__(self, text):
        self.raw = yaml.safe_load(text)
        self.sets = {s["name"]: s for s in self.raw["attribute-sets"]}
        self.ops = self.raw["operations"]["list"]
        self.consts = {d["name"]: d["value"]
                       for d in self.raw["definitions"] if d["type"] == "const"}
        self.consts.update(LIMITS)
        for s in self.sets.values():
            s["by_name"] = {a["name"]: a for a in s["attributes"]}

    def number(self, value):
        return self.consts[value] if isinstance(value, str) else value

    def cmd(self, op):
        return macro(self.raw["operations"]["name-prefix"] + op["name"])

    def attr(self, aset, name):
        return macro(self.sets[aset]["name-prefix"] + name)

    def requests(self, op):
        """Attributes a do or a dump of op takes, in the set's order."""
        names = set()
        for mode in ("do", "dump"):
            names.update(op.get(mode, {}).get("request", {})
                         .get("attributes", []))
        aset = self.sets[op["attribute-set"]]
        return [a for a in aset["attributes"] if a["name"] in names]

    def policy(self, attr):
        """The initialiser of a struct nla_policy."""
        kind = attr["type"]
        checks = {k: self.number(v) for k, v in attr.get("checks", {}).items()}
        if kind == "flag":
            return "{ .type = NLA_FLAG }"
        if kind == "string":
            return "{ .type = NLA_NUL_STRING, .len = %d }" % checks["max-len"]
        if kind == "binary":
            return "{ .type = NLA_BINARY, .len = %d }" % checks["max-len"]
        if kind == "indexed-array":
            return "NLA_POLICY_NESTED_ARRAY(%s)" % nested(
                attr["nested-attributes"])
        nla = "NLA_" + kind.upper()
        if checks.get("max", 0) > 32767:
            return "NLA_POLICY_FULL_RANGE(%s, &%s)" % (nla, wide(checks))
        if "min" in checks and "max" in checks:
            return "NLA_POLICY_RANGE(%s, %d, %d)" % (nla, checks["min"],
                                                     checks["max"])
        if "max" in checks:
            return "NLA_POLICY_MAX(%s, %d)" % (nla, checks["max"])
        if "min" in checks:
            return "NLA_POLICY_MIN(%s, %d)" % (nla, checks["min"])
        return "{ .type = %s }" % nla


def macro(name):
    return name.upper().replace("-", "_")


def nested(name):
    """Name of the policy of an attribute set that is inside of others."""
    return "pp_nl_%s_nested" % name.replace("-", "_")


def wide(checks):
    """Name of the range that does not fit into struct nla_policy itself."""
    return "pp_nl_range_%d_%d" % (checks.get("min", 0), checks["max"])


def wide_ranges(spec):
    found = {}
    for aset in spec.sets.values():
        for a in aset["attributes"]:
            checks = {k: spec.number(v) for k, v in a.get("checks", {}).items()}
            if checks.get("max", 0) > 32767:
                found[wide(checks)] = (checks.get("min", 0), checks["max"])
    return found


def func(op, suffix):
    return "pp_nl_%s_%s" % (op["name"].replace("-", "_"), suffix)


def header(spec):
    out = [NOTE, "#ifndef PKTPATH_CTL_NETLINK_GEN_H\n",
           "#define PKTPATH_CTL_NETLINK_GEN_H\n\n",
           "#include <net/genetlink.h>\n#include <uapi/linux/pktpath.h>\n\n"]
    for op in spec.ops:
        if "do" in op:
            out.append("int %s(struct sk_buff *skb, struct genl_info *info);\n"
                       % func(op, "doit"))
        if "dump" in op:
            name = "int %s(" % func(op, "dumpit")
            out.append("%sstruct sk_buff *skb,\n\t%sstruct netlink_callback "
                       "*cb);\n" % (name, "\t" * ((len(name) - 8) // 8) +
                                    " " * (len(name) % 8)))
    nops = sum(1 for op in spec.ops if "do" in op or "dump" in op)
    out.append("\n#define PKTPATH_NL_NOPS %d\n\n" % nops)
    out.append("extern const struct genl_ops pp_nl_ops[PKTPATH_NL_NOPS];\n\n"
               "#endif\n")
    return "".join(out)


def source(spec):
    out = [NOTE.replace("/* SPDX-License-Identifier: GPL-2.0 */",
                        "// SPDX-License-Identifier: GPL-2.0", 1)]
    out.append('#include "ctl/netlink_gen.h"\n')
    for name, (low, high) in sorted(wide_ranges(spec).items()):
        # not const: the oldest kernel's struct nla_policy wants it so
        out.append("\nstatic struct netlink_range_validation %s = {\n"
                   "\t.min = %d,\n\t.max = %d,\n};\n" % (name, low, high))
    for name in sorted({a["nested-attributes"] for s in spec.sets.values()
                        for a in s["attributes"] if "nested-attributes" in a}):
        attrs = spec.sets[name]["attributes"]
        out.append("\nstatic const struct nla_policy %s[%s + 1] = {\n"
                   % (nested(name), spec.attr(name, attrs[-1]["name"])))
        for a in attrs:
            out.append("\t[%s] = %s,\n" % (spec.attr(name, a["name"]),
                                           spec.policy(a)))
        out.append("};\n")
    for op in spec.ops:
        if "do" not in op and "dump" not in op:
            continue
        attrs = spec.requests(op)
        if not attrs:
            out.append("\nstatic const struct nla_policy %s[1 + 1] = {};\n"
                       % func(op, "policy"))
            continue
        last = spec.attr(op["attribute-set"], attrs[-1]["name"])
        out.append("\nstatic const struct nla_policy %s[%s + 1] = {\n"
                   % (func(op, "policy"), last))
        for a in attrs:
            out.append("\t[%s] = %s,\n"
                       % (spec.attr(op["attribute-set"], a["name"]),
                          spec.policy(a)))
        out.append("};\n")
    out.append("\nconst struct genl_ops pp_nl_ops[PKTPATH_NL_NOPS] = {\n")
    for op in spec.ops:
        if "do" not in op and "dump" not in op:
            continue
        attrs = spec.requests(op)
        last = (spec.attr(op["attribute-set"], attrs[-1]["name"])
                if attrs else "1")
        out.append("\t{\n\t\t.cmd = %s,\n" % spec.cmd(op))
        if "do" in op:
            out.append("\t\t.doit = %s,\n" % func(op, "doit"))
        if "dump" in op:
            out.append("\t\t.dumpit = %s,\n" % func(op, "dumpit"))
        out.append("\t\t.policy = %s,\n\t\t.maxattr = %s,\n"
                   % (func(op, "policy"), last))
        if "uns-admin-perm" in op.get("flags", []):
            out.append("\t\t.flags = GENL_UNS_ADMIN_PERM,\n")
        out.append("\t},\n")
    out.append("};\n")
    return "".join(out)


def uapi_enums(text):
    """Every enumerator of the header by name, with its number."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    found = {}
    for body in re.findall(r"enum\s+\w+\s*\{(.*?)\}", text, flags=re.S):
        for i, name in enumerate(x.strip() for x in body.split(",")):
            if name and "=" not in name:
                found[name] = i
    for name, num in re.findall(r"#define\s+(\w+)\s+(0x[0-9a-f]+|\d+)", text):
        found[name] = int(num, 0)
    return found


def check_uapi(spec):
    with open(UAPI, encoding="ascii") as f:
        have = uapi_enums(f.read())
    want = {spec.cmd(op): i + 1 for i, op in enumerate(spec.ops)}
    for aset in spec.sets.values():
        for i, a in enumerate(aset["attributes"]):
            want[spec.attr(aset["name"], a["name"])] = i + 1
    for d in spec.raw["definitions"]:
        prefix = {"dev-flags": "PKTPATH_DEV_", "acd": "PKTPATH_ADDR_ACD_",
                  "mode": "PKTPATH_MODE_",
                  "sock-flags": "PKTPATH_SOCK_",
                  "sock-want": "PKTPATH_SOCK_WANT_",
                  "fault-action": "PKTPATH_FAULT_",
                  "fault-where": "PKTPATH_FAULT_"}.get(d["name"])
        for i, e in enumerate(d.get("entries", [])):
            want[prefix + macro(e)] = 1 << i if d["type"] == "flags" else i
    bad = ["%s: header %s, specification %s" % (k, have.get(k), v)
           for k, v in want.items() if have.get(k) != v]
    extra = [k for k in have
             if re.match(r"PKTPATH_(A|CMD)_", k) and k not in want and
             not k.endswith("_UNSPEC")]
    return bad + ["%s: not in the specification" % k for k in extra]


# The calls that put an attribute into a message, and those that put several.
PUT = re.compile(r"\b(?:nla_put\w*|nla_nest_start|pp_nl_put_ifname|"
                 r"sock_diag_put_meminfo)\(\s*\w+,\s*(?:\w+,\s*)?"
                 r"(PKTPATH_A_\w+)")
PUTS = re.compile(r"\bpp_nl_sock_(?:numbers|answer)\(([^;{]*);")


def check_replies(spec):
    """Set by set, as which operation a put belongs to is not told by the text."""
    want = set()
    for op in spec.ops:
        for mode in (op.get("do", {}).get("reply"),
                     op.get("dump", {}).get("reply"), op.get("event")):
            for name in (mode or {}).get("attributes", []):
                aset = op["attribute-set"]
                want.add(spec.attr(aset, name))
                inner = spec.sets[aset]["by_name"][name].get(
                    "nested-attributes")
                if inner:
                    want.update(spec.attr(inner, a["name"])
                                for a in spec.sets[inner]["attributes"])
    have = set()
    for path in glob.glob(os.path.join(HERE, "*.c")):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        have.update(PUT.findall(text))
        for args in PUTS.findall(text):
            have.update(re.findall(r"PKTPATH_A_\w+", args))
    return (["%s: sent, but in no reply of the specification" % k
             for k in sorted(have - want)] +
            ["%s: in a reply of the specification, but not sent" % k
             for k in sorted(want - have)])


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    with open(os.path.join(HERE, "pktpath.yaml"), encoding="ascii") as f:
        spec = Spec(f.read())
    errors = check_uapi(spec) + check_replies(spec)
    for name, text in (("netlink_gen.h", header(spec)),
                       ("netlink_gen.c", source(spec))):
        path = os.path.join(HERE, name)
        if not check:
            with open(path, "w", encoding="ascii") as f:
                f.write(text)
            continue
        with open(path, encoding="ascii") as f:
            if f.read() != text:
                errors.append("%s: not what gen.py makes" % name)
    for e in errors:
        print("gen.py: " + e, file=sys.stderr)
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
