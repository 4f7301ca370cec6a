"""Connection types from a folder of the operator."""

import pathlib
import subprocess

from harness import contains, equal, holds, lacks, ok, refused
from things import AGREED

MANIFEST = """manifest: 1
id: parrots
title: Parrots
subtitle: Tells them
summary: Sends members to parrots.
category: custom_data
serves: [export]
status: preview
driver: http_json
verify: none
payload: segments
consent: { version: 1, target: the parrots, text: Members leave this system for the parrots you name. }
connection:
  fields:
    - { name: server, type: url, title: Server, target: true }
    - { name: key, type: secret, title: Key }
mapping:
  attributes: [{ name: email, title: Email, required: true, normalise: email }]
  identifier: [email]
limits: { most_rows: 1000, fewest_rows: 3, duration: a minute or two }
http:
  base: "${server}"
  auth: { kind: bearer, value: "${key}" }
  upsert: { rows: 10, steps: [{ request: { method: POST, path: /, body: "${rows}" }, row: { email: "${email}" } }] }
  remove: { rows: 10, steps: [{ request: { method: DELETE, path: /, body: "${rows}" }, row: "${email}" }] }
"""
ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#345" d="M2 2h9z"/></svg>'


def make_types(folder, **manifests):
    """A folder with a folder per type; what is given replaces the manifest, its id is that of the folder."""
    for name, text in manifests.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "manifest.yaml").write_text(text.replace("id: parrots", f"id: {name}"))
        (folder / name / "icon.svg").write_text(ICON)
        (folder / name / "help.md").write_text("# Parrots\n\nThey repeat it.\n")
    return folder


def test_good_and_broken_folders(make_server, folder):
    """DIS-12, CON-27: a folder makes a type; a broken one is told with file, line and key to administrators, and stops nothing else"""
    types_folder = make_types(folder / "types", parrots=MANIFEST, misspelt=MANIFEST.replace("payload:", "payloed:"),
                        sftp=MANIFEST, scripted=MANIFEST)
    (types_folder / "scripted" / "icon.svg").write_text(ICON.replace("<path", "<script>alert(1)</script><path"))
    server = make_server(options=["--connectors", str(types_folder)])

    types = {one["id"]: one for one in ok(server.admin.get("connection-types"))["items"]}
    holds(types["parrots"]["community"], "the type is marked")
    holds(not types["sftp"]["community"], "the built-in type kept its id")
    lacks(types, "misspelt", "types")
    lacks(types, "scripted", "types")
    parrots = ok(server.admin.get("connection-types/parrots"))
    equal(parrots["can_remove"], True, "rows can be removed")
    equal(parrots["payload"], "segments", "what it takes")
    equal(parrots["limits"], {"most_rows": 1000, "counted": "export", "strict": True, "fewest_rows": 3, "duration": "a minute or two"}, "limits")
    equal(parrots["mapping"]["identifier"], ["email"], "who a row is")
    equal([a["name"] for a in parrots["mapping"]["attributes"]], ["email"], "attributes")
    equal(types["sftp"]["mapping"], None, "the mapping of a type that takes tables")
    contains(server.admin.get(parrots["icon"]).text, "<svg", "icon")

    faults = {one["folder"]: one["detail"] for one in ok(server.admin.get("about"))["connector_faults"]}
    equal(sorted(faults), ["misspelt", "scripted", "sftp"], "folders at fault")
    contains(faults["misspelt"], "misspelt/manifest.yaml:11: /payloed is not a known member", "file, line and key")
    contains(faults["sftp"], "/id is the id of another type", "a taken id")
    contains(faults["scripted"], "may not hold <script>", "an icon with a script")
    for role in ("contributor", "viewer"):
        lacks(ok(server.client(role).get("about")), "connector_faults", f"what a {role} sees")

    connection = server.admin.post("connections", {"type": "parrots", "display_name": "My parrots", "consent": AGREED,
                                                   "settings": {"server": "https://parrots.example.com/"}, "secrets": {"key": {"set": "k"}}})
    equal(ok(connection, 201)["settings"]["server"], "https://parrots.example.com", "an address without its last slash")
    refused(server.admin.post("connections", {"type": "misspelt", "display_name": "x", "consent": AGREED}), 422,
            "connection.unknown_type")


def test_a_new_type_passes_its_checks(binary, folder):
    """BEY-29, DIS-12: tools/new-connector makes a folder that is a type at once, and touches nothing that is there"""
    tool = pathlib.Path(__file__).resolve().parents[2] / "tools/new-connector"

    def make(name):
        return subprocess.run([tool, name, "--in", str(folder / "types")], capture_output=True, text=True, timeout=60)

    for name in ("example_mail", "x2"):
        equal(make(name).returncode, 0, f"making {name}")
    again = make("x2")
    equal((again.returncode, "exists already" in again.stderr), (1, True), "making one twice")
    for name in ("Upper", "../up", "a", "9lives", "with-dash"):
        equal(make(name).returncode, 1, f"making {name}")
    equal(sorted(path.name for path in (folder / "types").iterdir()), ["example_mail", "x2"], "what was made")
    done = subprocess.run([binary, "doctor", "--data", str(folder / "none"), "--connectors", str(folder / "types")],
                          capture_output=True, text=True, timeout=60)
    equal(done.returncode, 0, done.stdout)
    contains(done.stdout, "2 of them from", "what doctor says")


def test_doctor_reads_the_folder(binary, folder):
    """DIS-12: sluice doctor tells what is wrong with types of one's own, before anything is served"""
    good = make_types(folder / "good", parrots=MANIFEST)
    bad = make_types(folder / "bad", parrots=MANIFEST.replace("${email}", "${mail}"))

    def doctor(types_folder):
        done = subprocess.run([binary, "doctor", "--data", str(folder / "none"), "--connectors", str(types_folder)],
                              capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout

    status, text = doctor(good)
    equal(status, 0, text)
    contains(text, "1 of them from", "what doctor says of good types")
    status, text = doctor(bad)
    equal(status, 1, text)
    contains(text, "parrots/manifest.yaml:24: /http/upsert/steps/0/row/email names \"mail\"", "what doctor says of a broken type")
