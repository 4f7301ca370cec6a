#!/usr/bin/env python3
"""Our figures beside those of the usual tools, in one run on one machine: bench/run.py BINARY [ROWS ...] [--runs N]

Machines differ and drift, so read the ratios: jobs of Sluice and its peers alternate, and each row is a median.
  import   CSV into a keyed table: sluice import, sqlite3 .import
  export   the same table to gzipped CSV on an OpenSSH server: sluice, sqlite3 | igzip | rclone, sqlite3 | gzip | sftp
  api      requests per second of the list of 20 connections (wrk), at rest and while 8 exports run
  start    start to ready, idle memory, size of the binary
Everything is made in a temporary folder and removed."""
import argparse
import csv
import gzip
import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def sh(command, **env):
    return subprocess.run(["bash", "-o", "pipefail", "-c", command], check=True, capture_output=True, text=True, env={**os.environ, **env}).stdout


def tree_rss(pid):
    """Resident bytes of a process and all its children."""
    total, todo = 0, [pid]
    while todo:
        one = todo.pop()
        try:
            total += int(pathlib.Path(f"/proc/{one}/statm").read_text().split()[1]) * resource.getpagesize()
            todo += [int(c) for c in pathlib.Path(f"/proc/{one}/task/{one}/children").read_text().split()]
        except (OSError, ValueError, IndexError):
            pass
    return total


def timed(command, **env):
    """Wall seconds, CPU seconds and peak memory of a whole pipeline."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    process = subprocess.Popen(["bash", "-o", "pipefail", "-c", command], env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak = 0
    while process.poll() is None:
        peak = max(peak, tree_rss(process.pid))
        time.sleep(0.02)
    wall = time.monotonic() - start
    if process.returncode:
        raise SystemExit(f"failed: {command}\n{process.stderr.read().decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak


class Server:
    """sluice serve on a free port, with an administrator."""

    def __init__(self, binary, folder):
        self.folder = folder
        self.env = {**os.environ, "SLUICE_EGRESS_ALLOW": "127.0.0.1"}
        subprocess.run([binary, "user", "add", "--data", folder, "--email", "bench@example.com", "--role", "administrator", "--password-stdin"], input="benchmark-password\n", text=True, check=True, capture_output=True)
        start = time.monotonic()
        self.process = subprocess.Popen([binary, "serve", "--data", folder, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=self.env)
        line = self.process.stdout.readline()
        self.ready_seconds = time.monotonic() - start
        self.port = int(re.search(r":(\d+)\s*$", line).group(1))
        self.cookie = self.csrf = None
        answer, headers = self.call("POST", "/session", {"email": "bench@example.com", "password": "benchmark-password"})
        self.csrf, self.cookie = answer["csrf"], headers["Set-Cookie"].split(";")[0]

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self.cookie:
            headers.update({"Cookie": self.cookie, "X-Sluice-CSRF": self.csrf})
        connection.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        text = response.read()
        if response.status >= 400:
            raise SystemExit(f"{method} {path}: {response.status} {text[:500]}")
        return (json.loads(text) if text else None), response.headers

    def rss(self, field="VmRSS"):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(field + r":\s+(\d+)", text).group(1)) * 1024

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def forget_peak(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def export_once(server, export_id):
    server.forget_peak()
    cpu = server.cpu()
    start = time.monotonic()
    run, _ = server.call("POST", f"/exports/{export_id}/run")
    while run["state"] in ("queued", "running"):
        time.sleep(0.01)
        run, _ = server.call("GET", f"/runs/{run['id']}")
    wall = time.monotonic() - start
    if run["state"] != "succeeded":
        raise SystemExit(f"the export ended as {run['state']}: {run['error']}")
    return (wall, server.cpu() - cpu, server.rss("VmHWM")), run


def row(job, name, samples, rows, baseline=None):
    walls = [s[0] for s in samples]
    median = statistics.median(walls)
    ratio = f"{baseline / median:6.2f}x" if baseline else "  1.00x"
    print(f"{job:8} {name:44} {rows:>10,} rows {median:8.3f} s ({min(walls):.3f}-{max(walls):.3f}) {rows / median:12,.0f} rows/s {ratio} "
          f"cpu {statistics.median(s[1] for s in samples):6.2f} s  peak {max(s[2] for s in samples) / 1e6:7.1f} MB", flush=True)
    return median


def bench_rows(binary, work, sshd, rows, runs, people):
    source = f"{work}/people_{rows}.csv"
    sh(f"{people} {rows} > {source}")
    with open(source) as file:
        columns = next(csv.reader(file))
    database = f"{work}/peer_{rows}.db"
    create = "CREATE TABLE Customer(" + ",".join(c + (" TEXT PRIMARY KEY" if i == 0 else " TEXT") for i, c in enumerate(columns)) + ")"
    folder = f"{work}/data_{rows}"
    ours, peer = [], []
    for i in range(runs):
        shutil.rmtree(folder, ignore_errors=True)
        pathlib.Path(database).unlink(missing_ok=True)
        peer.append(timed(f"sqlite3 {database} '{create}' '.mode csv' '.import --skip 1 {source} Customer'"))
        ours.append(timed(f"{binary} import {source} --table Customer --key CustomerId --data {folder}"))
    base = row("import", "sqlite3 .import", peer, rows)
    row("import", "sluice import", ours, rows, base)

    server = Server(binary, folder)
    try:
        target = {"host": sshd["host"], "port": sshd["port"], "username": sshd["user"], "authentication": "private_key", "folder": f"out_{rows}", "create_folder": True, "host_key": sshd["host_key"]}
        key = pathlib.Path(sshd["private_key"]).read_text()
        connection, _ = server.call("POST", "/connections", {"type": "sftp", "display_name": f"Bench {rows}", "settings": target, "secrets": {"private_key": {"set": key}}, "consent": {"agreed": True, "statement_version": 1}})
        export, _ = server.call("POST", "/exports", {"display_name": f"bench {rows}", "connection_id": connection["id"], "tables": ["Customer"], "settings": {"compression": "gzip", "delimiter": ","}})
        config, hosts = f"{work}/rclone.conf", f"{work}/known_hosts"
        pathlib.Path(hosts).write_text(sh(f"ssh-keyscan -p {sshd['port']} {sshd['host']} 2>/dev/null"))
        pathlib.Path(config).write_text(f"[s]\ntype = sftp\nhost = {sshd['host']}\nport = {sshd['port']}\nuser = {sshd['user']}\nkey_file = {sshd['private_key']}\nknown_hosts_file = {hosts}\nshell_type = none\nmd5sum_command = none\nsha1sum_command = none\n")
        scan = f"sqlite3 -csv -header {database} 'SELECT * FROM Customer'"
        ssh = f"-o UserKnownHostsFile={hosts} -i {sshd['private_key']} -P {sshd['port']}"
        peers = {
            "sqlite3 -csv | igzip | rclone rcat": f"{scan} | igzip -1 -c | rclone rcat s:peer.csv.gz",
            "sqlite3 -csv | gzip -1, then sftp put": f"{scan} | gzip -1 > {work}/p.gz && echo 'put {work}/p.gz peer2.csv.gz' | sftp -q -b - {ssh} {sshd['user']}@{sshd['host']}",
        }
        samples = {name: [] for name in peers}
        samples["sluice"] = []
        run = None
        for i in range(runs):
            for name, command in peers.items():
                samples[name].append(timed(command, RCLONE_CONFIG=config))
            sample, run = export_once(server, export["id"])
            samples["sluice"].append(sample)
        base = None
        for name in peers:
            median = row("export", name, samples[name], rows, base)
            base = base or median
        row("export", "sluice", samples["sluice"], rows, base)
        check_delivered(source, pathlib.Path(sshd["folder"]) / f"out_{rows}", run, rows)
    finally:
        server.stop()
        pathlib.Path(source).unlink()
        pathlib.Path(database).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def check_delivered(source, folder, run, rows):
    """The last delivery, row by row against the source: as text, since the table keeps values as they were written."""
    files = [f for f in run["files"] if f["path"].endswith(".csv.gz")]
    with open(source, newline="") as a, gzip.open(folder / files[0]["path"], "rt", newline="") as b:
        count = sum(1 for x, y in zip(csv.reader(a), csv.reader(b), strict=True) if x == y)
    print(f"check    every row of the delivered file equals the source: {'yes' if count == rows + 1 else 'NO'} ({count - 1:,})", flush=True)
    if count != rows + 1:
        raise SystemExit(1)


def list_rate(server, clients, note):
    out = sh(f"wrk -t2 -c{clients} -d5s --latency -H 'Cookie: {server.cookie}' 'http://127.0.0.1:{server.port}/api/v1/connections?limit=20'")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)
    p99 = re.search(r"99%\s+(\S+)", out).group(1)
    errors = re.search(r"(Non-2xx[^\n]*|Socket errors[^\n]*)", out)
    print(f"api      list of 20 connections, {clients} clients{note}: {float(rate):,.0f} req/s, p99 {p99} {errors.group(1) if errors else ''}", flush=True)


def busy_with_exports(server, count):
    """Keeps `count` exports of the table Customer running, until the returned function is called."""
    ids = []
    for i in range(count):
        connection, _ = server.call("POST", "/connections", {"type": "folder", "display_name": f"Busy {i}", "settings": {"folder": f"busy{i}"}, "consent": {"agreed": True, "statement_version": 1}})
        export, _ = server.call("POST", "/exports", {"display_name": f"Busy {i}", "connection_id": connection["id"], "tables": ["Customer"]})
        ids.append(export["id"])
    done = threading.Event()

    def keep():
        while not done.is_set():
            for export_id in ids:
                server.call("POST", f"/exports/{export_id}/run")
            time.sleep(0.2)
    thread = threading.Thread(target=keep)
    thread.start()
    return lambda: (done.set(), thread.join())


def bench_api(binary, work, people):
    sh(f"{people} 1000000 > {work}/api.csv")
    sh(f"{binary} import {work}/api.csv --table Customer --key CustomerId --data {work}/api")
    server = Server(binary, f"{work}/api")
    try:
        for i in range(20):
            server.call("POST", "/connections", {"type": "folder", "display_name": f"Connection {i}", "settings": {"folder": f"f{i}"}, "consent": {"agreed": True, "statement_version": 1}})
        idle = server.rss()
        for clients in (64, 1000):
            list_rate(server, clients, "")
        rest = busy_with_exports(server, 8)
        time.sleep(2)
        list_rate(server, 16, ", 8 exports running")
        rest()
        print(f"start    to ready {server.ready_seconds:.3f} s, idle {idle / 1e6:.1f} MB, binary {os.path.getsize(binary) / 1e6:.1f} MB", flush=True)
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("rows", nargs="*", type=int, default=[1_000_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=["rows", "api"])
    options = parser.parse_args()
    binary = os.path.abspath(options.binary)
    work = tempfile.mkdtemp(prefix="sluice-bench-")
    sshd = subprocess.Popen([sys.executable, ROOT / "tests/support/sshd.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        facts = json.loads(sshd.stdout.readline())
        people = f"{work}/people"
        sh(f"clang++-19 -O2 -o {people} {ROOT}/bench/people.cc")
        if options.only != "rows":
            bench_api(binary, work, people)
        if options.only != "api":
            for rows in options.rows:
                bench_rows(binary, work, facts, rows, options.runs, people)
    finally:
        sshd.stdin.close()
        sshd.wait(30)
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
