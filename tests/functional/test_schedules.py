"""Schedules: of the system refresh and of exports; rules in words; what starts of itself, and what does not."""

import datetime
import time
import zoneinfo

from harness import contains, equal, holds, ok, on_both_stores, pointers, refused, unique, until
from things import (SHARED, change, deliver, import_customers, make_export, make_folder, make_segment, query, remove, rule, start, wait_run,
                    write_sqlite)

DAILY = {"recurrence": "daily", "times": ["06:30", "18:00"], "time_zone": "Europe/Copenhagen"}


def own(**members):
    whole = {"recurrence": "daily", "times": ["06:30"], "time_zone": "Europe/Copenhagen"} | members
    return {"kind": "own", "rule": {name: value for name, value in whole.items() if value is not None}}


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def due_now(server, export):
    """Moves the next start of an export to a moment ago."""
    write_sqlite(server, "UPDATE schedules SET next_at = ? WHERE kind = 'export' AND subject_id = ?",
                 int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1e6) - 1_000_000, export["id"])


def runs_of(server, export):
    return ok(server.viewer.get("runs?export_id=" + export["id"]))["items"]


@on_both_stores
def test_the_schedule_of_an_export(server):
    """SCH-13, SCH-15, SCH-16, SCH-18, SCH-37, EXP-17: with the system refresh at first, then by a rule of its own, or off; a contributor sets it"""
    export = make_export(server.contributor, make_folder(server.admin, **SHARED))
    path = "exports/" + export["id"]
    equal((export["schedule"]["kind"], export["schedule"]["summary"]), ("system", "System refresh"), "at first")
    after = change(server.contributor, path, {"schedule": own()})
    equal((after["schedule"]["kind"], after["schedule"]["summary"]), ("own", "Every day at 06:30"), "its own")
    local = instant(after["schedule"]["next_at"]).astimezone(zoneinfo.ZoneInfo("Europe/Copenhagen"))
    equal((local.hour, local.minute), (6, 30), "the next start there")
    holds(datetime.timedelta(0) < instant(after["schedule"]["next_at"]) - datetime.datetime.now(datetime.timezone.utc) < datetime.timedelta(hours=26), "within a day")
    off = change(server.contributor, path, {"schedule": {"kind": "off"}})["schedule"]
    equal((off["kind"], off["summary"], off["next_at"], off["rule"]["times"]), ("off", "Off", None, ["06:30"]), "off, with its rule kept")
    refused(server.viewer.patch(path, {"schedule": own()}, 3), 403, "request.forbidden")
    bad = refused(server.contributor.patch(path, {"schedule": own(times=["25:00"], time_zone="Mars/Olympus")}, off and ok(server.admin.get(path))["version"]),
                  422, "schedule.invalid")
    equal(sorted(pointers(bad)), ["/schedule/rule/time_zone", "/schedule/rule/times/0"], "what is wrong")
    equal(ok(server.admin.get(path))["schedule"]["kind"], "off", "nothing changed")
    listed = next(e for e in server.admin.all("exports") if e["id"] == export["id"])
    equal(listed["schedule"]["summary"], "Off", "in the list")


def test_a_rule_in_words(server):
    """SCH-25, BEY-17: the next five starts in the zone, and the rules in words; what is wrong is named by field"""
    preview = ok(server.contributor.post("schedules/preview", {"rule": DAILY}))
    equal(len(preview["next"]), 5, "starts")
    equal(preview["next"], sorted(preview["next"]), "in order")
    contains(" ".join(preview["words"]), "Europe/Copenhagen", "the zone")
    contains(" ".join(preview["words"]), "12 hours", "missed runs")
    refused(server.contributor.post("schedules/preview", {"rule": DAILY | {"times": []}}), 422, "schedule.invalid")
    refused(server.viewer.post("schedules/preview", {"rule": DAILY}), 403, "request.forbidden")
    contains(" ".join(ok(server.viewer.get("time-zones"))["items"]), "America/Argentina/Buenos_Aires", "zones")


def test_due_exports_start_by_themselves(make_server):
    """SCH-22, SCH-28, EXP-60, C-118, C-123, C-124: what is due starts once, is marked as scheduled, and the next start is told; a restart starts nothing twice"""
    server = make_server()
    import_customers(server.admin)
    export = make_export(server.admin, make_folder(server.admin), schedule=own(recurrence="interval", every=6, unit="hours", times=None))
    equal(export["schedule"]["summary"], "Every 6 hours", "the rule")
    due_now(server, export)
    run = until("it starts", lambda: runs_of(server, export))[0]
    equal((wait_run(server.admin, run)["state"], run["trigger"], run["requested_by"]["id"]), ("succeeded", "schedule", None), "the run")
    after = ok(server.admin.get("exports/" + export["id"]))
    holds(instant(after["schedule"]["next_at"]) > datetime.datetime.now(datetime.timezone.utc), "the next start")
    equal(after["last_run"]["id"], run["id"], "the list shows its own last run")
    server.stop()
    server.start()
    time.sleep(2.5)  # two looks of the scheduler: nothing may start
    equal(len(runs_of(server, export)), 1, "runs after a restart")


def test_missed_starts(make_server):
    """SCH-12, C-123: late by less than twelve hours it runs once, later it is recorded as missed"""
    server = make_server()
    import_customers(server.admin)
    folder = make_folder(server.admin)
    late = make_export(server.admin, folder, schedule=own(recurrence="interval", every=1, unit="hours", times=None))
    lost = make_export(server.admin, folder, schedule=own(recurrence="interval", every=1, unit="hours", times=None))
    server.stop()
    now = int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1e6)
    for export, hours in ((late, 11), (lost, 13)):
        write_sqlite(server, "UPDATE schedules SET next_at = ?, anchor_at = ? WHERE subject_id = ?", now - hours * 3_600_000_000, now - hours * 3_600_000_000, export["id"])
    server.start()
    wait_run(server.admin, until("the late one starts", lambda: runs_of(server, late))[0])
    until("the lost one is recorded", lambda: query(server, None, f"SELECT reason FROM missed_occurrences WHERE subject_id = '{lost['id']}'"))
    equal((len(runs_of(server, late)), runs_of(server, lost)), (1, []), "runs: one for eleven missed hours, none for thirteen")
    holds(instant(ok(server.admin.get("exports/" + lost["id"]))["schedule"]["next_at"]) > datetime.datetime.now(datetime.timezone.utc), "it goes on")


@on_both_stores
def test_inactive_exports_keep_their_schedule(server):
    """SCH-27, EXP-64, EXP-76: disconnected it is not started and shows no next start; attached again it goes on, and does not start at once"""
    folder = make_folder(server.admin)
    export = make_export(server.admin, folder, schedule=own())
    path = "exports/" + export["id"]
    off = ok(server.admin.post(path + "/disconnect"))
    equal((off["state"], off["schedule"]["summary"], off["schedule"]["next_at"]), ("inactive", "Every day at 06:30", None), "disconnected")
    again = change(server.admin, path, {"connection_id": folder["id"]})
    equal(again["schedule"]["next_at"], export["schedule"]["next_at"], "attached again")
    equal(runs_of(server, export), [], "runs")
    remove(server.admin, path)


@on_both_stores
def test_many_at_once(server):
    """SCH-14, SCH-19, SCH-26, EXP-74, EXP-79: bulk scheduling keeps or replaces rules, and tells for each whether it worked; so do run, disconnect and remove"""
    shared, private = make_folder(server.admin, **SHARED), make_folder(server.admin)
    mine = make_export(server.admin, shared, schedule=own())
    plain = make_export(server.admin, shared)
    theirs = make_export(server.admin, private)
    ids = [mine["id"], plain["id"], theirs["id"]]

    def batch(client, action, **members):
        return ok(client.post("exports/batch", {"action": action, "ids": ids} | members))

    off = batch(server.contributor, "schedule", is_on=False)
    equal([(i["ok"], (i["error"] or {}).get("reason")) for i in off["items"]], [(True, None), (True, None), (False, "request.forbidden")], "off, for each")
    equal((off["succeeded"], off["failed"]), (2, 1), "counts")
    on = batch(server.admin, "schedule", is_on=True)
    equal(on["failed"], 0, "on again")
    equal([ok(server.admin.get("exports/" + i))["schedule"]["kind"] for i in ids], ["own", "system", "system"], "each as it was")
    batch(server.admin, "schedule", schedule=own(times=["23:15"]))
    equal({ok(server.admin.get("exports/" + i))["schedule"]["summary"] for i in ids}, {"Every day at 23:15"}, "replaced")
    refused(server.admin.post("exports/batch", {"action": "schedule", "ids": ids}), 422, "export.bad_batch")
    refused(server.admin.post("exports/batch", {"action": "schedule", "ids": ids, "schedule": own(times=["7"])}), 422, "schedule.invalid")
    ran = batch(server.admin, "run")
    for item in ran["items"]:
        equal(wait_run(server.admin, {"id": item["run_id"]})["state"], "succeeded", "run of " + item["display_name"])
    refused_all = batch(server.contributor, "disconnect")
    equal(refused_all["failed"], 3, "contributors disconnect nothing")
    equal(batch(server.admin, "disconnect")["succeeded"], 3, "disconnected")
    dead = batch(server.admin, "run")
    equal({i["error"]["reason"] for i in dead["items"]}, {"export.inactive"}, "nothing starts them")
    equal(batch(server.admin, "remove")["succeeded"], 3, "removed")


@on_both_stores
def test_the_schedule_of_the_refresh(server):
    """SCH-01, SCH-02, SCH-03, SCH-04, SCH-09, SCH-35, SYS-10, C-117: off at first; weekly or daily, up to four times a day, in a zone; only administrators change it"""
    before = ok(server.viewer.get("schedule"))
    equal((before["is_on"], before["next"], before["can"]), (False, [], []), "at first")
    refused(server.contributor.call("PUT", "schedule", {"is_on": True, "rule": DAILY}, {"If-Match": f'"{before["version"]}"'}), 403, "request.forbidden")
    export = make_export(server.admin, make_folder(server.admin), schedule=own())
    put = lambda body, version: server.admin.call("PUT", "schedule", body, {"If-Match": f'"{version}"'})
    weekly = DAILY | {"recurrence": "weekly", "weekdays": ["mon", "thu"], "times": ["01:00", "07:00", "13:00", "19:00"]}
    after = ok(put({"is_on": True, "rule": weekly}, before["version"]))
    equal((after["is_on"], len(after["next"])), (True, 5), "on")
    holds(after["own_schedules"] >= 1, "it tells how many have schedules of their own")
    refused(put({"is_on": True, "rule": DAILY}, before["version"]), 412, "request.stale")
    refused(put({"is_on": True, "rule": weekly | {"times": ["01:00", "02:00", "03:00", "04:00", "05:00"]}}, after["version"]), 422, "schedule.invalid")
    refused(put({"is_on": True, "rule": {"recurrence": "cron", "cron": "* * * * *", "time_zone": "UTC"}}, after["version"]), 422, "schedule.invalid")
    follower = make_export(server.admin, make_folder(server.admin))
    equal(follower["schedule"]["next_at"], after["next"][0], "an export that follows it tells when")
    off = ok(put({"is_on": False}, after["version"]))
    equal((off["is_on"], off["rule"]["times"]), (False, weekly["times"]), "off, with its rule kept")
    for one in (export, follower):
        remove(server.admin, "exports/" + one["id"])


def test_a_refresh_that_is_due(make_server):
    """SCH-05, SCH-06, SCH-08, SCH-11, SCH-21, SCH-29, EXP-61: it runs segments, then exports that follow it; those with a schedule of their own or off stay out"""
    server = make_server()
    import_customers(server.admin)
    segment = make_segment(server.admin, rule("Country", "equals", "US"))
    folder = make_folder(server.admin)
    follows = make_export(server.admin, folder, ["Customer", segment["name"]])
    alone = make_export(server.admin, folder, schedule=own())
    off = make_export(server.admin, folder, schedule={"kind": "off"})
    ok(server.admin.call("PUT", "schedule", {"is_on": True, "rule": DAILY}, {"If-Match": '"0"'}))
    write_sqlite(server, "UPDATE schedules SET next_at = ? WHERE kind = 'refresh'", int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1e6) - 2_000_000)
    job = until("a refresh starts", lambda: ok(server.admin.get("jobs"))["items"])[0]
    job = until("it ends", lambda: (lambda j: j if j["ended_at"] else None)(ok(server.admin.get("jobs/" + job["id"]))))
    equal((job["state"], job["trigger"]), ("succeeded", "schedule"), "the refresh")
    equal([(s["name"], s["total"], s["done"]) for s in job["stages"]], [("segments", 1, 1), ("exports", 1, 1)], "its stages")
    tasks = {t["subject"]["id"]: t for s in job["stages"] for t in s["tasks"]}
    equal(sorted(tasks), sorted([segment["id"], follows["id"]]), "its tasks")
    holds(tasks[segment["id"]]["ended_at"] <= tasks[follows["id"]]["started_at"], "the export came after its segment")
    equal((runs_of(server, alone), runs_of(server, off)), ([], []), "the others")
    equal(runs_of(server, follows)[0]["trigger"], "system_refresh", "trigger")
    ran = ok(server.admin.post("exports/run-all"), 202)
    equal(sorted(i["id"] for i in ran["items"]), sorted([follows["id"], alone["id"]]), "run all starts every export that is not off")
    equal(deliver(server.admin, off)["state"], "succeeded", "one that is off can be started by hand")
