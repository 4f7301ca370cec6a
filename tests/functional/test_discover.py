"""Discover: connection types as the tiles show them."""

import pathlib

from harness import contains, equal, holds, lacks, ok, refused
from things import SHARED, deliver, folder_draft, import_customers, make_export, make_folder, make_sftp

CATEGORIES = {"ads_automation", "marketing_automation", "export_destination", "omnichannel_marketing", "custom_data"}


def types(client):
    return {item["id"]: item for item in ok(client.get("connection-types"))["items"]}


def test_a_tile_per_type(server):
    """DIS-01, DIS-02, DIS-04, DIS-06, DIS-12, CON-23, CON-27, CON-28, CON-30: all a tile and its pane need comes with the type"""
    found = types(server.admin)
    folders = pathlib.Path(__file__).resolve().parents[2] / "connectors"
    equal(sorted(found), sorted(path.parent.name for path in folders.glob("*/manifest.yaml")), "types")
    for one in found.values():
        for member in ("title", "subtitle", "summary", "help_markdown"):
            holds(one[member].strip(), f"{one['id']} has a {member}")
        contains(CATEGORIES, one["category"], "category")
        equal(one["serves"], ["export"], "what it serves")
        icon = server.admin.get(one["icon"])
        equal((icon.status, icon.headers["content-type"]), (200, "image/svg+xml"), f"icon of {one['id']}")
        contains(icon.text, "<svg", "the icon")
        lacks(icon.text, "<script", "the icon")
        holds(one["consent"]["text"] and one["consent"]["version"] >= 1, "wording of the consent")
        lacks([f["name"] for f in one["fields"]], "organization", "fields")
        equal(ok(server.admin.get("connection-types/" + one["id"])), one, f"{one['id']} alone")
    equal([f["name"] for f in found["sftp"]["fields"] if f["secret"]], ["password", "private_key", "passphrase"], "secret fields of SFTP")
    equal([f["name"] for f in found["sftp"]["fields"] if f["target"]], ["host", "port", "username"], "fields that say where")
    equal(found["sftp"]["limits"], {"files_per_table": 5}, "limits of SFTP")
    refused(server.admin.get("connection-types/nothing"), 404, "request.not_found")


def test_tiles_count_connections(make_server, sshd):
    """DIS-09, DIS-11, CON-32: administrators see how many connections of a type there are, others see neither numbers nor forms"""
    server = make_server()

    def counts():
        return {n: t["connections"] for n, t in types(server.admin).items() if n in ("folder", "sftp")}

    equal(counts(), {"folder": 0, "sftp": 0}, "at first")
    make_folder(server.admin)
    make_folder(server.admin)
    make_sftp(server.admin, sshd)
    equal(counts(), {"folder": 2, "sftp": 1}, "after three")
    for role in ("contributor", "viewer"):
        for one in types(server.client(role)).values():
            lacks(one, "connections", f"what a {role} sees")
            equal((one["fields"], one["consent"]["text"]), ([], ""), f"what a {role} sees of the form")


def test_a_disabled_type(make_server):
    """DIS-12, DIS-13: a type that the operator switched off says why; its connections stay visible and cannot run, until it is on again"""
    server = make_server()
    import_customers(server.admin)
    connection = make_folder(server.admin, **SHARED)
    export = make_export(server.contributor, connection)
    deliver(server.contributor, export)
    server.stop()
    server.options = ["--disabled-connectors", "folder=Not allowed in this house, sftp"]
    server.start()
    found = types(server.admin)
    equal((found["folder"]["enabled"], found["folder"]["disabled_reason"]), (False, "Not allowed in this house"), "the tile")
    equal(found["sftp"]["enabled"], False, "a type without a reason")
    holds(found["sftp"]["disabled_reason"], "a reason all the same")
    equal([c["id"] for c in server.admin.all("connections")], [connection["id"]], "connections that stay visible")
    refused(server.admin.post("connections", folder_draft()), 409, "connection.type_disabled", "Not allowed in this house")
    refused(server.admin.post("connections/verify", {"type": "folder", "settings": {"folder": "x"}}), 409, "connection.type_disabled")
    refused(server.admin.post(f"connections/{connection['id']}/verify"), 409, "connection.type_disabled")
    equal(ok(server.contributor.get("usable-connections"))["items"], [], "usable connections")
    run = deliver(server.contributor, export, "failed")
    contains(run["error"]["reason"], "connection.type_disabled", "reason of the run")
    server.stop()
    server.options = []
    server.start()
    deliver(server.contributor, export)
