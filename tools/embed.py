#!/usr/bin/env python3
"""Embeds a folder into the binary: embed.py NAME FOLDER OUT.S OUT.cc [--gzip] [--depfile OUT.d]

OUT.S takes the bytes in with .incbin (fast, and marked so that the stack stays non-executable); OUT.cc defines
sluice::embedded::NAME(), the list of files with their paths relative to FOLDER. With --gzip, files that shrink are kept
gzipped too. Hidden files and tests are left out."""
import gzip
import os
import sys

name, folder, out_s, out_cc = sys.argv[1:5]
with_gzip = "--gzip" in sys.argv
files = []
for base, dirs, names in os.walk(folder):
    dirs[:] = sorted(d for d in dirs if not d.startswith(".") and d != "tests")
    for n in sorted(names):
        if not n.startswith("."):
            files.append(os.path.relpath(os.path.join(base, n), folder))

work = os.path.dirname(out_s)
os.makedirs(work, exist_ok=True)
asm = [".section .rodata"]
rows = []
declared = []
for i, path in enumerate(files):
    full = os.path.abspath(os.path.join(folder, path))
    def add(symbol, source):
        asm.append(f'.global {symbol}\n.balign 16\n{symbol}: .incbin "{source}"\n.byte 0')
        declared.append(f"extern const char {symbol}[];")
    symbol = f"embedded_{name}_{i}"
    add(symbol, full)
    size, zipped, zipped_size = os.path.getsize(full), "nullptr", 0
    if with_gzip:
        packed = gzip.compress(open(full, "rb").read(), 9, mtime=0)
        if len(packed) < size * 0.9:
            target = os.path.abspath(os.path.join(work, f"{name}_{i}.gz"))
            with open(target, "wb") as f:
                f.write(packed)
            add(symbol + "_gz", target)
            zipped, zipped_size = symbol + "_gz", len(packed)
    rows.append(f'    {{"{path}", {{{symbol}, {size}}}, {{{zipped}, {zipped_size}}}}},')
asm.append('.section .note.GNU-stack,"",@progbits\n')
body = "\n".join(rows)
text = f'''// Made by tools/embed.py; not edited.
#include "base/embedded.h"

#include <array>

extern "C" {{
{chr(10).join(declared)}
}}

namespace sluice::embedded {{
std::span<const base::EmbeddedFile> {name}() {{
  static const std::array<base::EmbeddedFile, {len(files)}> kFiles = {{{{
{body}
  }}}};
  return kFiles;
}}
}}  // namespace sluice::embedded
'''
open(out_s, "w").write("\n".join(asm))
open(out_cc, "w").write(text)
