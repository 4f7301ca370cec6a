"""Segments: rules over the Customer table, lists of ids, previews."""

import csv
import io

from harness import contains, equal, holds, ok, on_both_stores, pointers, refused, unique
from things import audit, change, customers, deliver, delivered, import_csv, make_export, make_folder, make_segment, remove, rule, to_csv, upload

TYPES = {"CustomerId": "text", "name": "text", "age": "integer", "score": "decimal", "vip": "boolean", "born": "date", "seen": "timestamp"}
PEOPLE = [
    ["c1", "Ann", "9", "1.5", "true", "1990-01-01", "2026-01-01T00:00:00Z"],
    ["c2", "ann", "10", "10", "false", "1990-01-02", "2026-01-01T00:00:00.5Z"],
    ["c3", "Änne 50%", "100", "9.99", "true", "2000-02-29", "2026-06-01T12:00:00Z"],
    ["c4", "a_b\\c", "-5", "-0.5", "false", "1989-12-31", "2025-12-31T23:59:59Z"],
    ["c5", "", None, None, None, None, None],
    ["c6", None, "9223372036854775807", "100000000000000000000.01", "true", "2026-11-25", "2026-11-25T00:00:00Z"],
    ["c7", "O'Brien \"x\"", "0", "0.0", "false", "1990-01-01", "2026-01-01T00:00:00Z"],
]
CASES = [
    (("name", "equals", "Ann"), "1"), (("name", "not_equals", "Ann"), "234567"), (("name", "contains", "%"), "3"), (("name", "contains", "_"), "4"),
    (("name", "contains", "\\"), "4"),
    (("name", "starts_with", "Än"), "3"), (("name", "ends_with", "x\""), "7"), (("name", "contains", "'"), "7"), (("name", "in", "Ann", "ann"), "12"),
    (("name", "is_empty"), "56"), (("name", "is_not_empty"), "1234 7"), (("age", "equals", 10), "2"), (("age", "greater", 9), "236"),
    (("age", "greater_or_equal", "9"), "1236"), (("age", "less", 9), "47"),
    (("age", "less_or_equal", 9), "147"), (("age", "between", 0, 10), "127"), (("age", "is_empty"), "5"), (("age", "in", 9, 0), "17"),
    (("score", "greater", "9.99"), "26"), (("score", "equals", "10.00"), "2"),
    (("score", "equals", 0), "7"), (("score", "less", 0), "4"), (("score", "between", "1.5", 10), "123"), (("vip", "equals", True), "136"),
    (("vip", "equals", "false"), "247"), (("vip", "is_empty"), "5"),
    (("born", "equals", "1990-01-01"), "17"), (("born", "before", "1990-01-01"), "4"), (("born", "after", "1990-01-01"), "236"),
    (("born", "between", "1990-01-01", "1990-01-02"), "127"), (("born", "is_not_empty"), "12346 7"),
    (("seen", "after", "2026-01-01T00:00:00Z"), "236"), (("seen", "before", "2026-01-01T00:00:00.5Z"), "147"),
    (("seen", "equals", "2026-01-01T01:00:00+01:00"), "17"),
]


def people(server):
    import_csv(server.admin, to_csv(list(TYPES), PEOPLE), "Customer", "CustomerId", [{"source": n, "name": n, "type": t} for n, t in TYPES.items()])


def ids(preview):
    return "".join(row[0][1:] for row in sorted(preview["sample"]["rows"]))


@on_both_stores
def test_operators_by_type(make_server):
    """DAT-09, DAT-06: every operator of every type selects the rows a person expects, numbers as numbers, text as it is"""
    server = make_server()
    people(server)
    for condition, expected in CASES:
        preview = ok(server.contributor.post("segments/preview", {"rule": rule(*condition)}))
        equal(ids(preview), expected.replace(" ", ""), f"members of {condition}")
        equal((preview["members"], preview["total"]), (len(expected.replace(" ", "")), len(PEOPLE)), f"counts of {condition}")
    empty = ok(server.contributor.post("segments/preview", {"rule": rule("name", "not_contains", "n")}))
    equal(ids(empty), "456", "not_contains, which those without a name do not either")
    grouped = {"match": "any", "conditions": [{"column": "name", "operator": "equals", "value": "Ann"},
                                              {"match": "all", "conditions": [{"column": "vip", "operator": "equals", "value": False},
                                                                              {"column": "age", "operator": "less", "value": 1}]}]}
    equal(ids(ok(server.contributor.post("segments/preview", {"rule": grouped}))), "147", "a group within a group")
    connection = make_folder(server.admin)
    segment = make_segment(server.admin, grouped)
    run = deliver(server.admin, make_export(server.admin, connection, [segment["name"]]))
    _, rows = delivered(server.exports / connection["settings"]["folder"], run, segment["name"])
    equal(rows, [["" if v is None else v for v in PEOPLE[n]] for n in (0, 3, 6)], "the delivered members")


@on_both_stores
def test_members_as_csv(make_server, postgres):
    """DAT-10: all members come as CSV; a spreadsheet takes no text for a formula (C-063), plain leaves all as it is (C-064); it is audited"""
    server = make_server()
    rows = [[f"c{i}", "=1+1" if i == 7 else "+45 1" if i == 8 else f"Åse, no. {i}", str(-i)] for i in range(1, 20_001)]
    import_csv(server.admin, to_csv(["CustomerId", "name", "n"], rows), "Customer", "CustomerId")
    segment = make_segment(server.admin, rule("n", "less_or_equal", -2))
    path = f"segments/{segment['id']}/members"
    refused(server.viewer.get(path), 403, "request.forbidden")
    plain = server.contributor.get(path + "?style=plain")
    equal((plain.status, plain.headers["content-type"], plain.headers["content-disposition"]),
          (200, "text/csv; charset=utf-8", f'attachment; filename="{segment["name"]}.csv"'), "the answer")
    equal(list(csv.reader(io.StringIO(plain.body.decode(), newline=""))), [["CustomerId", "name", "n"], *rows[1:]], "the rows")
    safe = server.contributor.get(path).body
    equal(safe[:3], b"\xef\xbb\xbf", "the byte order mark")
    safe = {row[0]: row for row in csv.reader(io.StringIO(safe.decode("utf-8-sig"), newline=""))}
    equal([safe["c7"], safe["c8"], safe["c9"]], [["c7", "'=1+1", "-7"], ["c8", "'+45 1", "-8"], rows[8]], "made safe, numbers as they are")
    refused(server.contributor.get(path + "?style=x"), 400, "request.bad_query")
    equal(len(audit(server, postgres, "segment.downloaded")), 2, "audit entries")


@on_both_stores
def test_bad_rules_point_at_the_fault(server):
    """DAT-09: unknown columns, operators of another type, missing and wrong values, each with its place in the rule; nothing is saved"""
    good = {"column": "zip", "operator": "equals", "value": "1"}
    for bad, pointer in [
            ({"match": "all", "conditions": []}, "/rule/conditions"), ({"match": "some", "conditions": [good]}, "/rule/match"),
            ({"match": "all"}, "/rule/conditions"), ("x", "/rule"),
            ({"match": "all", "conditions": [good, {"column": "nope", "operator": "equals", "value": 1}]}, "/rule/conditions/1/column"),
            ({"match": "all", "conditions": [{"column": "zip", "operator": "greater", "value": 1}]}, "/rule/conditions/0/operator"),
            ({"match": "all", "conditions": [{"column": "zip", "operator": "equals"}]}, "/rule/conditions/0/value"),
            ({"match": "all", "conditions": [{"column": "zip", "operator": "equals", "value": {"a": 1}}]}, "/rule/conditions/0/value"),
            ({"match": "all", "conditions": [{"column": "zip", "operator": "is_empty", "value": "x"}]}, "/rule/conditions/0/value"),
            ({"match": "all", "conditions": [{"match": "any", "conditions": [{"match": "all", "conditions": [good]}]}]},
             "/rule/conditions/0/conditions/0"),
            ({"match": "all", "conditions": [good | {"colour": "red"}]}, "/rule/conditions/0/colour"),
            ({"match": "all", "conditions": [good], "x": 1}, "/rule/x")]:
        problem = refused(server.contributor.post("segments/preview", {"rule": bad}), 422, "segment.bad_rule")
        contains(pointers(problem), pointer, f"pointers for {bad}")
        refused(server.contributor.post("segments", {"display_name": unique("Bad "), "kind": "rule", "rule": bad}), 422, "segment.bad_rule")


def test_bad_values_by_type(make_server):
    """DAT-09: a value that is none of the column's type is refused with its place"""
    server = make_server()
    people(server)
    for condition in (("age", "equals", "many"), ("age", "between", 1, "x"), ("score", "less", "1,5"), ("vip", "equals", "perhaps"),
                      ("born", "after", "31.12.2026"), ("born", "equals", "2026-02-30"), ("seen", "before", "noon")):
        problem = refused(server.admin.post("segments/preview", {"rule": rule(*condition)}), 422, "segment.bad_rule")
        holds(pointers(problem)[0].startswith("/rule/conditions/0/value"), f"pointer for {condition}: {pointers(problem)}")


@on_both_stores
def test_a_segment_as_it_was_made(server):
    """DAT-07, DAT-08, DAT-09: names, members, the first 100 of them; edited, refreshed, removed; a proposed name is made free"""
    display_name = unique("US Seniors! ")
    segment = make_segment(server.contributor, rule("Country", "equals", "US"), display_name=display_name)
    equal(segment["name"], display_name.lower().replace("! ", "_").replace(" ", "_"), "output table name")
    equal((segment["kind"], segment["state"], segment["status"], segment["exports"]), ("rule", "active", "ready", 0), "state")
    twin = make_segment(server.contributor, rule("Country", "equals", "US"), display_name=display_name)
    equal(twin["name"], segment["name"] + "_2", "name of a second one")
    refused(server.contributor.post("segments", {"display_name": "x", "name": segment["name"].upper(), "kind": "rule",
                                                 "rule": rule("Country", "equals", "US")}), 409, "table.name_taken")
    refused(server.contributor.post("segments", {"display_name": "x", "name": "Customer", "kind": "rule", "rule": rule("Country", "equals", "US")}),
            409, "table.name_taken")
    header, rows = customers()
    equal(segment["members"], sum(row[header.index("Country")] == "US" for row in rows), "members")
    equal(len(ok(server.viewer.get(f"segments/{segment['id']}/rows"))["rows"]), 100, "the first hundred")
    changed = change(server.contributor, "segments/" + segment["id"], {"rule": rule("Country", "equals", "Atlantis"), "display_name": "Atlantis"})
    equal((changed["members"], changed["display_name"], changed["name"]), (0, "Atlantis", segment["name"]), "after the edit")
    refused(server.contributor.patch("segments/" + segment["id"], {"display_name": "late"}, segment["version"]), 412, "request.stale")
    holds(ok(server.contributor.post(f"segments/{segment['id']}/refresh"))["refreshed_at"] > segment["refreshed_at"], "Refreshed")
    remove(server.contributor, "segments/" + segment["id"])
    refused(server.viewer.get("segments/" + segment["id"]), 404, "request.not_found")


@on_both_stores
def test_a_list_of_ids(server):
    """DAT-07, DAT-12: a list segment holds the customers whose ids are in the file; unknown and doubled ids do not count"""
    _, rows = customers()
    wanted = [rows[n][0] for n in (3, 77, 500)]
    text = to_csv(["note", "who"], [["a", wanted[2]], ["b", wanted[0]], ["c", wanted[1]], ["d", wanted[0]], ["e", "nobody"], ["f", None]])
    refused(server.contributor.post("segments", {"display_name": "x", "kind": "list", "upload_id": upload(server.contributor, text)["id"],
                                                 "column": "nope"}), 422, "import.unknown_column")
    segment = ok(server.contributor.post("segments", {"display_name": unique("List "), "kind": "list",
                                                      "upload_id": upload(server.contributor, text)["id"], "column": "who"}), 201)
    equal((segment["members"], segment["rule"]), (3, None), "members of the list")
    connection = make_folder(server.admin)
    run = deliver(server.admin, make_export(server.admin, connection, [segment["name"]]))
    equal([row[0] for row in delivered(server.exports / connection["settings"]["folder"], run, segment["name"])[1]],
          [rows[n][0] for n in (3, 77, 500)], "delivered members")


@on_both_stores
def test_segments_follow_the_customer_table(make_server):
    """DAT-06, DAT-12, DAT-40: without a Customer table no segment; a new version of it counts members again; a rule that does not fit any more says so"""
    server = make_server()
    refused(server.admin.post("segments", {"display_name": "x", "kind": "rule", "rule": rule("zip", "equals", "1")}), 409,
            "segment.no_customer_table", "Import")
    refused(server.admin.post("segments/preview", {"rule": rule("zip", "equals", "1")}), 409, "segment.no_customer_table")
    import_csv(server.admin, "CustomerId,zip\na,01\nb,02\n", "Customer", "CustomerId",
               [{"source": n, "name": n, "type": "text"} for n in ("CustomerId", "zip")])
    segment = make_segment(server.admin, rule("zip", "equals", "01"))
    equal(segment["members"], 1, "members at first")
    import_csv(server.admin, "CustomerId,zip\na,01\nb,01\nc,01\n", "Customer", "CustomerId",
               [{"source": n, "name": n, "type": "text"} for n in ("CustomerId", "zip")], replace=True)
    equal(ok(server.admin.get("segments/" + segment["id"]))["members"], 3, "members after the import")
    problem = refused(server.admin.delete("tables/Customer", ok(server.admin.get("tables/Customer"))["version"]), 409, "table.in_use",
                      segment["display_name"])
    equal([d["id"] for d in problem["dependants"]], [segment["id"]], "what uses the Customer table")
    export = make_export(server.admin, make_folder(server.admin), [segment["name"]])
    import_csv(server.admin, "CustomerId,city\na,x\n", "Customer", "CustomerId", replace=True)
    after = ok(server.admin.get("segments/" + segment["id"]))
    equal((after["status"], after["members"]), ("failed", 0), "a segment whose column is gone")
    run = deliver(server.admin, export, "failed")
    equal(run["error"]["reason"], "segment.bad_rule", "reason of the run")
    holds(run["error"]["detail"], "what does not fit")
