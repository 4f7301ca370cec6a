#!/usr/bin/env python3
"""Runs the functional tests against a binary.

    tests/functional/run.py BINARY [--only NAME] [--store sqlite|postgres|both] [--update] [-v]

--only runs the tests whose module or name contains NAME. --update rewrites authz.golden and api.golden. The last line is
`N passed, N failed[, N skipped]`; the exit status is 0 when none failed.
"""

import argparse
import importlib
import inspect
import os
import pathlib
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from harness import Failure, Skipped  # noqa: E402
from resources import OfOneTest, Resources  # noqa: E402


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("binary", type=pathlib.Path)
    p.add_argument("--only", default="")
    p.add_argument("--store", choices=["sqlite", "postgres", "both"], default="both")
    p.add_argument("--update", action="store_true")
    p.add_argument("-v", action="store_true", dest="verbose")
    return p.parse_args()


def discover(only, store):
    """(module, test, store) of everything to run. On PostgreSQL only tests that are marked so run."""
    chosen = []
    for path in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(path.stem)
        for name, test in vars(module).items():
            if not name.startswith("test_") or getattr(test, "__module__", None) != path.stem or only not in f"{path.stem}.{name}":
                continue
            if not test.__doc__:
                raise SystemExit(f"{path.stem}.{name} does not say which requirements it proves")
            if store != "postgres" and not getattr(test, "not_on_sqlite", False):
                chosen.append((path.stem, test, "sqlite"))
            if store != "sqlite" and getattr(test, "on_both_stores", False):
                chosen.append((path.stem, test, "postgres"))
    return chosen


def run_test(test, store, resources):
    mine = OfOneTest(resources, store)
    try:
        test(**mine.arguments(inspect.signature(test).parameters))
        faults = resources.new_faults()
        if faults:
            raise Failure("\n".join(faults))
    finally:
        mine.close()


def explain(failure):
    if isinstance(failure, Failure):
        where = [frame for frame in traceback.extract_tb(failure.__traceback__) if pathlib.Path(frame.filename).name.startswith("test_")]
        return (f"line {where[-1].lineno}: " if where else "") + str(failure)
    return "".join(traceback.format_exception(failure)[-4:])


def main():
    opt = options()
    if opt.update:
        os.environ["UPDATE_GOLDEN"] = "1"
    resources = Resources(opt.binary.resolve())
    passed = failed = skipped = 0
    try:
        for module, test, store in discover(opt.only, opt.store):
            name = f"{module}.{test.__name__} [{store}]"
            started = time.monotonic()
            try:
                run_test(test, store, resources)
                passed += 1
                if opt.verbose:
                    print(f"ok     {name} ({time.monotonic() - started:.1f} s)", flush=True)
            except Skipped as reason:
                skipped += 1
                print(f"skip   {name}: {reason}", flush=True)
            except Exception as failure:
                failed += 1
                print(f"FAILED {name}: {test.__doc__.splitlines()[0]}\n       {explain(failure)}", flush=True)
    finally:
        for fault in resources.close():
            failed += 1
            print(f"FAILED a server: {fault}")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
