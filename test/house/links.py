#!/usr/bin/env python3
"""What the pages point to is there: the target of every relative link in every Markdown file, with
its heading where one is named; and every name in backticks that begins with a folder of the tree
and looks like a path, from the root or from the page's own folder. In such a name `*`, NAME and CASE
stand for any text.

Usage: links.py ROOT"""
import pathlib
import re
import sys

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
TICKED = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"^(?:\./)?[A-Za-z0-9_.*-]+(?:/[A-Za-z0-9_.*-]+)*/?$")
FENCE = re.compile(r"^( *)(```|~~~).*?^\1\2\s*$", re.M | re.S)
HEADING = re.compile(r"^#+ +(.+?) *$", re.M)
# A path in backticks is held to exist when its first part is one of these.
FOLDERS = ("src", "test", "docs", "agreements", "tools", "bench", "console", ".ci")
# What is made by building or running.
MADE = ("console/dist", "console/node_modules")
SKIPPED = {"node_modules", "build", "var", "dist", ".git"}


def pages(root):
    return [p for p in sorted(root.rglob("*.md")) if not SKIPPED & set(p.relative_to(root).parts)]


def anchor(heading):
    """As GitHub and GitLab make it: lower case, words joined by hyphens, other signs dropped."""
    text = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return text.replace(" ", "-")


def anchors(page):
    return {anchor(h) for h in HEADING.findall(FENCE.sub("", page.read_text()))}


def link_fault(page, target):
    if re.match(r"[a-z]+:", target):
        return None
    name, _, heading = target.partition("#")
    there = (page.parent / name) if name else page
    if not there.exists():
        return f"link to {target}: it does not exist"
    if heading and there.suffix == ".md" and heading not in anchors(there):
        return f"link to {target}: there is no such heading"
    return None


def path_fault(root, page, text):
    name = re.sub(r"\b(NAME|CASE)\b", "*", text.removeprefix("./").rstrip("/"))
    if not PATH.match(text) or "/" not in text or name.split("/")[0] not in FOLDERS:
        return None
    if any(name == made or name.startswith(made + "/") for made in MADE):
        return None
    there = any(any(base.glob(name)) for base in (root, page.parent))
    return None if there else f"`{text}`: it does not exist"


def page_faults(root, page):
    text = FENCE.sub("", page.read_text())
    found = [link_fault(page, target) for target in LINK.findall(text)]
    found += [path_fault(root, page, ticked) for ticked in TICKED.findall(text)]
    return [f"{page.relative_to(root)}: {fault}" for fault in found if fault]


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    every = pages(root)
    found = [fault for page in every for fault in page_faults(root, page)]
    print("\n".join(found + [f"{len(every)} pages, {len(found)} faults"]))
    return 1 if found or not every else 0


if __name__ == "__main__":
    sys.exit(main())
