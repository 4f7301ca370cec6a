"""Secrets are planted wherever one may be entered, and then looked for everywhere (C-009, C-012, C-014, C-015, C-018)."""

import base64
import json
import pathlib
import secrets
import subprocess
import urllib.parse

from harness import Events, Failure, equal, holds, ok, on_both_stores, refused
from servers import POSTGRES
from test_authz import PLACES, ROLES, routes
from things import (AGREED, SHARED, change, deliver, import_customers, make_export, make_folder, sftp_settings, start, wait_run)


def canary(stem=""):
    """A secret that is unlike any other text, with characters that encodings change."""
    return stem + 'q"\\/+ü&' + secrets.token_hex(12)


def forms_of(secret):
    """The ways in which the bytes of a secret may lie somewhere. Base64 depends on where in a longer text they begin."""
    raw = secret.encode()
    core = raw[-24:]
    forms = {raw, core, core.hex().encode(), core.hex().upper().encode(), urllib.parse.quote(secret, safe="").encode(),
             json.dumps(secret)[1:-1].encode()}
    for shift in range(3):
        packed = base64.b64encode(b"\0" * shift + core)
        forms.add(packed[4 if shift else 0:-4])
    return forms | {form.replace(b"+", b"-").replace(b"/", b"_") for form in forms}


class Search:
    def __init__(self, planted):
        self.forms = [(name, form) for name, secret in planted.items() for form in forms_of(secret)]

    def look(self, data, where):
        for name, form in self.forms:
            at = data.find(form)
            if at >= 0:
                raise Failure(f"the {name} lies in {where}: …{data[max(0, at - 60):at + 20]!r}")

    def look_in_files(self, folder, where):
        count = 0
        for path in pathlib.Path(folder).rglob("*"):
            if path.is_file():
                self.look(path.read_bytes(), f"{where} ({path.relative_to(folder)})")
                count += 1
        holds(count > 0, f"{where}: there are no files to look at")


def record(client, answers):
    """Keeps all that this client is told."""
    call = client.call

    def kept(*words, **members):
        answer = call(*words, **members)
        answers.append(answer)
        return answer
    client.call = kept
    return client


def crawl(server, ids):
    """Every GET route with ids that exist, as every role."""
    for method, pattern, _ in routes(server.anonymous()):
        if method != "GET" or pattern == "/api/v1/events":
            continue
        paths = [pattern]
        for part in pattern.split("/"):
            if part.startswith("{"):
                name = part[1:-1]
                paths = [path.replace(part, value) for path in paths for value in ids.get(name, [PLACES.get(name, "")])]
        for path in paths:
            for role in ROLES:
                client = server.anonymous() if role == "anonymous" else server.client(role)
                yield f"{method} {path} as {role}", client.get(path)


def plant(server, sshd, planted):
    """Connections whose secrets are canaries, set, replaced, verified rightly and wrongly; ids of what was made."""
    admin = server.admin
    settings = sftp_settings(sshd)
    good = ok(admin.post("connections", {"type": "sftp", "display_name": "Canary", "settings": settings, "consent": AGREED,
                                         "secrets": {"password": {"set": planted["first password"]}}} | SHARED), 201)
    equal(ok(admin.post(f"connections/{good['id']}/verify"))["result"], "failed", "verification with a wrong password")
    change(admin, "connections/" + good["id"], {"secrets": {"password": {"set": sshd.password}}})
    equal(ok(admin.post(f"connections/{good['id']}/verify"))["result"], "passed", "verification with the right password")
    locked = {"type": "sftp", "settings": settings | {"authentication": "private_key"},
              "secrets": {"private_key": {"set": sshd.private_keys["ed25519_locked"]}, "passphrase": {"set": planted["passphrase"]}}}
    equal(ok(admin.post("connections/verify", locked))["result"], "failed", "verification with a wrong passphrase")
    by_key = ok(admin.post("connections", locked | {"display_name": "Canary by key", "consent": AGREED}), 201)
    ok(admin.post(f"connections/{by_key['id']}/verify"))
    bad = ok(admin.post("connections", {"type": "sftp", "display_name": "Canary that fails", "settings": settings, "consent": AGREED,
                                        "secrets": {"password": {"set": planted["wrong password"]}}}), 201)
    # Nobody takes these messages; what is tried and fails is in the log and in the settings.
    ok(admin.call("PUT", "notice-settings", {
        "mail": {"is_on": True, "host": "127.0.0.1", "port": 1, "security": "starttls", "username": "sluice", "from": "sluice@example.com",
                 "password": {"set": planted["password of the mail server"]}},
        "webhooks": [{"url": "http://127.0.0.1:1/", "secret": {"set": planted["secret of the webhook"]}}]}, {"If-Match": '"1"'}))
    # Bodies that are refused must not be told back either.
    secret = planted["misplaced secret"]
    refused(admin.post("connections", {"type": "sftp", "display_name": "x", "settings": settings | {"password": secret}, "consent": AGREED}), 422,
            "settings.invalid")
    holds(admin.post("connections/verify", {"type": "sftp", "settings": settings, "secrets": {"password": secret}}).status == 422,
          "a secret without a verb is refused")
    holds(admin.post("connections/verify", {"type": "sftp", "settings": settings,
                                            "secrets": {"password": {"set": secret, "replace": secret}}}).status == 422,
          "an unknown verb is refused")
    refused(admin.call("POST", "connections/verify", '{"secrets": {"password": {"set": ' + json.dumps(secret) + "}"), 400, "json.invalid")
    refused(server.anonymous().sign_in("administrator@example.com", planted["mistyped password"]), 401, "session.sign_in_refused")
    return good, by_key, bad


@on_both_stores
def test_secrets_are_nowhere(make_server, make_sshd, postgres):
    """CON-49, SYS-47, UI-24, ROL-39: planted secrets occur in no answer, event, log line, database page, file or delivery"""
    server = make_server()
    sshd = make_sshd("--password", canary(), "--keys", "all")
    planted = {name: canary() for name in ["first password", "passphrase", "wrong password", "misplaced secret", "mistyped password",
                                           "new user's password", "password of the mail server", "secret of the webhook"]}
    planted |= {"password of the server": sshd.password, "private key": sshd.private_keys["ed25519_locked"].split("\n")[3]}
    answers = []
    for role in ROLES[1:]:
        record(server.client(role), answers)
    streams = [Events(server.client(role)) for role in ROLES[1:]]
    import_customers(server.admin)
    good, by_key, bad = plant(server, sshd, planted)
    user = ok(server.admin.post("users", {"email": "new@example.com", "role": "viewer", "password": planted["new user's password"]}), 201)

    works = make_export(server.contributor, good)
    fails = make_export(server.admin, bad)
    ids = {"run_id": [deliver(server.contributor, works)["id"], wait_run(server.viewer, start(server.admin, fails))["id"]],
           "connection_id": [good["id"], by_key["id"], bad["id"]], "export_id": [works["id"], fails["id"]], "table_name": ["Customer"],
           "connection_type_id": ["sftp", "folder"], "user_id": [user["id"]]}
    equal(ok(server.viewer.get("runs/" + ids["run_id"][1]))["state"], "failed", "the export with a wrong password")

    search = Search(planted)
    for stream in streams:
        search.look(stream.read_until(b'"state":"failed"'), "the stream of events")
        stream.close()
    for answer in answers:
        search.look(answer.body + repr(answer.headers).encode(), "the answer to " + answer.request)
    crawled = 0
    for what, answer in crawl(server, ids):
        search.look(answer.body + repr(answer.headers).encode(), what)
        crawled += answer.status == 200
    holds(crawled > 60, f"the crawl reached something ({crawled} pages)")
    search.look_in_files(server.data, "the data folder while serving")
    server.stop()
    search.look_in_files(server.data, "the data folder")
    search.look(server.log_path.read_bytes(), "the log")
    search.look_in_files(sshd.folder, "the delivered files")
    if postgres is not None:
        dump = subprocess.run([POSTGRES / "pg_dump", server.store], capture_output=True, check=True).stdout
        holds(b"Canary that fails" in dump, "the dump holds what is no secret")
        search.look(dump, "the dump of the database")
        search.look_in_files(postgres.folder, "the files of PostgreSQL")


@on_both_stores
def test_tokens_are_kept_as_hashes(make_server, postgres):
    """CON-49: passwords of users, session tokens and API keys lie nowhere but with whoever they were given to"""
    server = make_server()
    made = ok(server.admin.post("api-keys", {"display_name": "CI", "role": "administrator"}), 201)
    program = server.anonymous()
    program.bearer = made["token"]
    ok(program.get("connections"))
    make_folder(program)
    planted = {f"password of the {role}": server.passwords[role] for role in server.passwords}
    planted |= {"session of the administrator": server.admin.cookie.split("=", 1)[1], "API key": made["token"]}
    search = Search(planted)
    for what, answer in crawl(server, {}):
        search.look(answer.body, what)
    server.stop()
    search.look_in_files(server.data, "the data folder")
    search.look(server.log_path.read_bytes(), "the log")
    if postgres is not None:
        search.look(subprocess.run([POSTGRES / "pg_dump", server.store], capture_output=True, check=True).stdout, "the dump of the database")
