"""The history of runs: taken along as a file, and removed when it is old."""

import csv
import io
import time
import urllib.parse

from harness import equal, holds, lacks, ok, on_both_stores, refused, until
from things import change, deliver, import_customers, make_export, make_folder, query, start, wait_run
from test_audit import execute

DAY = 86_400_000_000


def sheet(client, **filters):
    answer = client.get("runs?" + urllib.parse.urlencode(filters | {"format": "csv"}))
    equal((answer.status, answer.headers["content-type"], answer.headers["content-disposition"], answer.headers["cache-control"]),
          (200, "text/csv; charset=utf-8", 'attachment; filename="runs.csv"', "no-store"), "the answer")
    holds(answer.body.startswith(b"\xef\xbb\xbf"), "a byte order mark for spreadsheets")
    return list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))


def broken(server, connection):
    """Something in the way of the folder."""
    folder = server.exports / connection["settings"]["folder"]
    if folder.exists():
        folder.rename(folder.with_name(folder.name + "-kept"))
    folder.write_text("in the way")


@on_both_stores
def test_history_as_csv(make_server, postgres):
    """SYS-15, ROL-39: the list of runs as CSV with the same filters and order, safe for spreadsheets, more than a page of it; causes at the destination are for administrators"""
    server = make_server()
    import_customers(server.admin)
    connection = make_folder(server.admin, display_name="Drop", sharing={"with": "contributors"})
    export = make_export(server.admin, connection, display_name="=HYPERLINK(\"x\")")
    run = deliver(server.contributor, export)
    broken(server, connection)
    failed = wait_run(server.admin, start(server.admin, export))
    equal(failed["state"], "failed", "a run with something in the way")

    rows = sheet(server.admin)
    listed = server.admin.all("runs")
    equal([r["id"] for r in rows], [r["id"] for r in listed], "the same runs as the list has, in its order")
    mine = next(r for r in rows if r["id"] == run["id"])
    for name, value in {"kind": "export", "subject": "'=HYPERLINK(\"x\")", "subject_id": export["id"], "connection": "Drop", "connection_type": "folder",
                        "state": "succeeded", "trigger": "manual", "requested_by": "Contributor One", "defined_by": "administrator", "attempt": "1",
                        "rows_sent": str(run["counts"]["rows_sent"]), "bytes": str(run["counts"]["bytes"]), "files": str(run["counts"]["files"]),
                        "queued_at": run["queued_at"], "started_at": run["started_at"], "ended_at": run["ended_at"],
                        "duration_ms": str(run["duration_ms"]), "reason": "", "detail": ""}.items():
        equal(mine[name], value, f"column {name}")
    equal({r["id"] for r in sheet(server.admin, kind="import")}, {r["id"] for r in listed if r["kind"] == "import"}, "filtered by kind")
    equal([r["id"] for r in sheet(server.admin, state="failed", export_id=export["id"])], [failed["id"]], "filtered by state and task")
    equal([r["id"] for r in sheet(server.admin, **{"from": failed["queued_at"]})], [failed["id"]], "filtered by period")
    equal([r["id"] for r in sheet(server.admin, sort="queued_at")], [r["id"] for r in reversed(listed)], "in another order")
    detail = sheet(server.admin, state="failed")[0]["detail"]
    holds(detail == failed["error"]["detail"], "why, for administrators")
    lacks(sheet(server.viewer, state="failed")[0]["detail"], str(server.data), "why, for others")
    refused(server.viewer.get("runs?format=csv&state=odd"), 400, "request.bad_query")
    refused(server.viewer.get("runs?format=xml"), 400, "request.bad_query")
    refused(server.viewer.get("runs?format=csv&sort=colour"), 400, "request.bad_sort")
    refused(server.anonymous().get("runs?format=csv"), 401, "session.required")

    copies(server, postgres, run["id"], 1205, "0")
    rows = sheet(server.viewer)
    equal(len({r["id"] for r in rows}), len(listed) + 1205, "each run once over all pages")


def copies(server, postgres, run_id, count, days_ago):
    """Makes copies of a run that ended that many days ago; none is the newest of its subject."""
    names = [r[0] for r in query(server, postgres, "SELECT column_name FROM information_schema.columns WHERE table_name = 'runs'"
                                 if postgres is not None else "SELECT name FROM pragma_table_info('runs')")]
    replaced = {"id": "'00000000-0000-7000-8000-' || substr('000000000000' || n.n, length('000000000000' || n.n) - 11)",
                "ended_at": f"ended_at - {days_ago} * {DAY}", "queued_at": f"queued_at - {days_ago} * {DAY}", "job_id": "NULL"}
    picked = ", ".join(replaced.get(name, f"r.{name}") for name in names)
    execute(server, postgres, f"INSERT INTO runs ({', '.join(names)}) WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count}) "
                              f"SELECT {picked} FROM n, runs r WHERE r.id = '{run_id}'")


@on_both_stores
def test_old_history_is_removed(make_server, postgres):
    """SYS-15: what ended before the set time is removed, in batches; the newest run of a subject and what exports compare with stay"""
    server = make_server(environment={"SLUICE_HISTORY_DAYS": "30"})
    import_customers(server.admin)
    connection, other = make_folder(server.admin), make_folder(server.admin)
    export = make_export(server.admin, connection)
    idle = make_export(server.admin, other)
    change(server.admin, "exports/" + idle["id"], {"schedule": {"kind": "off", "rule": None}})
    first, newest = deliver(server.admin, export), deliver(server.admin, export)
    broken(server, connection)
    failures = [wait_run(server.admin, start(server.admin, export)) for _ in range(2)]
    alone = deliver(server.admin, idle)
    job = ok(server.admin.post("refresh"), 202)
    until("the refresh has ended", lambda: ok(server.admin.get("jobs/" + job["id"]))["state"] not in ("queued", "running"))
    # The job's own runs become history with it; those after it keep them from being the newest of their subjects.
    latest = ok(server.admin.post("refresh"), 202)
    until("the second refresh has ended", lambda: ok(server.admin.get("jobs/" + latest["id"]))["state"] not in ("queued", "running"))
    copies(server, postgres, first["id"], 450, "0")
    young = {r["id"] for r in server.admin.all("runs", job_id=latest["id"])}
    server.stop()
    kept_runs = f"(SELECT id FROM runs WHERE job_id = '{latest['id']}')"
    execute(server, postgres, f"UPDATE runs SET files = '[{{\"path\":\"left\",\"rows\":1,\"bytes\":1}}]' WHERE id IN ('{failures[1]['id']}', '{first['id']}')",
            f"UPDATE runs SET ended_at = ended_at - 31 * {DAY} WHERE id NOT IN {kept_runs}",
            f"UPDATE jobs SET ended_at = ended_at - 31 * {DAY} WHERE id = '{job['id']}'",
            "INSERT INTO missed_occurrences (id, kind, subject_id, subject_name, due_at, reason, noted_at) VALUES ('old', 'refresh', '', '', 1, 'x', 1), "
            f"('new', 'refresh', '', '', 1, 'x', {int(time.time() * 1e6)})")
    server.start()
    until("the old runs are gone", lambda: query(server, postgres, "SELECT count(*) FROM runs WHERE id LIKE '00000000-%'") == [["0"]], 60)
    until("the old job is gone", lambda: query(server, postgres, f"SELECT count(*) FROM jobs WHERE id = '{job['id']}'") == [["0"]], 60)
    there = {r["id"] for r in server.admin.all("runs")}
    holds(young and young <= there, "what is young stays")
    for run in (first, failures[0]):
        holds(run["id"] not in there, f"an old run that nothing needs: {run['state']}")
    for run, why in ((newest, "the newest delivery of an export"), (failures[1], "one that left files behind, which the next run removes"),
                     (alone, "the newest run of its subject to another connection")):
        holds(run["id"] in there, why)
    equal(query(server, postgres, "SELECT id FROM missed_occurrences"), [["new"]], "occurrences that were missed")
    equal(ok(server.admin.get("exports/" + idle["id"]))["last_run"]["state"], "succeeded", "what pages show of an export")
