#!/usr/bin/env python3
"""The driver http_json beside a hand-written Node client, in one run on one machine: bench/rows.py BUILD [ROWS] [--runs N]
[--only CASE] [--peer 'NAME=COMMAND with {url} {batch} {parallel}, which reads lines of JSON'].

BUILD is a build folder in which `ninja rows_bench rows_sink` ran. Each line is the median; what a service with this latency could take
at most (batch x parallel / latency) stands beside. The sink counts the rows; a count that is not right ends the run."""
import argparse
import json
import os
import pathlib
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
CASES = [(0, 500, 8), (0, 1000, 8), (50, 500, 8), (50, 1000, 8), (50, 500, 32), (50, 1000, 16)]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.load(answer)


def wait_for(port):
    for _ in range(500):
        try:
            return get(port, "/stats")
        except OSError:
            time.sleep(0.01)
    sys.exit("rows_sink does not answer")


def processor():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(port, latency, rows, command, stdin):
    """Rows a second, by the wall clock of the whole command unless it says so itself, and the processor's seconds for a million rows."""
    get(port, f"/reset?latency={latency}")
    start, before = time.monotonic(), processor()
    with open(stdin) as lines:
        out = subprocess.run(command, stdin=lines, capture_output=True, text=True, shell=isinstance(command, str))
    took, busy = time.monotonic() - start, processor() - before
    if out.returncode != 0:
        sys.exit(f"{command}: {out.stderr}")
    stats = get(port, "/stats")
    if stats["rows"] != rows:
        sys.exit(f"{command}: {stats['rows']} of {rows} rows arrived")
    own = json.loads(out.stdout.strip().split("\n")[-1]).get("rows_per_second")
    return own or rows / took, busy / rows * 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("rows", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--only", help="cases that have this in their line, such as 'latency 0 ms'")
    options = parser.parse_args()
    tool = options.build / "src/drivers/rows_bench"
    work = tempfile.mkdtemp(prefix="sluice-rows-")
    port = free_port()
    sink = subprocess.Popen([options.build / "src/drivers/rows_sink", str(port)])
    try:
        wait_for(port)
        lines = f"{work}/rows.ndjson"
        with open(lines, "w") as out:
            subprocess.run([tool, "make", str(options.rows)], stdout=out, check=True)
        peers = dict(one.split("=", 1) for one in options.peer)
        if shutil.which("node"):
            peers.setdefault("node http", f"node {HERE}/rows_client.mjs {{url}} {{batch}} {{parallel}}")
        print(f"{options.rows:,} rows of {os.path.getsize(lines) // options.rows} bytes, median of {options.runs}")
        for latency, batch, parallel in CASES:
            if options.only and options.only not in f"latency {latency} ms, batch {batch}, parallel {parallel}":
                continue
            found = {"sluice": []} | {name: [] for name in peers}
            url = f"http://127.0.0.1:{port}"
            for _ in range(options.runs):  # in turn, so that what else the machine does falls on all
                found["sluice"].append(measure(port, latency, options.rows, [str(tool), "send", url, str(options.rows), str(batch), str(parallel)], os.devnull))
                for name, command in peers.items():
                    filled = command.format(url=url + "/upsert", batch=batch, parallel=parallel)
                    found[name].append(measure(port, latency, options.rows, filled, lines))
            middle = {name: statistics.median(rate for rate, _ in values) for name, values in found.items()}
            busy = {name: statistics.median(seconds for _, seconds in values) for name, values in found.items()}
            most = f", {middle['sluice'] / (batch * parallel / (latency / 1000)):.2f} of what the latency allows" if latency else ""
            beside = "".join(f", {name} {value:,.0f} (x{middle['sluice'] / value:.2f}; {busy[name]:.2f} s)" for name, value in middle.items() if name != "sluice")
            print(f"latency {latency} ms, batch {batch}, parallel {parallel}: {middle['sluice']:,.0f} rows/s ({busy['sluice']:.2f} s of processor a million){most}{beside}", flush=True)
    finally:
        sink.terminate()
        sink.wait()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
