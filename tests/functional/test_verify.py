"""Verify: what it tells about each thing that may be wrong, and what it never does."""

import concurrent.futures
import os
import socket
import subprocess
import time

from harness import contains, equal, holds, lacks, ok, on_both_stores, refused, unique
from things import AGREED, SHARED, change, deliver, folder_draft, import_customers, make_export, make_folder, make_sftp, sftp_settings

STEPS = ["resolve", "connect", "host_key", "sign_in", "folder", "write", "clean_up"]


def verify(client, sshd, password=None, secrets=None, **settings):
    secrets = secrets or {"password": {"set": password or sshd.password}}
    return ok(client.post("connections/verify", {"type": "sftp", "settings": sftp_settings(sshd, **settings), "secrets": secrets}))


def failed_step(verification, name):
    """The step that failed, which must be this one: those before it passed, those after it were not done."""
    states = {step["name"]: step["state"] for step in verification["steps"]}
    at = STEPS.index(name)
    equal(states, {n: "passed" if i < at else "failed" if i == at else "skipped" for i, n in enumerate(STEPS)}, f"steps when {name} fails")
    equal(verification["result"], "failed", "result")
    step = verification["steps"][at]
    holds(step["detail"], f"{name} says what is wrong")
    return step


def test_each_thing_that_may_be_wrong(make_server, make_sshd):
    """CON-33, CON-36, BEY-07: unreachable host, wrong host key, refused sign-in, bad key, missing folder, folder without rights: each its own step and advice (C-033, C-035)"""
    server, sshd = make_server(), make_sshd("--keys", "all")
    admin = server.admin
    passed = verify(admin, sshd)
    equal([(s["name"], s["state"]) for s in passed["steps"]], [(name, "passed") for name in STEPS], "steps of a connection that works")
    holds(all(s["duration_ms"] >= 0 for s in passed["steps"]) and passed["duration_ms"] >= 0, "steps tell their time")
    equal(sorted(os.listdir(sshd.folder)), [], "what verifying left behind")

    step = failed_step(verify(admin, sshd, host="no-such-host.invalid"), "resolve")
    contains(step["detail"], "no-such-host.invalid", "which host")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        contains(failed_step(verify(admin, sshd, port=closed.getsockname()[1]), "connect")["detail"], "Nothing listens",
                 "a port where nothing listens")
    contains(failed_step(verify(admin, sshd, password="wrong"), "sign_in")["advice"], "password", "advice for a wrong password")
    failed_step(verify(admin, sshd, username="nobody-of-that-name"), "sign_in")
    by_key = {"authentication": "private_key"}
    failed_step(verify(admin, sshd, secrets={"private_key": {"set": "no key at all"}}, **by_key), "sign_in")
    locked = {"private_key": {"set": sshd.private_keys["ed25519_locked"]}}
    contains(failed_step(verify(admin, sshd, secrets=locked, **by_key), "sign_in")["detail"].lower(), "passphrase", "a locked key without passphrase")
    contains(failed_step(verify(admin, sshd, secrets=locked | {"passphrase": {"set": "wrong"}}, **by_key), "sign_in")["detail"].lower(), "passphrase",
             "a wrong passphrase")
    equal(verify(admin, sshd, secrets=locked | {"passphrase": {"set": sshd.passphrase}}, **by_key)["result"], "passed",
          "a locked key with its passphrase")
    step = failed_step(verify(admin, sshd, folder="in/no/such place"), "folder")
    contains(step["detail"], "in/no/such place", "which folder")
    equal(verify(admin, sshd, folder="Made/Øst 2026", create_folder=True)["result"], "passed", "a folder that may be created")
    holds((sshd.folder / "Made/Øst 2026").is_dir(), "the folder is there as it was typed (C-052)")
    os.mkdir(sshd.folder / "read only", 0o555)
    equal(failed_step(verify(admin, sshd, folder="read only"), "write")["state"], "failed", "a folder without the right to write")


def test_hosts_that_never_answer(make_server, sshd, make_host):
    """CON-86: a host that accepts and says nothing, or speaks something else, ends within the limit; the person may leave (C-033, C-037, C-050)"""
    server, silent, web = make_server(), make_host(), make_host(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for verification in pool.map(lambda host: verify(server.admin, sshd, port=host.port), [silent, web]):
            failed_step(verification, "host_key")
    holds(time.monotonic() - started < 31, f"a silent host took {time.monotonic() - started:.0f} s")
    equal(silent.received.count(b"\n"), 1, "lines a silent host was sent: the version alone")
    # The server goes on answering others while a verification hangs, and stops when nobody waits any more.
    body = ('{"type":"sftp","settings":{"host":"127.0.0.1","port":%d,"username":"x"},"secrets":{"password":{"set":"x"}}}' % silent.port).encode()
    with socket.create_connection((server.host, server.port)) as leaving:
        leaving.sendall(b"POST /api/v1/connections/verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nCookie: " + server.admin.cookie.encode() +
                        b"\r\nX-Sluice-CSRF: " + server.admin.csrf.encode() + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body)
        time.sleep(0.3)
        started = time.monotonic()
        ok(server.admin.get("home"))
        holds(time.monotonic() - started < 0.5, "others are answered while a verification hangs")


def test_verify_is_braked(make_server):
    """CON-86: Verify cannot be used to probe networks: after twenty in a minute it says when to come back"""
    server = make_server()
    draft = {"type": "sftp", "settings": {"host": "127.0.0.1", "port": 1, "username": "x"}, "secrets": {"password": {"set": "x"}}}
    for _ in range(20):
        ok(server.admin.post("connections/verify", draft))
    answer = server.admin.post("connections/verify", draft)
    refused(answer, 429, "connection.verify_too_often", "minute")
    equal(answer.headers.get("retry-after"), "60", "Retry-After")


def test_targets_may_be_restricted(make_server, sshd):
    """CON-87: private and loopback targets are refused by default, at Verify and at run time, and an operator may allow some"""
    server = make_server(environment={"SLUICE_EGRESS_ALLOW": ""})
    import_customers(server.admin)
    before = len(sshd.log())
    for host in ("127.0.0.1", "localhost", "::1", "169.254.169.254", "10.0.0.1", "192.168.1.1", "0.0.0.0", "::ffff:127.0.0.1", "0x7f.1",
                 "2130706433"):
        verification = verify(server.admin, sshd, host=host)
        failing = next(step for step in verification["steps"] if step["state"] == "failed")
        holds(failing["name"] in ("resolve", "connect"), f"{host} fails before anything is sent, at {failing['name']}")
        if failing["name"] == "connect":
            contains(failing["detail"], "not a public address", host)
    connection = make_sftp(server.admin, sshd)
    run = deliver(server.admin, make_export(server.admin, connection), "failed")
    equal(run["error"]["reason"], "net.blocked", "reason of the run")
    lacks(sshd.log()[before:], "Connection from", "the log of the SSH server")
    allowing = make_server(environment={"SLUICE_EGRESS_ALLOW": f"127.0.0.1:{sshd.port}"})
    equal(verify(allowing.admin, sshd)["result"], "passed", "an allowed target")
    contains(failed_step(verify(allowing.admin, sshd, port=sshd.port - 1), "connect")["detail"], "not a public address", "another port of it")


PASSWORDS = ["p!@8sword", "a:b@c/d?e#f%25", "$HOME", "${X}", "'single' \"double\"", "back\\slash\\n", "  spaces around  ", "漢字-ünï", "`id`;$(id)",
             "x" * 500, "***", "null", "{\"keep\": true}"]


def test_special_passwords(make_server, make_sshd):
    """CON-49, CON-51: any password arrives at the server as it was typed (C-021)"""
    server, sshd = make_server(), make_sshd()
    connection = make_sftp(server.admin, sshd)
    for password in PASSWORDS:
        subprocess.run(["chpasswd"], input=f"{sshd.user}:{password}\n", text=True, check=True)
        change(server.admin, "connections/" + connection["id"], {"secrets": {"password": {"set": password}}})
        equal(ok(server.admin.post(f"connections/{connection['id']}/verify"))["result"], "passed", f"verification with {password!r}")


@on_both_stores
def test_a_changed_host_key_stops_runs(server, make_sshd, sshd):
    """BEY-08, CON-84, EXP-73, ROL-39: a changed host key ends the run before the password is sent; administrators see both fingerprints, others neither (C-044)"""
    connection = make_sftp(server.admin, sshd, **SHARED)
    export = make_export(server.contributor, connection)
    deliver(server.contributor, export)
    stranger = make_sshd("--password", sshd.password)
    change(server.admin, "connections/" + connection["id"], {"settings": sftp_settings(sshd, port=stranger.port, username=stranger.user),
                                                             "consent": AGREED,
                                                             "secrets": {"password": {"set": stranger.password}}})
    run = deliver(server.contributor, export, "failed")
    seen = ok(server.admin.get("runs/" + run["id"]))["error"]
    equal(seen["reason"], "sftp.host_key_changed", "reason for the administrator")
    contains(seen["detail"], sshd.host_key, "the pinned fingerprint")
    contains(seen["detail"], stranger.host_key, "the fingerprint shown")
    for text in (stranger.host_key, sshd.host_key, "127.0.0.1", str(stranger.port), stranger.user):
        lacks(str(run["error"]) + str(run["tables"]), text, "the error as the contributor sees it")
    contains(run["error"]["detail"], "administrator", "whom the contributor may ask")
    lacks(stranger.log(), "userauth-request", "what the stranger was asked")
    lacks(stranger.log(), "Failed password", "what the stranger was told")
    step = next(s for s in ok(server.admin.post(f"connections/{connection['id']}/verify"))["steps"] if s["state"] == "failed")
    equal(step["proposal"]["value"], stranger.host_key, "the key proposed for pinning")
    equal(ok(server.admin.get("connections/" + connection["id"]))["health"], "failing", "health")


@on_both_stores
def test_an_unpinned_key_is_not_trusted_in_a_run(server, sshd):
    """BEY-08: without a pinned key no run signs in; there is no trust on first use (C-044)"""
    connection = make_sftp(server.admin, sshd, sftp_settings(sshd, host_key=None))
    run = deliver(server.admin, make_export(server.admin, connection), "failed")
    equal(run["error"]["reason"], "sftp.host_key_unknown", "reason")


def test_ways_to_sign_in(make_server, make_sshd):
    """CON-33: keyboard-interactive, key and password together, a server with keys of several kinds (C-045, C-046)"""
    server = make_server()
    asking = make_sshd("--kbdint", "--no-password")
    equal(verify(server.admin, asking)["result"], "passed", "a server that asks for the password")
    failed_step(verify(server.admin, asking, password="wrong"), "sign_in")
    both = make_sshd("--methods", "publickey,password", "--host-keys", "rsa,ecdsa,ed25519")
    secrets = {"private_key": {"set": both.private_keys["ed25519"]}, "password": {"set": both.password}}
    for kind, fingerprint in both.host_keys.items():
        equal(verify(server.admin, both, secrets=secrets, authentication="private_key_and_password", host_key=fingerprint)["result"], "passed",
              f"key and password, {kind} pinned")
    failed_step(verify(server.admin, both), "sign_in")


@on_both_stores
def test_folders_of_this_server(server):
    """CON-33, CON-87: a folder connection stays below the export folder, whatever path or link is typed"""
    for path in ("../outside", "/etc", "a/../../b", "..", "a/./../../c"):
        draft = folder_draft(settings={"folder": path})
        verification = ok(server.admin.post("connections/verify", {"type": "folder", "settings": draft["settings"]}))
        equal(verification["result"], "failed", f"verification of {path}")
        refused(server.admin.post("connections?verify=required", draft), 422, "connection.verification_failed")
    name = unique("link")
    os.symlink("/tmp", server.exports / name)
    equal(ok(server.admin.post("connections/verify", {"type": "folder", "settings": {"folder": name}}))["result"], "failed",
          "verification of a link that leads out")
    connection = make_folder(server.admin, settings={"folder": name})
    run = deliver(server.admin, make_export(server.admin, connection), "failed")
    contains(run["error"]["reason"], "folder.", "reason of the run")
    os.unlink(server.exports / name)
