"""Exports of rows to a service over HTTP: modes, refused rows, limits, waiting, killing, what is told of it."""

import csv
import io
import random
import time

from harness import contains, equal, holds, lacks, ok, on_both_stores, pointers, refused, unique, until
from sink import Sink
from things import AGREED, change, import_csv, make_segment, rule, start, to_csv, wait_run

MANIFEST = """
manifest: 1
id: {id}
title: Row sink {id}
subtitle: Rows to a test
summary: Takes rows and answers for each.
category: marketing_automation
serves: [export]
status: preview
driver: http_json
verify: optional
vault: false
payload: segments
consent: {{ version: 1, target: the sink, text: The rows leave this system. }}
connection:
  fields:
    - {{ name: key, type: secret, title: Key }}
export:
  fields:
    - {{ name: list_id, type: string, title: List, required: false }}
mapping:
  attributes:
    - {{ name: email, title: Email, required: true, normalise: email }}
    - {{ name: first_name, title: First name }}
  identifier: [email]
{limits}
http:
  base: "http://127.0.0.1:{port}"
  auth: {{ kind: bearer, value: "${{key}}" }}
  rate: {{ per_second: 0, parallel: 4 }}
  timeout: 5
  verify:
    - {{ title: Ask it, request: {{ method: POST, path: /rows, body: {{ operation: verify, batch_id: v, rows: [] }} }} }}
{audience}
  upsert:
    rows: {rows}
    bytes: 1000000
    steps:
      - request: {{ method: POST, path: /rows, body: {{ operation: upsert, batch_id: "${{batch_id}}", rows: "${{rows}}"{named} }} }}
        row: {{ email: "${{email}}", first_name: "${{first_name}}" }}
  remove:
    rows: {rows}
    bytes: 1000000
    steps:
      - request: {{ method: POST, path: /rows, body: {{ operation: remove, batch_id: "${{batch_id}}", rows: "${{rows}}" }} }}
        row: {{ email: "${{email}}" }}
"""
AUDIENCE = """  audience:
    setting: list_id
    create: { request: { method: POST, path: /rows, body: { operation: create, batch_id: "", name: "${audience}" } }, id: /id }"""
ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M4 4h16v16H4z"/></svg>'


def write_type(folder, port, name="rowsink", rows=50, limits="", audience=""):
    """A connection type of the operator that sends to this port."""
    below = folder / name
    below.mkdir(exist_ok=True)
    (below / "manifest.yaml").write_text(MANIFEST.format(id=name, port=port, rows=rows, limits=limits, audience=audience,
                                                         named=', audience: "${audience_id}"' if audience else ""))
    (below / "help.md").write_text("# Row sink\n\nFor tests.\n")
    (below / "icon.svg").write_text(ICON)


def people(count, **changes):
    return [[f"C{i:06d}", f"Person{i}@Example.org", f"Name {i}", "yes"] for i in range(count)]


def put_people(client, rows, replace=False):
    import_csv(client, to_csv(["CustomerId", "Email", "FirstName", "Wanted"], rows), "Customer", "CustomerId", replace=replace)


class World:
    """A server with people, a segment of those who are wanted, and an export of it to a sink."""

    def __init__(self, make_server, folder, rows=50, limits="", count=200, mode="incremental", environment=None, egress="127.0.0.1", audience=""):
        self.sink = Sink()
        write_type(folder, self.sink.port, rows=rows, limits=limits, audience=audience)
        self.server = make_server(options=["--connectors", str(folder), "--egress-allow", egress], environment=environment or {})
        self.admin = self.server.admin
        self.people = people(count)
        put_people(self.admin, self.people)
        self.segment = make_segment(self.admin, rule("Wanted", "equals", "yes"))
        self.connection = ok(self.admin.post("connections", {"type": "rowsink", "display_name": unique("Sink "), "settings": {},
                                                             "secrets": {"key": {"set": "very-secret-key"}}, "consent": AGREED}), 201)
        self.export = ok(self.admin.post("exports", self.draft(mode=mode)), 201)

    def draft(self, **members):
        return {"display_name": unique("Rows "), "connection_id": self.connection["id"], "tables": [self.segment["name"]],
                "mapping": {"email": "Email", "first_name": "FirstName"}, "mode": "incremental"} | members

    def replace(self, rows):
        self.people = rows
        put_people(self.admin, rows, replace=True)

    def run(self, state="succeeded", export=None):
        ended = wait_run(self.admin, start(self.admin, export or self.export))
        equal(ended["state"], state, f"the run ({ended['error']}, {ended['warnings']})")
        return ended

    def wanted(self):
        return {row[1].lower() for row in self.people if row[3] == "yes"}


def counts(run, *names):
    return tuple(run["counts"]["rows_" + name] for name in names)


@on_both_stores
def test_incremental_and_mirror(make_server, folder):
    """BEY-01, BEY-02, C-096, C-099, EXP-71: only what is new, changed or gone is sent, and only what Sluice sent is taken away"""
    world = World(make_server, folder, mode="mirror")
    world.sink.rows["theirs@example.org"] = {"email": "theirs@example.org"}
    equal(counts(world.run(), "read", "sent", "unchanged"), (200, 200, 0), "everything is new")
    equal(counts(world.run(), "read", "sent", "unchanged"), (200, 0, 200), "nothing has changed")
    rows = [list(row) for row in world.people]
    rows[3][2] = "Another name"
    rows[4][3] = "no"
    world.replace(rows + [["C999999", "new@example.org", "New", "yes"]])
    equal(counts(world.run(), "read", "sent", "unchanged", "removed"), (200, 2, 198, 1), "one changed, one new, one gone")
    equal(set(world.sink.rows) - {"theirs@example.org"}, world.wanted(), "what the service holds")
    holds("theirs@example.org" in world.sink.rows, "what others put there stays")
    rows[4][3] = "yes"
    world.replace(rows)
    equal(counts(world.run(), "sent", "removed"), (1, 1), "who came back is sent, who was new is gone")
    equal(world.sink.rows["person3@example.org"]["first_name"], "Another name", "the changed value")


def test_dry_run(make_server, folder):
    """BEY-09: a dry run tells creates, updates, removals, omissions and the first request, and sends nothing"""
    world = World(make_server, folder, mode="mirror", count=20)
    world.run()
    calls = len(world.sink.calls)
    rows = [list(row) for row in world.people]
    rows[0][2], rows[1][3], rows[2][1] = "Changed", "no", ""
    world.replace(rows + [["C9", "new@example.org", "New", "yes"], ["C8", "not an address", "", "yes"]])
    told = ok(world.admin.post(f"exports/{world.export['id']}/dry-run"))
    table = told["tables"][0]
    equal({k: table["counts"][k] for k in ("rows_read", "added", "changed", "unchanged", "removed", "omitted")},
          {"rows_read": 21, "added": 1, "changed": 1, "unchanged": 17, "removed": 2, "omitted": 2}, "counts")
    equal({(one["reason"], one["rows"]) for one in table["omitted_reasons"]}, {("email.missing", 1), ("email.bad", 1)}, "why")
    contains(table["first_bytes"], '"email":"person0@example.org","first_name":"Changed"', "the first request")
    lacks(table["first_bytes"], "very-secret-key", "secrets are masked")
    equal(len(world.sink.calls), calls, "nothing was sent")


@on_both_stores
def test_refused_rows(make_server, folder):
    """BEY-14, BEY-15, C-090, C-091, C-093, C-102, EXP-73: one bad row is found, told and can be corrected and sent alone; the others go through"""
    world = World(make_server, folder, count=120)
    world.sink.refuses = {"person7@example.org", "person90@example.org"}
    rows = [list(row) for row in world.people]
    rows[10][1] = ""
    world.replace(rows)
    run = world.run("completed_with_errors")
    equal(counts(run, "read", "sent", "rejected", "omitted"), (120, 117, 2, 1), "counts")
    equal(len(world.sink.rows), 117, "the good rows went through")
    contains(run["error"]["detail"], "2 rows", "the error says how many")
    equal(sorted(run["can"]), ["rejected", "requests", "resend"], "what an administrator may do")
    text = world.admin.get(f"runs/{run['id']}/rejected").text
    listed = list(csv.DictReader(io.StringIO(text)))
    equal([(one["Email"], one["outcome"], one["reason"]) for one in listed],
          [("Person7@Example.org", "rejected", "http.422"), ("", "omitted", "email.missing"), ("Person90@Example.org", "rejected", "http.422")], "the file")
    contains(listed[0]["answer"], "no such address", "the service's own words")
    # Only one of the two is corrected.
    corrected = text.replace("Person7@Example.org", "right7@example.org")
    before = len(world.sink.sent())
    answer = world.admin.call("POST", f"runs/{run['id']}/resend", corrected.encode(), {"Content-Type": "text/csv"})
    again = wait_run(world.admin, ok(answer, 202))
    equal((again["trigger"], again["state"]), ("resend", "completed_with_errors"), "the second run")
    equal(counts(again, "sent", "rejected", "omitted"), (1, 1, 1), "its counts")
    equal(world.sink.sent()[before:], ["right7@example.org"], "only the corrected row was taken")
    refused(world.admin.call("POST", f"runs/{run['id']}/resend", b"a,b\n1,2\n", {"Content-Type": "text/csv"}), 422, "resend.column_missing", "segment")
    refused(world.server.viewer.get(f"runs/{run['id']}/rejected"), 403, "request.forbidden")
    refused(world.server.contributor.get(f"runs/{run['id']}/rejected"), 403, "request.forbidden")


def test_everything_is_refused(make_server, folder):
    """C-090, BEY-15: when not one row is taken the run has failed, and refusing costs no call for each row"""
    world = World(make_server, folder, count=400, rows=100)
    world.sink.refuses = world.wanted()
    run = wait_run(world.admin, start(world.admin, world.export))
    equal(run["state"], "failed", "the run")
    equal(world.sink.rows, {}, "what is there")
    holds(len(world.sink.calls) < 450, f"{len(world.sink.calls)} calls for four batches of 100")


@on_both_stores
def test_wait_for_a_rate_limit(make_server, folder):
    """C-087, C-088, EXP-67: a short wait is waited for within the run, a long one parks it without counting a failure"""
    world = World(make_server, folder, count=100, environment={"SLUICE_RETRY_DELAYS": "50ms"})
    world.sink.statuses = [(429, {"Retry-After": "1"}), 200]
    begun = time.monotonic()
    equal(counts(world.run(), "sent"), (100,), "sent")
    holds(time.monotonic() - begun >= 1, "it waited")
    equal(len(world.sink.sent()), 100, "no row twice")
    world.replace([[row[0], row[1], "Other", "yes"] for row in world.people])
    world.sink.statuses = [(429, {"Retry-After": "300"})] * 8
    run = start(world.admin, world.export)
    parked = until("it is parked", lambda: (lambda r: r if r["state"] == "retrying" else None)(ok(world.admin.get("runs/" + run["id"]))))
    equal(parked["error"]["reason"], "service.rate_limited", "why")
    holds(parked["retry_at"] is not None, "and until when")
    equal(ok(world.admin.post(f"runs/{run['id']}/cancel"))["state"], "canceled", "a person may end the waiting")


def test_broken_answers(make_server, folder):
    """EXP-67, C-092, BEY-16: connections that break off and servers that stumble lose no row and double none that was acknowledged"""
    world = World(make_server, folder, count=500, rows=20)
    world.sink.statuses = [503, "reset", 200, 502, "reset", 500, 200, 503]
    equal(counts(world.run(), "sent", "rejected"), (500, 0), "sent")
    equal(set(world.sink.rows), world.wanted(), "what the service holds")
    equal(len(world.sink.sent()), 500, "rows that arrived")


@on_both_stores
def test_requests_are_shown_without_secrets(make_server, folder):
    """BEY-20, C-023: an administrator sees the calls of a run, masked; others do not"""
    world = World(make_server, folder, count=60)
    world.sink.statuses = [503]
    run = world.run()
    calls = ok(world.admin.get(f"runs/{run['id']}/requests"))["items"]
    equal(sorted(one["status"] for one in calls), [200, 200, 503], "statuses")
    contains(calls[0]["url"], "/rows", "address")
    contains(calls[-1]["request_body"], "person", "body")
    lacks(str(calls), "very-secret-key", "the secret")
    refused(world.server.contributor.get(f"runs/{run['id']}/requests"), 403, "request.forbidden")


def test_refused_credentials(make_server, folder):
    """EXP-73, CON-49: refused credentials end the run and mark the connection; a good run mends it"""
    world = World(make_server, folder, count=10)
    world.sink.statuses = [401, 401, 401]
    equal(world.run("failed")["error"]["reason"], "service.credentials", "why")
    equal(ok(world.admin.get("connections/" + world.connection["id"]))["health"], "failing", "health")
    world.sink.statuses = []
    world.run()
    equal(ok(world.admin.get("connections/" + world.connection["id"]))["health"], "ok", "health")


def test_egress_guard(make_server, folder):
    """CON-87, C-141: without the operator's leave a private address is reached neither by Verify nor by a run"""
    world = World(make_server, folder, count=10, egress="203.0.113.1")
    verified = ok(world.admin.post(f"connections/{world.connection['id']}/verify"))
    equal(verified["result"], "failed", "Verify")
    contains(str(verified["steps"]), "SLUICE_EGRESS_ALLOW", "what to do")
    equal(world.run("failed")["error"]["reason"], "net.blocked", "the run")
    equal(world.sink.calls, [], "calls that arrived")


def test_limits_of_the_service(make_server, folder):
    """EXP-32, EXP-33: a segment that is too small is refused with the minimum, a run above the maximum is skipped with limit and count"""
    world = World(make_server, folder, count=150, limits="limits: { most_rows: 160, counted: export, strict: true, fewest_rows: 100 }")
    small = make_segment(world.admin, rule("Email", "equals", "Person1@Example.org"))
    problem = refused(world.admin.post("exports", world.draft(tables=[small["name"]])), 422, "export.bad_mapping", "100")
    equal(pointers(problem), ["/tables/0"], "where")
    world.run()
    world.replace(people(170))
    run = world.run("skipped")
    contains(run["error"]["detail"], "170", "the count")
    contains(run["error"]["detail"], "160", "the limit")


def test_segments_that_share_an_audience(make_server, folder):
    """BEY-02, EXP-39, EXP-40: with the id of an audience in the export all segments share it, and who leaves one of two stays; without, each has its own"""
    world = World(make_server, folder, count=20, audience=AUDIENCE)
    few = make_segment(world.admin, rule("Email", "contains", "Person1"))
    both = [world.segment["name"], few["name"]]
    shared = ok(world.admin.post("exports", world.draft(tables=both, settings={"list_id": "L1"}, mode="mirror")), 201)
    equal(counts(world.run(export=shared), "sent", "omitted"), (20, 11), "everybody once")
    world.replace([row[:3] + ["no"] if i == 1 else row for i, row in enumerate(world.people)])
    equal(counts(world.run(export=shared), "removed"), (0,), "Person1 is in the other one still")
    alone = ok(world.admin.post("exports", world.draft(tables=both, mode="mirror")), 201)
    equal(counts(world.run(export=alone), "sent"), (30,), "each segment to its own audience")
    created = [batch for operation, batch, _, _ in world.sink.calls if operation == "create"]
    equal(len(created), 2, "audiences that were made")


def test_what_an_export_may_say(make_server, folder):
    """EXP-27, EXP-28, EXP-34, EXP-37: only segments, all mandatory attributes, columns of the Customer table"""
    world = World(make_server, folder, count=10)
    import_csv(world.admin, "id,Other\n1,x\n", "Things", "id")
    for members, pointer in (({"tables": ["Customer"]}, "/tables/0"), ({"tables": ["Things"]}, "/tables/0"), ({"mapping": {"first_name": "FirstName"}}, "/mapping/email"),
                             ({"mapping": {"email": "Other"}}, "/mapping/email"), ({"mapping": {"email": "Email", "shoe": "Email"}}, "/mapping/shoe"),
                             ({"mapping": {"email": 5}}, "/mapping/email"), ({"columns": {world.segment["name"]: ["Email"]}}, "/columns")):
        problem = refused(world.admin.post("exports", world.draft(**members)), 422, "export.bad_mapping")
        holds(pointer in pointers(problem), f"{members}: {problem}")
    kept = change(world.admin, "exports/" + world.export["id"], {"mapping": {"first_name": "FirstName", "email": "Email"}, "mode": "full"})
    equal((list(kept["mapping"]), kept["mode"]), (["first_name", "email"], "full"), "the order is kept")


def test_a_lost_ledger_removes_nothing(make_server, folder):
    """C-096, BEY-05: without its ledger a mirror sends everything again and takes nothing away; verify-log finds a changed byte"""
    world = World(make_server, folder, count=50, mode="mirror")
    world.run()
    contains(world.server.cli("verify-log").stdout, "1 ledgers with 50 records are whole", "verify-log")
    record = next(world.server.data.glob("ledger/*/*/all/*.rec"))
    data = bytearray(record.read_bytes())
    data[len(data) // 2] ^= 1
    record.write_bytes(data)
    done = world.server.cli("verify-log")
    holds(done.returncode != 0, "verify-log finds it")
    contains(done.stderr, "ledger", "and says where")
    world.replace([row if i else row[:3] + ["no"] for i, row in enumerate(world.people)])
    run = world.run()
    equal(counts(run, "sent", "removed"), (49, 0), "sent again, nothing removed")
    contains(str(run["warnings"]), "export.ledger_rebaselined", "it says so")
    equal(len(world.sink.rows), 50, "who left is still there")


def test_guard_of_a_mirror(make_server, folder):
    """BEY-10, C-097: a mirror that would remove more than the set share waits for an administrator, with the numbers"""
    world = World(make_server, folder, count=100, mode="mirror")
    world.run()
    world.replace([row if i >= 60 else row[:3] + ["no"] for i, row in enumerate(world.people)])
    run = start(world.admin, world.export)
    waiting = until("it waits", lambda: (lambda r: r if r["state"] == "needs_approval" else None)(ok(world.admin.get("runs/" + run["id"]))))
    equal(waiting["approval"]["numbers"], {"rows": 40, "held": 100, "removed": 60}, "numbers")
    equal(len(world.sink.rows), 100, "nothing was removed yet")
    ok(world.admin.post(f"exports/{world.export['id']}/approve"))
    equal(counts(wait_run(world.admin, run), "removed"), (60,), "then it is done")
    equal(len(world.sink.rows), 40, "what the service holds")


@on_both_stores
def test_killed_while_sending(make_server, folder):
    """BEY-16, EXP-70, C-125: killed at random instants and started again, a run loses no row; what was acknowledged and noted is not sent again"""
    world = World(make_server, folder, count=4_000, rows=50, mode="mirror")
    world.sink.delay = 0.05
    rng = random.Random(16)
    for round_ in range(8):
        name = f"Round {round_}"
        kept = [row for row in world.people if rng.random() < 0.97]
        world.replace([[row[0], row[1], name, "yes"] for row in kept])
        before = len(world.sink.arrivals)
        run = start(world.admin, world.export)
        for _ in range(2):
            time.sleep(rng.uniform(0.05, 0.6))
            world.server.kill()
            world.server.start()
        ended = wait_run(world.admin, run, 120)
        equal(ended["state"], "succeeded", f"the run ({ended['error']})")
        equal(set(world.sink.rows), world.wanted(), f"what the service holds after round {round_}")
        equal({row["first_name"] for row in world.sink.rows.values()}, {name}, "and with today's values")
        equal(ended["counts"]["rows_sent"], len(kept), "rows that the run tells of")
        # Between an answer and the disk a kill makes a batch come again: four in flight, and what is answered while a checkpoint waits for a slow disk.
        extra = len(world.sink.arrivals) - before - len(kept) - ended["counts"]["rows_removed"]
        holds(extra <= 2 * 1_200, f"{extra} of {len(kept)} rows came twice")
    contains(world.server.cli("verify-log").stdout, "ledgers", "the ledgers are whole")
