"""Runs: started, watched, cancelled, refused; and what lies at the destination meanwhile."""

import json
import os
import pathlib
import threading
import time

from harness import Events, contains, equal, holds, ok, on_both_stores, refused, unique, until
from things import (ENDED, SHARED, big_table, change, customers, deliver, delivered, files_below, make_export, make_folder, make_sftp, model_of,
                    remove, rule,
                    make_segment, sftp_settings, start, wait_run, wait_running)


def visible(folder):
    """Files under their final names."""
    return [name for name in files_below(folder) if not pathlib.PurePath(name).name.startswith(".")]


def parts(folder):
    """Files that are being written."""
    return [name for name in files_below(folder) if pathlib.PurePath(name).name.startswith(".")]


@on_both_stores
def test_what_a_run_tells(server, sshd):
    """EXP-06, EXP-60, EXP-71, EXP-72, EXP-81: start, end, rows, bytes, files, per table, and who started it"""
    segment = make_segment(server.admin, rule("Partner", "equals", "Yes"))
    connection = make_sftp(server.admin, sshd, **SHARED)
    export = make_export(server.admin, connection, ["Customer", segment["name"]], settings={"compression": "none", "files": 2})
    queued = start(server.contributor, export)
    equal((queued["kind"], queued["trigger"], queued["requested_by"]["id"]), ("export", "manual", server.contributor.user["id"]),
          "a run when it was asked for")
    run = wait_run(server.viewer, queued)
    _, rows = customers()
    equal(run["subject"], {"id": export["id"], "display_name": export["display_name"]}, "subject")
    equal(run["defined_by"]["id"], server.admin.user["id"], "who defined it")
    holds(run["queued_at"] <= run["started_at"] <= run["ended_at"] and run["duration_ms"] >= 0, "times are in order")
    equal(run["counts"]["rows_read"], len(rows) + segment["members"], "rows read")
    equal(run["counts"]["rows_sent"], run["counts"]["rows_read"], "rows sent")
    equal(run["counts"]["files"], 5, "files, with model.json")
    equal([(t["name"], t["state"], t["rows_sent"], t["files"]) for t in run["tables"]],
          [("Customer", "succeeded", len(rows), 2), (segment["name"], "succeeded", segment["members"], 2)], "tables")
    model_bytes = (model_of(sshd.folder, run)[1] / "model.json").stat().st_size
    equal(run["counts"]["bytes"], sum(f["bytes"] for f in run["files"]) + model_bytes, "bytes")
    after = ok(server.viewer.get("exports/" + export["id"]))
    equal((after["refreshed_at"], after["last_run"]["id"]), (run["ended_at"], run["id"]), "Refreshed")
    equal(after["version"], export["version"], "a run is no change of the export")


@on_both_stores
def test_failed_runs_do_not_move_refreshed(server, make_sshd):
    """EXP-73, EXP-81: a failed run tells the service's error and leaves Refreshed as it was"""
    sshd = make_sshd()
    os.mkdir(sshd.folder / "in")
    sshd.own(sshd.folder / "in")
    connection = make_sftp(server.admin, sshd, sftp_settings(sshd, folder="in"))
    export = make_export(server.admin, connection)
    good = deliver(server.admin, export)
    (sshd.folder / "in").rename(sshd.folder / "out")
    run = deliver(server.admin, export, "failed")
    equal(run["error"]["reason"], "sftp.folder_missing", "reason")
    contains(run["error"]["detail"], "'in'", "which folder")
    equal((run["counts"]["rows_sent"], run["files"]), (0, []), "what was sent")
    equal(ok(server.admin.get("exports/" + export["id"]))["refreshed_at"], good["ended_at"], "Refreshed")
    os.mkdir(sshd.folder / "in", 0o555)
    run = deliver(server.admin, export, "failed")
    equal(run["error"]["reason"], "sftp.permission_denied", "reason of a folder without the right to write")


def test_two_triggers_give_one_run(server, sshd):
    """CON-56, CON-76, EXP-25, EXP-65, EXP-78: many triggers at once give one run, and all are told of it; a running export is neither started twice, edited in flight, removed nor disconnected"""
    connection = make_sftp(server.admin, sshd, **SHARED)
    export = make_export(server.admin, connection)
    path = "exports/" + export["id"]
    with sshd.frozen():
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(server.contributor.post(path + "/run"))) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal(sorted(a.status for a in answers), [200] * 11 + [202], "answers to twelve triggers")
        equal(len({a.json["id"] for a in answers}), 1, "runs they tell of")
        run = answers[0].json
        until("the run is taken", lambda: ok(server.admin.get("runs/" + run["id"]))["state"] == "running")
        equal(ok(server.admin.post(path + "/run"))["id"], run["id"], "another trigger while it runs")
        refused(server.admin.delete(path, 1), 409, "export.running", "Cancel it")
        refused(server.admin.post(path + "/disconnect"), 409, "export.running")
        refused(server.admin.delete("connections/" + connection["id"], 1), 409, "connection.in_use")
        change(server.admin, path, {"columns": {"Customer": ["CustomerId"]}})
        change(server.admin, "connections/" + connection["id"], {"settings": sftp_settings(sshd, folder="not/there"),
                                                                 "secrets": {"password": {"keep": True}}})
    run = wait_run(server.admin, run)
    equal(run["state"], "succeeded", f"the run, with the settings it began with ({run['error']})")
    equal(len(delivered(sshd.folder, run, "Customer")[0]), 7, "columns, as they were when it began")
    equal(len(ok(server.admin.get("runs?export_id=" + export["id"]))["items"]), 1, "runs in all")


def test_cancelling_a_waiting_server(server, sshd):
    """EXP-25, EXP-69: a run that waits for a server that does not answer is cancelled within seconds"""
    export = make_export(server.admin, make_sftp(server.admin, sshd))
    with sshd.frozen():
        run = start(server.admin, export)
        until("the run is taken", lambda: ok(server.admin.get("runs/" + run["id"]))["state"] == "running")
        equal(ok(server.admin.get("runs/" + run["id"]))["can"], ["cancel"], "verbs")
        asked = time.monotonic()
        ok(server.admin.post(f"runs/{run['id']}/cancel"))
        ended = wait_run(server.admin, run, 8)
        holds(time.monotonic() - asked < 8, "cancelled within seconds, although the server cannot be tidied up")
    equal((ended["state"], ended["error"], ended["can"]), ("canceled", None, []), "the cancelled run")
    refused(server.admin.post(f"runs/{run['id']}/cancel"), 409, "run.ended")
    remove(server.admin, "exports/" + export["id"])


@on_both_stores
def test_cancelling_in_the_middle(server, make_sshd):
    """EXP-57, EXP-69, EXP-81, BEY-16: cancelled while data flows, nothing of it stays visible and the last delivery stands (C-043)"""
    table = big_table(server)
    sshd = make_sshd()
    connection = make_sftp(server.admin, sshd, **SHARED)
    export = make_export(server.contributor, connection, [table], settings={"compression": "none", "files": 5})
    first = deliver(server.contributor, export)
    before = files_below(sshd.folder)
    model = model_of(sshd.folder, first)[0]
    with sshd.throttled(once=lambda: len(visible(sshd.folder)) > len(before)):
        run = start(server.contributor, export)
        until("one file is whole and another on its way", lambda: len(visible(sshd.folder)) > len(before) and parts(sshd.folder), every=0.005)
        equal(wait_running(server.contributor, run)["state"], "running", "the run while data flows")
        asked = time.monotonic()
        ok(server.contributor.post(f"runs/{run['id']}/cancel"))
        ended = wait_run(server.contributor, run, 10)
        holds(time.monotonic() - asked < 8, f"cancelled after {time.monotonic() - asked:.1f} s")
    equal((ended["state"], ended["files"]), ("canceled", []), "the cancelled run")
    equal(files_below(sshd.folder), before, "files after the cancellation, parts included")
    equal(model_of(sshd.folder, first)[0], model, "model.json")
    equal(ok(server.admin.get("exports/" + export["id"]))["refreshed_at"], first["ended_at"], "Refreshed")
    last = deliver(server.contributor, export)
    equal(len(delivered(sshd.folder, last, table)[1]), 200_000, "rows of the next run")


def test_a_file_appears_only_when_complete(server, make_sshd):
    """EXP-57, EXP-83, BEY-16: a watcher never sees a final name with part of its content, nor a model.json that is not whole (C-042)"""
    table = big_table(server)
    sshd = make_sshd()
    export = make_export(server.admin, make_sftp(server.admin, sshd), [table], settings={"compression": "none", "files": 3})
    sizes, faults, done = {}, [], threading.Event()

    def watch():
        while not done.is_set():
            for name in visible(sshd.folder):
                try:
                    data = (sshd.folder / name).read_bytes() if name.endswith("model.json") else None
                    size = (sshd.folder / name).stat().st_size
                except OSError:
                    continue
                if data is not None:
                    try:
                        json.loads(data)
                    except ValueError:
                        faults.append(f"model.json of {len(data)} bytes is no JSON")
                elif sizes.setdefault(name, size) != size:
                    faults.append(f"{name} grew from {sizes[name]} to {size}")
            time.sleep(0.003)
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        runs = []
        with sshd.throttled(once=lambda: parts(sshd.folder)):
            runs.append(deliver(server.admin, export))
        runs.append(deliver(server.admin, export))
    finally:
        done.set()
        watcher.join()
    equal(faults, [], "what the watcher saw")
    for run in runs:
        equal({f["path"]: f["bytes"] for f in run["files"]}, {f["path"]: sizes[f["path"]] for f in run["files"]}, "sizes when files appeared")


def test_a_server_that_dies_in_the_middle(server, make_sshd):
    """EXP-57, EXP-73, EXP-81, CON-84: a dropped session ends the run with a reason; no partial file is visible; the next run delivers (C-043)"""
    table = big_table(server)
    sshd = make_sshd()
    export = make_export(server.admin, make_sftp(server.admin, sshd), [table], settings={"compression": "none"})
    with sshd.throttled(once=lambda: parts(sshd.folder)):
        run = start(server.admin, export)
        until("a part lies there", lambda: parts(sshd.folder), every=0.005)
        sshd.drop_sessions()
    run = wait_run(server.admin, run)
    if run["state"] == "failed":
        holds(run["error"]["detail"], "the reason")
        equal(visible(sshd.folder), [], "files that are visible after the failure")
        run = deliver(server.admin, export)
    equal(len(delivered(sshd.folder, run, table)[1]), 200_000, "rows in the end")
    equal(parts(sshd.folder), [], "parts that were left behind")


@on_both_stores
def test_events_tell_of_runs(server):
    """SYS-14, UI-18, ROL-33: every role hears of a run from its start to its end, and a listener may come back where it left"""
    export = make_export(server.admin, make_folder(server.admin, **SHARED))
    streams = [Events(server.client(role)) for role in ("administrator", "contributor", "viewer")]
    run = deliver(server.contributor, export)
    for stream in streams:
        text = stream.read_until(b'"state":"succeeded"').decode()
        for state in ("running", "succeeded"):
            contains(text, f'"state":"{state}"', "events of a run")
        contains(text, run["id"], "the run in the events")
        contains(text, "event: run", "the kind of event")
        stream.close()
    equal(server.anonymous().get("events").status, 401, "events for nobody")


@on_both_stores
def test_the_list_of_runs(server):
    """EXP-72, SYS-04: runs by export, kind and state, newest first, in pages, readable by every role"""
    export = make_export(server.admin, make_folder(server.admin))
    made = [deliver(server.admin, export)["id"] for _ in range(4)]
    listed = server.viewer.all("runs", export_id=export["id"], limit=1)
    equal([r["id"] for r in listed], made[::-1], "runs of the export, the newest first")
    equal([r["files"] for r in listed], [[]] * 4, "files are told by the run alone")
    equal(server.viewer.all("runs", export_id=export["id"], state="failed"), [], "failed runs")
    holds(all(r["kind"] == "import" for r in ok(server.viewer.get("runs?kind=import"))["items"]), "imports")
    holds(ok(server.viewer.get("home"))["last_runs"], "last runs of Home")
    refused(server.viewer.get("runs?state=odd"), 400, "request.bad_query")
    refused(server.viewer.get("runs/0192f0c1-1111-7abc-8def-0123456789ab"), 404, "request.not_found")
    holds(all(r["state"] in ENDED for r in listed), "states")


@on_both_stores
def test_several_exports_at_once(server, sshd):
    """CON-04, EXP-63: many exports run side by side over one connection and each delivers all of its own"""
    connection = make_sftp(server.admin, sshd)
    exports = [make_export(server.admin, connection, settings={"files": 1 + n % 3}) for n in range(10)]
    runs = [start(server.admin, export) for export in exports]
    _, rows = customers()
    for run in runs:
        run = wait_run(server.admin, run)
        equal(run["state"], "succeeded", f"state ({run['error']})")
        equal(delivered(sshd.folder, run, "Customer")[1], rows, "rows")


def test_names_make_safe_paths(server):
    """EXP-49: whatever an export is called, its files stay in its folder, and two exports never share one"""
    connection = make_folder(server.admin)
    root = server.exports / connection["settings"]["folder"]
    stem = unique("n")
    names = [f"../{stem}", f".{stem}", f"~{stem}", f"a/b\\{stem}", f"{stem}/../../x", f"Größe 漢字 {stem}", "." * 3 + stem, f"{stem} " + "x" * 60,
             f"a_b_{stem}", f"a%2Fb%5C{stem}", "漢" * 90 + stem, "漢" * 91 + stem]
    runs = [deliver(server.admin, make_export(server.admin, connection, display_name=name)) for name in names]
    folders = {pathlib.PurePath(run["files"][0]["path"]).parts[1] for run in runs}
    equal(len(folders), len(names), f"folders of {len(names)} exports ({sorted(folders)})")
    for run in runs:
        delivered(root, run, "Customer")
        holds(".." not in pathlib.PurePath(run["files"][0]["path"]).parts, "no way up in a path")
