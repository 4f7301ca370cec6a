"""The way from a CSV file to files on an SFTP server, as three people go it."""

import datetime
import pathlib

from harness import contains, equal, holds, lacks, ok, on_both_stores, refused, unique
from things import (AGREED, customers, delivered, deliver, files_below, import_csv, make_export, make_folder, make_sftp, model_of, raw_text,
                    sftp_settings, start, to_csv,
                    upload, wait_run, SHARED)


@on_both_stores
def test_from_a_file_to_a_server(server, sshd):
    """CON-01, CON-29, CON-33, EXP-11, EXP-16, EXP-29, EXP-44, EXP-54, EXP-56, EXP-83, EXP-84, ROL-20, ROL-21: customers reach an SFTP server"""
    admin, contributor, viewer = server.admin, server.contributor, server.viewer
    settings = sftp_settings(sshd, host_key=None)
    secrets = {"password": {"set": sshd.password}}

    asked = ok(admin.post("connections/verify", {"type": "sftp", "settings": settings, "secrets": secrets}))
    equal(asked["result"], "failed", "verification without a pinned host key")
    proposal = next(step["proposal"] for step in asked["steps"] if step.get("proposal"))
    equal((proposal["field"], proposal["value"]), ("host_key", sshd.host_key), "the proposal to pin")
    lacks(sshd.log()[-2000:], f"Accepted password for {sshd.user} from", "the server's log before the key is pinned")
    settings["host_key"] = proposal["value"]
    asked = ok(admin.post("connections/verify", {"type": "sftp", "settings": settings, "secrets": secrets}))
    equal((asked["result"], [s["state"] for s in asked["steps"]]), ("passed", ["passed"] * len(asked["steps"])), "verification of the pinned server")

    connection = ok(admin.post("connections", {"type": "sftp", "display_name": unique("Workshop "), "settings": settings, "secrets": secrets,
                                               "consent": AGREED,
                                               "verification_token": asked["token"]} | SHARED), 201)
    equal((connection["health"], connection["verification"]["result"]), ("ok", "passed"), "a connection saved with its verification")

    seniors = ok(contributor.post("segments", {"display_name": unique("US seniors "), "kind": "rule", "rule": {"match": "all", "conditions": [
        {"column": "Country", "operator": "equals", "value": "US"}, {"column": "SeniorCitizen", "operator": "equals", "value": "Yes"}]}}), 201)
    header, rows = customers()
    at = {name: i for i, name in enumerate(header)}
    wanted = [row for row in rows if row[at["Country"]] == "US" and row[at["SeniorCitizen"]] == "Yes"]
    holds(wanted, "the file has seniors in the US")
    equal(seniors["members"], len(wanted), "members of the segment")

    usable = ok(contributor.get("usable-connections?for=export"))["items"]
    contains([c["id"] for c in usable], connection["id"], "connections the contributor may use")
    chosen = ["CustomerId", "zip", "gender"]
    export = make_export(contributor, connection, [seniors["name"]], columns={seniors["name"]: chosen}, settings={"compression": "gzip"})
    equal(export["last_run"], None, "runs after saving")
    run = deliver(contributor, export)
    got_header, got = delivered(sshd.folder, run, seniors["name"])
    in_file_order = [name for name in header if name in chosen]
    equal(got_header, in_file_order, "columns of the file")
    equal(got, [[row[at[name]] for name in in_file_order] for row in wanted], "rows of the file")
    equal((run["counts"]["rows_sent"], run["counts"]["files"]), (len(wanted), 2), "rows sent, and files with model.json")

    model, top = model_of(sshd.folder, run)
    entity = model["entities"][0]
    equal((entity["name"], [a["name"] for a in entity["attributes"]]), (seniors["name"], in_file_order), "the table in model.json")
    equal([a["dataType"] for a in entity["attributes"]], ["string"] * 3, "types in model.json")
    for partition in entity["partitions"]:
        holds((top / partition["location"]).is_file(), f"model.json names {partition['location']}")

    equal(ok(viewer.get("runs/" + run["id"]))["counts"], run["counts"], "the run as a viewer sees it")
    refused(viewer.post(f"exports/{export['id']}/run"), 403, "request.forbidden", "contributor")
    refused(viewer.patch("exports/" + export["id"], {"display_name": "x"}, 1), 403, "request.forbidden")
    refused(viewer.delete("exports/" + export["id"], 1), 403, "request.forbidden")
    refused(viewer.post("segments", {"display_name": "x", "kind": "rule", "rule": None}), 403, "request.forbidden")
    refused(viewer.get("connections/" + connection["id"]), 403, "request.forbidden", "administrator")


@on_both_stores
def test_files_of_a_delivery_lie_where_they_should(server, sshd):
    """EXP-49, EXP-50, EXP-52, EXP-53, EXP-83: a folder per day and minute, at most five files per table, model.json at the export's folder"""
    connection = make_sftp(server.admin, sshd)
    export = make_export(server.admin, connection, settings={"files": 5, "compression": "none"})
    run = deliver(server.admin, export)
    environment = ok(server.admin.get("about"))["environment_id"]
    minute = datetime.datetime.fromisoformat(run["started_at"].replace("Z", "+00:00")).strftime("%Y/%m/%d/%H%M")
    base = f"Sluice_{environment}/{export['display_name']}"
    equal([f["path"] for f in run["files"]], [f"{base}/Customer/{minute}/Customer_{n}.csv" for n in range(1, 6)], "paths of the files")
    header, rows = customers()
    got_header, got = delivered(sshd.folder, run, "Customer")
    equal(got_header, header, "header")
    equal(got, rows, "the union of the five files")
    model, top = model_of(sshd.folder, run)
    equal([p["location"] for p in model["entities"][0]["partitions"]], [f"Customer/{minute}/Customer_{n}.csv" for n in range(1, 6)],
          "files in model.json")
    equal(pathlib.Path(top), sshd.folder / base, "where model.json lies")
    refused(server.admin.post("exports", {"display_name": unique("Six "), "connection_id": connection["id"], "tables": ["Customer"],
                                          "settings": {"files": 6}}), 422, "settings.invalid", "between 1 and 5")


@on_both_stores
def test_delimiters_and_compression(server):
    """EXP-54, EXP-56: comma, semicolon, tab and pipe, gzipped and plain, give the same rows"""
    connection = make_folder(server.admin)
    root = server.exports / connection["settings"]["folder"]
    name = unique("Delims")
    rows = [["1", "a,b;c\td|e"], ["2", 'say "hi"'], ["3", "line\nbreak"]]
    import_csv(server.admin, to_csv(["id", "text"], rows), name, "id")
    for delimiter, compression in [(",", "none"), (";", "gzip"), ("tab", "none"), ("|", "gzip")]:
        run = deliver(server.admin, make_export(server.admin, connection, [name], settings={"delimiter": delimiter, "compression": compression}))
        path = run["files"][0]["path"]
        equal(path.endswith(".csv.gz"), compression == "gzip", f"ending of {path}")
        equal(delivered(root, run, name, "\t" if delimiter == "tab" else delimiter), (["id", "text"], rows), f"rows with {delimiter}")


@on_both_stores
def test_values_survive(server, sshd):
    """EXP-56, DAT-06: leading zeros, 25 digits, dates, empty and null, quotes, line ends, commas and UTF-8 come out as they went in"""
    types = {"id": "text", "zip": "text", "big": "decimal", "amount": "decimal", "day": "date", "at": "timestamp", "flag": "boolean", "note": "text"}
    rows = [
        ["0001", "07030", "1234567890123456789012345", "0.10", "2024-02-29", "2026-01-02T03:04:05.123456Z", "true", 'He said "no", then left'],
        ["0002", "00501", "-7", "-1234567890.123456789", "0001-01-01", "1999-12-31T23:59:59Z", "false", "two\nlines"],
        ["0003", "01002", "0", "5", "9999-12-31", "2026-06-30T00:00:00Z", "true", "Grüße, 漢字 🙂 \u202eabc"],
        ["0004", "10001", None, None, None, None, None, None],
        ["0005", "10002", "12", "7.5", "2026-11-25", "2026-11-25T04:00:00Z", "false", ""],
        ["0006", "10003", "12", "7.50", "2026-11-25", "2026-11-25T04:00:00.5Z", "false", "  spaces kept  "],
        ["0007", "10004", "12", "7.5", "2026-11-25", "2026-11-25T04:00:00Z", "false", "=cmd|' /C calc'!A0"],
        ["0008", "10005", "12", "7.5", "2026-11-25", "2026-11-25T04:00:00Z", "false", "CR\rLF\r\nboth, \"quoted\"\t;"],
    ]
    name = unique("Values")
    detected = {c["name"]: c["type"] for c in upload(server.admin, to_csv(list(types), rows))["detected"]["columns"]}
    equal(detected, types, "detected types")
    import_csv(server.admin, to_csv(list(types), rows), name, "id", [{"source": n, "name": n, "type": t} for n, t in types.items()])
    connection = make_sftp(server.admin, sshd)
    run = deliver(server.admin, make_export(server.admin, connection, [name], settings={"compression": "none"}))
    header, got = delivered(sshd.folder, run, name)
    equal(header, list(types), "header")
    for expected, seen in zip(rows, got, strict=True):
        equal(seen, [value or "" for value in expected], f"row {expected[0]}")
    text = raw_text(sshd.folder / run["files"][0]["path"])
    contains(text, "0004,10001,,,,,,\r\n", "nulls, which are nothing between delimiters")
    contains(text, '04:00:00Z,false,""\r\n', "empty text, which is two quotes")
    model, _ = model_of(sshd.folder, run)
    equal([a["dataType"] for a in model["entities"][0]["attributes"]],
          ["string", "string", "decimal", "decimal", "date", "dateTimeOffset", "boolean", "string"], "types in model.json")


@on_both_stores
def test_viewers_see_all_and_change_nothing(server):
    """ROL-12, ROL-33, ROL-34, EXP-01, EXP-21: a viewer lists and opens exports and runs, with no verbs"""
    connection = make_folder(server.admin, **SHARED)
    export = make_export(server.contributor, connection)
    run = wait_run(server.viewer, start(server.contributor, export))
    seen = ok(server.viewer.get("exports/" + export["id"]))
    equal(seen["can"], [], "verbs of the viewer")
    equal(run["can"], [], "verbs on the run")
    contains([e["id"] for e in server.viewer.all("exports")], export["id"], "the viewer's list")
    refused(server.viewer.post(f"runs/{run['id']}/cancel"), 403, "request.forbidden", "contributor")
    refused(server.viewer.get("usable-connections"), 403, "request.forbidden", "contributor")
    holds(files_below(server.exports / connection["settings"]["folder"]), "files were delivered")
