"""Every route, really called as nobody and as each role; the outcome is kept in authz.golden."""

import difflib
import http.client
import os
import pathlib

from harness import Failure, equal, holds, ok, refused
from things import audit, import_customers, make_export, make_folder

GOLDEN = pathlib.Path(__file__).with_name("authz.golden")
NOBODY = "0192f0c1-1111-7abc-8def-0123456789ab"
PLACES = {"connection_type_id": "sftp", "table_name": "NoSuchTable"}
# Enough of a body to get past reading it; what counts is who is let through.
BODIES = {
    ("POST", "/api/v1/session"): {"email": "nobody@example.com", "password": "not a password"},
    ("POST", "/api/v1/uploads"): "id,name\n1,a\n",
}
ROLES = ("anonymous", "viewer", "contributor", "administrator")


def routes(client):
    document = ok(client.get("/api/v1/openapi.json"))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def path_of(pattern):
    for part in pattern.split("/"):
        if part.startswith("{"):
            name = part[1:-1]
            pattern = pattern.replace(part, PLACES.get(name, NOBODY))
    return pattern


def status_of(client, method, pattern):
    headers = {"If-Match": '"1"'} if method in ("PATCH", "DELETE", "PUT") else {}
    body = None if method == "GET" else BODIES.get((method, pattern), {})
    if pattern == "/api/v1/events":
        connection = http.client.HTTPConnection(client.host, client.port, timeout=10)
        connection.request("GET", pattern, headers={"Cookie": client.cookie} if client.cookie else {})
        status = connection.getresponse().status
        connection.close()
        return status
    return client.call(method, path_of(pattern), body, headers).status


def test_golden_of_every_route_and_role(make_server):
    """ROL-01, ROL-02, ROL-12, ROL-13, ROL-14, ROL-17, CON-22, DIS-09: who is let through to which route, kept in authz.golden"""
    server = make_server()
    lines = []
    for method, pattern, _ in sorted(routes(server.anonymous()), key=lambda r: (r[1], r[0])):
        seen = []
        for role in ROLES:
            client = server.anonymous() if role == "anonymous" else server.client(role)
            if (method, pattern) == ("DELETE", "/api/v1/session") and role != "anonymous":
                client = server.new_client(role)
            seen.append(f"{role}={status_of(client, method, pattern)}")
        lines.append(f"{method} {pattern}: {' '.join(seen)}\n")
    text = "".join(lines)
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text)
    known = GOLDEN.read_text() if GOLDEN.exists() else ""
    if text != known:
        difference = "".join(difflib.unified_diff(known.splitlines(True), text.splitlines(True), "authz.golden", "seen", n=0))
        raise Failure("who may do what has changed (--update when it should have):\n" + difference)


def test_rows_without_a_refusal_are_few(make_server):
    """ROL-17, ROL-18: nobody gets 401 everywhere but at the public routes, and each role 403 exactly where its role is too low"""
    server = make_server()
    rank = {role: i for i, role in enumerate(ROLES)}
    public = []
    for method, pattern, operation in routes(server.anonymous()):
        required = operation.get("x-required-role")
        if required is None:
            public.append(f"{method} {pattern}")
            continue
        equal(status_of(server.anonymous(), method, pattern), 401, f"{method} {pattern} as nobody")
        for role in ROLES[1:]:
            if (method, pattern) == ("DELETE", "/api/v1/session"):
                continue
            status = status_of(server.client(role), method, pattern)
            if rank[role] < rank[required]:
                equal(status, 403, f"{method} {pattern} as {role}")
            else:
                holds(status not in (401, 403), f"{method} {pattern} as {role}: expected to be let through, saw {status}")
                holds(status < 500, f"{method} {pattern} as {role}: saw {status}")
    equal(sorted(public), ["GET /api/v1/openapi.json", "GET /healthz", "GET /readyz", "POST /api/v1/session"], "public routes")


def test_a_denied_call_is_audited(make_server):
    """ROL-18: 403 names the required role, and the attempt is in the audit log with who, what and the request"""
    server = make_server()
    problem = refused(server.contributor.get("connections"), 403, "request.forbidden", "administrator")
    equal(problem["required_role"], "administrator", "required_role")
    problem = refused(server.viewer.post("exports", {}), 403, "request.forbidden", "contributor")
    equal(problem["required_role"], "contributor", "required_role")
    entries = audit(server, None, "access.denied")
    equal([(e["actor"], e["object_name"], e["details"]["required_role"]) for e in entries],
          [("Contributor One", "/api/v1/connections", "administrator"), ("Viewer One", "/api/v1/exports", "contributor")], "audit entries")


def test_denied_by_the_object_is_audited_too(make_server):
    """ROL-18, ROL-30: a refusal for want of rights on one export names the role and is audited like any other"""
    server = make_server()
    import_customers(server.admin)
    export = make_export(server.admin, make_folder(server.admin))
    for method, path in [("PATCH", ""), ("DELETE", ""), ("POST", "/run")]:
        answer = server.contributor.call(method, f"exports/{export['id']}{path}", None if method == "DELETE" else {}, {"If-Match": '"1"'})
        problem = refused(answer, 403, "request.forbidden")
        equal(problem["required_role"], "administrator", "required_role")
    holds(len(audit(server, None, "access.denied")) == 3, "each refused change of an export leaves an audit entry access.denied")


def test_unknown_routes(server):
    """UI-19: an unknown path is 404, an unknown method 405 with Allow, and both are problems"""
    refused(server.admin.get("/api/v1/nonsense"), 404, "request.unknown_path")
    answer = server.admin.call("PUT", "/api/v1/connections", {})
    refused(answer, 405, "request.method_not_allowed")
    for method in ("GET", "POST"):
        holds(method in answer.headers["allow"], "Allow names what may be done")
