"""Tables: detected, imported, replaced, removed."""

import threading

from harness import contains, equal, holds, lacks, ok, on_both_stores, pointers, refused, unique, until
from things import (change, columns_of, customers, deliver, delivered, import_csv, make_export, make_folder, remove, start, start_import, to_csv,
                    upload, wait_run, workshop_csv)


@on_both_stores
def test_what_is_detected(server):
    """DAT-25: encoding, delimiter, header, types, empties and keys are found, and a person may correct them"""
    found = upload(server.contributor, workshop_csv(), "C:\\fakepath\\My customers.csv".replace("\\", "%5C").replace(" ", "%20"))
    equal(found["filename"], "My customers.csv", "file name")
    detected = found["detected"]
    equal((detected["encoding"], detected["delimiter"], detected["has_header"]), ("utf-8", ",", True), "dialect")
    equal([c["name"] for c in detected["columns"]][0], "customerID", "first column")
    contains(detected["key_candidates"], "customerID", "keys")
    text = to_csv(["id", "n", "d", "ok", "day", "zip", "name"], [[1, 5, "1.5", "true", "2026-01-02", "07030", "Müller"],
                                                                 [2, "", "2", "false", "2026-02-28", "10001", "€"]], ";")
    for encoding, data in [("utf-8", text.encode()), ("utf-8", b"\xef\xbb\xbf" + text.encode()), ("utf-16le", b"\xff\xfe" + text.encode("utf-16-le")),
                           ("utf-16be", b"\xfe\xff" + text.encode("utf-16-be")),
                           ("windows-1252", text.encode("cp1252"))]:
        detected = upload(server.contributor, data)["detected"]
        equal((detected["encoding"], detected["delimiter"]), (encoding, ";"), "dialect")
        equal({c["name"]: c["type"] for c in detected["columns"]}, {"id": "integer", "n": "integer", "d": "decimal", "ok": "boolean", "day": "date",
                                                                    "zip": "text", "name": "text"}, "types")
        equal(detected["preview"][0][6], "Müller", f"preview of {encoding}")
        equal(detected["columns"][1]["empty_count"], 1, "empties")
    found = upload(server.contributor, "1|a,b\n2|c,d\n")
    again = ok(server.contributor.post(f"uploads/{found['id']}/detect", {"delimiter": "|", "has_header": False}))
    equal([c["name"] for c in again["columns"]], ["column_1", "column_2"], "columns without a header")
    equal(again["preview"], [["1", "a,b"], ["2", "c,d"]], "preview as corrected")
    refused(server.contributor.post("uploads?filename=empty.csv", ""), 422, "upload.empty")


@on_both_stores
def test_a_table_as_it_was_imported(server):
    """DAT-01, DAT-03, DAT-05: name, source, columns, rows and a sample; only chosen columns, under their new names, with corrected types"""
    name = unique("Orders")
    rows = [[f"{n:03d}", n * 3, "secret", f"2026-01-{1 + n % 28:02d}"] for n in range(500)]
    table = import_csv(server.contributor, to_csv(["No", "Amount", "Internal", "Day"], rows), name, "OrderId",
                       [{"source": "No", "name": "OrderId", "type": "text"}, {"source": "Amount", "name": "Amount", "type": "decimal"},
                        {"source": "Internal", "name": "Internal", "included": False},
                        {"source": "Day", "name": "Day", "type": "date"}])
    equal((table["rows"], table["key"], table["state"], table["is_customer_table"]), (500, "OrderId", "ready", False), "the table")
    equal([(c["name"], c["type"], c["key"]) for c in table["columns"]],
          [("OrderId", "text", True), ("Amount", "decimal", False), ("Day", "date", False)], "columns")
    equal((table["source"], table["created_by"]["id"]), ({"kind": "csv", "filename": "data.csv"}, server.contributor.user["id"]), "source")
    equal((table["last_run"]["state"], table["error"]), ("succeeded", None), "last run")
    sample = ok(server.viewer.get(f"tables/{name}/rows"))
    equal((sample["columns"], len(sample["rows"]), sample["rows"][7]), (["OrderId", "Amount", "Day"], 100, ["007", "21", "2026-01-08"]), "sample")
    equal(len(ok(server.viewer.get(f"tables/{name}/rows?limit=3"))["rows"]), 3, "a smaller sample")
    lacks(server.viewer.get(f"tables/{name}/rows").text, "secret", "a column that was left out")
    contains([t["name"] for t in ok(server.viewer.get("tables"))["items"]], name, "the list")
    equal(ok(server.viewer.get("tables/" + name.lower()))["name"], name, "found whatever the case")


@on_both_stores
def test_names_and_keys_are_checked(server):
    """DAT-06, DAT-27, EXP-23: names of tables, the key, the Customer table's key, doubled and unknown columns, each with a pointer"""
    text = "id,a\n1,x\n"

    def asked(**members):
        uploaded = upload(server.admin, text)
        return server.admin.post("tables", {"name": unique("Fine"), "upload_id": uploaded["id"], "key": "id",
                                            "columns": columns_of(uploaded)} | members)
    for bad in ("1abc", "ab", "with space", "a" * 65, "drop;table", "été", "a_b"):
        equal(pointers(refused(asked(name=bad), 422, "table.bad_name", "letter")), ["/name"], f"pointer for {bad}")
    equal(pointers(refused(asked(key="nope"), 422, "import.bad_key")), ["/key"], "pointer for an unknown key")
    equal(pointers(refused(asked(name="Customer", replace=True), 422, "import.customer_key", "CustomerId")), ["/key"],
          "pointer for the key of Customer")
    refused(asked(columns=[{"source": "id", "name": "id"}, {"source": "a", "name": "ID"}]), 422, "import.bad_column", "Two columns")
    refused(asked(columns=[{"source": "id", "name": "id"}, {"source": "b", "name": "b"}]), 422, "import.unknown_column", "b")
    refused(asked(delimiter="ab"), 422, "import.bad_delimiter")
    refused(asked(encoding="ebcdic"), 422, "import.bad_encoding")
    refused(asked(upload_id="0192f0c1-1111-7abc-8def-0123456789ab"), 422, "upload.missing", "again")
    problem = refused(asked(name="CUSTOMER", key="id"), 409, "table.name_taken", "replaced")
    equal(pointers(problem), ["/name"], "pointer for a name that is taken")


@on_both_stores
def test_a_table_is_replaced_whole_or_not_at_all(server):
    """DAT-01: a good file replaces all rows; a bad one changes nothing and says which line is wrong"""
    name = unique("Whole")
    import_csv(server.admin, "id,a\n1,x\n2,y\n", name, "id")
    refused(server.admin.post("tables", {"name": name, "upload_id": upload(server.admin, "id,a\n1,x\n")["id"], "key": "id"}), 409, "table.name_taken")
    equal(import_csv(server.admin, "id,b,c\n9,x,z\n", name, "id", replace=True)["rows"], 1, "rows after replacing")
    before = ok(server.admin.get(f"tables/{name}/rows"))
    for text, reason, words in [("id,b,c\n1,x,z\n2,y\n", "csv.wrong_field_count", "Line 3"), ('id,b,c\n1,"x,z\n', "csv.unclosed_quote", "ine 2")]:
        refused(server.admin.call("POST", "uploads?filename=bad.csv", text), 422, reason, words)
    for text, reason, words in [("id,b,c\n1,x,z\n1,y,z\n", "table.duplicate_key", "lines 2 and 3"),
                                ("id,b,c\n1,x,z\n,y,z\n", "table.empty_key", "3")]:
        run = wait_run(server.admin, start_import(server.admin, text, name, "id",
                                                  [{"source": c, "name": c, "type": "text"} for c in ("id", "b", "c")], replace=True))
        equal((run["state"], run["error"]["reason"]), ("failed", reason), f"import of {text!r} ({run['error']})")
        contains(run["error"]["detail"], "Nothing was imported", "detail")
        contains(run["error"]["detail"], words, "which line")
        equal(ok(server.admin.get(f"tables/{name}/rows")), before, "rows after a failed import")
        table = ok(server.admin.get("tables/" + name))
        equal((table["rows"], table["error"]["reason"]), (1, reason), "the table after a failed import")
    import_csv(server.admin, "id\n5\n", name, "id", replace=True)
    equal(ok(server.admin.get("tables/" + name))["error"], None, "the error after a good import")


@on_both_stores
def test_types_are_held_to(server):
    """DAT-03, EXP-56: a value that does not fit its type names line, column and value; types may be corrected to text"""
    name = unique("Typed")
    for type_name, bad in [("integer", "1.5"), ("integer", "007"), ("decimal", "1,5"), ("boolean", "yes"), ("date", "2026-02-30"),
                           ("date", "31.12.2026"), ("timestamp", "yesterday")]:
        columns = [{"source": "id", "name": "id", "type": "text"}, {"source": "v", "name": "v", "type": type_name}]
        run = wait_run(server.admin, start_import(server.admin, to_csv(["id", "v"], [["a", None], ["b", bad]]), name, "id", columns, replace=True))
        equal((run["state"], run["error"]["reason"]), ("failed", "table.bad_value"), f"{bad} as {type_name}")
        for word in ("Line 3", '"v"', bad, "text"):
            contains(run["error"]["detail"], word, "detail")
        columns[1]["type"] = "text"
        import_csv(server.admin, to_csv(["id", "v"], [["a", None], ["b", bad]]), name, "id", columns, replace=True)


@on_both_stores
def test_an_export_reads_one_version(server):
    """EXP-63, DAT-24: while a table is replaced again and again, each delivery holds one version of it, whole"""
    name = unique("Versions")
    connection = make_folder(server.admin)
    root = server.exports / connection["settings"]["folder"]

    def version(n):
        return "id,v\n" + "".join(f"{i},{n}\n" for i in range(3000 + 100 * n))
    import_csv(server.admin, version(0), name, "id")
    exports = [make_export(server.admin, connection, [name], settings={"files": 5, "compression": "none"}) for _ in range(3)]
    stop, faults = threading.Event(), []

    def replace():
        n = 0
        while not stop.is_set():
            n += 1
            try:
                import_csv(server.admin, version(n % 10), name, "id", replace=True)
            except Exception as failure:
                faults.append(failure)
                return
    writer = threading.Thread(target=replace)
    writer.start()
    try:
        for _ in range(4):
            for run in [start(server.admin, export) for export in exports]:
                run = wait_run(server.admin, run)
                equal(run["state"], "succeeded", f"state ({run['error']})")
                rows = delivered(root, run, name)[1]
                versions = {row[1] for row in rows}
                equal(len(versions), 1, f"versions in one delivery ({versions})")
                equal([row[0] for row in rows], [str(i) for i in range(3000 + 100 * int(versions.pop()))], "rows of that version")
    finally:
        stop.set()
        writer.join()
    equal(faults, [], "imports meanwhile")


@on_both_stores
def test_removing_a_table(server):
    """DAT-17: a table that an export or a segment uses stays, and the users are named; otherwise it goes with its rows"""
    name = unique("Gone")
    import_csv(server.admin, "id\n1\n", name, "id")
    export = make_export(server.admin, make_folder(server.admin), [name])
    problem = refused(server.admin.delete("tables/" + name, ok(server.admin.get("tables/" + name))["version"]), 409, "table.in_use",
                      export["display_name"])
    equal([d["id"] for d in problem["dependants"]], [export["id"]], "dependants")
    remove(server.admin, "exports/" + export["id"])
    refused(server.admin.delete("tables/" + name, 999), 412, "request.stale")
    remove(server.contributor, "tables/" + name)
    refused(server.admin.get("tables/" + name), 404, "request.not_found")
    refused(server.admin.get(f"tables/{name}/rows"), 404, "request.not_found")
    import_csv(server.admin, "other\n1\n", name, "other")


@on_both_stores
def test_a_column_that_an_export_sends_may_vanish(server):
    """DAT-17, EXP-73: an export of a column that a new version of the table has lost fails with what to do, and works once edited"""
    name = unique("Narrow")
    import_csv(server.admin, "id,a,b\n1,x,y\n", name, "id")
    export = make_export(server.admin, make_folder(server.admin), [name], columns={name: ["id", "b"]})
    import_csv(server.admin, "id,a\n1,x\n", name, "id", replace=True)
    run = deliver(server.admin, export, "failed")
    equal(run["error"]["reason"], "export.column_missing", "reason")
    contains(run["error"]["detail"], "choose its columns again", "detail")
    change(server.admin, "exports/" + export["id"], {"columns": {}})
    deliver(server.admin, export)


def test_several_files_of_one_table(server):
    """DAT-25, DAT-26: partitions are imported as one table, in their order"""
    name = unique("Parts")
    ids = [upload(server.admin, f"id,a\n{n},x\n")["id"] for n in range(4)]
    answer = ok(server.admin.post("tables", {"name": name, "upload_ids": ids, "key": "id"}), 202)
    equal(wait_run(server.admin, answer["run"])["state"], "succeeded", "import of four files")
    equal([row[0] for row in ok(server.admin.get(f"tables/{name}/rows"))["rows"]], ["0", "1", "2", "3"], "rows")


def test_an_import_may_be_cancelled(server):
    """EXP-69, DAT-01: a cancelled import leaves the table as it was"""
    name = unique("Cancelled")
    import_csv(server.admin, "id\n1\n", name, "id")
    text = "id\n" + "".join(f"{i}\n" for i in range(3_000_000))
    run = start_import(server.admin, text, name, "id", [{"source": "id", "name": "id", "type": "text"}], replace=True)
    until("rows are read", lambda: ok(server.admin.get("runs/" + run["id"]))["counts"]["rows_read"] > 0, every=0.01)
    refused(server.admin.delete("tables/" + name, ok(server.admin.get("tables/" + name))["version"]), 409, "table.importing")
    ok(server.admin.post(f"runs/{run['id']}/cancel"))
    equal(wait_run(server.admin, run, 10)["state"], "canceled", "state")
    table = ok(server.admin.get("tables/" + name))
    equal((table["rows"], ok(server.admin.get(f"tables/{name}/rows"))["rows"]), (1, [["1"]]), "rows after the cancellation")
    holds(len(customers()[1]) == ok(server.admin.get("tables/Customer"))["rows"], "other tables")
