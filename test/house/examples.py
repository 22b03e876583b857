#!/usr/bin/env python3
"""What README and the guides show after "$ " is what the program prints, white space aside. A block
is an indented one that begins with "$ " and has the program in it. Both streams are compared; the
counts at the end of a feed only where they are shown. Pages that write an agreement down in a json
block have it as tiny/agreement.json. Exits 77 (skipped) without jq.

Usage: examples.py [--accept] ROOT DETENTE     --accept writes into the pages what was printed"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"(?:^ {4}.*\n|^\n(?= {4}))+", re.M)
JSON = re.compile(r"^```json\n(.*?)^```", re.M | re.S)
COUNTS = re.compile(r"^(feed \S+: \S+, \d+ records|\d+ positions, \d+ tracks)")


def is_whole(command):
    run = subprocess.run(["sh", "-n", "-c", command], capture_output=True)
    return run.returncode == 0 and not command.rstrip().endswith(("\\", "|"))


def examples(page):
    """(command, what is shown of its output) in order."""
    for block in BLOCK.findall(page):
        lines = [line[4:] for line in block.strip("\n").splitlines()]
        if not re.match(r"\$ ", lines[0]) or "detente" not in block:
            continue
        found = []
        while lines:
            line = lines.pop(0)
            if not line.startswith("$ "):
                found[-1][1].append(line)
                continue
            command = line[2:]
            while lines and not is_whole(command):
                command += "\n" + lines.pop(0)
            found.append((command, []))
        yield from found


def words(lines):
    return [line.split() for line in lines if line.strip()]


def said(command, folder, shown, environment):
    run = subprocess.run(["sh", "-c", command], cwd=folder, env=environment, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    lines = run.stdout.splitlines()
    if not any(COUNTS.match(line) for line in shown):
        lines = [line for line in lines if not COUNTS.match(line)]
    return lines


def indented(lines):
    return "".join(f"    {line}".rstrip().expandtabs(8) + "\n" for line in lines)


def page_faults(page, root, environment, accept):
    """(faults, how many examples ran)"""
    text, faults, count = page.read_text(), [], 0
    accepted = text
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "agreements").symlink_to(root / "agreements")
        for part in ("tiny", "wrong"):
            (folder / part).mkdir()
        if JSON.search(text):
            (folder / "tiny/agreement.json").write_text(JSON.search(text).group(1))
        for command, shown in examples(text):
            count += 1
            lines = said(command, folder, shown, environment)
            if words(lines) == words(shown):
                continue
            if accept:
                accepted = accepted.replace(indented(shown), indented(lines), 1)
            else:
                faults.append("\n".join([f"{page.relative_to(root)}: $ {command}", "shown:", *shown,
                                         "printed:", *lines]))
    if accepted != text:
        page.write_text(accepted)
    return faults, count


def main():
    if not shutil.which("jq"):
        print("skipped: no jq")
        return 77
    accept = sys.argv[1] == "--accept"
    root, program = (pathlib.Path(path).resolve() for path in sys.argv[-2:])
    environment = dict(os.environ, LC_ALL="C.UTF-8",
                       PATH=f"{program.parent}:{os.environ.get('PATH', '')}")
    faults, count = [], 0
    for page in [root / "README.md", *sorted((root / "docs/guide").glob("*.md"))]:
        found, ran = page_faults(page, root, environment, accept)
        faults, count = faults + found, count + ran
    print("\n\n".join(faults + [f"{count} examples, {len(faults)} that print something else"]))
    return 1 if faults or not count else 0


if __name__ == "__main__":
    sys.exit(main())
