#!/usr/bin/env python3
"""Who may include whom. The table below is the architecture; this script holds the code to it, both ways: an include that
the table does not allow is a fault, and so is an allowed edge that nobody uses any more. Also: third-party headers only in
the folders that own them, Secret::expose() only where secrets are used, and the limits of file and function size.

A red result is a conversation about design: move the function down, pass a value instead of an object, read a view instead
of a neighbour's table, and last of all an ADR for a new edge."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"

# unit -> units whose headers it may include (besides its own)
ALLOWED = {
    "base": "",
    "crypto": "base",
    "db": "base",
    "http": "base",
    "net": "base",
    "data": "base",
    "manifest": "base",
    "drivers": "base crypto manifest net",
    "features/audit": "base db http data crypto",
    "features/auth": "base db http crypto features/audit",
    "features/vault": "base db crypto",
    "features/connections": "base db http manifest drivers net features/vault features/audit",
    "features/runs": "base db http data features/audit",
    "features/tables": "base db http data features/runs features/audit",
    "features/ledger": "base crypto data",
    "features/exports": "base db http data drivers manifest features/ledger features/connections features/tables features/runs features/schedules features/audit",
    "features/notices": "base db http net crypto features/vault features/auth features/audit features/runs",
    "features/diagnostics": "base http features/runs",
    "features/schedules": "base db http features/audit",
    "server": "base crypto db http net manifest features/audit features/auth features/vault features/connections features/runs "
              "features/tables features/exports features/schedules features/notices features/diagnostics",
    "cli": "base server",
}
# Headers of a feature that no other feature may see.
PRIVATE = {"store.h", "plan.h", "delivery.h", "history.h", "errors.h", "results.h", "rejects.h", "request_log.h", "row_map.h", "row_survey.h",
           "row_delivery.h", "rows_run.h", "calendar.h", "outbox.h", "import_plan.h",
           "file.h", "format.h", "impl.h", "manifest.h", "outcome_log.h", "segment.h", "spill.h"}

# first part of a third-party include -> units that may use it (tests may use gtest anywhere)
THIRD_PARTY = {
    "nlohmann": "base", "sodium.h": "crypto", "sqlite3.h": "db", "libpq-fe.h": "db drivers", "boost": "http", "libssh": "drivers",
    "isa-l": "data", "isa-l.h": "data", "zlib.h": "data", "immintrin.h": "data db http", "yaml-cpp": "manifest", "curl": "cli net",
    "CLI": "cli", "fmt": "data", "openssl": "crypto data net", "unicode": "data", "phonenumbers": "data", "benchmark": "http data db", "gtest": "*", "gmock": "*", "iconv.h": "data",
}
EXPOSE = ("net", "drivers", "crypto", "features/vault")
FILE_LINES, FUNCTION_LINES = 800, 80


def unit_of(path):
    parts = path.relative_to(SRC).parts
    return "/".join(parts[:2]) if parts[0] == "features" else parts[0]


def include_unit(include):
    parts = include.split("/")
    if parts[0] == "features" and len(parts) > 2:
        return "/".join(parts[:2])
    return parts[0] if (SRC / parts[0]).is_dir() and len(parts) > 1 else None


def long_functions(path, text):
    """Definitions at namespace scope, by clang-format's own layout: they end with a brace in the first column."""
    start = None
    for number, line in enumerate(text.split("\n"), 1):
        if start is None and line and not line[0].isspace() and line.rstrip().endswith("{") and "(" in line:
            start = number
        elif line.startswith("}") and start is not None:
            if number - start > FUNCTION_LINES:
                yield start, number - start
            start = None
        elif start is None and line and not line[0].isspace() and "(" in line and not line.rstrip().endswith(";"):
            pass


def main():
    faults, used = [], set()
    for path in sorted(SRC.rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        name, unit = path.relative_to(ROOT), unit_of(path)
        text = path.read_text()
        is_test = path.stem.endswith("_test") or path.stem.endswith("_bench")
        if unit not in ALLOWED:
            faults.append(f"{name}: the folder {unit} is not in the table of tools/check_layers.py")
            continue
        allowed = set(ALLOWED[unit].split())
        for number, line in enumerate(text.split("\n"), 1):
            match = re.match(r'\s*#include\s+([<"])([^>"]+)[>"]', line)
            if not match:
                continue
            kind, include = match.groups()
            target = include_unit(include) if kind == '"' else None
            if target and target != unit:
                used.add((unit, target))
                if target not in allowed and not is_test:
                    faults.append(f"{name}:{number}: {unit} may not include {target} ({include})")
                if target.startswith("features/") and pathlib.PurePath(include).name in PRIVATE:
                    faults.append(f"{name}:{number}: {include} is private to its folder")
            first = include.split("/")[0]
            owners = THIRD_PARTY.get(first)
            if kind == "<" and owners is not None and owners != "*" and unit not in owners.split() and not is_test:
                faults.append(f"{name}:{number}: <{include}> belongs to {owners}")
        if ".expose()" in text and unit not in EXPOSE and not is_test and unit != "base":
            faults.append(f"{name}: expose() may be used only under {', '.join(EXPOSE)}")
        lines = text.count("\n")
        if lines > FILE_LINES:
            faults.append(f"{name}: {lines} lines; split it (at most {FILE_LINES})")
        for start, length in long_functions(path, text):
            faults.append(f"{name}:{start}: a function of {length} lines (at most {FUNCTION_LINES})")
    for unit, allowed in ALLOWED.items():
        for target in allowed.split():
            if (unit, target) not in used:
                faults.append(f"tools/check_layers.py: {unit} -> {target} is allowed but not used; take it off the list")
    for fault in faults:
        print(fault)
    edges = len(used)
    print(f"layers: {len(ALLOWED)} units, {edges} edges, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
