"""People: users, groups, keys of programs, sessions."""

import datetime
import threading

from harness import contains, equal, holds, lacks, ok, on_both_stores, pointers, refused, unique
from servers import ROLES
from things import SHARED, audit, change, deliver, make_export, make_folder, make_segment, query, remove, rule, write_sqlite

PASSWORD = "correct horse battery"


def add(client, role, email=None):
    return ok(client.post("users", {"email": email or unique("person") + "@example.com", "display_name": unique("Person "), "role": role,
                                    "password": PASSWORD}), 201)


def signed_in(server, user):
    client = server.anonymous()
    ok(client.sign_in(user["email"], PASSWORD))
    return client


@on_both_stores
def test_users_as_they_are_made(server):
    """ROL-02, ROL-03, ROL-04, ROL-05, ROL-07: listed with name, role and type, found by search; the role may be changed"""
    user = add(server.admin, "viewer")
    equal((user["type"], user["role"], user["effective_role"], user["groups"], user["last_sign_in_at"]), ("user", "viewer", "viewer", [], None),
          "the user")
    lacks(str(user), "password", "what is told of a user")
    equal([u["id"] for u in ok(server.admin.get("users?q=" + user["email"].upper()))["items"]], [user["id"]], "found by e-mail address")
    equal([u["id"] for u in ok(server.admin.get("users?q=" + user["display_name"].replace(" ", "%20")))["items"]], [user["id"]], "found by name")
    client = signed_in(server, user)
    equal(ok(client.get("session"))["user"]["role"], "viewer", "the role of the session")
    refused(client.get("users"), 403, "request.forbidden", "administrator")
    change(server.admin, "users/" + user["id"], {"role": "contributor"})
    equal(ok(client.get("session"))["user"]["role"], "contributor", "the role of the running session (ROL-08)")
    problem = refused(server.admin.post("users", {"email": user["email"].upper(), "role": "viewer", "password": PASSWORD}), 409, "user.email_taken")
    equal(pointers(problem), ["/email"], "pointer")
    for wrong, pointer in [({"email": "nobody"}, "/email"), ({"password": "2short"}, "/password"), ({"role": "king"}, "/role"),
                           ({"display_name": "x" * 101}, "/display_name")]:
        answer = server.admin.post("users", {"email": unique("w") + "@example.com", "role": "viewer", "password": PASSWORD} | wrong)
        holds(answer.status == 422 and pointers(answer.json) == [pointer], f"pointer for {wrong}: {answer.text}")
        lacks(answer.text, "2short", "a refused password in the answer")


@on_both_stores
def test_a_removed_user_is_out(server):
    """ROL-06, ROL-40: sessions end at once; exports stay and run on"""
    user = add(server.admin, "contributor")
    client = signed_in(server, user)
    export = make_export(client, make_folder(server.admin, **SHARED))
    refused(server.admin.delete("users/" + user["id"]), 428, "request.if_match_required")
    remove(server.admin, "users/" + user["id"])
    refused(client.get("exports"), 401, "session.required")
    refused(server.anonymous().sign_in(user["email"], PASSWORD), 401, "session.sign_in_refused")
    deliver(server.contributor, export)
    refused(server.admin.get("users/" + user["id"]), 404, "request.not_found")


@on_both_stores
def test_a_removed_owner_is_called_former(server):
    """ROL-40: what a removed user made shows a former user as its owner"""
    user = add(server.admin, "contributor")
    export = make_export(signed_in(server, user), make_folder(server.admin, **SHARED))
    segment = make_segment(signed_in(server, user), rule("zip", "is_not_empty"))
    other = add(server.admin, "administrator")
    connection = make_folder(signed_in(server, other))
    remove(server.admin, "users/" + user["id"])
    remove(server.admin, "users/" + other["id"])
    for path in (f"exports/{export['id']}", f"segments/{segment['id']}", f"connections/{connection['id']}"):
        contains(ok(server.admin.get(path))["created_by"]["display_name"], "(former user)", f"the owner of {path}")


@on_both_stores
def test_groups_raise_roles(server):
    """ROL-03, ROL-05, ROL-09: the highest of the own role and those of the groups counts, at once"""
    user = add(server.admin, "viewer")
    client = signed_in(server, user)
    group = ok(server.admin.post("groups", {"display_name": unique("Makers "), "role": "contributor", "members": [user["id"]]}), 201)
    equal((group["type"], [m["id"] for m in group["members"]]), ("group", [user["id"]]), "the group")
    equal(ok(client.get("session"))["user"]["role"], "contributor", "with the group")
    seen = ok(server.admin.get("users/" + user["id"]))
    equal((seen["role"], seen["effective_role"], [g["id"] for g in seen["groups"]]), ("viewer", "contributor", [group["id"]]), "the user")
    change(server.admin, "groups/" + group["id"], {"role": "viewer"})
    change(server.admin, "users/" + user["id"], {"role": "contributor"})
    equal(ok(client.get("session"))["user"]["role"], "contributor", "with a lower group")
    change(server.admin, "users/" + user["id"], {"role": None})
    equal(ok(client.get("session"))["user"]["role"], "viewer", "by the group alone")
    remove(server.admin, "groups/" + group["id"])
    refused(client.get("session"), 401, "session.required")
    refused(server.admin.post("groups", {"display_name": unique("x"), "role": "viewer", "members": ["0192f0c1-1111-7abc-8def-0123456789ab"]}), 422,
            "group.unknown_member")


@on_both_stores
def test_the_last_administrator_stays(make_server):
    """ROL-10: nobody can remove or demote the last administrator, by any way, not even two at the same moment"""
    server = make_server()
    me = "users/" + server.admin.user["id"]
    for call in (server.admin.delete(me, 1), server.admin.patch(me, {"role": "viewer"}, 1), server.admin.patch(me, {"role": None}, 1)):
        refused(call, 409, "user.last_administrator", "another user")
    other = add(server.admin, "viewer")
    group = ok(server.admin.post("groups", {"display_name": "Admins", "role": "administrator", "members": [other["id"]]}), 201)
    version = ok(server.admin.patch(me, {"role": "viewer"}, 1))["version"]
    second = signed_in(server, other)
    for call in (second.delete("groups/" + group["id"], 1), second.patch("groups/" + group["id"], {"members": []}, 1),
                 second.patch("groups/" + group["id"], {"role": "viewer"}, 1),
                 second.delete("users/" + other["id"], 1)):
        refused(call, 409, "user.last_administrator")
    ok(second.patch(me, {"role": "administrator"}, version))
    answers = []
    calls = [lambda: server.admin.patch("groups/" + group["id"], {"role": "viewer"}, 1), lambda: second.patch(me, {"role": "viewer"}, version + 1)]
    threads = [threading.Thread(target=lambda c=c: answers.append(c())) for c in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    holds(sorted(a.status for a in answers)[0] == 200 and sorted(a.status for a in answers)[1] in (403, 409),
          f"of two demotions at once one wins: {[a.text for a in answers]}")


@on_both_stores
def test_sign_in_tells_nothing(server, postgres):
    """ROL-17, SYS-46: one answer for every cause; success and refusal are audited; cookies are for HTTP only"""
    user = add(server.admin, "viewer")
    answers = [server.anonymous().sign_in(*pair) for pair in [(user["email"], "wrong password"), ("nobody@example.com", PASSWORD),
                                                              (user["email"], PASSWORD + " ")]]
    for answer in answers:
        refused(answer, 401, "session.sign_in_refused")
    equal(len({a.json["detail"] for a in answers}), 1, "details of refusals")
    answer = server.anonymous().sign_in("  " + user["email"].upper(), PASSWORD)
    session = ok(answer)
    for word in ("HttpOnly", "SameSite=Lax", "Path=/"):
        contains(answer.cookies[0], word, "the cookie")
    equal(session["permissions"], ["view"], "permissions of a viewer")
    equal(session["user"]["id"], user["id"], "the user")
    equal(len(audit(server, postgres, "session.opened", user["id"])), 1, "audit of the sign-in")
    contains([row[0] for row in query(server, postgres, "SELECT object_name FROM audit_entries WHERE event = 'session.sign_in_refused'")],
             user["email"], "audit of the refusal")


@on_both_stores
def test_changes_need_the_token_of_the_session(server):
    """UI-24, ROL-17: without X-Sluice-CSRF, with another session's or a wrong one, no change; reading needs none"""
    first, second = server.new_client("administrator"), server.new_client("administrator")
    before = ok(server.admin.get("connections?limit=1"))["total"]
    for token in (None, "", "x" * 32, second.csrf):
        for method, path, body in [("POST", "connections", {}), ("PATCH", "connections/x", {}), ("DELETE", "users/x", None),
                                   ("DELETE", "session", None), ("POST", "uploads", "id\n1\n")]:
            refused(first.call(method, path, body, {"X-Sluice-CSRF": token, "If-Match": '"1"'}), 403, "request.csrf")
        ok(first.call("GET", "connections", headers={"X-Sluice-CSRF": token}))
    equal(ok(server.admin.get("connections?limit=1"))["total"], before, "connections")
    ok(first.get("session"))


@on_both_stores
def test_signing_out(server):
    """ROL-06: a session that was ended is over, the others are not"""
    first, second = server.new_client("viewer"), server.new_client("viewer")
    answer = first.delete("session")
    ok(answer, 204)
    contains(answer.cookies[0], "Max-Age=0", "the cookie of a session that ended")
    refused(first.get("home"), 401, "session.required")
    ok(second.get("home"))


@on_both_stores
def test_a_new_password_ends_sessions(server):
    """ROL-06, ROL-08: after a change of the password no earlier session goes on, and only the new password signs in"""
    user = add(server.admin, "viewer")
    client = signed_in(server, user)
    change(server.admin, "users/" + user["id"], {"password": "another long password"})
    refused(client.get("home"), 401, "session.required")
    refused(server.anonymous().sign_in(user["email"], PASSWORD), 401, "session.sign_in_refused")
    ok(server.anonymous().sign_in(user["email"], "another long password"))


def test_sessions_end_by_time(server):
    """ROL-06: a session ends after an hour without a call and after twelve hours in any case"""
    hour = 3_600_000_000
    for column, back in [("seen_at", hour + 1_000_000), ("expires_at", 13 * hour)]:
        user = add(server.admin, "viewer")
        client = signed_in(server, user)
        write_sqlite(server, f"UPDATE sessions SET {column} = {column} - ? WHERE user_id = ?", back - 2_000_000 - 120_000_000, user["id"])
        if column == "seen_at":
            ok(client.get("home"))
        write_sqlite(server, f"UPDATE sessions SET {column} = {column} - ? WHERE user_id = ?", back, user["id"])
        refused(client.get("home"), 401, "session.required")
        ok(client.sign_in(user["email"], PASSWORD))


def test_guessing_is_braked(make_server):
    """ROL-17: after five wrong passwords an account waits longer each time, and Retry-After says how long; others sign in meanwhile"""
    server = make_server()
    for _ in range(5):
        refused(server.anonymous().sign_in("viewer@example.com", "wrong"), 401, "session.sign_in_refused")
    waits = []
    for _ in range(3):
        answer = server.anonymous().sign_in("viewer@example.com", server.passwords["viewer"])
        problem = refused(answer, 429, "session.too_many_attempts", "seconds")
        wait = int(answer.headers["retry-after"])
        holds(f"{wait} seconds" in problem["detail"] and 1 <= wait <= 64, f"Retry-After {wait} and the detail: {problem['detail']}")
        waits.append(wait)
        write_sqlite(server, "UPDATE sign_in_failures SET last_at = last_at - ?", 70_000_000)
        refused(server.anonymous().sign_in("viewer@example.com", "wrong"), 401, "session.sign_in_refused")
    equal(waits, sorted(set(waits)), "waits that grow")
    ok(server.anonymous().sign_in("contributor@example.com", server.passwords["contributor"]))
    write_sqlite(server, "UPDATE sign_in_failures SET last_at = last_at - ?", 3_600_000_000)
    ok(server.anonymous().sign_in("viewer@example.com", server.passwords["viewer"]))


@on_both_stores
def test_keys_of_programs(server):
    """ROL-03, ROL-17: a key has a role and an end, needs no CSRF token, is told once, and is over when removed or expired"""
    for role in ROLES:
        made = ok(server.admin.post("api-keys", {"display_name": unique("Key "), "role": role}), 201)
        equal((made["key"]["type"], made["key"]["role"]), ("application", role), "the key")
        program = server.anonymous()
        program.bearer = made["token"]
        equal(ok(program.get("session"))["user"]["role"], role, "role of the program")
        answer = program.post("segments", {"display_name": unique("By key "), "kind": "rule",
                                           "rule": {"match": "all", "conditions": [{"column": "zip", "operator": "is_empty"}]}})
        equal(answer.status, 403 if role == "viewer" else 201, f"a change by a {role}")
        equal(program.get("users").status, 200 if role == "administrator" else 403, f"users for a {role}")
        lacks(server.admin.get("api-keys").text, made["token"], "the list of keys")
        ok(server.admin.delete("api-keys/" + made["key"]["id"], made["key"]["version"]), 204)
        refused(program.get("session"), 401, "session.required")
    for token in ("", "sluice_wrong", "Basic x"):
        program = server.anonymous()
        program.bearer = token or " "
        refused(program.get("home"), 401, "session.required")
    past = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    problem = refused(server.admin.post("api-keys", {"display_name": "x", "role": "viewer", "expires_at": past}), 422, "api_key.expired")
    equal(pointers(problem), ["/expires_at"], "pointer")


def test_a_key_expires(server):
    """ROL-06: a key is over when its time is"""
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = ok(server.admin.post("api-keys", {"display_name": unique("Short "), "role": "viewer", "expires_at": soon}), 201)
    program = server.anonymous()
    program.bearer = made["token"]
    ok(program.get("home"))
    write_sqlite(server, "UPDATE api_keys SET expires_at = expires_at - ? WHERE id = ?", 7_200_000_000, made["key"]["id"])
    refused(program.get("home"), 401, "session.required")
