"""Notices: what the bell shows to whom, and what leaves by mail and to webhooks."""

import datetime
import hashlib
import hmac
import json
import re
import time

from harness import Events, contains, equal, holds, lacks, match, ok, on_both_stores, pointers, refused, unique, until
from things import audit, deliver, import_customers, make_export, make_folder, make_sftp, query, remove, sftp_settings
from test_audit import execute

SECRET = "a secret of the webhook & more"
PASSWORD = 'pä"ss\\word of the mail server'


def put(client, mail=None, webhooks=(), status=200):
    now = ok(client.get("notice-settings"))
    body = {"mail": mail or {"is_on": False, "host": "", "port": 587, "security": "starttls", "from": ""}, "webhooks": list(webhooks)}
    return ok(client.call("PUT", "notice-settings", body, match(now["version"])), status)


def hook_settings(hook, **members):
    return {"url": hook.url, "secret": {"set": SECRET}} | members


def breakable(server):
    """An export to a folder, and functions that break it and make it whole."""
    import_customers(server.admin)
    connection = make_folder(server.admin, display_name="Warehouse & Søn")
    export = make_export(server.admin, connection, display_name="Daily “list”")
    folder = server.exports / connection["settings"]["folder"]

    def break_it():
        if folder.exists():
            folder.rename(folder.with_name(folder.name + "-kept" + unique("")))
        folder.write_text("in the way")

    def repair():
        folder.unlink()
    return export, connection, break_it, repair


def bell(client, **filters):
    return ok(client.get("notices" + ("?unread=true" if filters.get("unread") else "")))


def verify_signature(post):
    found = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", post["headers"]["sluice-signature"])
    holds(found, f"the signature: {post['headers']}")
    expected = hmac.new(SECRET.encode(), found.group(1).encode() + b"." + post["body"], hashlib.sha256).hexdigest()
    equal(found.group(2), expected, "v1")
    holds(abs(time.time() - int(found.group(1))) < 60, "t is now")
    return json.loads(post["body"])


def settle(server, postgres):
    """Once nothing waits to be sent."""
    until("the outbox is empty", lambda: query(server, postgres, "SELECT count(*) FROM notice_messages WHERE state = 'pending'") == [["0"]])


@on_both_stores
def test_a_failing_export_is_told_once(make_server, make_smtpd, make_hook, postgres):
    """SYS-21, SYS-24, SYS-26, SYS-27, SYS-28, SYS-29, ROL-39: one mail to each administrator and one signed post, counted when it happens again, told once when it works again; others read nothing of the destination"""
    smtpd, hook = make_smtpd(user="sluice", password=PASSWORD), make_hook()
    server = make_server(environment={"SLUICE_CA_FILE": str(smtpd.certificate), "SLUICE_ENVIRONMENT_NAME": "Østlig prøve"})
    second = ok(server.admin.post("users", {"email": "second@example.com", "role": "administrator", "password": "correct horse battery"}), 201)
    by_group = ok(server.admin.post("users", {"email": "by-group@example.com", "role": "viewer", "password": "correct horse battery"}), 201)
    ok(server.admin.post("groups", {"display_name": "Admins", "role": "administrator", "members": [by_group["id"]]}), 201)
    put(server.admin, smtpd.settings(), [hook_settings(hook)])
    export, connection, break_it, repair = breakable(server)
    deliver(server.admin, export)
    equal((bell(server.admin)["items"], smtpd.mails(), hook.posts), ([], [], []), "notices while all is well")

    streams = [Events(server.admin), Events(server.viewer)]
    break_it()
    failed = deliver(server.admin, export, "failed")
    seen = [stream.read_until(b"event: notice") + stream.read_until(b'"is_resolved":false') for stream in streams]
    settle(server, postgres)
    mails = smtpd.mails()
    equal(sorted(m["to"][0] for m in mails), ["administrator@example.com", "by-group@example.com", "second@example.com"], "who gets mail")
    for mail in mails:
        equal((mail["from"], len(mail["to"]), mail["tls"], mail["user"]), ("sluice@example.com", 1, True, "sluice"), "the envelope")
        message = mail["message"]
        equal((message["subject"], message["to"], message["auto-submitted"]), ("[Østlig prøve] Export 'Daily “list”' failed", mail["to"][0], "auto-generated"), "headers")
        equal(message["from"], "Østlig prøve <sluice@example.com>", "From")
        holds(abs(message["date"].datetime - datetime.datetime.now(datetime.timezone.utc)) < datetime.timedelta(minutes=1), "Date")
        holds(re.fullmatch(r"<[0-9a-f-]{36}@example\.com>", message["message-id"]), message["message-id"])
        text = message.get_content()
        for part in ("Environment: Østlig prøve", "Export: Daily “list”", "Connection: Warehouse & Søn", failed["error"]["detail"],
                     f"http://127.0.0.1:{server.port}/data/runs/{failed['id']}"):
            contains(text, part, "the mail")
    equal(len(hook.posts), 1, "posts")
    body = verify_signature(hook.posts[0])
    equal((hook.posts[0]["path"], hook.posts[0]["headers"]["content-type"], hook.posts[0]["headers"]["sluice-event-id"]),
          ("/hook?team=a", "application/json", body["id"]), "the post")
    equal((body["event"], body["environment"]["display_name"], body["task"], body["subject"]["id"], body["connection"]["display_name"], body["notice"]["count"],
           body["notice"]["detail"], body["notice"]["link"]),
          ("notice.raised", "Østlig prøve", "export", export["id"], "Warehouse & Søn", 1, failed["error"]["detail"], f"http://127.0.0.1:{server.port}/data/runs/{failed['id']}"), "the post")

    again = deliver(server.admin, export, "failed")
    mine, theirs = bell(server.admin), bell(server.viewer)
    equal([(n["count"], n["reason"], n["severity"], n["link"], n["is_read"], n["is_resolved"], n["detail"]) for n in mine["items"]],
          [(2, failed["error"]["reason"], "error", "/data/runs/" + again["id"], False, False, again["error"]["detail"])], "the bell of an administrator")
    equal((mine["unread"], theirs["unread"], theirs["items"][0]["title"]), (1, 1, "Export 'Daily “list”' failed"), "unread")
    told = ok(server.viewer.get("runs/" + again["id"]))["error"]["detail"]
    equal(theirs["items"][0]["detail"], told, "a viewer reads what the run tells a viewer")
    holds(told != again["error"]["detail"], "which is another text")
    lacks(seen[1].decode(), failed["error"]["detail"], "the events of a viewer")
    contains(seen[0].decode(), json.dumps(failed["error"]["detail"], ensure_ascii=False)[1:-1], "the events of an administrator")

    ok(server.viewer.post(f"notices/{mine['items'][0]['id']}/read"), 204)
    equal((bell(server.viewer)["unread"], bell(server.viewer)["items"][0]["is_read"], bell(server.viewer, unread=True)["items"], bell(server.admin)["unread"]),
          (0, True, [], 1), "read by one")
    ok(server.admin.post("notices/read-all"), 204)
    equal(bell(server.admin)["unread"], 0, "unread after read-all")
    refused(server.viewer.post("notices/0192f0c1-1111-7abc-8def-0123456789ab/read"), 404, "request.not_found")

    repair()
    deliver(server.admin, export)
    settle(server, postgres)
    deliver(server.admin, export)
    time.sleep(1.5)  # what must not come has had its time
    equal(([json.loads(p["body"])["event"] for p in hook.posts], len(smtpd.mails())), (["notice.raised", "notice.resolved"], 6), "told once more")
    verify_signature(hook.posts[1])
    equal([(n["title"], n["severity"], n["is_resolved"]) for n in bell(server.viewer)["items"]],
          [("Export 'Daily “list”' works again", "info", True), ("Export 'Daily “list”' failed", "error", True)], "the bell")
    shown = ok(server.admin.get("notice-settings"))
    equal((shown["mail"]["last_status"], shown["webhooks"][0]["last_status"]), ("delivered", "delivered"), "how the last messages fared")
    for stream in streams:
        stream.close()
    equal(second["role"], "administrator", "the second")


@on_both_stores
def test_mail_waits_for_its_server(make_server, make_smtpd, make_hook, postgres):
    """SYS-24, SYS-29: while the mail server is down a mail waits, is tried again later, and comes once; no notice tells of it; a webhook is tried again with the same event id, and a redirect is not followed"""
    smtpd, hook, elsewhere = make_smtpd(user="sluice", password=PASSWORD, mechanism="LOGIN"), make_hook(500, 307, 204, location="http://127.0.0.1:1/"), make_hook()
    server = make_server(environment={"SLUICE_CA_FILE": str(smtpd.certificate)})
    put(server.admin, smtpd.settings(), [hook_settings(hook)])
    export, _, break_it, _ = breakable(server)
    break_it()
    smtpd.stop()
    deliver(server.admin, export, "failed")
    state = until("both were tried", lambda: (lambda s: s if s["mail"]["last_status"] and s["webhooks"][0]["last_status"] else None)(ok(server.admin.get("notice-settings"))))
    equal((state["mail"]["last_status"], state["webhooks"][0]["last_status"]), ("retrying", "retrying"), "status")
    contains(state["mail"]["last_detail"], "127.0.0.1", "why not")
    contains(state["webhooks"][0]["last_detail"], "500", "why not")
    waits = query(server, postgres, "SELECT attempts FROM notice_messages WHERE state = 'pending'")
    equal(waits, [["1"], ["1"]], "tries")
    equal(len(bell(server.admin)["items"]), 1, "notices")
    smtpd.start()
    for _ in range(2):
        execute(server, postgres, "UPDATE notice_messages SET next_at = 0")
        until("tried again", lambda: query(server, postgres, "SELECT count(*) FROM notice_messages WHERE next_at = 0") == [["0"]])
    settle(server, postgres)
    equal(([m["to"] for m in smtpd.mails()], [m["user"] for m in smtpd.mails()]), ([["administrator@example.com"]], ["sluice"]), "mails")
    equal((len(hook.posts), len({p["headers"]["sluice-event-id"] for p in hook.posts}), len({p["body"] for p in hook.posts})), (3, 1, 1), "posts")
    for post in hook.posts:
        verify_signature(post)
    # Given up after a day of tries.
    smtpd.stop()
    put(server.admin, smtpd.settings(), [])
    other = make_export(server.admin, make_folder(server.admin))
    (server.exports / ok(server.admin.get("connections/" + other["connection"]["id"]))["settings"]["folder"]).write_text("in the way")
    deliver(server.admin, other, "failed")
    until("tried", lambda: query(server, postgres, "SELECT attempts FROM notice_messages") == [["1"]])
    execute(server, postgres, "UPDATE notice_messages SET attempts = 6, next_at = 0")
    until("given up", lambda: ok(server.admin.get("notice-settings"))["mail"]["last_status"] == "failed")
    equal(len(bell(server.admin)["items"]), 2, "notices: none of mail")
    equal(elsewhere.posts, [], "posts elsewhere")


def test_how_mail_is_protected(make_server, make_smtpd):
    """SYS-24: TLS from the start or demanded after the start; a server without it, with an unknown certificate or another password gets no mail, and no password in the clear"""
    tls, starttls, clear = make_smtpd(security="tls", user="sluice", password=PASSWORD), make_smtpd(user="sluice", password=PASSWORD), make_smtpd(security="none")
    trusting = make_server(environment={"SLUICE_CA_FILE": str(tls.certificate)})

    def tried(server, mail):
        put(server.admin, {"password": None} | mail)
        return ok(server.admin.post("notice-settings/test", {"to": "mail"}))
    equal(tried(trusting, tls.settings()), {"ok": True, "detail": "The mail server took the message to administrator@example.com."}, "implicit TLS")
    equal((len(tls.mails()), tls.mails()[0]["message"]["subject"]), (1, "[Sluice] Test message of Sluice"), "the mail")
    equal(tried(trusting, clear.settings())["ok"], True, "no TLS where none is wanted")
    for mail, word in [(starttls.settings(), "certificate"), (clear.settings(security="starttls"), "TLS"), (clear.settings(security="tls"), "TLS"),
                       (tls.settings(password={"set": "another"}), "password")]:
        answer = tried(trusting, mail)
        equal(answer["ok"], False, f"{mail}")
        contains(answer["detail"], word, "why not")
        lacks(answer["detail"], PASSWORD, "why not")
    equal((len(tls.mails()), len(starttls.mails()), len(clear.mails())), (1, 0, 1), "mails")
    equal(len(audit(trusting, None, "notice_settings.tested")), 6, "audit entries of tests")
    program = trusting.anonymous()
    program.bearer = ok(trusting.admin.post("api-keys", {"display_name": "CI", "role": "administrator"}), 201)["token"]
    put(trusting.admin, clear.settings(password=None))
    equal(ok(program.post("notice-settings/test", {"to": "mail"}))["ok"], True, "a program tests: all administrators get it")
    refused(trusting.admin.post("notice-settings/test", {"to": "nonsense"}), 422, "notices.unknown_webhook")


@on_both_stores
def test_settings_and_their_secrets(make_server, make_hook, postgres):
    """SYS-29, SYS-47, CON-49: secrets are set, kept, replaced and cleared but never told; nothing that cannot work or leaks is taken; for administrators, with If-Match, audited"""
    server = make_server()
    hook = make_hook()
    for client in (server.contributor, server.viewer):
        for method, path in (("GET", "notice-settings"), ("PUT", "notice-settings"), ("POST", "notice-settings/test")):
            refused(client.call(method, path, {}), 403, "request.forbidden", "administrator")
    mail = {"is_on": True, "host": "mail.example.com", "port": 587, "security": "starttls", "username": "u", "from": "sluice@example.com", "password": {"set": PASSWORD}}
    first = server.admin.call("PUT", "notice-settings", {"mail": mail, "webhooks": [hook_settings(hook)]}, match(1))
    saved = ok(first)
    equal((saved["mail"]["has_password"], saved["webhooks"][0]["has_secret"], saved["webhooks"][0]["is_on"], saved["mail"]["recipients"], saved["version"], saved["can"]),
          (True, True, True, ["administrators"], 2, ["update"]), "saved")
    equal(first.headers["etag"], '"2"', "ETag")
    refused(server.admin.call("PUT", "notice-settings", {"mail": mail, "webhooks": []}, match(1)), 412, "request.stale")
    refused(server.admin.call("PUT", "notice-settings", {"mail": mail, "webhooks": []}), 428, "request.if_match_required")
    kept = dict(mail)
    del kept["password"]
    webhook = {"id": saved["webhooks"][0]["id"], "url": hook.url}
    answers = [first, server.admin.get("notice-settings"), server.admin.call("PUT", "notice-settings", {"mail": kept, "webhooks": [webhook]}, match(2))]
    equal((ok(answers[-1])["mail"]["has_password"], ok(answers[-1])["webhooks"][0]["id"], ok(answers[-1])["webhooks"][0]["has_secret"]),
          (True, webhook["id"], True), "kept")
    for change in ({"host": "evil.example.com"}, {"port": 25}, {"security": "none", "username": ""}):
        problem = refused(server.admin.call("PUT", "notice-settings", {"mail": kept | change, "webhooks": [webhook]}, match(3)), 422, "notices.secret_required")
        equal(pointers(problem), ["/mail/password"], f"pointer for {change}")
    for bad, pointer in [({"mail": kept | {"host": ""}}, "/mail/host"), ({"mail": kept | {"from": "x\r\nBcc: y@z"}}, "/mail/from"), ({"mail": kept | {"security": "none"}}, "/mail/security"),
                         ({"mail": kept | {"port": 0}}, "/mail/port"), ({"mail": kept | {"recipients": ["eve@example.com"]}}, "/mail/recipients/0"),
                         ({"webhooks": [{"url": hook.url}]}, "/webhooks/0/secret"), ({"webhooks": [{"url": hook.url, "secret": {"set": "short"}}]}, "/webhooks/0/secret/set"),
                         ({"webhooks": [webhook | {"secret": None}]}, "/webhooks/0/secret"),
                         ({"webhooks": [webhook | {"url": "https://user:pw@example.com/"}]}, "/webhooks/0/url"), ({"webhooks": [webhook | {"url": "file:///etc/passwd"}]}, "/webhooks/0/url")]:
        answers.append(server.admin.call("PUT", "notice-settings", {"mail": kept, "webhooks": [webhook]} | bad, match(3)))
        equal(pointers(refused(answers[-1], 422, "request.invalid")), [pointer], f"pointer for {bad}")
    refused(server.admin.call("PUT", "notice-settings", {"mail": kept, "webhooks": [webhook | {"id": "0192f0c1-1111-7abc-8def-0123456789ab"}]}, match(3)), 422,
            "notices.unknown_webhook")
    equal(ok(server.admin.post("notice-settings/test", {"to": webhook["id"]})), {"ok": True, "detail": "The webhook took the message."}, "a test")
    equal(verify_signature(hook.posts[0])["event"], "notice.test", "the test message")
    cleared = server.admin.call("PUT", "notice-settings", {"mail": kept | {"username": "", "password": None}, "webhooks": []}, match(3))
    answers += [cleared, server.admin.get("audit?event=notice_settings.updated"), server.admin.get("audit?format=csv")]
    equal((ok(cleared)["mail"]["has_password"], ok(cleared)["webhooks"]), (False, []), "cleared")
    equal(query(server, postgres, "SELECT count(*) FROM secrets"), [["0"]], "secrets left")
    for answer in answers:
        for secret in (PASSWORD, SECRET, json.dumps(PASSWORD)[1:-1], json.dumps(PASSWORD, ensure_ascii=False)[1:-1]):
            lacks(answer.text, secret, answer.request)
    entries = audit(server, postgres, "notice_settings.updated")
    equal((len(entries), entries[0]["details"]["mail.password"], entries[0]["details"]["mail.host"], entries[0]["details"]["webhooks.new.secret"]),
          (3, "changed", {"old": "", "new": "mail.example.com"}, "changed"), "audit entries")
    equal(entries[2]["details"][f"webhooks.{webhook['id']}.url"], {"old": hook.url, "new": None}, "a removed webhook")


def test_webhooks_stay_outside(make_server, make_hook):
    """SYS-29, CON-87: a webhook to a private address is not called unless the operator allows it"""
    server, hook = make_server(environment={"SLUICE_EGRESS_ALLOW": ""}), make_hook()
    saved = put(server.admin, None, [hook_settings(hook), hook_settings(hook, url=hook.url.replace("127.0.0.1", "localhost"))])
    for webhook in saved["webhooks"]:
        answer = ok(server.admin.post("notice-settings/test", {"to": webhook["id"]}))
        equal(answer["ok"], False, "called")
        contains(answer["detail"], "not a public address", "why not")
    equal(hook.posts, [], "posts")
    server.stop()
    server.environment["SLUICE_EGRESS_ALLOW"] = "127.0.0.1"
    server.start()
    equal(ok(server.admin.post("notice-settings/test", {"to": saved["webhooks"][0]["id"]}))["ok"], True, "once it is allowed")
    equal(len(hook.posts), 1, "posts")


@on_both_stores
def test_a_connection_that_breaks_and_recovers(make_server, make_hook, sshd, postgres):
    """BEY-18, ROL-39: a verification that fails raises one notice, for administrators alone, and the next that passes ends it"""
    server, hook = make_server(), make_hook()
    put(server.admin, None, [hook_settings(hook)])
    draft = {"type": "sftp", "display_name": "Files", "settings": sftp_settings(sshd), "secrets": {"password": {"set": "wrong"}}, "consent": {"agreed": True, "statement_version": 1}}
    connection = ok(server.admin.post("connections", draft), 201)
    for _ in range(3):
        equal(ok(server.admin.post(f"connections/{connection['id']}/verify"))["result"], "failed", "verification")
    settle(server, postgres)
    equal([(n["title"], n["count"], n["link"]) for n in bell(server.admin)["items"]],
          [("Connection 'Files' does not work", 3, "/admin/connections/exports/" + connection["id"])], "the bell of an administrator")
    equal((bell(server.contributor)["items"], bell(server.contributor)["unread"]), ([], 0), "the bell of a contributor")
    refused(server.contributor.post(f"notices/{bell(server.admin)['items'][0]['id']}/read"), 404, "request.not_found")
    ok(server.contributor.post("notices/read-all"), 204)
    equal(bell(server.admin)["unread"], 1, "unread")
    version = ok(server.admin.get("connections/" + connection["id"]))["version"]
    ok(server.admin.patch("connections/" + connection["id"], {"secrets": {"password": {"set": sshd.password}}}, version))
    for _ in range(2):
        equal(ok(server.admin.post(f"connections/{connection['id']}/verify"))["result"], "passed", "verification")
    settle(server, postgres)
    equal([json.loads(p["body"])["event"] for p in hook.posts], ["notice.raised", "notice.resolved"], "posts")
    equal([n["is_resolved"] for n in bell(server.admin)["items"]], [True, True], "the bell")


@on_both_stores
def test_old_notices_go_and_another_reason_is_another_notice(make_server, postgres):
    """SYS-27, SYS-28: another reason, and the same one on another day, are notices of their own; pages; what is older than 90 days is removed"""
    server = make_server()
    export, _, break_it, repair = breakable(server)
    break_it()
    deliver(server.admin, export, "failed")
    execute(server, postgres, "UPDATE notices SET reason = 'x', collapse_key = 'x'")
    deliver(server.admin, export, "failed")
    equal([n["count"] for n in bell(server.admin)["items"]], [1, 1], "counts")
    page = ok(server.viewer.get("notices?limit=1"))
    equal((len(page["items"]), page["unread"]), (1, 2), "the first page")
    rest = ok(server.viewer.get("notices?limit=1&cursor=" + page["next_cursor"]))
    equal((len(rest["items"]), rest["next_cursor"]), (1, None), "the second page")
    ok(server.viewer.post(f"notices/{rest['items'][0]['id']}/read"), 204)
    repair()
    deliver(server.admin, export)
    equal([(n["severity"], n["is_resolved"]) for n in bell(server.admin)["items"]], [("info", True), ("error", True), ("error", True)], "closed, and told once")
    server.stop()
    long_ago = int((time.time() - 91 * 24 * 3600) * 1_000_000)
    execute(server, postgres, f"UPDATE notices SET changed_at = {long_ago} WHERE reason = 'x'")
    server.start()
    until("the old one is gone", lambda: query(server, postgres, "SELECT count(*) FROM notices") == [["2"]])
    equal(query(server, postgres, "SELECT count(*) FROM notice_reads"), [["0"]], "marks of the removed one")
    refused(server.viewer.get("notices?unread=perhaps"), 400, "request.bad_query")
