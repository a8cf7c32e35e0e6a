#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""browser.py PAGE DIR LOOKS [--write]: does a browser show a page of
`pktpath trace --html`?

PAGE is loaded from its file, as wide as a phone and as a desk's, in light and
in dark. Its script must run without a complaint, its pictures have what they
are to show, nothing may be wider than the window. What is seen, put into DIR,
is looked at as far as a program can: colours, how light it is, and whether it
looks as it did: LOOKS has the lightness of each cell of a grid laid over each
picture of the page of recording.py. Another browser's fonts may move it by MEAN
(of 255) on average, and by FAR in a part of MANY of the cells. The page without
its styles, or without what its pictures show, must be too far off. --write makes LOOKS anew, for a page that
is to look otherwise. Ends with 4 where no browser is installed.
"""
import html.parser
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import zlib

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser",
            "google-chrome", "google-chrome-stable")
SIZES = {"phone": (390, 844), "desk": (1280, 900)}
SCHEMES = {"light": 1, "dark": 0}
# of what is compared: past the waterfall and the first histograms
TALL, COLS, ROWS = 2400, 32, 96
MEAN, FAR, MANY = 1.2, 24, .01
SPOILT = {"no styles": "", "no bars":
          r"<style>\1 #fall rect, #hists rect, #path path { display: none }</style>"}
CATCH = """<script>
window.complaints = [];
window.onerror = (text) => { window.complaints.push(text); };
document.addEventListener("securitypolicyviolation",
  (e) => { window.complaints.push(e.violatedDirective); });
</script>
"""
TELL = """<script>
{
  const root = document.documentElement, out = document.createElement("pre");
  const wide = [...document.querySelectorAll("body *")].filter((e) =>
    !e.closest(".wide, svg, select") &&
    e.getBoundingClientRect().right > root.clientWidth + 1);
  const small = [...document.querySelectorAll("#path text, #fall text")].filter(
    (e) => e.textContent && e.getBoundingClientRect().height < 11);
  out.id = "told";
  out.textContent = JSON.stringify({ complaints: window.complaints,
    drawn: document.body.dataset.drawn, wide: wide.map((e) => e.tagName),
    small: small.length, scroll: root.scrollWidth, client: root.clientWidth });
  document.body.appendChild(out);
}
</script>
"""


class Content(html.parser.HTMLParser):
    """Counts the elements under each element with an id."""

    def __init__(self):
        super().__init__()
        self.open, self.count, self.text = [], {}, {}

    def handle_starttag(self, tag, attrs):
        ident = dict(attrs).get("id")
        for over in {i for _, i in self.open if i}:
            key = (over, tag)
            self.count[key] = self.count.get(key, 0) + 1
        if tag not in ("meta", "br", "link", "img", "input", "hr"):
            self.open.append((tag, ident))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        for over in {i for _, i in self.open if i}:
            self.text[over] = self.text.get(over, "") + data


def browse(browser, page, scheme, size, *args):
    cmd = [browser, "--headless", "--no-sandbox", "--disable-gpu",
           "--hide-scrollbars", "--enable-logging=stderr", "--v=0",
           "--blink-settings=preferredColorScheme=%d" % SCHEMES[scheme],
           "--window-size=%d,%d" % size, *args, "file://" + page]
    done = subprocess.run(cmd, capture_output=True, check=True, timeout=300)
    said = [line for line in done.stderr.decode("utf-8", "replace").split("\n")
            if ":CONSOLE" in line]
    assert not said, said
    return done.stdout.decode()


def png(path):
    """Width, height, bytes a pixel and rows of a picture as browsers write it."""
    with open(path, "rb") as f:
        data = f.read()
    at, packed, head = 8, b"", None
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            head = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            packed += body
        at += 12 + size
    width, height, depth, colour, _, _, interlaced = head
    assert depth == 8 and colour in (2, 6) and not interlaced, head
    bpp = 3 if colour == 2 else 4
    raw, last, rows = zlib.decompress(packed), bytes(width * bpp), []
    for y in range(height):
        at = y * (width * bpp + 1)
        last = unfilter(raw[at], bytearray(raw[at + 1:at + 1 + width * bpp]),
                        last, bpp)
        rows.append(last)
    return width, height, bpp, rows


def unfilter(kind, row, last, bpp):
    for i in range(len(row) if kind else 0):
        left = row[i - bpp] if i >= bpp else 0
        up, corner = last[i], last[i - bpp] if i >= bpp else 0
        if kind == 1:
            add = left
        elif kind == 2:
            add = up
        elif kind == 3:
            add = (left + up) // 2
        else:
            guess = left + up - corner
            add = min((abs(guess - left), 0, left), (abs(guess - up), 1, up),
                      (abs(guess - corner), 2, corner))[2]
        row[i] = (row[i] + add) & 255
    return bytes(row)


def light(pixel):
    return (299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2]) / 1000


def grid(path):
    """The mean lightness of each cell, row by row."""
    width, height, bpp, rows = png(path)
    cells = []
    for y in range(ROWS):
        part = rows[height * y // ROWS:height * (y + 1) // ROWS]
        for x in range(COLS):
            a, b = width * x // COLS * bpp, width * (x + 1) // COLS * bpp
            sums = [sum(sum(row[a + i:b:bpp]) for row in part)
                    for i in range(3)]
            cells.append(light(sums) * bpp / (len(part) * (b - a)))
    return cells


def off(cells, known):
    """How far from known: by how much on average, in which part by much."""
    far = [abs(a - b) for a, b in zip(cells, known, strict=True)]
    return sum(far) / len(far), sum(f > FAR for f in far) / len(far)


def alike(far):
    return far[0] <= MEAN and far[1] <= MANY


def looks(path):
    """A line with the name of a picture, then its rows, a byte a cell."""
    known, name = {}, None
    with open(path, encoding="ascii") as f:
        for line in f.read().split("\n"):
            if re.fullmatch(r"[a-z]+-[a-z]+", line):
                name = line
                known[name] = []
            elif line and not line.startswith("#"):
                known[name] += bytes.fromhex(line)
    return known


def write_looks(path, known):
    with open(path, "w", encoding="ascii") as f:
        f.write("# Written by browser.py --write: how light the page is\n")
        for name, cells in known.items():
            f.write(name + "\n")
            row = bytes(round(c) for c in cells)
            for y in range(0, len(row), COLS):
                f.write(row[y:y + COLS].hex() + "\n")


def seen(path, size):
    """Looks at a picture; its mean lightness."""
    width, height, bpp, rows = png(path)
    assert (width, height) == size, (width, height)
    count = {}
    for row in rows:
        for i in range(0, len(row), bpp):
            pixel = tuple(row[i:i + 3])
            count[pixel] = count.get(pixel, 0) + 1
    ground = max(count.values()) / (width * height)
    assert len(count) > 50, "%s: %d colours" % (path, len(count))
    assert .3 < ground < .97, "%s: %.2f are of one colour" % (path, ground)
    blue = sum(n for (r, _, b), n in count.items() if b > r + 40)
    assert blue > width * height / 500, "%s: no lines, no bars" % path
    busy = [y for y, row in enumerate(rows) if row != row[:bpp] * width]
    assert busy and busy[-1] > height * .8, "%s: ends at %d" % (path, busy[-1])
    return sum(light(p) * n for p, n in count.items()) / (width * height)


def content(dom, data):
    c = Content()
    c.feed(dom)
    stages = len({s["stage"] for s in data["sums"]})
    # a box a stage, a line a way; a bar a step; a picture a stage
    assert c.count["path", "rect"] == len(data["stages"]), c.count
    assert c.count["path", "path"] >= 20, c.count
    assert c.count["fall", "rect"] == len(data["journeys"][0]["steps"]), c.count
    assert c.count["pick", "option"] == len(data["journeys"]), c.count
    assert c.count["hists", "svg"] == stages, c.count
    assert c.count["hists", "rect"] >= 3 * stages, c.count
    assert c.count["stages", "tr"] == 1 + stages, c.count
    assert c.count["drops", "tr"] == 1 + len(data["drops"]) > 1, c.count
    for drop in data["drops"]:
        assert drop["cause"] in c.text["drops"], c.text["drops"]
    told = json.loads(c.text["told"])
    assert told["drawn"] == "yes" and not told["complaints"], told
    assert not told["wide"] and told["scroll"] <= told["client"], told
    assert not told["small"], told


def shown(browser, page, where, data, marked):
    """Looks at all pictures of the page."""
    for name, size in SIZES.items():
        mean = {}
        for scheme in SCHEMES:
            content(browse(browser, marked, scheme, size, "--dump-dom"), data)
            shot = os.path.join(where, "%s-%s.png" % (name, scheme))
            browse(browser, page, scheme, size, "--screenshot=" + shot)
            mean[scheme] = seen(shot, size)
        print("# %s: lightness %.0f, in dark %.0f" %
              (name, mean["light"], mean["dark"]))
        assert mean["dark"] < 80 < 170 < mean["light"], mean


def grids(browser, page, where):
    """Of the page from its top, as wide as each and in either scheme."""
    found = {}
    shot = os.path.join(where, "tall.png")
    for name, size in SIZES.items():
        for scheme in SCHEMES:
            browse(browser, page, scheme, (size[0], TALL),
                   "--screenshot=" + shot)
            found[name + "-" + scheme] = grid(shot)
    return found


def compare(what, found, known):
    """Is each as it was?"""
    assert set(known) == set(found), known.keys()
    fars = {name: off(cells, known[name]) for name, cells in found.items()}
    for name, far in fars.items():
        print("# %s, %s: off by %.2f, %.3f far" % (what, name, *far))
    return [alike(far) for far in fars.values()]


def main():
    page, where, path = (os.path.abspath(a) for a in sys.argv[1:4])
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        print("no browser: scripts/setup --browser installs one")
        sys.exit(4)
    with open(page, encoding="utf-8") as f:
        text = f.read()
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.S)[1])
    marked = os.path.join(where, "marked.html")
    with open(marked, "w", encoding="utf-8") as f:
        f.write(text.replace("<style>", CATCH + "<style>", 1)
                .replace("</body>", TELL + "</body>", 1))
    shown(browser, page, where, data, marked)
    found = grids(browser, page, where)
    if "--write" in sys.argv:
        write_looks(path, found)
    known = looks(path)
    assert all(compare("page", found, known)), "it does not look as it did"
    spoilt = os.path.join(where, "spoilt.html")
    for what, style in SPOILT.items():
        with open(spoilt, "w", encoding="utf-8") as f:
            f.write(re.sub("(?s)<style>(.*?)</style>", style, text, count=1))
        assert not any(compare(what, grids(browser, spoilt, where), known)), \
            what


main()
