"""What every connection type of the build must be, and ActiveCampaign, which was made in thirty lines, against its service."""

import pathlib
import re
import sys
import threading
import time

from harness import contains, equal, holds, lacks, ok, until
from test_connectors import Delivery, World, counts, rejected
from things import start, wait_run

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "services"))

from activecampaign import ActiveCampaign  # noqa: E402
from kinds import KINDS, Kind, email_of  # noqa: E402

CONNECTORS = pathlib.Path(__file__).resolve().parents[2] / "connectors"
CANONICAL = {"email", "phone", "first_name", "last_name", "company_name", "street", "city", "state", "postal_code", "country", "birth_date", "gender",
             "external_id", "contact_id"}
SECRET_WORDS = re.compile(r"password|secret|token|api.?key|private.?key|credential|passphrase", re.I)

ACTIVECAMPAIGN = Kind("activecampaign", ActiveCampaign, settings=lambda s: {"hostname": "account.api-us1.com"}, secrets="api_key",
                      export=lambda s: {"list_id": "7"}, mapping={"email": "Email", "first_name": "First", "phone": "Phone"},
                      members=lambda s, segment: s.members(), refuse=lambda s, row: s.refuses.add(email_of(row)), reason="service.rejected")


def test_every_type_of_the_build(server):
    """CON-27, CON-28, CON-87, DIS-02, DIS-12: icon, help, consent, limits, secrets and targets of every type are as they must be"""
    for one in ok(server.admin.get("connection-types"))["items"]:
        name = one["id"]
        folder = CONNECTORS / name
        holds(folder.is_dir() and not one["community"], f"{name} is built in")
        icon = (folder / "icon.svg").read_text()
        holds(re.search(r'viewBox="0 0 (\d+) \1"', icon), f"{name}: the icon is square")
        lacks(icon.lower(), "<script", f"{name}: icon")
        manifest, help_text = (folder / "manifest.yaml").read_text(), (folder / "help.md").read_text()
        holds(help_text.startswith("# " + one["title"]), f"{name}: the help begins with the title")
        holds(len(one["consent"]["text"]) >= 60 and one["consent"]["target"], f"{name}: consent")
        for field in one["fields"] + one["export_fields"]:
            words = f"{field['name']} {field['title']}"
            holds(field["secret"] or not SECRET_WORDS.search(words) or field["type"] in ("choice", "fingerprint"), f"{name}: {words} is no secret")
            holds(field["target"] or field["type"] not in ("host", "url"), f"{name}: {words} says where data goes and is no target")
        most = one["limits"].get("most_rows")
        if most:
            contains(help_text, f"{most:,}", f"{name}: the help names the limit")
        if one["payload"] != "segments":
            continue
        own = name + "_"
        for attribute in one["mapping"]["attributes"]:
            holds(attribute["name"] in CANONICAL or attribute["name"].startswith(own), f"{name}: {attribute['name']} is a name of its own")
            holds(not attribute["hashed"] or attribute["normalise"], f"{name}: {attribute['name']} is hashed as it comes")
        if one["can_remove"]:
            contains(help_text.lower(), "remov", f"{name}: the help says what removal does")
        # Whoever adds a type also adds how its service behaves.
        if "\nhttp:" in manifest:
            holds(name in {kind.name for kind in [*KINDS, ACTIVECAMPAIGN]}, f"{name} has no service in tests/services, so nothing shows that it works")


def everywhere(make_server, folder, count):
    """A world with every type that sends rows, and an export over each."""
    world = World(make_server, folder, count=count, of=[*KINDS, ACTIVECAMPAIGN])
    return world, [Delivery(world, one, "incremental") for one in [*KINDS, ACTIVECAMPAIGN]]


def test_a_batch_that_is_refused_as_a_whole(make_server, folder):
    """BEY-15, EXP-73, C-090: a service that refuses whatever it is sent gets a bounded number of calls, the run says so, and later everybody arrives"""
    world, deliveries = everywhere(make_server, folder, 8)
    for one in deliveries:
        one.service.fail(400, 100_000, body={"message": "not today"})
        before = len(one.service.calls)
        ended = wait_run(world.admin, one.start())
        holds(ended["state"] in ("failed", "completed_with_errors"), f"{one.kind.name}: {ended['state']}")
        equal((counts(ended, "sent"), one.members()), ((0,), set()), f"{one.kind.name}: who arrived")
        told = ended["error"] or rejected(world, ended)
        holds(told, f"{one.kind.name}: what is told")
        holds(len(one.service.calls) - before <= 40, f"{one.kind.name}: {len(one.service.calls) - before} calls")
        one.service.heal()
        one.run()
        one.check()


def test_canceled_while_sending(make_server, folder):
    """EXP-69, C-125: at every type a run that is canceled ends within seconds, though the service is slow, and the next one brings what is missing"""
    world, deliveries = everywhere(make_server, folder, 300)
    for one in deliveries:
        one.service.delay = 2
        run = one.start()
        until(f"{one.kind.name}: a call is under way", lambda: one.service.at_once > 0)
        ok(world.admin.post(f"runs/{run['id']}/cancel"))
        begun = time.monotonic()
        equal(wait_run(world.admin, run, 30)["state"], "canceled", f"{one.kind.name}: state")
        holds(time.monotonic() - begun < 8, f"{one.kind.name}: canceled after {time.monotonic() - begun:.1f} s")
        one.service.delay = 0
        one.run()
        one.check()


def world_of(make_server, folder, count, **keywords):
    world = World(make_server, folder, count=count, of=[ACTIVECAMPAIGN], **keywords)
    return world, Delivery(world, ACTIVECAMPAIGN, "incremental")


def test_activecampaign_takes_the_segment(make_server, folder):
    """BEY-02, BEY-07, BEY-29, CON-46, EXP-40: Verify passes, the list holds the segment, only changes go later, and no automation starts"""
    world, one = world_of(make_server, folder, 600)
    told = ok(world.admin.post(f"connections/{one.connection['id']}/verify"))
    equal((told["result"], {s["state"] for s in told["steps"]}), ("passed", {"passed"}), f"Verify: {told} {one.service.calls}")
    equal(counts(one.run(), "read", "sent", "rejected"), (600, 600, 0), "the first run")
    one.check()
    equal(len(one.service.calls_of("POST", "bulk_import")), 3, "imports of 250")
    equal(one.service.automations, 0, "automations")
    contact = one.service.contacts["person7@example.org"]
    equal(contact, {"email": "person7@example.org", "first_name": "First7", "phone": "+4523450007", "subscribe": [{"listid": "7"}]}, "a contact")
    equal(counts(one.run(), "sent", "unchanged"), (0, 600), "nothing has changed")


def test_activecampaign_refuses_rows(make_server, folder):
    """BEY-14, EXP-73, C-090: an address that the import refuses at once, and one that fails in the background, are named; all others arrive"""
    world, one = world_of(make_server, folder, 300)
    one.kind.refuse(one.service, world.people[42])
    run = one.run("completed_with_errors")
    equal(counts(run, "sent", "rejected"), (299, 1), "refused in the background")
    equal([(row["Email"], row["reason"]) for row in rejected(world, run)], [(world.people[42][1], "service.rejected")], "the file")
    one.service.refuses.clear()
    people = [list(row) for row in world.people]
    people[9][1] = "person9@nowhere"
    world.put(people)
    run = one.run("completed_with_errors")
    equal(counts(run, "sent", "rejected"), (1, 1), "what was owed arrives, what is no address to the service is named")
    equal([row["Email"] for row in rejected(world, run)], [people[9][1]], "the file")
    equal(one.service.complaints, [], "complaints")


def test_activecampaign_in_bad_weather(make_server, folder):
    """C-087, C-092, CON-84, EXP-67: refused credentials fail the connection; a wait, stumbles and lost answers lose no row"""
    world, one = world_of(make_server, folder, 300)
    one.service.credentials = "another-key"
    run = one.run("failed")
    equal(run["error"]["reason"], "service.credentials", f"{run['error']}")
    equal(ok(world.admin.get("connections/" + one.connection["id"]))["health"], "failing", "health")
    one.service.credentials = "right-key"
    one.service.fail(429, 1, {"Retry-After": "1"})
    one.service.fail(503)
    one.service.drop(1, on="bulk_import")
    equal(counts(one.run(), "sent", "rejected"), (300, 0), "after all that")
    one.check()


def test_activecampaign_killed_and_canceled(make_server, folder):
    """BEY-16, EXP-70, C-125: killed while an import is worked off, and started again, the list ends as the segment; a cancel ends a run that waits for one"""
    world, one = world_of(make_server, folder, 500)
    imported = threading.Event()
    answer = one.service.answer

    def watch(request):
        reply = answer(request)
        if request.path.endswith("bulk_import"):
            imported.set()
        return reply
    one.service.answer = watch
    run = one.start()
    holds(imported.wait(30), "an import was begun")
    world.server.kill()
    world.server.start()
    ended = wait_run(world.admin, run, 120)
    equal((ended["state"], counts(ended, "sent", "rejected")), ("succeeded", (500, 0)), f"{ended['error']}")
    one.check()
    one.service.polls = 1_000_000
    imported.clear()
    endless = Delivery(world, ACTIVECAMPAIGN, "full")
    run = start(world.admin, endless.export)
    holds(imported.wait(30), "an import that does not end was begun")
    ok(world.admin.post(f"runs/{run['id']}/cancel"))
    equal(wait_run(world.admin, run, 30)["state"], "canceled", "the run that was canceled")
