"""The audit log: reading it, taking it along, and the chain that shows whether somebody tampered with it."""

import csv
import io
import re
import sqlite3
import subprocess
import threading
import urllib.parse

from harness import contains, equal, holds, lacks, ok, on_both_stores, refused, unique
from servers import Server
from things import SHARED, change, make_folder, query, remove

COLUMNS = ("id", "at", "event", "actor_id", "actor_name", "object_kind", "object_id", "object_name", "request_id", "address", "details", "seq", "hash")


def execute(server, postgres, *statements):
    """Changes the database as somebody with its password would."""
    if postgres is not None:
        subprocess.run(["/usr/lib/postgresql/15/bin/psql", server.store, "-q", "-v", "ON_ERROR_STOP=1", "-c", "; ".join(statements)], check=True)
        return
    db = sqlite3.connect(server.data / "app.db", timeout=30)
    with db:
        for statement in statements:
            db.execute(statement)
    db.close()


def quoted(value):
    return "'" + value.replace("'", "''") + "'"


def verified(server, *words):
    """Entries and head when verify-log is content."""
    done = server.cli("verify-log", *words)
    equal((done.returncode, done.stderr), (0, ""), "verify-log")
    found = re.fullmatch(r"(\d+) entries are whole, the last is (\d+):([0-9a-f]{64})\n", done.stdout)
    holds(found, f"what verify-log prints: {done.stdout}")
    return int(found.group(1)), f"{found.group(2)}:{found.group(3)}"


def asked(client, **filters):
    return client.all("audit", **filters)


@on_both_stores
def test_the_log_as_administrators_read_it(make_server):
    """SYS-46, SYS-47, SYS-48: entries with who, what, object, when and from where; filtered, searched, paged; for administrators alone"""
    server = make_server()
    connection = make_folder(server.admin, display_name="Åse's 100% folder")
    change(server.admin, "connections/" + connection["id"], SHARED)
    remove(server.admin, "connections/" + connection["id"])
    for client in (server.contributor, server.viewer):
        refused(client.get("audit"), 403, "request.forbidden", "administrator")
        refused(client.get("audit?format=csv"), 403, "request.forbidden")
        refused(client.get("audit/events"), 403, "request.forbidden")
    mine = asked(server.admin, object_id=connection["id"])
    equal([e["event"] for e in mine[-1:]], ["connection.created"], "the oldest")
    equal([e["event"] for e in mine if "shar" in e["event"]], ["connection.shared"], f"sharing is an entry of its own")
    holds({"consent.given", "consent.withdrawn", "connection.removed"} <= {e["event"] for e in mine}, f"consent and removal: {mine}")
    created = mine[-1]
    equal((created["actor"]["id"], created["object"], created["address"]),
          (server.admin.user["id"], {"kind": "connection", "id": connection["id"], "name": "Åse's 100% folder"}, "127.0.0.1"), "the entry")
    holds(created["request_id"] and created["at"].endswith("Z") and created["details"], "request, time and details")

    everything = asked(server.admin, limit=3)
    equal(len({e["id"] for e in everything}), len(everything), "each entry once over all pages")
    equal([e["at"] for e in everything], sorted((e["at"] for e in everything), reverse=True), "newest first")
    equal([e["id"] for e in asked(server.admin, sort="at", limit=200)], [e["id"] for e in reversed(asked(server.admin, limit=200))], "oldest first")
    for filters, expected in [({"event": "connection.removed"}, 1), ({"object_kind": "connection", "event": "connection.created"}, 1),
                              ({"q": "100%", "event": "connection.created"}, 1), ({"q": "åSE's 100%".replace("å", "Å"), "event": "connection.created"}, 1),
                              ({"q": "100_"}, 0), ({"q": "CONNECTION.REMOVED"}, 1), ({"q": created["request_id"]}, 2), ({"event": "no.such"}, 0),
                              ({"actor_id": server.viewer.user["id"], "event": "access.denied"}, 3),
                              ({"actor_id": "system", "event": "user.created"}, 1),
                              ({"from": created["at"], "to": mine[0]["at"], "object_id": connection["id"]}, sum(e["at"] < mine[0]["at"] for e in mine))]:
        equal(len(asked(server.admin, **filters)), expected, f"entries for {filters}")
    events = ok(server.admin.get("audit/events"))["items"]
    equal(events, sorted({e["event"] for e in asked(server.admin)}), "the events there are")
    for bad in ("from=yesterday", "to=1", "format=xml"):
        refused(server.admin.get("audit?" + bad), 400, "request.bad_query")
    refused(server.admin.get("audit?sort=event"), 400, "request.bad_sort")
    for method in ("POST", "DELETE", "PATCH", "PUT"):
        refused(server.admin.call(method, "audit", {}, {"If-Match": '"1"'}), 405, "request.method_not_allowed")


@on_both_stores
def test_the_log_as_csv(make_server, postgres):
    """SYS-46: all that match as CSV, safe for spreadsheets, more than a page of it; taking it along is an entry too"""
    server = make_server()
    make_folder(server.admin, display_name="=HYPERLINK(\"x\")")
    for _ in range(620):
        server.viewer.get("connections")
    answer = server.admin.get("audit?format=csv")
    equal((answer.status, answer.headers["content-type"], answer.headers["content-disposition"], answer.headers["cache-control"]),
          (200, "text/csv; charset=utf-8", 'attachment; filename="audit.csv"', "no-store"), "the answer")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))
    listed = asked(server.admin, limit=200)
    equal([r["id"] for r in rows], [e["id"] for e in listed], "the same entries as the list has")
    equal((rows[0]["event"], rows[0]["actor"]), ("audit.downloaded", "administrator"), "the newest")
    equal([r["object_name"] for r in rows if r["event"] == "connection.created"], ["'=HYPERLINK(\"x\")"], "made safe")
    equal(len(list(csv.DictReader(io.StringIO(server.admin.get("audit?format=csv&event=access.denied").text)))), 620, "filtered")
    equal(query(server, postgres, "SELECT details FROM audit_entries WHERE event = 'audit.downloaded' ORDER BY seq"),
          [["{}"], ['{"event":"access.denied"}']], "the entries of the downloads")


@on_both_stores
def test_a_changed_byte_is_found(make_server, postgres):
    """BEY-05: verify-log finds a changed byte in any column, a missing, added, exchanged or cut-off entry, and names the first broken one"""
    server = make_server()
    for _ in range(3):
        change(server.admin, "connections/" + make_folder(server.admin)["id"], SHARED)
    server.stop()
    count, head = verified(server)
    equal(count, int(query(server, postgres, "SELECT count(*) FROM audit_entries")[0][0]), "entries")
    listed = query(server, postgres, f"SELECT {', '.join(COLUMNS)} FROM audit_entries WHERE event = 'connection.created' ORDER BY seq")
    victim, other = (dict(zip(COLUMNS, row)) for row in listed[:2])
    execute(server, postgres, "CREATE TABLE kept AS SELECT * FROM audit_entries", "CREATE TABLE kept_head AS SELECT * FROM audit_head")

    def tampered(what, expected, *statements, words=()):
        execute(server, postgres, *statements)
        done = server.cli("verify-log", *words)
        holds(done.returncode != 0, f"{what}: found nothing: {done.stdout}")
        for word in expected:
            contains(done.stderr, word, f"{what}: what verify-log says")
        execute(server, postgres, "DELETE FROM audit_entries", "INSERT INTO audit_entries SELECT * FROM kept", "DELETE FROM audit_head",
                "INSERT INTO audit_head SELECT * FROM kept_head")

    where = f"WHERE id = {quoted(victim['id'])}"
    number = f"number {victim['seq']}"
    for column in COLUMNS:
        value = victim[column]
        changed = str(int(value) ^ 1) if column == "at" else value[:-1] + ("0" if value[-1] != "0" else "1")
        if column == "seq":
            tampered("another number", [number, "missing"], f"UPDATE audit_entries SET seq = 1000000 {where}")
            continue
        tampered(f"a byte of {column}", [changed if column == "id" else victim["id"], "changed"], f"UPDATE audit_entries SET {column} = {quoted(changed)} {where}")
    tampered("no actor", [victim["id"], "changed"], f"UPDATE audit_entries SET actor_id = NULL {where}")
    tampered("an entry taken out of the chain", [number, "missing"], f"UPDATE audit_entries SET seq = NULL {where}")
    tampered("a removed entry", [number, "missing"], f"DELETE FROM audit_entries {where}")
    tampered("the first entry removed", ["number 1 ", "missing"], "DELETE FROM audit_entries WHERE seq = 1")
    tampered("two entries exchanged", [number], f"UPDATE audit_entries SET seq = 0 {where}",
             f"UPDATE audit_entries SET seq = {victim['seq']} WHERE id = {quoted(other['id'])}", f"UPDATE audit_entries SET seq = {other['seq']} {where}")
    tampered("the contents of two exchanged", [victim["id"], "changed"],
             f"UPDATE audit_entries SET details = {quoted(other['details'] + ' ')} {where}")
    tampered("the last two entries cut off", ["last 2 entries"], f"DELETE FROM audit_entries WHERE seq > {count - 2}")
    tampered("everything removed", [f"last {count} entries"], "DELETE FROM audit_entries")
    tampered("an entry added behind", ["Entry x"],
             f"INSERT INTO audit_entries SELECT 'x', at, event, actor_id, actor_name, object_kind, object_id, object_name, request_id, address, details, {count + 1}, hash FROM kept WHERE seq = 1")
    tampered("an entry added without a number", ["not in the chain", "Entry x"],
             "INSERT INTO audit_entries SELECT 'x', at, event, actor_id, actor_name, object_kind, object_id, object_name, request_id, address, details, NULL, NULL FROM kept WHERE seq = 1")
    tampered("another head", ["audit_head"], "UPDATE audit_head SET hash = 'x'")
    tampered("no head", ["audit_head"], "DELETE FROM audit_head")
    # Who cuts the end off and moves the head back too is found by what was noted elsewhere.
    cut = (f"DELETE FROM audit_entries WHERE seq > {count - 2}",
           f"UPDATE audit_head SET seq = {count - 2}, hash = (SELECT hash FROM audit_entries WHERE seq = {count - 2})")
    tampered("cut off with the head moved back", ["noted"], *cut, words=("--noted", head))
    tampered("another chain", ["noted"], words=("--noted", f"{count}:{'0' * 64}"))
    verified(server, "--noted", head)
    equal(server.cli("verify-log", "--noted", "nonsense").returncode, 1, "a note that is none")
    execute(server, postgres, "DROP TABLE kept", "DROP TABLE kept_head")
    server.start()
    make_folder(server.admin)
    holds(verified(server, "--noted", head)[0] > count, "while serving, the chain goes on behind the noted head")


@on_both_stores
def test_entries_from_before_the_chain(make_server, postgres):
    """BEY-05: an older log is taken into the chain, in order, at the first start"""
    server = make_server()
    for _ in range(700):
        server.viewer.get("connections")
    server.stop()
    count, head = verified(server)
    execute(server, postgres, "UPDATE audit_entries SET seq = NULL, hash = NULL", "UPDATE audit_head SET seq = 0, hash = ''")
    server.start()
    again, new_head = verified(server)
    equal(again, count, "entries in the chain")
    equal(query(server, postgres, "SELECT count(*) FROM audit_entries a JOIN audit_entries b ON b.seq = a.seq + 1 WHERE b.at < a.at"), [["0"]],
          "entries before an earlier one")


@on_both_stores
def test_many_append_at_once(make_server, postgres, binary):
    """BEY-05, BEY-30: threads of two servers on one database append to one chain; no call fails and no entry is lost"""
    server = make_server()
    nodes = [server]
    if postgres is not None:
        second = Server(binary, server.data.with_name(server.data.name + "-second"), server.store)
        second.data.mkdir()
        (second.data / "master.key").write_bytes((server.data / "master.key").read_bytes())
        (second.data / "master.key").chmod(0o600)
        second.passwords = server.passwords
        nodes.append(second.start())
    failed = []

    def create(client, stem):
        for i in range(15):
            answer = client.post("connections", {"type": "folder", "display_name": f"{stem} {i}", "settings": {"folder": stem}, "consent": {"agreed": True, "statement_version": 1}})
            if answer.status != 201:
                failed.append(answer.text)
    try:
        threads = [threading.Thread(target=create, args=(node.new_client("administrator"), unique("append"))) for node in nodes for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        for node in nodes[1:]:
            node.stop()
    equal(failed, [], "calls that failed")
    equal(len(asked(server.admin, event="connection.created", limit=200)), 15 * len(threads), "entries")
    verified(server)
