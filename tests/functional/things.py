"""Things that tests make through the API, and how what was delivered is read back."""

import csv
import gzip
import io
import json
import pathlib
import random
import sqlite3
import subprocess

from harness import Failure, equal, holds, ok, unique, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORKSHOP = ROOT.parent / "shared/data/workshop/CustomerDemographics.csv"
ENDED = {"succeeded", "completed_with_warnings", "completed_with_errors", "failed", "skipped", "canceled"}
AGREED = {"agreed": True, "statement_version": 1}


# ---- tables and segments

def to_csv(columns, rows, delimiter=",", line_end="\n"):
    """CSV text in which None is nothing and "" is two quotes."""
    def cell(value):
        if value is None:
            return ""
        text = str(value)
        return '"' + text.replace('"', '""') + '"' if text == "" or any(c in text for c in delimiter + '"\r\n') or text != text.strip() else text
    lines = [delimiter.join(cell(value) for value in row) for row in [columns, *rows]]
    return line_end.join(lines) + line_end


def workshop_csv():
    """The workshop's file when it lies beside the repository, else one of the same shape."""
    if WORKSHOP.exists():
        return WORKSHOP.read_text()
    rng = random.Random(7043)
    lines = ['customerID,gender,SeniorCitizen,Partner,Dependents,zip,Country']
    for i in range(7043):
        row = [f"{i:04d}-{''.join(rng.choices('ABCDEFGHIJKLMNOPQRSTUVWXYZ', k=5))}", rng.choice(["Female", "Male"]), rng.choice(["Yes", "No", "No"]),
               rng.choice(["Yes", "No"]), rng.choice(["Yes", "No"]), f"{rng.randrange(1000, 99999):05d}", rng.choice(["US", "US", "CA", "DE"])]
        lines.append(",".join(f'"{value}"' for value in row))
    return "\n".join(lines) + "\n"


def upload(client, content, filename="data.csv"):
    data = content.encode() if isinstance(content, str) else content
    return ok(client.call("POST", "uploads?filename=" + filename, data, {"Content-Type": "text/csv"}), 201)


def columns_of(uploaded, **renamed):
    """All detected columns as text, some under another name."""
    return [{"source": c["name"], "name": renamed.get(c["name"], c["name"]), "type": "text"} for c in uploaded["detected"]["columns"]]


def start_import(client, content, name, key, columns=None, **members):
    """The run that imports the table; the upload is the test's content."""
    uploaded = upload(client, content)
    body = {"name": name, "upload_id": uploaded["id"], "key": key} | members
    if columns is not None:
        body["columns"] = columns
    return ok(client.post("tables", body), 202)["run"]


def import_csv(client, content, name, key, columns=None, **members):
    """The imported table."""
    run = wait_run(client, start_import(client, content, name, key, columns, **members))
    equal(run["state"], "succeeded", f"import of {name} ({run['error']})")
    return ok(client.get("tables/" + name))


def import_customers(client):
    """The workshop's customers as the Customer table."""
    text = workshop_csv()
    uploaded = upload(client, text, "CustomerDemographics.csv")
    answer = ok(client.post("tables", {"name": "Customer", "upload_id": uploaded["id"], "key": "CustomerId",
                                       "columns": columns_of(uploaded, customerID="CustomerId")}), 202)
    equal(wait_run(client, answer["run"])["state"], "succeeded", "import of Customer")


def big_table(server):
    """A table of 200,000 rows and 24 MB that do not compress; imported once for each server."""
    if not hasattr(server, "big_table"):
        rng = random.Random(1)
        lines = [f"{i},{rng.randbytes(55).hex()}" for i in range(200_000)]
        import_csv(server.admin, "id,noise\n" + "\n".join(lines) + "\n", "Big", "id")
        server.big_table = "Big"
    return server.big_table


def customers():
    """The same customers as rows of text: header, rows."""
    rows = list(csv.reader(io.StringIO(workshop_csv())))
    return ["CustomerId"] + rows[0][1:], rows[1:]


def rule(column, operator, *values):
    condition = {"column": column, "operator": operator}
    if len(values) == 1:
        condition["value"] = values[0]
    elif values:
        condition["values"] = list(values)
    return {"match": "all", "conditions": [condition]}


def make_segment(client, a_rule, **members):
    body = {"display_name": unique("Segment "), "kind": "rule", "rule": a_rule} | members
    return ok(client.post("segments", body), 201)


# ---- connections

def sftp_settings(sshd, **changes):
    settings = {"host": sshd.host, "port": sshd.port, "username": sshd.user, "host_key": sshd.host_key}
    return {name: value for name, value in (settings | changes).items() if value is not None}


def sftp_draft(sshd, settings=None, **members):
    return {"type": "sftp", "display_name": unique("Server "), "settings": settings or sftp_settings(sshd),
            "secrets": {"password": {"set": sshd.password}}, "consent": AGREED} | members


def make_sftp(client, sshd, settings=None, **members):
    return ok(client.post("connections", sftp_draft(sshd, settings, **members)), 201)


def shared_with(role):
    return {"sharing": {"with": role}}


SHARED = shared_with("contributors")


def folder_draft(**members):
    return {"type": "folder", "display_name": unique("Folder "), "settings": {"folder": unique("folder")}, "consent": AGREED} | members


def make_folder(client, **members):
    return ok(client.post("connections", folder_draft(**members)), 201)


def change(client, path, body, status=200):
    """A PATCH with the version that is there now."""
    return ok(client.patch(path, body, ok(client.get(path))["version"]), status)


def remove(client, path, status=204):
    return ok(client.delete(path, ok(client.get(path))["version"]), status)


# ---- exports and runs

def export_draft(connection, tables=("Customer",), **members):
    return {"display_name": unique("Export "), "connection_id": connection["id"], "tables": list(tables)} | members


def make_export(client, connection, tables=("Customer",), **members):
    return ok(client.post("exports", export_draft(connection, tables, **members)), 201)


def start(client, export):
    return ok(client.post(f"exports/{export['id']}/run"), 202)


def wait_run(client, run, seconds=60):
    """The run once it has ended."""
    return until(f"run {run['id']} has ended", lambda: (lambda r: r if r["state"] in ENDED else None)(ok(client.get("runs/" + run["id"]))), seconds)


def wait_running(client, run, seconds=20):
    """The run once rows are on their way."""
    return until(f"run {run['id']} sends rows", lambda: (lambda r: r if r["state"] == "running" and r["counts"]["rows_read"] > 0 else None)(ok(client.get("runs/" + run["id"]))), seconds)


def deliver(client, export, state="succeeded"):
    run = wait_run(client, start(client, export))
    equal(run["state"], state, f"run of {export['display_name']} ({run['error']})")
    return run


# ---- what lies at the destination

def files_below(folder):
    """Relative paths of all files, hidden ones too."""
    folder = pathlib.Path(folder)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def raw_text(path):
    data = pathlib.Path(path).read_bytes()
    return (gzip.decompress(data) if str(path).endswith(".gz") else data).decode("utf-8")


def read_csv(path, delimiter=","):
    """Header and rows of a delivered file."""
    rows = list(csv.reader(io.StringIO(raw_text(path), newline=""), delimiter=delimiter, strict=True))
    return rows[0], rows[1:]


def delivered(folder, run, table, delimiter=","):
    """Header and rows of one table over all its files; the files say the rows they hold."""
    header, rows = None, []
    for file in [f for f in run["files"] if pathlib.PurePath(f["path"]).name.startswith(table + "_")]:
        path = pathlib.Path(folder) / file["path"]
        holds(path.is_file(), f"the run tells of {file['path']}, which is not there; there are {files_below(folder)}")
        equal(path.stat().st_size, file["bytes"], f"bytes of {file['path']}")
        own_header, own_rows = read_csv(path, delimiter)
        equal(len(own_rows), file["rows"], f"rows of {file['path']}")
        equal(own_header, header or own_header, f"header of {file['path']}")
        header, rows = own_header, rows + own_rows
    return header, rows


def model_of(folder, run):
    """model.json of a delivery, and the folder it lies in."""
    first = pathlib.PurePath(run["files"][0]["path"])
    top = pathlib.Path(folder) / first.parts[0] / first.parts[1]
    return json.loads((top / "model.json").read_text()), top


# ---- what only the database tells

def query(server, postgres, sql):
    """Rows of a query as lists of text."""
    if postgres is not None:
        return postgres.query(server.store, sql)
    with sqlite3.connect(f"file:{server.data / 'app.db'}?mode=ro", uri=True, timeout=30) as db:
        return [["" if value is None else str(value) for value in row] for row in db.execute(sql)]


def write_sqlite(server, sql, *values):
    """Moves a time, say, in the database of a server on SQLite."""
    db = sqlite3.connect(server.data / "app.db", timeout=30)
    with db:
        changed = db.execute(sql, values).rowcount
    db.close()
    holds(changed != 0, f"nothing matches: {sql}")


def audit(server, postgres, event, object_id=None):
    """Audit entries of one event: [{actor, object, details}]."""
    where = f"event = '{event}'" + (f" AND object_id = '{object_id}'" if object_id else "")
    rows = query(server, postgres, f"SELECT actor_name, object_id, object_name, details FROM audit_entries WHERE {where} ORDER BY id")
    return [{"actor": r[0], "object_id": r[1], "object_name": r[2], "details": json.loads(r[3])} for r in rows]


def mount_tmpfs(folder, size):
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "none", str(folder)], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure("mount: " + done.stderr)


def unmount(folder):
    subprocess.run(["umount", "-l", str(folder)], capture_output=True)
