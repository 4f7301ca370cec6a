"""Killed at any moment: what was answered is there, what was not is whole or not at all, and no run hangs."""

import os
import pathlib
import random
import secrets
import shutil
import subprocess
import threading
import time

from harness import contains, equal, holds, ok, refused, unique, until
from things import (big_table, deliver, delivered, export_draft, files_below, folder_draft, import_csv, import_customers, make_export, make_folder,
                    make_sftp, model_of, sftp_draft, start,
                    start_import, wait_run, wait_running)

KILLS = 30


class Writer:
    """Creates things one after another until the server is gone, and remembers what was answered with success."""

    def __init__(self, path, make):
        self.path = path
        self.make = make
        self.told = {}
        self.unanswered = []

    def work(self, client):
        while True:
            body, key = self.make(), secrets.token_hex(8)
            try:
                answer = client.post(self.path, body, Idempotency_Key=key)
            except OSError:
                self.unanswered.append(body)
                return
            made = ok(answer, 201)
            self.told[made["id"]] = made


def whole(seen, told):
    """Without what other things or the clock change."""
    return {n: v for n, v in seen.items() if n not in ("dependants", "last_sign_in_at")} == {n: v for n,
                                                                                             v in told.items() if n not in ("dependants", "last_sign_in_at")}


def test_killed_thirty_times(make_server, sshd):
    """SYS-51, CON-48: after each kill all that was answered with success is there, whole; what was not is there whole or not at all"""
    server = make_server()
    import_customers(server.admin)
    target = make_folder(server.admin)
    writers = [Writer("connections", lambda: sftp_draft(sshd, display_name=unique("C "))), Writer("connections", lambda: folder_draft()),
               Writer("exports", lambda: export_draft(target)),
               Writer("users", lambda: {"email": unique("u") + "@example.com", "display_name": "", "role": "viewer",
                                        "password": "correct horse battery"})]
    rng = random.Random(51)
    for _ in range(KILLS):
        threads = [threading.Thread(target=writer.work, args=(server.admin,)) for writer in writers]
        for thread in threads:
            thread.start()
        time.sleep(rng.uniform(0.02, 0.25))
        server.kill()
        for thread in threads:
            thread.join()
        server.start()
        for writer in writers:
            listed = {one["id"]: one for one in server.admin.all(writer.path, **({} if writer.path == "users" else {"limit": 200}))}
            for told in list(writer.told.values())[-40:]:
                holds(told["id"] in listed, f"{writer.path}: {told['id']} was answered with success and is gone")
                holds(whole(listed[told["id"]], told), f"{writer.path}: {told} became {listed[told['id']]}")
    for writer in writers:
        listed = {one["id"]: one for one in server.admin.all(writer.path, **({} if writer.path == "users" else {"limit": 200}))}
        equal([i for i in writer.told if i not in listed], [], f"{writer.path} that were lost")
        holds(writer.told, f"no {writer.path} were made, so nothing was shown")
    connection = rng.choice(list(writers[0].told))
    equal(ok(server.admin.post(f"connections/{connection}/verify"))["result"], "passed", "a connection's secret after the kills")
    user = rng.choice(list(writers[3].told.values()))
    ok(server.anonymous().sign_in(user["email"], "correct horse battery"))
    for body in writers[0].unanswered:
        for one in server.admin.all("connections", q=body["display_name"]):
            equal(one["secrets"]["password"]["is_set"], True, "a connection that was made without an answer has its secret")


def test_killed_while_delivering(make_server, make_sshd):
    """EXP-57, EXP-70, BEY-16, SYS-51: a run that was active at the kill is taken up again and delivers; nothing partial is visible, no part stays"""
    server, sshd = make_server(), make_sshd()
    table = big_table(server)
    connection = make_sftp(server.admin, sshd)
    export = make_export(server.admin, connection, [table], settings={"compression": "none", "files": 3})

    def visible():
        return [f for f in files_below(sshd.folder) if not pathlib.PurePath(f).name.startswith(".")]
    first = deliver(server.admin, export)
    before = visible()
    model = model_of(sshd.folder, first)[0]
    for wait in (0, 0.3):
        with sshd.throttled(once=lambda: len(files_below(sshd.folder)) > len(before)):
            run = start(server.admin, export)
            wait_running(server.admin, run)
            time.sleep(wait)
            server.kill()
        for name in set(visible()) - set(before):
            size = (sshd.folder / name).stat().st_size
            holds(size > 1_000_000, f"{name} is visible with {size} bytes after the kill")
        seen, top = model_of(sshd.folder, first)
        if seen != model:  # the kill fell between the last rename and the end of the run
            holds(all((top / part["location"]).is_file() for entity in seen["entities"] for part in entity["partitions"]), "model.json names whole files only")
        server.start()
        run = wait_run(server.admin, run)
        # On a busy machine the kill may come when all is delivered; then there is nothing to take up again.
        equal((run["state"], run["attempt"] <= 2), ("succeeded", True), f"the run after the restart ({run['error']})")
        equal([row[0] for row in delivered(sshd.folder, run, table)[1]], [str(n) for n in range(200_000)], "rows, none lost and none twice")
        equal(sorted(set(visible()) - set(before)), sorted(f["path"] for f in run["files"]), "files that the run left")
        equal([f for f in files_below(sshd.folder) if f not in visible()], [], "parts that were left behind")
        first, before, model = run, visible(), model_of(sshd.folder, run)[0]


def test_a_run_that_kills_the_server_ends(make_server, make_sshd):
    """EXP-70: a run during which the server stopped three times is given up with that reason, and the export may be started again"""
    server, sshd = make_server(), make_sshd()
    import_customers(server.admin)
    export = make_export(server.admin, make_sftp(server.admin, sshd))
    with sshd.frozen():
        run = start(server.admin, export)
        for attempt in (1, 2, 3):
            until(f"attempt {attempt} runs", lambda n=attempt: (lambda r: r["state"] == "running" and r["attempt"] == n)(ok(server.admin.get("runs/" + run["id"]))))
            server.kill()
            server.start()
        run = wait_run(server.admin, run)
    equal((run["state"], run["error"]["reason"]), ("failed", "run.lost"), "the run after three kills")
    deliver(server.admin, export)


def test_an_orderly_stop_requeues(make_server, make_sshd):
    """EXP-70: a run that an orderly stop interrupts goes on after the start"""
    server, sshd = make_server(), make_sshd()
    import_customers(server.admin)
    export = make_export(server.admin, make_sftp(server.admin, sshd))
    with sshd.frozen():
        run = start(server.admin, export)
        until("it runs", lambda: ok(server.admin.get("runs/" + run["id"]))["state"] == "running")
        stopping = time.monotonic()
        server.stop()
        holds(time.monotonic() - stopping < 15, f"stopping took {time.monotonic() - stopping:.0f} s")
    server.start()
    equal(wait_run(server.admin, run)["state"], "succeeded", "the run after the start")


def test_killed_while_importing(make_server):
    """EXP-70, SYS-51: an import that was active at the kill is taken up again; the table never holds part of its rows"""
    server = make_server()
    import_csv(server.admin, "id\n1\n", "Rows", "id")
    text = "id\n" + "".join(f"{n}\n" for n in range(1_500_000))
    run = start_import(server.admin, text, "Rows", "id", [{"source": "id", "name": "id", "type": "integer"}], replace=True)
    until("rows are read", lambda: ok(server.admin.get("runs/" + run["id"]))["counts"]["rows_read"] > 0, every=0.01)
    server.kill()
    server.start()
    seen = ok(server.admin.get("tables/Rows"))["rows"]
    holds(seen in (1, 1_500_000), f"rows after the kill: {seen}")
    equal(wait_run(server.admin, run)["state"], "succeeded", "the import after the restart")
    equal(ok(server.admin.get("tables/Rows"))["rows"], 1_500_000, "rows in the end")
    equal(len([f for f in os.listdir(server.data / "tables") if f.startswith(ok(server.admin.get("tables/Rows"))["id"])]), 1,
          f"versions kept: {os.listdir(server.data / 'tables')}")


def test_another_process_may_look(make_server):
    """SYS-51: the command line, or a backup, that opens the database while it is served takes nothing away"""
    server = make_server()
    made = [make_folder(server.admin)]
    equal(server.cli("doctor").returncode, 0, "doctor while serving")
    made.append(make_folder(server.admin))
    server.add_user("while@example.com", "administrator", "correct horse battery")
    made.append(make_folder(server.admin))
    ok(server.anonymous().sign_in("while@example.com", "correct horse battery"))
    deleted = [os.readlink(f"/proc/{server.process.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{server.process.pid}/fd") if "app.db" in os.readlink(f"/proc/{server.process.pid}/fd/{fd}")]
    equal([name for name in deleted if "(deleted)" in name], [], "files of the database that were deleted under the server")
    server.kill()
    server.start()
    for one in made:
        equal(ok(server.admin.get("connections/" + one["id"])), one, "a connection made before the kill")
    ok(server.anonymous().sign_in("while@example.com", "correct horse battery"))


def test_the_master_key_is_missing_or_wrong(make_server, folder):
    """CON-49, SYS-51: without its key, with another one, or with one that others may read, nothing starts, and the message says what to do (C-027, C-028)"""
    server = make_server(people=False)
    equal(oct((server.data / "master.key").stat().st_mode & 0o777), "0o600", "mode of a new key")
    contains(server.log(), "keep a copy", "what the first start says")
    server.stop()
    server.start_with_people()
    connection = make_folder(server.admin)
    server.stop()
    key = server.data / "master.key"
    kept = folder / "kept"
    shutil.move(key, kept)

    def refuses(words):
        holds(not server.try_start(), f"it starts although {words}")
        holds(server.status not in (0, None), "exit status")
        contains(server.log().splitlines()[-1], words, "the message")
    refuses("is missing")
    equal(key.exists(), False, "a key that was made anew")
    key.write_text("c" * 43 + "=\n")
    key.chmod(0o600)
    refuses("but the secrets in the database are sealed with key")
    key.write_text("short\n")
    refuses("does not hold a key")
    shutil.copy(kept, key)
    key.chmod(0o644)
    refuses("chmod 600")
    key.chmod(0o600)
    server.start()
    ok(server.admin.get("connections/" + connection["id"]))


def test_one_server_per_folder(make_server):
    """BEY-30, SYS-51: a second server on the same folder refuses and names it; the first goes on"""
    server = make_server()
    second = server.cli("serve", "--listen", "127.0.0.1:0")
    holds(second.returncode not in (0, None), "exit status of the second")
    contains(second.stderr, "serves the data folder", "its message")
    ok(server.admin.get("home"))


def test_a_busy_port(make_server, make_host, binary, folder):
    """BEY-30: an address that is taken, or none at all, is told plainly"""
    host = make_host()
    for listen, words in [(f"127.0.0.1:{host.port}", "in use"), ("nonsense", "address:port"), ("203.0.113.1:80", "203.0.113.1")]:
        done = subprocess.run([binary, "serve", "--data", str(folder / "d"), "--listen", listen], capture_output=True, text=True, timeout=20)
        holds(done.returncode != 0, f"exit status for {listen}")
        contains(done.stderr, words, f"message for {listen}")
    refused(make_server(people=False).anonymous().get("home"), 401, "session.required")


def test_start_and_idle_figures(make_server):
    """BEY-30: time to the first answer and memory when idle, for the record"""
    server = make_server(people=False)
    first = server.ready_seconds
    server.stop()
    server.start()
    time.sleep(0.5)
    memory = server.resident_megabytes()
    print(f"       ready after {first * 1000:.0f} ms on a new folder, {server.ready_seconds * 1000:.0f} ms on an existing one; {memory:.1f} MB when idle", flush=True)
    holds(first < 5 and server.ready_seconds < 5 and memory < 300, "within any reason")
