"""Sharing: what contributors may do with a connection, and the little they may know of it."""

from harness import Events, contains, equal, holds, lacks, ok, on_both_stores, pointers, refused, unique
from things import AGREED, SHARED, change, deliver, make_export, make_folder, make_sftp, sftp_settings, start, wait_run

KNOWN = {"id", "display_name", "type", "type_title"}


@on_both_stores
def test_only_shared_connections_are_offered(server, sshd):
    """ROL-19, ROL-20, ROL-22, ROL-23, ROL-24, ROL-26, ROL-27, EXP-12, EXP-13: contributors are offered shared connections by name and type, administrators all"""
    hidden, shared = make_sftp(server.admin, sshd), make_sftp(server.admin, sshd, **SHARED)
    equal(hidden["sharing"], {"with": "administrators"}, "the default")
    offered = {c["id"]: c for c in ok(server.contributor.get("usable-connections?for=export"))["items"]}
    contains(offered, shared["id"], "what the contributor is offered")
    lacks(offered, hidden["id"], "what the contributor is offered")
    equal(offered[shared["id"]], {"id": shared["id"], "display_name": shared["display_name"], "type": "sftp", "type_title": "SFTP"},
          "all that is told of it")
    holds({hidden["id"], shared["id"]} <= {c["id"] for c in ok(server.admin.get("usable-connections"))["items"]}, "administrators are offered both")
    problem = refused(server.contributor.post("exports", {"display_name": unique("Stolen "), "connection_id": hidden["id"], "tables": ["Customer"]}),
                      422, "export.unknown_connection", "administrator")
    equal(pointers(problem), ["/connection_id"], "pointer")
    unknown = refused(server.contributor.post("exports", {"display_name": unique("Stolen "), "connection_id": "0192f0c1-1111-7abc-8def-0123456789ab",
                                                          "tables": ["Customer"]}), 422,
                      "export.unknown_connection")
    equal(unknown["detail"], problem["detail"], "a hidden connection cannot be told from one that does not exist")


@on_both_stores
def test_contributors_cannot_open_connections(server, sshd):
    """ROL-25, ROL-36, CON-22, CON-32: shared or not, a contributor neither opens nor changes a connection (C-006, C-013)"""
    connection = make_sftp(server.admin, sshd, **SHARED)
    path = "connections/" + connection["id"]
    for client in (server.contributor, server.viewer):
        for call in (client.get("connections"), client.get(path), client.get(path + "/dependants"), client.patch(path, {"display_name": "x"}, 1),
                     client.delete(path, 1),
                     client.post(path + "/verify"), client.post("connections", {}), client.patch(path, {"sharing": {"with": "administrators"}}, 1),
                     client.post("connections/verify", {"type": "sftp", "id": connection["id"], "settings": connection["settings"]})):
            refused(call, 403, "request.forbidden", "administrator")
    equal(ok(server.admin.get(path)), connection, "the connection afterwards")


def no_trace(seen, connection, where):
    """Nothing of the connection but id, name and type in what somebody else was told."""
    text = seen if isinstance(seen, str) else repr(seen)
    for secret in ("PlainFolderName", connection["settings"].get("host_key") or "PlainFolderName", '"username"', "'username'",
                   connection["settings"].get("username") or "PlainFolderName",
                   "127.0.0.1", str(connection["settings"].get("port") or "PlainFolderName")):
        lacks(text, secret, where)


@on_both_stores
def test_others_learn_name_and_type_only(server, make_sshd):
    """ROL-26, ROL-33, ROL-39, EXP-08, EXP-73: no answer and no event tells a contributor or viewer more of a connection, when it works and when it fails"""
    sshd = make_sshd()
    (sshd.folder / "PlainFolderName").mkdir()
    sshd.own(sshd.folder / "PlainFolderName")
    connection = make_sftp(server.admin, sshd, sftp_settings(sshd, folder="PlainFolderName"), **SHARED)
    export = make_export(server.contributor, connection)
    streams = {role: Events(server.client(role)) for role in ("contributor", "viewer", "administrator")}
    runs = [deliver(server.contributor, export)]
    (sshd.folder / "PlainFolderName").rename(sshd.folder / "gone")
    for settings, secrets in [({}, {}), ({"port": 1}, {"password": {"set": "x"}}), ({"host": "no-such-host.invalid"}, {"password": {"set": "x"}}),
                              ({"host": "127.0.0.1"}, {"password": {"set": "wrong"}})]:
        change(server.admin, "connections/" + connection["id"], {"settings": connection["settings"] | settings, "secrets": secrets,
                                                                 "consent": AGREED})
        runs.append(deliver(server.contributor, export, "failed"))
    for role in ("contributor", "viewer"):
        client = server.client(role)
        seen = ok(client.get("exports/" + export["id"]))
        equal(set(seen["connection"]), KNOWN, f"the connection of an export as the {role} sees it")
        no_trace(seen, connection, f"the export as the {role} sees it")
        for run in runs:
            one = ok(client.get("runs/" + run["id"]))
            equal(set(one["connection"]), {"id", "display_name", "type"}, "the connection of a run")
            no_trace(one, connection, f"a run as the {role} sees it")
        for path in ("home", f"runs?export_id={export['id']}", "exports?q=" + export["display_name"].replace(" ", "%20"), "about"):
            no_trace(client.get(path).text, connection, f"{path} as the {role} sees it")
        no_trace(streams[role].read_until(runs[-1]["id"].encode() + b'","kind"').decode(), connection, f"events of the {role}")
    told = ok(server.admin.get("runs/" + runs[2]["id"]))["error"]["detail"]
    contains(told, "127.0.0.1", "what the administrator is told of the failure")
    contains(streams["administrator"].read_until(b"no-such-host.invalid").decode(), "no-such-host.invalid", "events of the administrator")
    for stream in streams.values():
        stream.close()


@on_both_stores
def test_contributors_manage_every_export_on_a_shared_connection(server):
    """ROL-21, ROL-28, EXP-84: whoever made it, a contributor edits, runs and removes exports on shared connections"""
    connection = make_folder(server.admin, **SHARED)
    export = make_export(server.admin, connection)
    seen = ok(server.contributor.get("exports/" + export["id"]))
    equal(sorted(seen["can"]), ["remove", "run", "schedule", "update"], "verbs of the contributor")
    change(server.contributor, "exports/" + export["id"], {"columns": {"Customer": ["CustomerId"]}})
    deliver(server.contributor, export)
    equal(sorted(ok(server.admin.get("exports/" + export["id"]))["can"]), ["disconnect", "remove", "run", "schedule", "update"], "verbs of the administrator")
    refused(server.contributor.post(f"exports/{export['id']}/disconnect"), 403, "request.forbidden", "administrator")
    ok(server.contributor.delete("exports/" + export["id"], 2), 204)


@on_both_stores
def test_sharing_withdrawn_and_given_back(server):
    """CON-55, ROL-29, ROL-30, ROL-31, ROL-37, EXP-21: withdrawn, exports stay and contributors only look; given back, all is as before (C-002)"""
    connection = make_folder(server.admin, **SHARED)
    export = make_export(server.contributor, connection)
    path = "exports/" + export["id"]
    change(server.admin, "connections/" + connection["id"], {"sharing": {"with": "administrators"}})
    seen = ok(server.contributor.get(path))
    equal((seen["can"], seen["state"], seen["connection"]["display_name"]), ([], "active", connection["display_name"]),
          "the export after sharing was withdrawn")
    equal(seen["version"], export["version"], "version of the export")
    for call in (server.contributor.patch(path, {"display_name": "x"}, 1), server.contributor.delete(path, 1),
                 server.contributor.post(path + "/run")):
        equal(refused(call, 403, "request.forbidden", "not shared")["required_role"], "administrator", "required role")
    run = wait_run(server.viewer, start(server.admin, export))
    equal(run["state"], "succeeded", "an export goes on without sharing")
    refused(server.contributor.post("exports", {"display_name": unique("More "), "connection_id": connection["id"], "tables": ["Customer"]}), 422,
            "export.unknown_connection")
    change(server.admin, "connections/" + connection["id"], SHARED)
    equal(sorted(ok(server.contributor.get(path))["can"]), ["remove", "run", "schedule", "update"], "verbs after sharing was given back")
    deliver(server.contributor, export)


@on_both_stores
def test_moving_an_export(server):
    """ROL-38, CON-71, EXP-77: to another shared connection of the type, not to a hidden one; an administrator may, and it shows (C-007)"""
    first, second, hidden = make_folder(server.admin, **SHARED), make_folder(server.admin, **SHARED), make_folder(server.admin)
    export = make_export(server.contributor, first)
    moved = change(server.contributor, "exports/" + export["id"], {"connection_id": second["id"]})
    equal(moved["connection"]["id"], second["id"], "the connection after moving")
    refused(server.contributor.patch("exports/" + export["id"], {"connection_id": hidden["id"]}, moved["version"]), 422, "export.unknown_connection")
    change(server.admin, "exports/" + export["id"], {"connection_id": hidden["id"]})
    seen = ok(server.contributor.get("exports/" + export["id"]))
    equal((seen["can"], set(seen["connection"])), ([], KNOWN), "the export on a hidden connection")
    deliver(server.admin, export)
