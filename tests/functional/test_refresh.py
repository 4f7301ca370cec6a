"""The system refresh: stages in their order, what a failure leads to, cancelling it, and the status of everything."""

from harness import Events, contains, equal, holds, ok, on_both_stores, refused, until
from things import (change, import_csv, import_customers, make_export, make_folder, make_segment, make_sftp, rule, start_import, wait_run)


def refresh(server):
    job = ok(server.admin.post("refresh"), 202)
    return until("the refresh ends", lambda: (lambda j: j if j["ended_at"] else None)(ok(server.admin.get("jobs/" + job["id"]))))


def tasks_of(job):
    return {t["subject"]["id"]: t for s in job["stages"] for t in s["tasks"]}


@on_both_stores
def test_an_upstream_failure(make_server):
    """SCH-06, SCH-07, SCH-36, SYS-07: exports of a segment that cannot be refreshed are skipped and name it; the others run"""
    server = make_server()
    import_customers(server.admin)
    broken = make_segment(server.admin, rule("zip", "equals", "90210"))
    sound = make_segment(server.admin, rule("Country", "equals", "US"))
    folder = make_folder(server.admin)
    first = make_export(server.admin, folder, [broken["name"]])
    second = make_export(server.admin, folder, [sound["name"]])
    rows = "CustomerId,Country\nA,US\nB,DE\n"
    import_csv(server.admin, rows, "Customer", "CustomerId", replace=True)
    change(server.admin, "exports/" + second["id"], {"columns": {}})
    job = refresh(server)
    equal(job["state"], "completed_with_errors", "the refresh")
    tasks = tasks_of(job)
    equal(tasks[broken["id"]]["state"], "failed", "the segment")
    skipped = tasks[first["id"]]
    equal((skipped["state"], skipped["skipped_because"]["id"], skipped["error"]["reason"]), ("skipped", tasks[broken["id"]]["id"], "run.upstream_failed"), "its export")
    contains(skipped["error"]["detail"], broken["display_name"], "it names the segment")
    equal(tasks[second["id"]]["state"], "succeeded", "the other export")
    stage = next(s for s in job["stages"] if s["name"] == "exports")
    equal((stage["total"], stage["done"], stage["skipped"], stage["failed"]), (2, 2, 1, 0), "the stage in numbers")


def test_a_refresh_cancelled(make_server, make_sshd):
    """SYS-08, SYS-13, EXP-69, SCH-11, C-120: one refresh at a time; cancelling stops what runs and what waits, and nothing of it comes back"""
    server, sshd = make_server(), make_sshd()
    import_customers(server.admin)
    segment = make_segment(server.admin, rule("Country", "equals", "US"))
    connection = make_sftp(server.admin, sshd)
    exports = [make_export(server.admin, connection, [segment["name"]]) for _ in range(6)]
    with sshd.frozen():
        job = ok(server.admin.post("refresh"), 202)
        equal(ok(server.admin.post("refresh"))["id"], job["id"], "asked for again while it runs")
        until("as many exports run as one connection takes", lambda: len([t for t in tasks_of(ok(server.admin.get("jobs/" + job["id"]))).values()
                                                                          if t["state"] == "running" and t["kind"] == "export"]) == 4)
        waiting = [t for t in tasks_of(ok(server.admin.get("jobs/" + job["id"]))).values() if t["state"] == "queued"]
        equal(len(waiting), 2, "of six on one connection four run and two wait")
        refused(server.contributor.post(f"jobs/{job['id']}/cancel"), 403, "request.forbidden")
        ok(server.admin.post(f"jobs/{job['id']}/cancel"))
        ended = until("it ends", lambda: (lambda j: j if j["ended_at"] else None)(ok(server.admin.get("jobs/" + job["id"]))), 15)
    equal(ended["state"], "canceled", "the refresh")
    equal({t["state"] for t in tasks_of(ended).values() if t["kind"] == "export"}, {"canceled"}, "its exports")
    refused(server.admin.post(f"jobs/{job['id']}/cancel"), 409, "job.ended")
    equal([len(ok(server.admin.get("runs?export_id=" + e["id"]))["items"]) for e in exports], [1] * 6, "runs of each")


@on_both_stores
def test_status_of_everything(make_server):
    """SYS-01, SYS-02, SYS-05, SYS-09, SYS-10, SYS-12, SYS-14: tasks in groups with state and time, for every role; it moves by events"""
    server = make_server()
    import_customers(server.admin)
    segment = make_segment(server.admin, rule("Country", "equals", "US"))
    export = make_export(server.admin, make_folder(server.admin), [segment["name"]])
    status = ok(server.viewer.get("status"))
    equal([g["name"] for g in status["groups"]], ["data_sources", "segments", "exports"], "groups")
    equal((status["can"], status["running_job"], status["last_job"]), ([], None, None), "a viewer starts nothing")
    states = {t["subject"]["id"]: t["state"] for g in status["groups"] for t in g["tasks"]}
    equal((states[segment["id"]], states[export["id"]]), ("succeeded", "not_started"), "states")
    events = Events(server.viewer)
    refresh(server)
    events.read_until(b"event: job")
    events.read_until(b"event: run")
    events.close()
    status = ok(server.admin.get("status"))
    equal(status["last_job"]["state"], "succeeded", "the last refresh")
    task = next(t for g in status["groups"] for t in g["tasks"] if t["subject"]["id"] == export["id"])
    equal((task["state"], task["job_id"]), ("succeeded", status["last_job"]["id"]), "the export's task")
    equal(len(ok(server.viewer.get(f"runs?subject_id={export['id']}&trigger=system_refresh"))["items"]), 1, "history of a task")
    equal(ok(server.viewer.get(f"runs?subject_id={export['id']}&to=2020-01-01T00:00:00Z"))["items"], [], "of a period")
    refused(server.viewer.post("refresh"), 403, "request.forbidden")
    refused(server.viewer.get("runs?from=yesterday"), 400, "request.bad_query")


@on_both_stores
def test_upstream_work_comes_first(make_server):
    """EXP-62, SCH-23, EXP-63: an export that is started while its table is imported waits for the import, says so, and delivers the new rows"""
    server = make_server(environment={"SLUICE_WORKERS": "4"})
    rows = lambda n: "id,x\n" + "".join(f"{i},{'v' * 40}\n" for i in range(n))
    import_csv(server.admin, rows(10), "Big", "id")
    export = make_export(server.admin, make_folder(server.admin), ["Big"])
    imported = start_import(server.admin, rows(400_000), "Big", "id", replace=True)
    run = ok(server.admin.post(f"exports/{export['id']}/run"), 202)
    seen = ok(server.admin.get("runs/" + run["id"]))
    if seen["state"] == "queued":
        equal([(w["id"], w["kind"]) for w in seen["waits_for"]], [(imported["id"], "import")], "what it waits for")
    ended = wait_run(server.admin, run)
    imported = wait_run(server.admin, imported)
    holds(ended["started_at"] >= imported["ended_at"], f"it started at {ended['started_at']}, and the import ended at {imported['ended_at']}")
    equal((ended["state"], ended["counts"]["rows_sent"]), ("succeeded", 400_000), "the run")
