"""The command line: on the data folder, and over REST."""

import json
import os
import subprocess

from harness import contains, equal, holds, lacks, ok, unique
from things import AGREED, make_export, make_folder, query, to_csv

COLUMNS = ["CustomerId", "name", "age", "at"]
ROWS = [["c1", "Ann, \"A\"", "10", "2026-01-02T03:04:05Z"], ["c2", "Bö", "", ""], ["c3", "", "-3", "2026-01-02T03:04:05.5Z"]]


def remote(server, *words, text=None, role="administrator"):
    """A command that talks to the server, as a program with a key of this role."""
    if not hasattr(server, "keys"):
        server.keys = {}
    if role and role not in server.keys:
        server.keys[role] = ok(server.admin.post("api-keys", {"display_name": unique("CLI "), "role": role}), 201)["token"]
    environment = {n: v for n, v in os.environ.items() if not n.startswith("SLUICE_")} | {"SLUICE_URL": f"http://{server.host}:{server.port}",
                                                                                          "SLUICE_API_KEY": server.keys.get(role, "")}
    return subprocess.run([server.binary, *words], input=text, capture_output=True, text=True, env=environment, timeout=60)


def succeeded(done, what):
    equal((done.returncode, done.stderr), (0, ""), what)
    return done.stdout


def cdm_folder(folder, header):
    """A Common Data Model folder with two partitions of one entity."""
    (folder / "parts").mkdir()
    for n, rows in enumerate([ROWS[:2], ROWS[2:]]):
        text = to_csv(COLUMNS, rows)
        (folder / f"parts/p {n}.csv").write_text(text if header else text.split("\n", 1)[1])
    settings = {"fileFormatSettings": {"$type": "CsvFormatSettings", "columnHeaders": header, "delimiter": ",", "quoteStyle": "QuoteStyle.Csv"}}
    types = ["string", "string", "int64", "dateTime"]
    model = {"name": "Test", "version": "1.0", "entities": [
        {"$type": "LocalEntity", "name": "Customer", "attributes": [{"name": n, "dataType": t} for n, t in zip(COLUMNS, types)],
         "partitions": [{"name": f"p{n}", "location": f"parts/p {n}.csv", **settings} for n in range(2)]}]}
    (folder / "model.json").write_text(json.dumps(model))


def test_user_add(make_server):
    """ROL-05, ROL-10: users are added before and while serving; a short password, a taken address and a wrong role are told"""
    server = make_server(people=False, start=False)
    done = server.cli("user", "add", "--email", "a@example.com", "--name", "Ada", "--role", "administrator", "--password-stdin",
                      text="correct horse battery\r\n")
    equal((done.returncode, done.stdout), (0, "Added Ada (a@example.com) as administrator.\n"), "user add")
    for words, text, part in [(("--email", "b@example.com", "--role", "viewer"), "short\n", "12 characters"),
                              (("--email", "A@example.com", "--role", "viewer"), "correct horse battery\n", "exists already"),
                              (("--email", "nobody", "--role", "viewer"), "correct horse battery\n", "e-mail")]:
        done = server.cli("user", "add", *words, "--password-stdin", text=text)
        holds(done.returncode in (1, 5) and part in done.stderr, f"user add {words}: {done.returncode} {done.stderr}")
    done = server.cli("user", "add", "--email", "b@example.com", "--role", "king", "--password-stdin", text="correct horse battery\n")
    holds(done.returncode != 0 and "king" in done.stderr, f"a wrong role: {done.stderr}")
    server.start()
    server.add_user("b@example.com", "viewer", "correct horse battery")
    for email in ("a@example.com", "b@example.com"):
        ok(server.anonymous().sign_in(email, "correct horse battery"))


def test_import_of_a_file(make_server, folder):
    """DAT-25, DAT-06: a CSV file becomes a table; the workshop's customerID is CustomerId; a bad file changes nothing and says why"""
    server = make_server(people=False, start=False)
    path = folder / "people.csv"
    path.write_text(to_csv(["customerID", "name"], [["1", "Ann"], ["2", "Bob"]]))
    done = server.cli("import", str(path), "--table", "Customer", "--key", "CustomerId")
    equal(done.returncode, 0, f"import ({done.stderr})")
    contains(done.stdout, "Imported 2 rows into Customer", "what it says")
    path.write_text("customerID,name\n1,Ann\n1,Bob\n")
    done = server.cli("import", str(path), "--table", "Customer", "--key", "CustomerId")
    equal(done.returncode, 1, "status of a failed import")
    contains(done.stderr, "lines 2 and 3", "why")
    for words, part in [((str(folder / "nothing.csv"), "--table", "Other", "--key", "id"), "nothing.csv"),
                        ((str(path), "--table", "x", "--key", "name"), "letter"), ((str(path), "--table", "Other", "--key", "nope"), "key")]:
        done = server.cli("import", *words)
        holds(done.returncode != 0 and part in done.stderr, f"import {words}: {done.returncode} {done.stderr}")
    server.start_with_people()
    equal(ok(server.admin.get("tables/Customer/rows"))["rows"], [["1", "Ann"], ["2", "Bob"]], "rows, as of the good import")
    contains([t["name"] for t in ok(server.admin.get("tables"))["items"]], "Customer", "tables")


def test_import_of_a_model_folder(make_server, folder):
    """DAT-26: a folder with model.json becomes a table, its partitions in order, with or without headers; other entities are named"""
    server = make_server(people=False, start=False)
    for header in (True, False):
        (folder / str(header)).mkdir()
        cdm_folder(folder / str(header), header)
        done = server.cli("import", str(folder / str(header)), "--table", "Customer", "--key", "CustomerId")
        equal((done.returncode, done.stderr if done.returncode else ""), (0, ""), f"import, header {header}")
    done = server.cli("import", str(folder / "True"), "--table", "Orders", "--key", "CustomerId")
    holds(done.returncode != 0 and "it has: Customer" in done.stderr, f"an entity that is not there: {done.stderr}")
    server.start_with_people()
    table = ok(server.admin.get("tables/Customer"))
    equal((table["source"]["kind"], [(c["name"], c["type"]) for c in table["columns"]]),
          ("model_json", list(zip(COLUMNS, ["text", "text", "integer", "timestamp"]))), "columns by model.json")
    sample = ok(server.admin.get("tables/Customer/rows"))["rows"]
    equal([[v or "" for v in row] for row in sample], ROWS, "rows of both partitions")


def test_doctor(make_server):
    """BEY-30: doctor tells what is good and what is wrong, and its status says so"""
    server = make_server(people=False, start=False)
    equal(server.cli("doctor").returncode, 0, "before the first start")
    server.start_with_people()
    done = server.cli("doctor")
    equal(done.returncode, 0, "while serving")
    contains(done.stdout, "Administrator: 1", "the administrator")
    lacks(done.stdout, "FAULT", "faults")
    server.stop()
    key = server.data / "master.key"
    key.chmod(0o644)
    done = server.cli("doctor")
    equal(done.returncode, 1, "with a key that others may read")
    contains(done.stdout, "chmod 600", "what to do")
    key.rename(server.data / "gone")
    done = server.cli("doctor")
    equal(done.returncode, 1, "without the key")
    contains(done.stdout, "missing", "what is wrong")
    done = subprocess.run([server.binary, "doctor", "--data", str(server.data), "--egress-allow", "10.0.0.0/99"], capture_output=True, text=True)
    contains(done.stdout, "FAULT    egress_allow", "a wrong egress rule")


def test_connections_over_rest(server, sshd):
    """UI-19, CON-11: list, show, create, verify, dependants, update and remove, as tables and as JSON"""
    name = unique("By CLI ")
    body = json.dumps({"type": "sftp", "display_name": name, "settings": {"host": sshd.host, "port": sshd.port, "username": sshd.user,
                                                                          "host_key": sshd.host_key},
                       "secrets": {"password": {"set": sshd.password}}, "consent": AGREED})
    made = json.loads(succeeded(remote(server, "connection", "create", text=body), "create"))
    listed = succeeded(remote(server, "connection", "list", "--query", "limit=200"), "list")
    contains(listed.splitlines()[0], "display_name", "the head of the table")
    contains(listed, name, "the table")
    items = json.loads(succeeded(remote(server, "connection", "list", "--json", "--query", "limit=200"), "list --json"))["items"]
    contains([c["id"] for c in items], made["id"], "the list as JSON")
    equal(json.loads(succeeded(remote(server, "connection", "verify", made["id"]), "verify"))["result"], "passed", "verification")
    equal(json.loads(succeeded(remote(server, "connection", "dependants", made["id"]), "dependants"))["exports"], [], "dependants")
    changed = json.loads(succeeded(remote(server, "connection", "update", made["id"], "--file", "-", text=json.dumps({"display_name": name + "!"})),
                                   "update"))
    equal(changed["display_name"], name + "!", "after the update")
    export = make_export(server.admin, made)
    done = remote(server, "connection", "remove", made["id"])
    equal(done.returncode, 5, "status when it is in use")
    contains(done.stderr, "1 export still uses", "why")
    ok(server.admin.delete("exports/" + export["id"], 1), 204)
    succeeded(remote(server, "connection", "remove", made["id"]), "remove")


def test_exports_over_rest(server):
    """EXP-60, EXP-72: run and wait; the status says whether it was delivered"""
    good = make_export(server.admin, make_folder(server.admin))
    done = remote(server, "export", "run", good["id"], "--wait", "--json")
    equal(done.returncode, 0, f"run --wait ({done.stderr})")
    run = json.loads(done.stdout)
    equal((run["state"], run["kind"]), ("succeeded", "export"), "the run")
    contains(succeeded(remote(server, "run", "list", "--query", "export_id=" + good["id"]), "run list"), "succeeded", "the runs")
    contains(succeeded(remote(server, "table", "list"), "table list"), "Customer", "the tables")
    bad = make_export(server.admin, make_folder(server.admin, settings={"folder": "../out"}))
    done = remote(server, "export", "run", bad["id"], "--wait")
    equal(done.returncode, 5, "status of a run that failed")
    contains(done.stdout, "folder.", "why")
    ok(server.admin.post(f"exports/{good['id']}/disconnect"))
    done = remote(server, "export", "run", good["id"], "--wait")
    equal(done.returncode, 5, "status of an export without connection")
    contains(done.stderr, "no connection", "why")


def test_statuses(server, binary):
    """UI-18, UI-19: each kind of refusal has its exit status and says what happened"""
    nobody = "0192f0c1-1111-7abc-8def-0123456789ab"
    for words, role, text, status, part in [(("connection", "show", nobody), "administrator", None, 3, "no such connection"),
                                            (("connection", "list"), "viewer", None, 4, "administrator"),
                                            (("connection", "list"), None, None, 4, "Sign in"), (("connection", "create"), "administrator", "{}", 1,
                                                                                                 "/type"),
                                            (("connection", "create"), "administrator", "{", 1, "JSON"),
                                            (("connection", "create", "--file", "/no/such/file"), "administrator", None, 1, "cannot be read"),
                                            (("connection", "list", "--url", "http://127.0.0.1:1"), "administrator", None, 6, "No server answers")]:
        done = remote(server, *words, text=text, role=role)
        equal(done.returncode, status, f"status of {words} ({done.stderr})")
        contains(done.stderr, part, f"message of {words}")
    contains(subprocess.run([binary, "--version"], capture_output=True, text=True).stdout, "0.1.0", "version")
    for words in ((), ("nonsense",), ("serve", "--nonsense")):
        holds(subprocess.run([binary, *words], capture_output=True).returncode != 0, f"status of {words}")
    holds(subprocess.run([binary, "--help"], capture_output=True).returncode == 0, "status of --help")


def test_settings(make_server):
    """BEY-30: sluice.yaml, environment and flags, the later wins; a wrong setting is told with its place"""
    server = make_server(people=False, start=False)
    server.data.mkdir()
    (server.data / "sluice.yaml").write_text("environment_name: From file\nworkers: 2\n")
    server.start_with_people()
    equal(ok(server.admin.get("about"))["display_name"], "From file", "by the file")
    server.stop()
    server.environment["SLUICE_ENVIRONMENT_NAME"] = "From environment"
    server.start()
    equal(ok(server.admin.get("about"))["display_name"], "From environment", "by the environment")
    server.stop()
    server.options = ["--environment-name", "From flag"]
    server.start()
    equal(ok(server.admin.get("about"))["display_name"], "From flag", "by the flag")
    server.stop()
    for text, part in [("environment_name: x\nwrong: 1\n", "sluice.yaml:2: wrong is not a setting"), ("workers: many\n", "workers must be a number"),
                       ("a: [\n", "sluice.yaml")]:
        (server.data / "sluice.yaml").write_text(text)
        holds(not server.try_start(), f"it starts with {text!r}")
        contains(server.log(), part, f"message for {text!r}")
    holds(query(server, None, "SELECT display_name FROM environment") == [["From flag"]], "the database is as it was")
