"""Several nodes on one PostgreSQL: killed and frozen at random while they deliver, each run ends once and whole."""

import json
import pathlib
import random
import signal
import time

from harness import equal, holds, ok, on_postgres, until
from things import big_table, delivered, files_below, make_export, make_sftp, model_of, query, start, wait_run, wait_running

LEASE_SECONDS = 15
ROWS = [str(n) for n in range(200_000)]


def cluster(make_server, count):
    """Servers with data folders of their own on one database and one master key."""
    # A sign-in that breaks off under a killed or throttled session is tried again, as in earnest.
    retries = {"SLUICE_RETRY_DELAYS": "1s,2s,4s"}
    nodes = [make_server(environment=retries)]
    for _ in range(count - 1):
        node = make_server(start=False, environment=retries)
        node.store, node.passwords = nodes[0].store, nodes[0].passwords
        node.environment["SLUICE_MASTER_KEY_FILE"] = str(nodes[0].data / "master.key")
        nodes.append(node.start())
    return nodes


def holder(nodes, run, attempt):
    """The node that began this attempt."""
    def began(node):
        for line in node.log().splitlines():
            if "run.started" in line and run["id"] in line and json.loads(line).get("attempt") == attempt:
                return True
        return False
    return until(f"some node tells that it began attempt {attempt}", lambda: next((n for n in nodes if began(n)), None))


def visible(sshd):
    return [f for f in files_below(sshd.folder) if not pathlib.PurePath(f).name.startswith(".")]


def parts(sshd):
    return [f for f in files_below(sshd.folder) if pathlib.PurePath(f).name.startswith(".")]


def is_whole(sshd, run, table):
    equal(run["state"], "succeeded", f"the run ({run['error']})")
    equal([row[0] for row in delivered(sshd.folder, run, table)[1]], ROWS, "rows, none lost and none twice")
    model_of(sshd.folder, run)


@on_postgres
def test_a_frozen_node_wakes_and_acknowledges_nothing(make_server, make_sshd, postgres):
    """EXP-70, EXP-65, BEY-16: another node takes over a run whose node froze; the one that wakes changes neither the run nor what was delivered (C-125, C-126)"""
    nodes, sshd = cluster(make_server, 2), make_sshd()
    table = big_table(nodes[0])
    export = make_export(nodes[0].admin, make_sftp(nodes[0].admin, sshd), [table], settings={"compression": "none", "files": 3})
    with sshd.throttled(once=lambda: len(files_below(sshd.folder)) > 0):
        run = start(nodes[0].admin, export)
        wait_running(nodes[0].admin, run)
        frozen = holder(nodes, run, 1)
        other = next(n for n in nodes if n is not frozen)
        frozen.process.send_signal(signal.SIGSTOP)
        try:
            began = time.monotonic()
            run = wait_run(other.admin, run, 3 * LEASE_SECONDS)
            took = time.monotonic() - began
            is_whole(sshd, run, table)
            equal(run["attempt"], 2, "attempts")
            holds(holder(nodes, run, 2) is other, "the other node took over")
            holds(took > LEASE_SECONDS / 2, f"a lease of {LEASE_SECONDS} s was taken after {took:.0f} s")
            row = query(other, postgres, f"SELECT * FROM runs WHERE id = '{run['id']}'")
            files = {f: (sshd.folder / f).read_bytes() for f in visible(sshd)}
        finally:
            frozen.process.send_signal(signal.SIGCONT)
        until("the node that wakes learns that it lost the run", lambda: "run.lease_lost" in frozen.log())
    equal(query(other, postgres, f"SELECT * FROM runs WHERE id = '{run['id']}'"), row, "the run after the other woke")
    equal({f: (sshd.folder / f).read_bytes() for f in visible(sshd)}, files, "what was delivered after the other woke")
    holds({f["path"] for f in run["files"]} <= set(files), f"the run's files are there: {sorted(files)}")
    until("the woken node serves", lambda: ok(frozen.admin.get("runs/" + run["id"]))["state"] == "succeeded")
    is_whole(sshd, wait_run(frozen.admin, start(frozen.admin, export)), table)


@on_postgres
def test_a_restart_leaves_the_runs_of_others_alone(make_server, make_sshd):
    """EXP-70: a node that is stopped or killed and starts again touches no run whose lease another holds (C-127)"""
    nodes, sshd = cluster(make_server, 2), make_sshd()
    table = big_table(nodes[0])
    export = make_export(nodes[0].admin, make_sftp(nodes[0].admin, sshd), [table], settings={"compression": "none"})
    with sshd.throttled(once=lambda: len(files_below(sshd.folder)) > 0):
        run = start(nodes[0].admin, export)
        wait_running(nodes[0].admin, run)
        busy = holder(nodes, run, 1)
        idle = next(n for n in nodes if n is not busy)
        for end in (idle.kill, idle.stop):
            end()
            idle.start()
            equal(ok(busy.admin.get("runs/" + run["id"]))["attempt"], 1, "attempts after the other's restart")
        run = wait_run(idle.admin, run)
    equal(run["attempt"], 1, "attempts in the end")
    is_whole(sshd, run, table)


@on_postgres
def test_three_nodes_killed_and_frozen_at_random(make_server, make_sshd, postgres):
    """EXP-70, EXP-65, BEY-16: whatever becomes of the nodes, each run ends by itself, whole, and blocks no other (C-125, C-129)"""
    nodes, sshd = cluster(make_server, 3), make_sshd()
    table = big_table(nodes[0])
    connection = make_sftp(nodes[0].admin, sshd)
    exports = [make_export(nodes[0].admin, connection, [table], settings={"compression": "none", "files": 2}) for _ in range(2)]
    rng = random.Random(70)
    for fate in ("kill", "freeze", "kill"):
        alive = rng.choice(nodes)
        before = len(files_below(sshd.folder))
        with sshd.throttled(once=lambda n=before: len(files_below(sshd.folder)) > n):
            runs = [start(alive.admin, export) for export in exports]
            wait_running(alive.admin, runs[0])
            victim = holder(nodes, runs[0], 1)
            witness = next(n for n in nodes if n is not victim)
            time.sleep(rng.uniform(0, 0.4))
            if fate == "kill":
                victim.kill()
            else:
                victim.process.send_signal(signal.SIGSTOP)
            try:
                ended = [wait_run(witness.admin, run, 4 * LEASE_SECONDS) for run in runs]
                for run in ended:
                    is_whole(sshd, run, table)
            finally:
                if fate == "kill":
                    victim.start()
                else:
                    victim.process.send_signal(signal.SIGCONT)
        until("the victim serves again", lambda: ok(victim.admin.get("runs/" + runs[0]["id"])))
    until("parts are taken away", lambda: parts(sshd) == [])
    for run in ok(nodes[0].admin.get("runs?limit=200"))["items"]:
        if run["kind"] == "export":
            equal(run["state"], "succeeded", "a run in the end")
    states = query(nodes[0], postgres, "SELECT count(*) FROM runs WHERE state IN ('queued', 'running', 'retrying', 'needs_approval')")
    equal(states, [["0"]], "runs that never ended")
