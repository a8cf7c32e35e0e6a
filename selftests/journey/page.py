#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""page.py FILE: is it a whole page of `pktpath trace --html`?

Its elements must be closed, its data JSON, nothing in it may come from
elsewhere. With node, its script is run on a document that only counts.
"""
import html.parser
import json
import re
import shutil
import subprocess
import sys

VOID = {"meta", "br", "link", "img", "input", "hr"}
STUB = """
let made = 0;
function element() {
  return { dataset: {}, style: {}, selectedIndex: 0, setAttribute() {},
    appendChild(e) { made++; return e; }, textContent: "" };
}
const ids = {};
globalThis.document = {
  getElementById: (id) => ids[id] || (ids[id] = element()),
  createElement: element, createElementNS: element, body: element() };
ids.data = element();
ids.data.textContent = DATA;
SCRIPT
if (document.body.dataset.drawn !== "yes" || made < 50)
  throw new Error("not drawn: " + made);
console.log("# " + made + " elements drawn");
"""


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.texts = [], {}

    def handle_starttag(self, tag, attrs):
        for key, value in attrs:
            assert key not in ("src", "href", "srcset"), (tag, key, value)
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, (tag, self.open[-3:])
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1][0] == "script":
            kind = self.open[-1][1].get("type", "script")
            self.texts[kind] = self.texts.get(kind, "") + data


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        text = f.read()
    page = Page()
    page.feed(text)
    page.close()
    assert not page.open, page.open
    assert "default-src 'none'" in text and "width=device-width" in text
    assert "prefers-color-scheme: dark" in text
    urls = set(re.findall(r"\b\w+://[^\"' ]+", text))
    assert urls <= {"http://www.w3.org/2000/svg"}, urls
    data = json.loads(page.texts["application/json"])
    assert len(data["stages"]) == 21 and data["journeys"], data.keys()
    if not shutil.which("node"):
        print("# no node: the script was not run")
        return
    js = STUB.replace("DATA", json.dumps(page.texts["application/json"]))
    js = js.replace("SCRIPT", page.texts["script"])
    subprocess.run(["node", "-"], input=js.encode(), check=True)


main()
