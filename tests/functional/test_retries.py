"""Failures that may pass are tried again, those that may not are final; guards; single tables that fail; dry runs."""

import os
import subprocess
import time

from harness import contains, equal, holds, lacks, ok, on_both_stores, refused, unique, until
from things import (AGREED, SHARED, change, customers, deliver, delivered, export_draft, files_below, import_csv, import_customers, make_export, make_folder, make_segment, make_sftp,
                    raw_text, remove, rule, sftp_settings, start, wait_run, write_sqlite)


def with_retries(make_server, delays):
    server = make_server(environment={"SLUICE_RETRY_DELAYS": delays})
    import_customers(server.admin)
    return server


@on_both_stores
def test_a_server_that_comes_back(make_server, make_sshd):
    """EXP-67, SYS-20: a connection that breaks is tried again after a wait that is shown, and the run then delivers"""
    server, sshd = with_retries(make_server, "1s,1s,1s,1s,1s,1s"), make_sshd()
    connection = make_sftp(server.admin, sshd)
    export = make_export(server.admin, connection)
    sshd.stop()
    run = start(server.admin, export)
    waiting = until("it waits to try again", lambda: (lambda r: r if r["state"] == "retrying" else None)(ok(server.admin.get("runs/" + run["id"]))))
    equal((waiting["attempt"], waiting["max_attempts"], waiting["ended_at"]), (1, 7, None), "the first attempt failed")
    holds(waiting["retry_at"] is not None and waiting["error"]["reason"].startswith("net."), f"it tells why and until when: {waiting['error']}")
    equal(waiting["can"], ["cancel"], "a person may end the waiting")
    again = make_sshd()
    change(server.admin, "connections/" + connection["id"],
           {"settings": sftp_settings(again), "secrets": {"password": {"set": again.password}}, "consent": AGREED})
    ended = wait_run(server.admin, run)
    equal(ended["state"], "succeeded", f"the run ({ended['error']})")
    holds(ended["attempt"] >= 2, "after more than one attempt")
    equal(len(delivered(again.folder, ended, "Customer")[1]), len(customers()[1]), "rows")
    equal(len(ok(server.admin.get("runs?export_id=" + export["id"]))["items"]), 1, "it is one run")


def test_retries_run_out(make_server, make_sshd):
    """EXP-67, SYS-21, C-088: after the last wait the failure is final; a refusal is final at once"""
    server, sshd = with_retries(make_server, "50ms,50ms"), make_sshd()
    export = make_export(server.admin, make_sftp(server.admin, sshd))
    os.mkdir(sshd.folder / "closed", 0o555)
    refused_export = make_export(server.admin, make_sftp(server.admin, sshd, sftp_settings(sshd, folder="closed")))
    final = deliver(server.admin, refused_export, "failed")
    equal((final["attempt"], final["error"]["reason"]), (1, "sftp.permission_denied"), "a refusal is not tried again")
    sshd.stop()
    run = deliver(server.admin, export, "failed")
    equal((run["attempt"], run["max_attempts"], run["retry_at"]), (3, 3, None), "three attempts")


def test_cancelled_while_waiting(make_server, make_sshd):
    """EXP-69, C-120, C-129: a run that waits to try again is cancelled at once and does not come back; the next one is a new run"""
    server, sshd = with_retries(make_server, "1s,1s,1s"), make_sshd()
    export = make_export(server.admin, make_sftp(server.admin, sshd))
    sshd.stop()
    run = start(server.admin, export)
    until("it waits", lambda: ok(server.admin.get("runs/" + run["id"]))["state"] == "retrying")
    equal(ok(server.admin.post(f"runs/{run['id']}/cancel"))["state"], "canceled", "cancelled")
    time.sleep(2)  # longer than the wait: it must not come back
    equal(ok(server.admin.get("runs/" + run["id"]))["attempt"], 1, "attempts")
    holds(start(server.admin, export)["id"] != run["id"], "another run")


@on_both_stores
def test_a_table_that_is_gone(server):
    """EXP-48, EXP-68, SYS-03: a table that does not exist any more is left out with a warning that names it; the others are delivered"""
    name = unique("Gone")
    import_csv(server.admin, "id,x\n1,a\n2,b\n", name, "id")
    folder = make_folder(server.admin)
    export = make_export(server.admin, folder, ["Customer", name])
    where = f"'{name.lower()}'"
    sql = [f"DELETE FROM tables WHERE lower(name) = {where}", f"DELETE FROM table_names WHERE name_folded = {where}"]
    for one in sql:
        write_sqlite(server, one) if server.store is None else write_postgres(server, one)
    run = wait_run(server.admin, start(server.admin, export))
    equal(run["state"], "completed_with_warnings", f"the run ({run['error']})")
    equal([(t["name"], t["state"]) for t in run["tables"]], [("Customer", "succeeded"), (name, "skipped")], "its tables")
    contains(run["warnings"][0]["detail"], name, "the warning")
    contains(ok(server.admin.get("exports/" + export["id"]))["needs_attention"][0]["detail"].lower(), name.lower(), "the export asks for attention")
    remove(server.admin, "exports/" + export["id"])


def write_postgres(server, sql):
    done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, server.store], capture_output=True, text=True)
    equal(done.returncode, 0, done.stderr)


@on_both_stores
def test_many_rows_fewer(server):
    """BEY-10, C-097: a table that shrank by more than 30 %, or is empty, stops the run until an administrator approves the numbers, once"""
    name = unique("Shrinks")
    rows = lambda n: "id,x\n" + "".join(f"{i},v{i}\n" for i in range(n))
    import_csv(server.admin, rows(100), name, "id")
    folder = make_folder(server.admin, **SHARED)
    export = make_export(server.contributor, folder, [name], settings={"compression": "none"})
    deliver(server.contributor, export)
    import_csv(server.admin, rows(75), name, "id", replace=True)
    deliver(server.contributor, export)  # a quarter less is within the share
    import_csv(server.admin, rows(20), name, "id", replace=True)
    before = files_below(server.exports)
    run = start(server.contributor, export)
    waiting = until("it asks", lambda: (lambda r: r if r["state"] == "needs_approval" else None)(ok(server.contributor.get("runs/" + run["id"]))))
    equal((waiting["approval"]["reason"], waiting["approval"]["numbers"]), ("export.mass_change", {"rows": 20, "delivered_rows": 75}), "the numbers")
    equal(files_below(server.exports), before, "nothing was written")
    equal(ok(server.contributor.post(f"exports/{export['id']}/run"))["id"], run["id"], "another trigger gives the one that waits")
    refused(server.contributor.post(f"exports/{export['id']}/approve"), 403, "request.forbidden")
    ok(server.admin.post(f"exports/{export['id']}/approve"))
    equal(wait_run(server.admin, run)["state"], "succeeded", "approved")
    refused(server.admin.post(f"exports/{export['id']}/approve"), 409, "run.not_waiting")
    import_csv(server.admin, "id,x\n", name, "id", replace=True)
    empty = start(server.admin, export)
    until("it asks again", lambda: ok(server.admin.get("runs/" + empty["id"]))["state"] == "needs_approval")
    equal(ok(server.admin.post(f"runs/{empty['id']}/cancel"))["state"], "canceled", "refused")
    loose = {"guard": {"max_decrease_percent": 99, "first_run_rows": None}}
    refused(server.contributor.patch("exports/" + export["id"], loose, ok(server.admin.get("exports/" + export["id"]))["version"]), 403, "request.forbidden")
    refused(server.contributor.post("exports", export_draft(folder, [name]) | loose), 403, "request.forbidden")
    change(server.admin, "exports/" + export["id"], {"guard": {"max_decrease_percent": None, "first_run_rows": None}})
    deliver(server.admin, export)
    large = make_export(server.admin, folder, ["Customer"], guard={"max_decrease_percent": 30, "first_run_rows": 1000})
    first = start(server.admin, large)
    asked = until("a large first run asks", lambda: (lambda r: r if r["state"] == "needs_approval" else None)(ok(server.admin.get("runs/" + first["id"]))))
    equal(asked["approval"]["reason"], "export.large_first_run", "why")
    ok(server.admin.post(f"runs/{first['id']}/cancel"))


@on_both_stores
def test_a_dry_run(server):
    """BEY-09: counts, paths, columns and the first bytes of what a run would deliver, and whether it would ask; nothing is delivered"""
    segment = make_segment(server.admin, rule("Country", "equals", "US"))
    folder = make_folder(server.admin, **SHARED)
    export = make_export(server.contributor, folder, ["Customer", segment["name"]], settings={"compression": "none", "files": 2},
                         columns={"Customer": ["CustomerId", "zip"]})
    before = files_below(server.exports)
    told = ok(server.contributor.post(f"exports/{export['id']}/dry-run"))
    header, rows = customers()
    equal([(t["name"], t["rows"], t["state"], len(t["files"])) for t in told["tables"]],
          [("Customer", len(rows), "ok", 2), (segment["name"], segment["members"], "ok", 2)], "tables")
    equal(told["rows"], len(rows) + segment["members"], "rows in all")
    equal(told["needs_approval"], None, "no question")
    lines = told["tables"][0]["first_bytes"].splitlines()
    equal((lines[0], lines[1], len(lines)), ("CustomerId,zip", f"{rows[0][0]},{rows[0][header.index('zip')]}", 6), "the first bytes")
    equal(files_below(server.exports), before, "nothing was delivered")
    run = deliver(server.contributor, export)
    path = next(f["path"] for f in run["files"] if f["path"].endswith("Customer_1.csv"))
    found = [server.exports / name for name in files_below(server.exports) if name.endswith(path)]
    holds(raw_text(found[0]).startswith(told["tables"][0]["first_bytes"]), "the run then delivers just that")
    refused(server.viewer.post(f"exports/{export['id']}/dry-run"), 403, "request.forbidden")
