"""Connections: edited, removed, and what that does to secrets and exports."""

import threading

from harness import contains, equal, holds, lacks, ok, on_both_stores, pointers, refused, unique
from things import (AGREED, SHARED, change, deliver, delivered, files_below, folder_draft, make_export, make_folder, make_sftp, query, remove,
                    sftp_draft, sftp_settings, start,
                    wait_run)


def verified(client, connection):
    return ok(client.post(f"connections/{connection['id']}/verify"))["result"]


@on_both_stores
def test_saving_unchanged_keeps_the_password(server, sshd):
    """CON-50, CON-51, CON-53: the identical body saved three times keeps the stored password (C-010)"""
    connection = make_sftp(server.admin, sshd)
    body = {name: connection[name] for name in ("display_name", "settings", "sharing")}
    for secrets in ({}, {"password": {"keep": True}}, {"password": {"keep": True}, "private_key": None}):
        change(server.admin, "connections/" + connection["id"], body | {"secrets": secrets})
        equal(verified(server.admin, connection), "passed", f"verification after saving {secrets}")
    after = ok(server.admin.get("connections/" + connection["id"]))
    equal(after["secrets"]["password"], connection["secrets"]["password"], "when the password was set")


@on_both_stores
def test_a_placeholder_is_never_a_value(server, sshd, make_sshd):
    """CON-50: '***' is only ever the literal password '***', and a bare text is no change of a secret (C-011)"""
    connection = make_sftp(server.admin, sshd)
    path = "connections/" + connection["id"]
    for secrets in ({"password": "***"}, {"password": {"set": "x", "keep": True}}, {"password": {}},
                    {"password": {"is_set": True, "source": "stored"}}):
        problem = refused(server.admin.patch(path, {"secrets": secrets}, connection["version"]), 422, "request.invalid")
        holds(all(pointer.startswith("/secrets/password") for pointer in pointers(problem)), f"pointers {pointers(problem)}")
    equal(verified(server.admin, connection), "passed", "verification after refused changes")
    stars = make_sshd("--password", "***")
    literal = make_sftp(server.admin, stars)
    equal(verified(server.admin, literal), "passed", "a server whose password is three stars")


@on_both_stores
def test_secrets_go_with_what_needs_them(server, make_sshd):
    """CON-51, CON-54, CON-58, CON-74: switched from password to key the password is destroyed; cleared, set, kept by word"""
    sshd = make_sshd("--keys", "all")
    connection = make_sftp(server.admin, sshd)
    path = "connections/" + connection["id"]
    by_key = connection["settings"] | {"authentication": "private_key"}
    problem = refused(server.admin.patch(path, {"settings": by_key}, 1), 422, "request.invalid")
    equal(pointers(problem), ["/secrets/private_key"], "the key that is missing")
    for name in ("ed25519", "ecdsa", "rsa", "rsa_pem"):
        after = change(server.admin, path, {"settings": by_key, "secrets": {"private_key": {"set": sshd.private_keys[name]}}})
        equal({n: s["is_set"] for n, s in after["secrets"].items()}, {"password": False, "private_key": True, "passphrase": False}, "secrets by key")
        equal(verified(server.admin, connection), "passed", f"verification with the key {name}")
    change(server.admin, path, {"secrets": {"private_key": {"set": sshd.private_keys["ed25519_locked"]}, "passphrase": {"set": sshd.passphrase}}})
    equal(verified(server.admin, connection), "passed", "verification with a locked key")
    equal(change(server.admin, path, {"secrets": {"passphrase": None}})["secrets"]["passphrase"]["is_set"], False, "a cleared passphrase")
    equal(verified(server.admin, connection), "failed", "verification with a locked key and no passphrase")
    problem = refused(server.admin.patch(path, {"secrets": {"private_key": None}}, ok(server.admin.get(path))["version"]), 422, "request.invalid")
    equal(pointers(problem), ["/secrets/private_key"], "a secret that is needed cannot be cleared")
    change(server.admin, path, {"settings": connection["settings"], "secrets": {"password": {"set": sshd.password}}})
    equal(verified(server.admin, connection), "passed", "verification back with the password")


@on_both_stores
def test_a_kept_secret_never_reaches_a_new_target(server, sshd, make_host):
    """CON-58: with another host, port or user a stored secret is refused, on save and on verify, and nothing arrives there"""
    host = make_host(b"SSH-2.0-OpenSSH_9.2\r\n")
    connection = make_sftp(server.admin, sshd)
    path = "connections/" + connection["id"]
    for target in ({"port": host.port}, {"host": "localhost"}, {"username": "root"}):
        settings = connection["settings"] | target
        for secrets in ({}, {"password": {"keep": True}}):
            problem = refused(server.admin.patch(path, {"settings": settings, "secrets": secrets, "consent": AGREED}, connection["version"]), 422,
                              "connection.secret_required", "entered again")
            equal(pointers(problem), ["/secrets/password"], f"pointer for {target}")
            refused(server.admin.patch(path + "?verify=required", {"settings": settings, "secrets": secrets, "consent": AGREED},
                                       connection["version"]), 422, "connection.secret_required")
            refused(server.admin.post("connections/verify", {"type": "sftp", "id": connection["id"], "settings": settings, "secrets": secrets}), 422,
                    "connection.secret_required")
    equal((host.accepted, host.received), (0, b""), "what reached the new host")
    equal(ok(server.admin.get(path)), connection, "the connection after refused changes")
    settings = connection["settings"] | {"port": host.port}
    refused(server.admin.patch(path, {"settings": settings, "secrets": {"password": {"set": "new"}}}, connection["version"]), 422,
            "connection.consent_required")
    after = change(server.admin, path, {"settings": settings, "secrets": {"password": {"set": "new"}}, "consent": AGREED})
    equal((after["health"], after["verification"]), ("not_verified", None), "a retargeted connection is not verified any more")


@on_both_stores
def test_type_and_unknown_members(server):
    """CON-07: the type is fixed; unknown members are refused"""
    connection = make_folder(server.admin)
    path = "connections/" + connection["id"]
    problem = refused(server.admin.patch(path, {"type": "sftp"}, 1), 422, "connection.type_fixed", "new connection")
    equal(pointers(problem), ["/type"], "pointer")
    ok(server.admin.patch(path, {"type": "folder"}, 1))
    problem = refused(server.admin.patch(path, {"id": "x", "created_at": "now"}, 2), 422, "request.invalid")
    equal(sorted(pointers(problem)), ["/created_at", "/id"], "pointers")


@on_both_stores
def test_outdated_versions_are_refused(server):
    """CON-57: of two edits of the same version one wins and the other is told; a version must be named"""
    connection = make_folder(server.admin)
    path = "connections/" + connection["id"]
    refused(server.admin.patch(path, {"display_name": "x"}), 428, "request.if_match_required", "If-Match")
    refused(server.admin.delete(path), 428, "request.if_match_required")
    refused(server.admin.patch(path, {"display_name": "x"}, "abc"), 400, "request.bad_if_match")
    names, answers = [unique("Winner ") for _ in range(6)], []
    threads = [threading.Thread(target=lambda n=n: answers.append((n, server.admin.patch(path, {"display_name": n}, 1)))) for n in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [name for name, answer in answers if answer.status == 200]
    for name, answer in answers:
        if answer.status != 200:
            refused(answer, 412, "request.stale", "eload")
    equal(len(won), 1, "edits of the same version that were saved")
    equal((ok(server.admin.get(path))["display_name"], ok(server.admin.get(path))["version"]), (won[0], 2), "what was saved")
    refused(server.admin.delete(path, 1), 412, "request.stale")
    ok(server.admin.delete(path, 2), 204)
    refused(server.admin.get(path), 404, "request.not_found")


@on_both_stores
def test_a_used_connection_cannot_be_removed(server, postgres):
    """CON-04, CON-63, CON-64, CON-66, CON-68, CON-70, CON-72, CON-77, CON-78, CON-79, CON-85: dependants block the removal until each is dealt with (C-001)"""
    connection = make_folder(server.admin, **SHARED)
    path = "connections/" + connection["id"]
    first, second = make_export(server.admin, connection), make_export(server.contributor, connection)
    run = deliver(server.contributor, second)
    dependants = ok(server.admin.get(path + "/dependants"))
    problem = refused(server.admin.delete(path, 1), 409, "connection.in_use", "2 exports")
    equal(problem["dependants"], dependants, "the dependants of the refusal")
    equal(sorted((d["display_name"], d["kind"], d["owner"]["display_name"], d["state"], d["blocks"]) for d in dependants["exports"]),
          sorted((e["display_name"], "export", e["created_by"]["display_name"], "active", True) for e in (first, second)),
          "dependants by name, kind and owner")
    equal(ok(server.admin.get(path))["version"], 1, "the connection is as it was")
    remove(server.admin, "exports/" + first["id"])
    refused(server.admin.delete(path, 1), 409, "connection.in_use", "1 export")
    inactive = ok(server.admin.post(f"exports/{second['id']}/disconnect"))
    equal((inactive["state"], inactive["connection"]), ("inactive", None), "the disconnected export")
    equal(ok(server.admin.get(path + "/dependants")), {"exports": [], "enrichments": []}, "dependants at the end")
    ok(server.admin.delete(path, 1), 204)
    lacks([c["id"] for c in server.admin.all("connections", limit=200)], connection["id"], "the list")
    equal(query(server, postgres, f"SELECT count(*) FROM secrets WHERE owner_id = '{connection['id']}'"), [["0"]], "secrets of a removed connection")
    delivered(server.exports / connection["settings"]["folder"], run, "Customer")
    for call in (server.admin.get(path + "/dependants"), server.admin.post(path + "/verify"), server.admin.delete(path, 1)):
        refused(call, 404, "request.not_found")


@on_both_stores
def test_removing_destroys_secrets(server, sshd, postgres):
    """CON-74, CON-75: with a connection its secrets go; delivered files stay"""
    connection = make_sftp(server.admin, sshd)
    export = make_export(server.admin, connection)
    run = deliver(server.admin, export)
    remove(server.admin, "exports/" + export["id"])
    equal(query(server, postgres, f"SELECT count(*) FROM secrets WHERE owner_id = '{connection['id']}'"), [["1"]], "secrets before")
    remove(server.admin, "connections/" + connection["id"])
    equal(query(server, postgres, f"SELECT count(*) FROM secrets WHERE owner_id = '{connection['id']}'"), [["0"]], "secrets after")
    delivered(sshd.folder, run, "Customer")


@on_both_stores
def test_an_export_made_during_the_removal_wins_or_loses(server):
    """CON-72, CON-76: removal and new exports at the same moment never leave an export on a connection that is gone"""
    for _ in range(8):
        connection = make_folder(server.admin)
        answers = {}
        threads = [threading.Thread(target=lambda: answers.update(removed=server.admin.delete("connections/" + connection["id"], 1))),
                   threading.Thread(target=lambda: answers.update(made=server.admin.post("exports",
                                                                                         {"display_name": unique("Race "), "connection_id": connection["id"],
                                                                                                      "tables": ["Customer"]})))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        outcome = (answers["removed"].status, answers["made"].status)
        holds(outcome in ((204, 422), (409, 201)), f"removal and creation: one of them wins, saw {outcome}: {answers['removed'].text} {answers['made'].text}")
        if outcome[0] == 204:
            refused(answers["made"], 422, "export.unknown_connection")


@on_both_stores
def test_an_edit_counts_from_the_next_run(server):
    """CON-54, CON-56, EXP-20: a changed folder is used by every export from its next run"""
    connection = make_folder(server.admin)
    exports = [make_export(server.admin, connection) for _ in range(2)]
    old = server.exports / connection["settings"]["folder"]
    for export in exports:
        deliver(server.admin, export)
    files = files_below(old)
    name = unique("elsewhere")
    change(server.admin, "connections/" + connection["id"], {"settings": {"folder": name}, "consent": AGREED})
    for export in exports:
        deliver(server.admin, export)
    equal(files_below(old), files, "the former folder")
    equal(len(files_below(server.exports / name)), len(files), "files in the new one")


def test_a_running_export_keeps_its_settings(server):
    """CON-54, CON-56, CON-76: a run in flight goes on where it began, and its connection cannot be removed meanwhile"""
    connection = make_folder(server.admin)
    export = make_export(server.admin, connection)
    run = start(server.admin, export)
    name = unique("elsewhere")
    change(server.admin, "connections/" + connection["id"], {"settings": {"folder": name}, "consent": AGREED})
    refused(server.admin.delete("connections/" + connection["id"], 2), 409, "connection.in_use")
    ended = wait_run(server.admin, run)
    equal(ended["state"], "succeeded", "the run in flight")
    places = [place for place in (connection["settings"]["folder"],
                                  name) if (server.exports / place).exists() and files_below(server.exports / place)]
    equal(len(places), 1, "folders that got the files of one run")


@on_both_stores
def test_a_broken_connection_fails_its_runs_until_mended(server, sshd):
    """CON-20, CON-84, EXP-73: runs fail with the service's error, the connection shows it, and a repair is enough"""
    connection = ok(server.admin.post("connections", sftp_draft(sshd, secrets={"password": {"set": "wrong"}})), 201)
    export = make_export(server.admin, connection)
    run = deliver(server.admin, export, "failed")
    contains(run["error"]["detail"].lower(), "password", "the error of the run")
    equal(ok(server.admin.get("connections/" + connection["id"]))["health"], "failing", "health after a failed run")
    change(server.admin, "connections/" + connection["id"], {"secrets": {"password": {"set": sshd.password}}})
    deliver(server.admin, export)
    equal(ok(server.admin.get("connections/" + connection["id"]))["health"], "ok", "health after a delivery")


@on_both_stores
def test_verify_required_on_save(server, sshd):
    """CON-35, CON-36: with verify=required a connection that does not work is not saved, and the answer says why (C-039)"""
    before = ok(server.admin.get("connections?limit=1"))["total"]
    bad = sftp_draft(sshd, secrets={"password": {"set": "wrong"}})
    problem = refused(server.admin.post("connections?verify=required", bad), 422, "connection.verification_failed", "Nothing was saved")
    equal(problem["verification"]["result"], "failed", "verification in the refusal")
    equal(ok(server.admin.get("connections?limit=1"))["total"], before, "connections after the refusal")
    good = ok(server.admin.post("connections?verify=required", sftp_draft(sshd)), 201)
    equal((good["health"], good["verification"]["result"]), ("ok", "passed"), "a connection saved after verification")
    refused(server.admin.patch(f"connections/{good['id']}?verify=required", {"secrets": {"password": {"set": "wrong"}}}, 1), 422,
            "connection.verification_failed")
    equal(verified(server.admin, good), "passed", "the former password still stands")
    # A token speaks for exactly the values that were verified.
    settings = sftp_settings(sshd)
    token = ok(server.admin.post("connections/verify", {"type": "sftp", "settings": settings,
                                                        "secrets": {"password": {"set": sshd.password}}}))["token"]
    for draft in (sftp_draft(sshd, settings | {"folder": "/"}), sftp_draft(sshd, settings, secrets={"password": {"set": "other"}})):
        equal(ok(server.admin.post("connections", draft | {"verification_token": token}), 201)["health"], "not_verified",
              "health with a token of other values")
    equal(ok(server.admin.post("connections", folder_draft(verification_token=token)), 201)["health"], "not_verified",
          "health with the token of another type")
    equal(ok(server.admin.post("connections", sftp_draft(sshd, settings, verification_token=token[:-2] + "xx")), 201)["health"], "not_verified",
          "health with a forged token")
