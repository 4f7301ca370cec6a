"""Exports: made, listed, edited, disconnected, removed."""

import secrets
import urllib.parse

from harness import contains, equal, holds, lacks, ok, on_both_stores, pointers, refused, unique
from things import (SHARED, change, customers, deliver, delivered, export_draft, files_below, make_export, make_folder, make_segment, make_sftp,
                    model_of, query, remove, rule,
                    start, wait_run)


@on_both_stores
def test_an_export_as_it_was_made(server):
    """CON-03, EXP-05, EXP-07, EXP-11, EXP-14, EXP-15, EXP-16, EXP-17, EXP-44: saving starts nothing; settings get their defaults; it follows the system refresh"""
    connection = make_folder(server.admin)
    made = server.admin.post("exports", export_draft(connection))
    export = ok(made, 201)
    equal(made.headers["location"], "/api/v1/exports/" + export["id"], "Location")
    equal(ok(server.admin.get("exports/" + export["id"])), export, "the export read again")
    equal(export["settings"], {"compression": "gzip", "delimiter": ",", "files": 1}, "settings")
    equal((export["state"], export["schedule"], export["mode"]), ("active", {"kind": "system", "rule": None, "summary": "System refresh", "next_at": None}, "full"), "state")
    equal((export["last_run"], export["refreshed_at"], export["columns"], export["needs_attention"]), (None, None, {}, []),
          "what has not happened yet")
    equal(export["created_by"]["id"], server.admin.user["id"], "owner")
    equal(ok(server.admin.get("runs?export_id=" + export["id"]))["items"], [], "runs after saving")
    problem = refused(server.admin.post("exports", {"display_name": unique("No connection "), "tables": ["Customer"]}), 422, "request.invalid")
    equal(pointers(problem), ["/connection_id"], "pointer for a missing connection")


@on_both_stores
def test_what_is_checked_before_saving(server):
    """EXP-23, EXP-29, EXP-44: name, tables, columns and settings, each with its pointer; a name is unique in the environment"""
    connection = make_folder(server.admin)
    export = make_export(server.admin, connection)
    for members, status, reason, pointer in [
            ({"display_name": "  "}, 422, "request.invalid", "/display_name"), ({"display_name": "x" * 101}, 422, "request.invalid", "/display_name"),
            ({"display_name": export["display_name"].upper()}, 409, "export.name_taken", "/display_name"),
            ({"tables": []}, 422, "request.invalid", "/tables"),
            ({"tables": ["Nothing"]}, 422, "table.missing", "/tables/0"),
            ({"tables": ["Customer", "customer"]}, 422, "export.bad_contents", "/tables/1"),
            ({"columns": {"Customer": []}}, 422, "export.bad_contents", "/columns/Customer"),
            ({"columns": {"Customer": ["CustomerId", "Nope"]}}, 422, "export.bad_contents", "/columns/Customer/1"),
            ({"columns": {"Customer": ["zip", "zip"]}}, 422, "export.bad_contents", "/columns/Customer/1"),
            ({"columns": {"Other": ["a"]}}, 422, "export.bad_contents", "/columns/Other"),
            ({"settings": {"delimiter": "x"}}, 422, "settings.invalid", "/settings/delimiter"),
            ({"settings": {"files": 0}}, 422, "settings.invalid", "/settings/files"),
            ({"settings": {"colour": "red"}}, 422, "settings.invalid", "/settings/colour"),
            ({"tables": "Customer"}, 422, "request.invalid", "/tables"),
            ({"connection_id": "no id"}, 422, "request.invalid", "/connection_id"), ({"mode": "some"}, 422, "request.invalid", "/mode"),
            ({"mode": "mirror"}, 422, "export.bad_mapping", "/mode"), ({"mapping": {"email": "zip"}}, 422, "export.bad_mapping", "/mapping")]:
        problem = refused(server.admin.post("exports", export_draft(connection) | members), status, reason)
        equal(pointers(problem), [pointer], f"pointer for {members}")
        if members != {"mode": "some"}:
            problem = refused(server.admin.patch("exports/" + make_export(server.admin, connection)["id"], members, 1), status, reason)
            equal(pointers(problem), [pointer], f"pointer for a change to {members}")
    equal(ok(server.admin.get("exports/" + export["id"])), export, "the export afterwards")


@on_both_stores
def test_repeated_creates_make_one_export(server):
    """CON-48, SYS-51: a repeated create of an export with its Idempotency-Key makes one"""
    key, draft = secrets.token_hex(8), export_draft(make_folder(server.admin))
    first = ok(server.admin.post("exports", draft, Idempotency_Key=key), 201)
    equal(ok(server.admin.post("exports", draft, Idempotency_Key=key), 201), first, "the repeated answer")
    refused(server.admin.post("exports", draft | {"tables": ["Other"]}, Idempotency_Key=key), 409, "request.key_reused")


@on_both_stores
def test_the_list_of_exports(server, sshd):
    """CON-65, EXP-01, EXP-02, EXP-03, EXP-04, EXP-05, EXP-06, EXP-08, ROL-32: found by name, connection and type, sorted by any column, for every role"""
    stem = unique("Listed")
    first = make_folder(server.admin, display_name=f"{stem} shelf", **SHARED)
    second = make_sftp(server.admin, sshd, display_name=f"{stem} server")
    made = [make_export(server.admin, first, display_name=f"{stem} {n}") for n in "bAc"] + [make_export(server.admin, second,
        display_name=f"{stem} d")]
    deliver(server.admin, made[0])
    ok(server.admin.post(f"exports/{made[2]['id']}/disconnect"))

    def found(text, client=server.admin, **query_words):
        return [e["id"] for e in client.all("exports", q=text, limit=2, **query_words)]
    ids = [e["id"] for e in made]
    for role in ("viewer", "contributor", "administrator"):
        equal(sorted(found(stem.lower(), server.client(role))), sorted(ids), f"found by name as {role}")
    equal(sorted(found(f"{stem} SHELF")), sorted(ids[:2]), "found by connection")
    contains(found("sftp"), ids[3], "found by type")
    equal(sorted(found(stem, connection_id=first["id"])), sorted(ids[:2]), "of one connection")
    equal(found(stem, state="inactive"), [ids[2]], "inactive ones")
    for column in ("display_name", "type", "connection", "state", "refreshed_at", "created_at", "status"):
        up, down = found(stem, sort=column), found(stem, sort="-" + column)
        equal((up, len(set(up))), (down[::-1], 4), f"sorted by {column}")
    equal(found(stem, sort="display_name"), [ids[1], ids[0], ids[2], ids[3]], "by name, whatever the case")
    items = {e["id"]: e for e in server.contributor.all("exports", q=stem)}
    equal(items[ids[0]]["last_run"]["state"], "succeeded", "status")
    holds(items[ids[0]]["refreshed_at"], "Refreshed")
    equal((items[ids[1]]["last_run"], items[ids[1]]["refreshed_at"]), (None, None), "an export that never ran")
    equal(items[ids[2]]["connection"], None, "connection of a disconnected export")
    equal([bool(items[i]["can"]) for i in ids], [True, True, False, False], "whether the contributor may edit")
    refused(server.admin.get("exports?state=odd"), 400, "request.bad_query")
    refused(server.admin.get("exports?sort=odd"), 400, "request.bad_sort")
    equal(ok(server.admin.get("exports?q=" + urllib.parse.quote(stem)))["total"], 4, "total")


@on_both_stores
def test_a_duplicate_is_independent(server):
    """EXP-18, EXP-19: a second export with the same contents has its own id, runs and files"""
    export = make_export(server.admin, make_folder(server.admin), settings={"compression": "none"})
    deliver(server.admin, export)
    body = {name: export[name] for name in ("tables", "columns", "settings")} | {"display_name": export["display_name"] + " copy",
                                                                                 "connection_id": export["connection"]["id"]}
    copy = ok(server.admin.post("exports", body), 201)
    holds(copy["id"] != export["id"], "another id")
    equal((copy["last_run"], copy["schedule"]), (None, export["schedule"]), "runs and schedule of the copy")
    change(server.admin, "exports/" + copy["id"], {"columns": {"Customer": ["zip"]}})
    equal(ok(server.admin.get("exports/" + export["id"]))["columns"], {}, "the first export after changing the copy")


@on_both_stores
def test_edits_count_from_the_next_run(server):
    """EXP-20, EXP-22, EXP-83: columns, tables and settings changed by Edit are in the next delivery and its model.json; an outdated edit is refused"""
    connection = make_folder(server.admin)
    root = server.exports / connection["settings"]["folder"]
    segment = make_segment(server.admin, rule("Country", "equals", "US"))
    export = make_export(server.admin, connection, settings={"compression": "none"})
    first = deliver(server.admin, export)
    path = "exports/" + export["id"]
    changed = change(server.admin, path, {"tables": ["Customer", segment["name"]], "columns": {"Customer": ["gender", "CustomerId"]},
                                          "settings": {"compression": "none", "delimiter": ";", "files": 2}})
    refused(server.admin.patch(path, {"display_name": "late"}, export["version"]), 412, "request.stale")
    refused(server.admin.patch(path, {"display_name": "late"}), 428, "request.if_match_required")
    run = deliver(server.admin, changed)
    header, rows = customers()
    equal(delivered(root, run, "Customer", ";"), (["CustomerId", "gender"], [[row[0], row[header.index("gender")]] for row in rows]),
          "Customer after the edit")
    equal(len(delivered(root, run, segment["name"], ";")[1]), segment["members"], "members of the added segment")
    model, _ = model_of(root, run)
    equal([(e["name"], len(e["partitions"])) for e in model["entities"]], [("Customer", 2), (segment["name"], 2)], "tables of model.json")
    equal(len(delivered(root, first, "Customer")[0]), 7, "the former delivery is untouched")
    after = change(server.admin, path, {"tables": [segment["name"]]})
    equal(after["columns"], {}, "columns of a table that was taken out")


@on_both_stores
def test_disconnected_exports_wait(server, sshd):
    """CON-68, CON-71, EXP-08, EXP-64, EXP-74, EXP-76, EXP-77: a disconnected export keeps all, runs never, and comes back with a connection of its type"""
    connection, other, sftp = make_folder(server.admin, **SHARED), make_folder(server.admin, **SHARED), make_sftp(server.admin, sshd)
    export = make_export(server.contributor, connection, columns={"Customer": ["CustomerId", "zip"]}, settings={"files": 3})
    path = "exports/" + export["id"]
    deliver(server.admin, export)
    after = ok(server.admin.post(path + "/disconnect"))
    kept = ("display_name", "tables", "columns", "settings", "schedule", "created_by", "refreshed_at")
    equal({n: after[n] for n in kept}, {n: ok(server.admin.get(path))[n] for n in kept} | {n: export[n] for n in kept if n != "refreshed_at"},
          "what a disconnected export keeps")
    equal((after["state"], after["connection"], after["type"]), ("inactive", None, "folder"), "state")
    equal(ok(server.admin.post(path + "/disconnect"))["state"], "inactive", "disconnecting again")
    refused(server.admin.post(path + "/run"), 409, "export.inactive", "no connection")
    refused(server.contributor.post(path + "/run"), 403, "request.forbidden")
    problem = refused(server.admin.patch(path, {"connection_id": sftp["id"]}, after["version"]), 422, "export.type_mismatch", "type SFTP")
    equal(pointers(problem), ["/connection_id"], "pointer")
    back = change(server.admin, path, {"connection_id": other["id"]})
    equal((back["state"], back["connection"]["id"]), ("active", other["id"]), "with a connection again")
    equal((back["columns"], back["settings"]), (export["columns"], export["settings"]), "the former configuration")
    deliver(server.contributor, back)
    holds(files_below(server.exports / other["settings"]["folder"]), "files at the new place")


@on_both_stores
def test_removing_an_export(server, postgres):
    """EXP-24, EXP-26, CON-75, ROL-40: its definition goes, delivered files and past runs stay, under its last name"""
    connection = make_folder(server.admin)
    export = make_export(server.admin, connection)
    run = deliver(server.admin, export)
    remove(server.admin, "exports/" + export["id"])
    refused(server.admin.get("exports/" + export["id"]), 404, "request.not_found")
    refused(server.admin.post(f"exports/{export['id']}/run"), 404, "request.not_found")
    delivered(server.exports / connection["settings"]["folder"], run, "Customer")
    seen = ok(server.viewer.get("runs/" + run["id"]))
    equal((seen["subject"]["display_name"], seen["connection"]["display_name"]), (export["display_name"], connection["display_name"]),
          "names in the history")
    equal([r["id"] for r in ok(server.viewer.get("runs?export_id=" + export["id"]))["items"]], [run["id"]], "past runs")
    remove(server.admin, "connections/" + connection["id"])
    equal(ok(server.viewer.get("runs/" + run["id"]))["connection"]["display_name"], connection["display_name"],
          "the connection's name in the history")
    contains([r[0] for r in query(server, postgres, f"SELECT event FROM audit_entries WHERE object_id = '{export['id']}'")], "export.removed",
             "audit")


@on_both_stores
def test_what_may_be_exported(server):
    """EXP-28, EXP-30, DAT-03: tables and segments with rows, members and columns"""
    segment = make_segment(server.admin, rule("gender", "equals", "Female"))
    items = {t["name"]: t for t in ok(server.viewer.get("exportable-tables"))["items"]}
    header, rows = customers()
    equal((items["Customer"]["kind"], items["Customer"]["rows"], [c["name"] for c in items["Customer"]["columns"]]), ("table", len(rows), header),
          "Customer")
    equal((items[segment["name"]]["kind"], items[segment["name"]]["rows"]), ("segment", segment["members"]), "the segment")
    equal([c["name"] for c in items[segment["name"]]["columns"]], header, "columns of a segment")


@on_both_stores
def test_a_deleted_segment_is_refused_while_exported(server):
    """DAT-17: a segment or table that an export contains cannot be removed; the refusal names the export"""
    segment = make_segment(server.admin, rule("gender", "equals", "Male"))
    export = make_export(server.admin, make_folder(server.admin), [segment["name"]])
    problem = refused(server.admin.delete("segments/" + segment["id"], segment["version"]), 409, "table.in_use", export["display_name"])
    equal([d["id"] for d in problem["dependants"]], [export["id"]], "dependants")
    refused(server.admin.delete("tables/Customer", ok(server.admin.get("tables/Customer"))["version"]), 409, "table.in_use")
    equal(ok(server.admin.get("segments/" + segment["id"]))["exports"], 1, "exports of the segment")
    remove(server.admin, "exports/" + export["id"])
    ok(server.admin.delete("segments/" + segment["id"], segment["version"]), 204)
    lacks([t["name"] for t in ok(server.admin.get("exportable-tables"))["items"]], segment["name"], "exportable tables")


@on_both_stores
def test_several_refreshes_within_a_minute(server):
    """EXP-49, EXP-53, EXP-83: two runs in one minute do not mix their files; model.json names those of the last"""
    connection = make_folder(server.admin)
    root = server.exports / connection["settings"]["folder"]
    export = make_export(server.admin, connection)
    runs = [wait_run(server.admin, start(server.admin, export)) for _ in range(3)]
    paths = [run["files"][0]["path"] for run in runs]
    equal(len(set(paths)), 3, "paths of three runs")
    model, top = model_of(root, runs[2])
    equal([str((top / p["location"]).relative_to(root)) for p in model["entities"][0]["partitions"]], [paths[2]], "files in model.json")
    for run in runs:
        delivered(root, run, "Customer")
