"""Tables that the system refresh reads again from a file on the server."""

import os

from harness import contains, equal, holds, ok, on_both_stores, refused, until
from things import import_csv, import_customers, make_export, make_folder, make_segment, rule, wait_run


def set_source(client, name, path, status=200):
    version = ok(client.get("tables/" + name))["version"]
    answer = client.call("PUT", f"tables/{name}/source", {"path": path}, {"If-Match": f'"{version}"'})
    return ok(answer, status) if status == 200 else answer


def refresh(server):
    job = ok(server.admin.post("refresh"), 202)
    return until("the refresh ends", lambda: (lambda j: j if j["ended_at"] else None)(ok(server.admin.get("jobs/" + job["id"]))))


@on_both_stores
def test_read_again_by_the_refresh(make_server):
    """SCH-05, SCH-06, SCH-08, EXP-63, DAT-24: the refresh reads the file, counts segments, then exports what the file holds now, with the columns chosen at the import"""
    server = make_server()
    rows = lambda *countries: "customerID,Country,zip\n" + "".join(f"{i:03d},{c},0{i}\n" for i, c in enumerate(countries))
    import_csv(server.admin, rows("US", "DE"), "Customer", "CustomerId",
               columns=[{"source": "customerID", "name": "CustomerId", "type": "text"}, {"source": "Country", "name": "Country", "type": "text"},
                        {"source": "zip", "name": "zip", "type": "text"}])
    segment = make_segment(server.admin, rule("Country", "equals", "US"))
    export = make_export(server.admin, make_folder(server.admin), [segment["name"]])
    (server.data / "sources" / "customers.csv").write_text(rows("US", "US", "DE", "US"))
    table = set_source(server.admin, "Customer", "customers.csv")
    contains(table["refresh"]["path"], "sources/customers.csv", "where it is read from")
    equal(ok(server.viewer.get("tables/Customer"))["refresh"], {"path": ""}, "only administrators are told the path")
    job = refresh(server)
    equal((job["state"], [s["name"] for s in job["stages"]]), ("succeeded", ["data_sources", "segments", "exports"]), "the refresh")
    run = ok(server.viewer.get("exports/" + export["id"]))["last_run"]
    equal(ok(server.viewer.get("runs/" + run["id"]))["counts"]["rows_sent"], 3, "members of the segment, from the new file")
    equal(ok(server.viewer.get("tables/Customer"))["columns"][2]["type"], "text", "types chosen at the import are kept: zip has leading zeros")
    (server.data / "sources" / "customers.csv").write_text("customerID,Country\nA,US\n")
    job = refresh(server)
    tasks = {t["kind"]: t for s in job["stages"] for t in s["tasks"]}
    equal((job["state"], tasks["import"]["error"]["reason"]), ("failed", "import.unknown_column"), "a file that lost a column")
    equal((tasks["segment"]["state"], tasks["export"]["state"]), ("skipped", "skipped"), "what depends on it")
    equal(ok(server.viewer.get("tables/Customer"))["rows"], 4, "the rows are still those before")
    (server.data / "sources" / "customers.csv").write_text(rows("US"))
    equal(wait_run(server.contributor, ok(server.contributor.post("tables/Customer/refresh"), 202))["state"], "succeeded", "read again by hand")
    equal(ok(server.viewer.get("tables/Customer"))["rows"], 1, "rows now")
    set_source(server.admin, "Customer", None)
    refused(server.contributor.post("tables/Customer/refresh"), 409, "table.no_source")


def test_where_sources_may_lie(make_server, folder):
    """SCH-05, SYS-10: only administrators name a file, and only one below the source folders, whatever links and dots say"""
    server = make_server()
    import_customers(server.admin)
    (folder / "secret.csv").write_text("CustomerId\n1\n")
    os.symlink(folder / "secret.csv", server.data / "sources" / "link.csv")
    for path in ("/etc/passwd", "../app.db", str(server.data / "master.key"), str(folder / "secret.csv"), "link.csv", "", ".", "not-there.csv",
                 "x" * 2000, "a\0b"):
        answer = set_source(server.admin, "Customer", path, 422)
        holds(answer.status == 422, f"{path!r} was answered {answer.status}")
    equal(ok(server.admin.get("tables/Customer"))["refresh"], None, "nothing was saved")
    (server.data / "sources" / "ok.csv").write_text("CustomerId\n1\n")
    refused(set_source(server.contributor, "Customer", "ok.csv", 403), 403, "request.forbidden")
    set_source(server.admin, "Customer", "ok.csv")
    (server.data / "sources" / "ok.csv").unlink()
    os.symlink(folder / "secret.csv", server.data / "sources" / "ok.csv")
    run = wait_run(server.admin, ok(server.admin.post("tables/Customer/refresh"), 202))
    equal((run["state"], run["error"]["reason"]), ("failed", "table.bad_source"), "a link put there later is refused when it is read")
