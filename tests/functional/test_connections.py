"""Connections: made, named, listed."""

import secrets
import threading
import time

from harness import contains, equal, holds, lacks, ok, on_both_stores, pointers, refused, unique
from things import (AGREED, SHARED, audit, change, folder_draft, make_export, make_folder, make_sftp, query, sftp_draft, sftp_settings, write_sqlite)


@on_both_stores
def test_a_connection_as_it_was_made(server, sshd):
    """CON-01, CON-02, CON-09, CON-10, CON-12, CON-14, CON-20, CON-25, CON-29, CON-32: a new connection tells all but its secrets"""
    draft = sftp_draft(sshd)
    made = server.admin.post("connections", draft)
    connection = ok(made, 201)
    equal(made.headers["location"], "/api/v1/connections/" + connection["id"], "Location")
    equal(made.headers["etag"], '"1"', "ETag")
    equal(ok(server.admin.get("connections/" + connection["id"])), connection, "the connection read again")
    equal((connection["type"], connection["type_title"], connection["serves"]), ("sftp", "SFTP", ["export"]), "type")
    equal(connection["settings"], {"host": sshd.host, "port": sshd.port, "username": sshd.user, "authentication": "password", "create_folder": False,
                                   "host_key": sshd.host_key},
          "settings with defaults")
    equal({name: s["is_set"] for name, s in connection["secrets"].items()}, {"password": True, "private_key": False, "passphrase": False},
          "secrets, as set or not")
    equal((connection["health"], connection["verification"], connection["sharing"]), ("not_verified", None, {"with": "administrators"}),
          "health and sharing")
    me = server.admin.user
    for role in ("created_by", "updated_by"):
        equal(connection[role], {"id": me["id"], "display_name": me["display_name"]}, role)
    equal(connection["consent"]["agreed_by"]["id"], me["id"], "who agreed")
    verified = ok(server.admin.post(f"connections/{connection['id']}/verify"))
    after = ok(server.admin.get("connections/" + connection["id"]))
    equal((after["health"], after["verification"]["result"], after["verification"]["at"]), ("ok", "passed", verified["at"]), "after verifying")
    renamed = change(server.admin, "connections/" + connection["id"], {"display_name": unique("Renamed ")})
    equal(renamed["id"], connection["id"], "the id after renaming")
    contains([c["id"] for c in server.admin.all("connections", limit=200)], connection["id"], "the list")


@on_both_stores
def test_names_are_unique_per_type(server):
    """CON-08, CON-47: trimmed, 1 to 100 characters, unique among connections of the type whatever the case; the target may repeat"""
    name = unique("Büro Øst ")
    first = make_folder(server.admin, display_name=f"  {name} \n")
    equal(first["display_name"], name, "the trimmed name")
    problem = refused(server.admin.post("connections", folder_draft(display_name=name.upper())), 409, "connection.name_taken", "name")
    equal(pointers(problem), ["/display_name"], "pointer")
    second = make_folder(server.admin, settings=first["settings"])
    refused(server.admin.patch("connections/" + second["id"], {"display_name": name.lower()}, second["version"]), 409, "connection.name_taken")
    equal(ok(server.admin.get("connections/" + second["id"])), second, "the connection after a refused renaming")
    for bad, words in [("", "must not be empty"), ("   ", "must not be empty"), ("x" * 101, "at most 100"), ("two\nlines", "one line")]:
        problem = refused(server.admin.post("connections", folder_draft(display_name=bad)), 422, "request.invalid", words)
        equal(pointers(problem), ["/display_name"], f"pointer for {bad[:10]!r}")
    make_folder(server.admin, display_name=unique("漢") + "漢" * 90)


@on_both_stores
def test_consent_is_needed(server):
    """CON-31, CON-32, CON-89: without agreement to the present wording nothing is saved"""
    before = ok(server.admin.get("connections?limit=1"))["total"]
    for consent in (None, {"agreed": False, "statement_version": 1}, {"agreed": True, "statement_version": 0}):
        problem = refused(server.admin.post("connections", folder_draft(consent=consent)), 422, "connection.consent_required", "gree")
        equal(pointers(problem), ["/consent"], "pointer")
    equal(ok(server.admin.get("connections?limit=1"))["total"], before, "connections after the refusals")


def test_a_changed_wording_asks_again(make_server):
    """CON-89: consent to an older wording is asked for at the next edit, and who, when and which version is kept"""
    server = make_server()
    connection = make_folder(server.admin)
    equal(connection["consent"]["statement_version"], 1, "version agreed to")
    write_sqlite(server, "UPDATE connections SET consent_version = 0")
    change_name = {"display_name": "Other"}
    refused(server.admin.patch("connections/" + connection["id"], change_name, 1), 422, "connection.consent_required")
    after = ok(server.admin.patch("connections/" + connection["id"], change_name | {"consent": AGREED}, 1))
    equal(after["consent"]["statement_version"], 1, "version agreed to again")
    equal(len(audit(server, None, "consent.given", connection["id"])), 2, "audit entries of consent")


@on_both_stores
def test_repeated_creates_make_one(server):
    """CON-48: a repeated create with its Idempotency-Key gives the first answer; another body with it is refused"""
    key = secrets.token_hex(16)
    draft = folder_draft()
    first = server.admin.post("connections", draft, Idempotency_Key=key)
    again = server.admin.post("connections", draft, Idempotency_Key=key)
    equal(ok(again, 201), ok(first, 201), "the answer to the repeated request")
    equal(again.headers.get("idempotency-replayed"), "true", "Idempotency-Replayed")
    equal(again.headers.get("location"), first.headers["location"], "Location of the repeated answer")
    equal(again.headers.get("etag"), first.headers["etag"], "ETag of the repeated answer")
    equal(len([c for c in server.admin.all("connections", q=draft["display_name"])]), 1, "connections made")
    refused(server.admin.post("connections", folder_draft(), Idempotency_Key=key), 409, "request.key_reused", "new key")
    refused(server.admin.post("connections", folder_draft(), Idempotency_Key="short"), 400, "request.bad_idempotency_key")
    # A refused create may be corrected under the same key: nothing was made.
    key = secrets.token_hex(16)
    refused(server.admin.post("connections", folder_draft(consent=None), Idempotency_Key=key), 422, "connection.consent_required")
    ok(server.admin.post("connections", folder_draft(), Idempotency_Key=key), 201)


@on_both_stores
def test_many_at_once_make_one(server):
    """CON-48: the same create sent ten times at once makes one connection"""
    key, draft, answers = secrets.token_hex(16), folder_draft(), []
    threads = [threading.Thread(target=lambda: answers.append(server.admin.post("connections", draft, Idempotency_Key=key))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for answer in answers:
        if answer.status != 201:
            refused(answer, 409, "request.in_progress")
    equal(len({a.json["id"] for a in answers if a.status == 201}), 1, "connections told of")
    equal(len(server.admin.all("connections", q=draft["display_name"])), 1, "connections made")


@on_both_stores
def test_the_list_is_searched_and_sorted(server, sshd):
    """CON-11, CON-13, CON-15, CON-16, CON-17, CON-19: one row each, found by name and type, sorted by any column, paged"""
    stem = unique("Sorted")
    names = [f"{stem} ä", f"{stem} B", f"{stem} c", f"{stem} D"]
    made = [make_folder(server.admin, display_name=n) for n in names[:3]] + [make_sftp(server.admin, sshd, display_name=names[3])]
    for n in range(2):
        make_export(server.admin, made[1])
    found = server.admin.all("connections", q=stem.upper())
    equal(sorted(c["id"] for c in found), sorted(c["id"] for c in made), "found by name, each once")
    counts = {c["id"]: c["dependants"]["exports"] for c in found}
    equal(counts[made[1]["id"]], 2, "dependants in the list")
    equal(len(ok(server.admin.get(f"connections/{made[1]['id']}/dependants"))["exports"]), 2, "dependants of the call")
    contains([c["id"] for c in server.admin.all("connections", q="SFTP", limit=200)], made[3]["id"], "found by type")
    equal(server.admin.all("connections", serves="enrichment"), [], "connections for enrichments")
    equal(len(server.admin.all("connections", serves="export", q=stem)), 4, "connections for exports")
    for column in ("display_name", "type", "created_at", "updated_at", "sharing", "health", "verified_at", "dependants"):
        up = [c["id"] for c in server.admin.all("connections", q=stem, sort=column, limit=1)]
        down = [c["id"] for c in server.admin.all("connections", q=stem, sort="-" + column, limit=1)]
        equal(up, down[::-1], f"sorted by {column}, one by one up and down")
        equal(len(set(up)), 4, f"rows when paging by {column}")
    equal([c["display_name"] for c in server.admin.all("connections", q=stem, sort="created_at")], names, "by time")
    equal([c["display_name"] for c in server.admin.all("connections", q=stem, sort="type")][-1], names[3], "by title of the type")
    equal(server.admin.all("connections", q=stem, sort="-dependants")[0]["id"], made[1]["id"], "by use")
    for query_text, reason in [("sort=nonsense", "request.bad_sort"), ("limit=0", "request.bad_limit"), ("limit=1000", "request.bad_limit"),
                               ("cursor=xyz", "request.bad_cursor"),
                               ("serves=nothing", "request.bad_query")]:
        refused(server.admin.get("connections?" + query_text), 400, reason)
    for text in ("%", "_", "'", "\\", "%25"):
        lacks([c["id"] for c in ok(server.admin.get("connections?q=" + text.replace("%", "%25") + stem))["items"]], made[0]["id"],
              f"search for {text}")


def test_ten_thousand_connections(make_server):
    """CON-18, CON-21: an empty list is empty; with 10,000 the first page, a search and the last page come within a second each"""
    server = make_server()
    equal(ok(server.admin.get("connections")), {"items": [], "next_cursor": None, "total": 0}, "the empty list")
    make_folder(server.admin, display_name="Row 0")
    columns = [row[1] for row in query(server, None, "PRAGMA table_info(connections)")]
    values = {"id": "printf('0192f0c1-1111-7abc-8def-%012x', n)", "display_name": "'Row ' || n", "name_folded": "'row ' || n",
              "created_at": "created_at + n"}
    write_sqlite(server, "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 9999) "
                 f"INSERT INTO connections ({', '.join(columns)}) SELECT {', '.join(values.get(c, c) for c in columns)} FROM connections, c")
    for asked, count in [("connections?limit=50", 50), ("connections?q=row%209999", 1), ("connections?sort=-dependants&limit=200", 200),
                         ("connections?sort=type&limit=50", 50)]:
        started = time.monotonic()
        page = ok(server.admin.get(asked))
        took = time.monotonic() - started
        equal(len(page["items"]), count, asked)
        holds(took < 1, f"{asked} took {took:.2f} s")
    equal(page["total"], 10_000, "total")
    equal(len(server.admin.all("connections", limit=200, sort="created_at")), 10_000, "all pages together")


@on_both_stores
def test_settings_are_checked(server, sshd):
    """CON-27, CON-36, CON-43: only fields of the type, of the right kind, with a pointer and a word on what to change"""
    settings = sftp_settings(sshd)
    for wrong, pointer, words in [
            ({"host": "sftp://files.example.com"}, "/settings/host", "without \"sftp://\""), ({"host": ""}, "/settings/host", "required"),
            ({"host": "user@files"}, "/settings/host", "host name"), ({"host": "files.example.com:22"}, "/settings/host", "port has its own field"),
            ({"port": 0}, "/settings/port", "between 1 and 65535"), ({"port": "22"}, "/settings/port", "whole number"),
            ({"port": 22.5}, "/settings/port", "whole number"),
            ({"authentication": "magic"}, "/settings/authentication", "must be one of"), ({"host_key": "aa:bb"}, "/settings/host_key", "SHA256:"),
            ({"create_folder": "yes"}, "/settings/create_folder", "true or false"), ({"bucket": "b"}, "/settings/bucket", "not a field"),
            ({"password": "x"}, "/settings/password", "secret"), ({"folder": "a\nb"}, "/settings/folder", "one line"),
            ({"username": None}, "/settings/username", "required")]:
        problem = refused(server.admin.post("connections", sftp_draft(sshd, settings | wrong)), 422, "settings.invalid")
        equal(pointers(problem), [pointer], f"pointer for {wrong}")
        contains(problem["errors"][0]["detail"], words, f"what to do about {wrong}")
    problem = refused(server.admin.post("connections", sftp_draft(sshd, {"host": "x://y", "port": 99999})), 422, "settings.invalid")
    equal(sorted(pointers(problem)), ["/settings/host", "/settings/port", "/settings/username"], "all faults at once")
    refused(server.admin.post("connections", {"type": "carrier-pigeon", "display_name": "x", "consent": AGREED}), 422, "connection.unknown_type")
    refused(server.admin.post("connections", sftp_draft(sshd, secrets={})), 422, "request.invalid", "password")
    refused(server.admin.post("connections", sftp_draft(sshd, secrets={"password": {"keep": True}})), 422, "request.invalid", "kept")
    refused(server.admin.post("connections", sftp_draft(sshd, secrets={"password": {"set": "x"}, "api_key": {"set": "x"}})), 422, "request.invalid",
            "not a secret")


@on_both_stores
def test_every_act_is_audited(server, postgres, sshd):
    """CON-81, SYS-47, SYS-48: create, edit, share, verify, refused removal and removal are audited with old and new values, secrets as a word"""
    connection = make_sftp(server.admin, sshd)
    path = "connections/" + connection["id"]
    ok(server.admin.post(path + "/verify"))
    change(server.admin, path, {"display_name": unique("Audited "), "secrets": {"password": {"set": sshd.password}}} | SHARED)
    export = make_export(server.admin, connection)
    holds(server.admin.delete(path, ok(server.admin.get(path))["version"]).status == 409, "removal is refused")
    ok(server.admin.delete("exports/" + export["id"], export["version"]), 204)
    change(server.admin, path, {"sharing": {"with": "administrators"}})
    ok(server.admin.delete(path, ok(server.admin.get(path))["version"]), 204)
    events = [row[0] for row in query(server, postgres, f"SELECT event FROM audit_entries WHERE object_id = '{connection['id']}' ORDER BY id")]
    wanted = {"connection.created", "consent.given", "connection.verified", "connection.updated", "connection.shared", "connection.removal_refused",
              "connection.unshared",
              "connection.removed", "consent.withdrawn"}
    equal(set(events), wanted, "events of a connection's life, kept after its end")
    updated = audit(server, postgres, "connection.updated", connection["id"])[0]
    equal(updated["details"]["secrets.password"], "changed", "the entry of a changed secret")
    equal(updated["details"]["display_name"]["old"], connection["display_name"], "the old name")
    equal(updated["actor"], server.admin.user["display_name"], "who did it")
