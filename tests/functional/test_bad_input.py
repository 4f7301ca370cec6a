"""Requests that are wrong: each is refused clearly, and nothing changes."""

import json
import socket
import time

from harness import contains, equal, holds, ok, on_both_stores, pointers, refused, unique
from things import folder_draft, make_export, make_folder, make_segment, query, rule


def raw(server, head, body=b"", seconds=5):
    """Status line and text of the answer to bytes that no client library would send."""
    with socket.create_connection((server.host, server.port), timeout=seconds) as peer:
        cookie = f"Host: x\r\nCookie: {server.admin.cookie}\r\nX-Sluice-CSRF: {server.admin.csrf}\r\n"
        peer.sendall((head + "\r\n" + cookie).encode() + b"\r\n" + body)
        answer = b""
        try:
            while b"\r\n\r\n" not in answer or b"instance" not in answer:
                piece = peer.recv(65536)
                if not piece:
                    break
                answer += piece
        except socket.timeout:
            pass
        return answer.decode("utf-8", "replace")


@on_both_stores
def test_json_that_is_none(server):
    """UI-18, CON-36: broken, doubled, deep or odd JSON is refused with the place of the fault"""
    for text in ("", "{", "{'a': 1}", '{"a": 1,}', '{"a": NaN}', '{"a": 1} x', '{"type": "folder", "type": "sftp"}', '"\\ud800"', '{"a": "\x01"}',
                 "[" * 100_000, '{"a":' * 5_000 + "1" + "}" * 5_000,
                 '{"n": 1e999}', "\x00", '{"a": tru}'):
        answer = server.admin.call("POST", "connections", text)
        holds(answer.status in (400, 422), f"{text[:30]!r}: expected 400 or 422, saw {answer.status} {answer.text[:200]}")
        refused(answer, answer.status, answer.json["reason"])
    refused(server.admin.call("POST", "connections", b'{"type": "\xff\xfe"}'), 400, "json.invalid", "column 11")
    for text in ("[]", "null", "1", '"x"'):
        refused(server.admin.call("POST", "connections", text), 422, "request.invalid")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        refused(server.admin.call("POST", "connections", "{}", {"Content-Type": kind}), 415, "request.not_json", "application/json")
    ok(server.admin.call("POST", "segments/preview", json.dumps({"rule": rule("zip", "is_empty")}),
                         {"Content-Type": "Application/JSON; charset=utf-8"}))


@on_both_stores
def test_members_of_the_wrong_kind(server):
    """UI-18: unknown members, wrong types and far too long values are all told at once, each with its pointer"""
    problem = refused(server.admin.post("connections", {"type": 5, "display_name": ["x"], "settings": "y", "secrets": [],
                                                        "sharing": {"with": "everybody"}, "consent": {"agreed": "yes"}, "evil": 1}), 422,
                      "request.invalid")
    contains(" ".join(sorted(pointers(problem))), "/consent/agreed /consent/statement_version /display_name /evil /secrets /settings /sharing/with /type", "pointers")
    holds(all(error["detail"] for error in problem["errors"]), "each fault says what is wrong")
    for path, body in [("connections", folder_draft(display_name="x" * 5000)),
                       ("exports", {"display_name": "x" * 5000, "connection_id": make_folder(server.admin)["id"], "tables": ["Customer"]}),
                       ("segments", {"display_name": "x" * 5000, "kind": "rule", "rule": rule("zip", "is_empty")}),
                       ("groups", {"display_name": "x" * 5000, "role": "viewer"}),
                       ("users", {"email": "x" * 5000 + "@example.com", "role": "viewer", "password": "long enough password"})]:
        problem = refused(server.admin.post(path, body), 422, "request.invalid", "at most")
        equal(pointers(problem), ["/email" if path == "users" else "/display_name"], f"pointer for {path}")
    refused(server.admin.post("connections", folder_draft(settings={"folder": "x" * 5000})), 422, "settings.invalid", "too long")
    refused(server.admin.post("exports", {"display_name": unique("Many "), "connection_id": make_folder(server.admin)["id"],
                                          "tables": ["Customer"] * 101}), 422, "request.invalid")


@on_both_stores
def test_ids_of_another_kind(server):
    """CON-09, ROL-17: an id of another kind of thing, or no id at all, finds nothing and changes nothing"""
    connection = make_folder(server.admin)
    export = make_export(server.admin, connection)
    segment = make_segment(server.admin, rule("zip", "is_empty"))
    for path in (f"connections/{export['id']}", f"exports/{connection['id']}", f"segments/{export['id']}", f"runs/{segment['id']}",
                 f"users/{export['id']}", "connections/nonsense",
                 "exports/..%2F..%2Fetc", "runs/%00", "connections/0192f0c1-1111-7abc-8def-0123456789AB", "tables/%27%20OR%201=1",
                 "segments/" + "9" * 3000):
        answer = server.admin.get(path)
        holds(answer.status in (400, 404, 414), f"GET {path[:60]}: expected 404, saw {answer.status}")
        equal(answer.headers["content-type"], "application/problem+json", "content type")
    for kind in ("connections", "exports", "segments"):
        refused(server.admin.delete(f"{kind}/0192f0c1-1111-7abc-8def-0123456789ab", 1), 404, "request.not_found")
    refused(server.admin.post("exports", {"display_name": unique("x"), "connection_id": export["id"], "tables": ["Customer"]}), 422,
            "export.unknown_connection")
    for left, path in [(connection, "connections/"), (export, "exports/"), (segment, "segments/")]:
        holds(ok(server.admin.get(path + left["id"]))["version"] == 1, "what was there is there")


@on_both_stores
def test_queries_that_make_no_sense(server):
    """EXP-03, CON-16: odd limits, cursors of other lists, unknown sorts and choices are refused by name"""
    for _ in range(3):
        make_export(server.admin, make_folder(server.admin))
    connections = ok(server.admin.get("connections?limit=1&sort=created_at"))["next_cursor"]
    exports = ok(server.admin.get("exports?limit=1"))["next_cursor"]
    for path in (f"exports?cursor={connections}", f"connections?cursor={exports}&sort=-created_at", f"runs?cursor={exports}", "exports?cursor=%00",
                 "exports?cursor=" + "A" * 2000, "exports?cursor=e30"):
        refused(server.admin.get(path), 400, "request.bad_cursor", "without it")
    for path, reason in [("exports?limit=-1", "request.bad_limit"), ("exports?limit=1e3", "request.bad_limit"),
                         ("exports?limit=99999999999999999999", "request.bad_limit"), ("exports?sort=;drop", "request.bad_sort"),
                         ("runs?sort=id%20desc", "request.bad_sort"), ("usable-connections?for=odd", "request.bad_query"),
                         ("connections?serves=odd", "request.bad_query"), ("tables/Customer/rows?limit=201", "request.bad_limit")]:
        refused(server.admin.get(path), 400, reason)
    refused(server.admin.post("connections?verify=maybe", folder_draft()), 400, "request.bad_query", "required or skip")


def test_bodies_that_are_too_large(server):
    """UI-18: a gigabyte for a route that takes JSON is refused before it is read, whether its length is told or not"""
    started = time.monotonic()
    answer = raw(server, "POST /api/v1/connections HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 1000000000",
                 b'{"a": "' + b"x" * 1000)
    contains(answer, " 413 ", "answer to a gigabyte that was announced")
    contains(answer, "request.body_too_large", "reason")
    pieces = b"".join(b"10000\r\n" + b"x" * 65536 + b"\r\n" for _ in range(8))
    answer = raw(server, "POST /api/v1/connections HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked", pieces)
    contains(answer, " 413 ", "answer to pieces without end")
    holds(time.monotonic() - started < 3, "refused at once")
    answer = server.admin.call("POST", "exports", json.dumps({"display_name": "x" * 3_000_000}))
    equal(answer.status, 413, "three megabytes for an export")
    before = server.resident_megabytes()
    for _ in range(20):
        raw(server, "POST /api/v1/session HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 900000000", b"{")
    holds(server.resident_megabytes() - before < 30, "memory after twenty of them")


def test_requests_that_break_http(server):
    """UI-18: two lengths, a length and chunks, broken heads and smuggled requests are refused and the connection ends"""
    for head in ("POST /api/v1/connections HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6",
                 "POST /api/v1/connections HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
                 "POST /api/v1/connections HTTP/1.1\r\nContent-Length: -5", "GET /api/v1/home HTTP/1.1\r\nBroken header",
                 "GET /api/v1/home HTTP/1.1\r\nX: a\r\n folded", "GARBAGE",
                 "GET http://evil/ HTTP/9.9", "GET /api/v1/home%zz HTTP/1.1", "GET /api/v1/home HTTP/1.1\r\nX: " + "y" * 100_000):
        answer = raw(server, head, b"GET /api/v1/users HTTP/1.1\r\nHost: x\r\n\r\n")
        status = int(answer.split(" ")[1]) if answer.startswith("HTTP/1.") else 0
        holds(400 <= status < 500 or status in (501, 505), f"{head[:60]!r}: {answer[:100]!r}")
        equal(answer.count("HTTP/1.1 200"), 0, "smuggled requests that were answered")
    ok(server.admin.get("home"))


@on_both_stores
def test_text_that_is_code_elsewhere(server, postgres):
    """CON-47, SYS-46: quotes, SQL, HTML, control and right-to-left characters are kept as text everywhere"""
    for text in ("'; DROP TABLE connections; --", "<script>alert(1)</script>", "{{7*7}} ${x} %s %n", "\u202egnp.exe", "🙂‍🙂", "\u00a0nbsp", "NULL",
                 "0", "İstanbul ß"):
        name = f"{unique('T')} {text}"
        connection = make_folder(server.admin, display_name=name)
        equal(connection["display_name"], name, "the name")
        equal([c["display_name"] for c in server.admin.all("connections", q=name)], [name], f"found by {name}")
    for text in ("nul\x00byte", "tab\tname", "\x7f"):
        refused(server.admin.post("connections", folder_draft(display_name="x" + text + "x")), 422, "request.invalid")
    holds(int(query(server, postgres, "SELECT count(*) FROM connections")[0][0]) > 0, "the table is there")
