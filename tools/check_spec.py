#!/usr/bin/env python3
"""docs/behaviour.md lists the requirements this version meets; each must be named by a test (CON-57 or CON_57 in a title),
and a test may not name one that the document does not know."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ID = re.compile(r"\b(CON|DIS|ROL|EXP|ENR|KV|SCH|SYS|DAT|UI|BEY)[-_](\d{2})(?!\d)")


def ids(text):
    return {f"{a}-{b}" for a, b in ID.findall(text.replace("__", " "))}


def main():
    document = ROOT / "docs/behaviour.md"
    promised = {m.group(1) for m in re.finditer(r"^- ([A-Z]{2,3}-\d{2}) ", document.read_text(), re.M)}
    files = subprocess.run(["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"], capture_output=True, text=True, check=True).stdout.split("\n")
    named = set()
    for file in files:
        path = ROOT / file
        if path.is_file() and (re.search(r"_test\.cc$|\.test\.tsx?$|_suite\.cc$", file) or file.startswith("tests/")) and path.suffix in (".cc", ".h", ".py", ".mjs", ".ts", ".tsx", ".yaml"):
            named |= ids(path.read_text(errors="ignore"))
    untested = sorted(promised - named)
    unknown = sorted(named - promised)
    for one in untested:
        print(f"docs/behaviour.md: {one} is promised, and no test names it")
    for one in unknown:
        print(f"a test names {one}, which docs/behaviour.md does not list")
    print(f"requirements: {len(promised)} promised, {len(promised & named)} named by a test")
    return 1 if untested or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
