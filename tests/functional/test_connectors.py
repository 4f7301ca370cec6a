"""The shipped connection types, each against a service that behaves like its own: tests/services and docs/testing-connectors.md."""

import csv
import hashlib
import io
import pathlib
import random
import sys
import time

from harness import contains, equal, holds, lacks, ok, refused, unique, until
from things import AGREED, import_csv, make_segment, rule, start, to_csv, wait_run

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "services"))

import kinds  # noqa: E402
from kinds import COLUMNS, KINDS, kind, person  # noqa: E402
from shipped import copy_type  # noqa: E402


class Delivery:
    """A connection of one kind, an export over it, and the service at its end."""

    def __init__(self, world, of, mode, **members):
        self.world, self.kind, self.service = world, of, world.services[of.name]
        self.connection = ok(world.admin.post("connections", {"type": f"test_{of.name}", "display_name": unique(of.name + " "), "settings": of.settings(self.service),
                                                              "secrets": {of.secrets: {"set": self.service.credentials}}, "consent": AGREED}), 201)
        self.export = ok(world.admin.post("exports", {"display_name": unique("Rows "), "connection_id": self.connection["id"], "tables": [world.segment["name"]],
                                                      "mapping": of.mapping, "mode": mode, "settings": of.export(self.service)} | members), 201)

    def start(self):
        return start(self.world.admin, self.export)

    def run(self, state="succeeded"):
        ended = wait_run(self.world.admin, self.start())
        equal(ended["state"], state, f"{self.kind.name}: the run ({ended['error']}, {ended['warnings']})")
        return ended

    def members(self):
        return self.kind.members(self.service, self.world.segment["name"])

    def wanted(self):
        return {self.kind.key(row) for row in self.world.people if row[-1] == "yes"}

    def check(self):
        equal(sorted(self.members() ^ self.wanted())[:5], [], f"{self.kind.name}: whom only one side has")
        equal(self.service.complaints[:3], [], f"{self.kind.name}: what the service would not have been sent")


class World:
    """A server with the shipped types before services of its own, and people of whom a segment is wanted."""

    def __init__(self, make_server, folder, count=150, of=KINDS, change=lambda text: text, **keywords):
        self.services = {one.name: one.service() for one in of}
        for one in of:
            copy_type(one.name, folder, self.services[one.name].url, change)
        self.server = make_server(options=["--connectors", str(folder)], **keywords)
        self.admin = self.server.admin
        equal(ok(self.admin.get("about"))["connector_faults"], [], "faults of the copies")
        self.put([person(i) for i in range(count)], replace=False)
        self.segment = make_segment(self.admin, rule("Wanted", "equals", "yes"))

    def put(self, people, replace=True):
        self.people = people
        for service in self.services.values():
            if hasattr(service, "contacts") and isinstance(service.contacts, set):
                service.contacts |= {row[12] for row in people}
        import_csv(self.admin, to_csv(COLUMNS, people), "Customer", "CustomerId", replace=replace)

    def deliveries(self, mode="mirror", skip=()):
        return [Delivery(self, kind(name), mode) for name in self.services if name not in skip]


def counts(run, *names):
    return tuple(run["counts"]["rows_" + name] for name in names)


def rejected(world, run):
    return list(csv.DictReader(io.StringIO(world.admin.get(f"runs/{run['id']}/rejected").text)))


def test_verify(make_server, folder):
    """BEY-07, CON-46: Verify of each type goes the way a run goes, passes with good credentials, and with others fails at the sign-in with advice"""
    world = World(make_server, folder, count=3)
    for one in world.deliveries():
        told = ok(world.admin.post(f"connections/{one.connection['id']}/verify"))
        equal((told["result"], {s["state"] for s in told["steps"]}), ("passed", {"passed"}), f"{one.kind.name}: {told['steps']}")
        one.service.credentials = "another-key"
        one.service.tokens = set()
        told = ok(world.admin.post(f"connections/{one.connection['id']}/verify"))
        failed = [s for s in told["steps"] if s["state"] == "failed"]
        equal((told["result"], len(failed)), ("failed", 1), f"{one.kind.name}: {told['steps']}")
        holds(failed[0]["name"] == "sign_in" and failed[0]["advice"], f"{one.kind.name}: {failed[0]}")
        lacks(str(told), "right-key", f"{one.kind.name}: the secret in the answer")
        equal(one.service.complaints, [], one.kind.name)


def test_the_segment_arrives_and_stays_in_step(make_server, folder):
    """EXP-39, EXP-40, EXP-41, EXP-45, BEY-02: what each service holds is the segment, after the first run, after changes, and after people left"""
    world = World(make_server, folder)
    all_of_them = world.deliveries()
    for one in all_of_them:
        equal(counts(one.run(), "read", "sent", "unchanged", "rejected"), (150, 150, 0, 0), f"{one.kind.name}: the first run")
        one.check()
        equal(counts(one.run(), "sent", "unchanged"), (0, 150), f"{one.kind.name}: nothing has changed")
    people = [list(row) for row in world.people]
    for i in range(10):
        people[i][-1] = "no"
    world.put(people + [person(900)])
    for one in all_of_them:
        equal(counts(one.run(), "sent", "unchanged", "removed"), (1, 140, 10), f"{one.kind.name}: ten left, one came")
        one.check()
    people[3][-1] = "yes"
    world.put(people)
    for one in all_of_them:
        equal(counts(one.run(), "sent", "removed"), (1, 1), f"{one.kind.name}: one came back, one left")
        one.check()


def test_who_is_not_there_any_more_is_done(make_server, folder):
    """BEY-02: somebody who was deleted at the service is no reason to fail when a mirror takes them away"""
    world = World(make_server, folder, count=40, of=[kind("sendgrid"), kind("hubspot"), kind("klaviyo"), kind("mailchimp")])
    deliveries = world.deliveries()
    for one in deliveries:
        one.run()
    gone = world.people[:5]
    for one in deliveries:
        store = getattr(one.service, "profiles", None) or getattr(one.service, "contacts", None) or one.service.lists["list1"]
        for row in gone:
            store.pop(kinds.email_of(row))
    world.put([row[:-1] + ["no" if i < 8 else "yes"] for i, row in enumerate(world.people)])
    for one in deliveries:
        equal(counts(one.run(), "removed"), (8,), f"{one.kind.name}: three are there, five are not")
        equal(one.members() & {one.kind.key(row) for row in world.people[5:8]}, set(), f"{one.kind.name}: who is still there")


def test_one_refused_row(make_server, folder):
    """BEY-14, BEY-15, EXP-73, C-090: one row that the service refuses is named with its words; all others arrive"""
    world = World(make_server, folder, count=130)
    for one in world.deliveries(skip=("facebook_ads", "dynamics365_marketing")):
        bad = world.people[77]
        one.kind.refuse(one.service, bad)
        run = one.run("completed_with_errors")
        equal(counts(run, "sent", "rejected"), (129, 1), f"{one.kind.name}: counts")
        told = rejected(world, run)
        column, place = ("ContactId", 12) if "ContactId" in told[0] else ("Email", 1)
        equal([(row[column], row["outcome"], row["reason"]) for row in told], [(bad[place], "rejected", one.kind.reason)], f"{one.kind.name}: the file")
        holds(len(told[0]["answer"]) > 5, f"{one.kind.name}: the service's words {told}")
        equal(one.members(), one.wanted() - {one.kind.key(bad)}, f"{one.kind.name}: who is there")
        equal(one.service.complaints, [], one.kind.name)


def test_asked_to_wait(make_server, folder):
    """C-087, EXP-67: each service that says 429 with Retry-After is left alone that long, and nothing is lost or fails"""
    world = World(make_server, folder, count=60)
    for one in world.deliveries():
        one.service.fail(429, 1, {"Retry-After": "1"})
        begun = time.monotonic()
        run = one.run()
        holds(time.monotonic() - begun >= 1, f"{one.kind.name}: it did not wait")
        equal(counts(run, "sent", "rejected"), (60, 0), f"{one.kind.name}: counts")
        one.check()


def test_services_that_stumble(make_server, folder):
    """EXP-67, C-092: errors of the moment, broken connections and lost answers lose no row at any service"""
    world = World(make_server, folder, count=120)
    rng = random.Random(4)
    for one in world.deliveries():
        for _ in range(3):
            on = "/api/data" if one.kind.name.startswith("dynamics") else ""
            rng.choice([lambda: one.service.fail(503, on=on), lambda: one.service.fail("reset", on=on), lambda: one.service.drop(on=on),
                        lambda: one.service.fail(502, on=on)])()
        equal(counts(one.run(), "sent", "rejected"), (120, 0), f"{one.kind.name}: counts")
        one.check()


def test_refused_credentials_and_a_missing_list(make_server, folder):
    """EXP-73, CON-84, CON-20: refused credentials fail the run and mark the connection; what the export names and is gone fails the run alone"""
    world = World(make_server, folder, count=10)
    for one in world.deliveries():
        one.service.credentials = "another-key"
        one.service.tokens = set()
        run = one.run("failed")
        equal(run["error"]["reason"], "service.credentials", f"{one.kind.name}: {run['error']}")
        equal(ok(world.admin.get("connections/" + one.connection["id"]))["health"], "failing", f"{one.kind.name}: health")
        equal(one.members(), set(), f"{one.kind.name}: who arrived")
        one.service.credentials = "right-key"
        one.run()
        equal(ok(world.admin.get("connections/" + one.connection["id"]))["health"], "ok", f"{one.kind.name}: health")
        one.check()
    for name, setting in [("mailchimp", "list_id"), ("sendgrid", "list_id"), ("klaviyo", "list_id"), ("hubspot", "list_id"), ("facebook_ads", "custom_audience_id"),
                          ("dynamics365_sales", "list_id"), ("dynamics365_marketing", "segment_id")]:
        of, service = kind(name), world.services[name]
        one = Delivery(world, of, "full", settings=of.export(service) | {setting: "00000000-0000-4000-8000-000000000000"})
        run = one.run("failed")
        equal(run["error"]["reason"], "service.missing", f"{name}: {run['error']}")
        equal(ok(world.admin.get("connections/" + one.connection["id"]))["health"] == "failing", False, f"{name}: the connection is not to blame")


def test_killed_while_sending(make_server, folder):
    """BEY-16, EXP-70: killed while rows are on their way and started again, each service ends with the segment, nobody lost and nobody doubled"""
    world = World(make_server, folder, count=4000)
    rng = random.Random(9)
    for one in world.deliveries():
        one.service.delay = 0.01
        run = one.start()
        for _ in range(2):
            time.sleep(rng.uniform(0.05, 0.3))
            world.server.kill()
            world.server.start()
        ended = wait_run(world.admin, run, 120)
        equal((ended["state"], counts(ended, "sent", "rejected")), ("succeeded", (4000, 0)), f"{one.kind.name}: {ended['error']}")
        one.check()


def test_parallel_calls_are_as_many_as_the_type_says(make_server, folder):
    """EXP-66: Mailchimp refuses an eleventh call at once; no service sees more calls than its manifest allows"""
    world = World(make_server, folder, count=6000, of=[kind("mailchimp"), kind("http_webhook")])
    for one, most in zip(world.deliveries("full"), (8, 4)):
        one.service.delay = 0.03
        one.run()
        holds(1 < one.service.most_at_once <= most, f"{one.kind.name}: {one.service.most_at_once} calls at once")


# ---- what one service alone does

def test_mailchimp_keeps_who_unsubscribed(make_server, folder):
    """CON-77: a contact's status is Mailchimp's; new ones are not subscribed unless the export says so; values that are empty wipe nothing"""
    world = World(make_server, folder, count=5, of=[kind("mailchimp")])
    service = world.services["mailchimp"]
    service.lists["list1"]["person1@example.org"] = {"status": "unsubscribed", "merge_fields": {"FNAME": "Kept", "LNAME": "Kept"}}
    world.put([row[:2] + ["" if row[0] == "C000001" else row[2]] + row[3:] for row in world.people])
    Delivery(world, kind("mailchimp"), "full", settings={"list_id": "list1"}).run()
    members = service.lists["list1"]
    equal((members["person1@example.org"]["status"], members["person0@example.org"]["status"]), ("unsubscribed", "transactional"), "statuses")
    equal(members["person1@example.org"]["merge_fields"], {"FNAME": "Kept", "LNAME": "O'Last1"}, "an empty first name")


def test_a_list_of_ones_own(make_server, folder):
    """EXP-39, EXP-40: an id in the export wins over the place that is called like the segment, and nothing is made"""
    world = World(make_server, folder, count=5, of=[kind("hubspot"), kind("facebook_ads")])
    list_id = world.services["hubspot"].make_list("By hand")
    Delivery(world, kind("hubspot"), "full", settings={"list_id": list_id}).run()
    equal([one["name"] for one in world.services["hubspot"].lists.values()], ["By hand"], "lists")
    equal(len(world.services["hubspot"].members("By hand")), 5, "its members")
    dynamic = world.services["hubspot"].make_list("By rule", "DYNAMIC")
    contains(Delivery(world, kind("hubspot"), "full", settings={"list_id": dynamic}).run("failed")["error"]["detail"], "dynamic list", "a list that fills itself")
    lookalike = world.services["facebook_ads"].make_audience("Similar", "LOOKALIKE")
    run = Delivery(world, kind("facebook_ads"), "full", settings={"key_identifier": "email", "custom_audience_id": lookalike}).run("failed")
    contains(run["error"]["detail"], "customer list", "an audience of another type")


def test_meta_gets_hashes_of_canonical_values(make_server, folder):
    """EXP-36, EXP-41, EXP-42: Meta's users are hashes of what its rules make of the values, whatever the key identifier"""
    world = World(make_server, folder, count=3, of=[kind("facebook_ads")])
    service = world.services["facebook_ads"]

    def sha(text):
        return hashlib.sha256(text.encode()).hexdigest()
    everything = {"email": "Email", "phone": "Phone", "first_name": "First", "last_name": "Last", "test_facebook_ads_first_initial": "First",
                  "gender": "Gender", "test_facebook_ads_birth_year": "Born", "test_facebook_ads_birth_month": "Born",
                  "test_facebook_ads_birth_day": "Born", "city": "City", "postal_code": "Zip", "country": "Country"}
    Delivery(world, kind("facebook_ads"), "full", settings={"key_identifier": "phone"}, mapping=everything).run()
    people = next(iter(service.audiences.values()))["people"].values()
    one = next(p for p in people if p["EMAIL"] == sha("person2@example.org"))
    equal(one, {"EMAIL": sha("person2@example.org"), "PHONE": sha("4523450002"), "FN": sha("first2"), "LN": sha("olast2"), "FI": sha("f"), "GEN": sha("m"),
                "DOBY": sha("1912"), "DOBM": sha("03"), "DOBD": sha("03"), "CT": sha("aarhusn"), "ZIP": sha("8000"), "COUNTRY": sha("dk")}, "one person")
    missing = {"display_name": unique("x "), "tables": [world.segment["name"]], "mode": "full", "mapping": {"email": "Email"}}
    connection = ok(world.admin.get("connections"))["items"][0]
    refused(world.admin.post("exports", missing | {"connection_id": connection["id"], "settings": {"key_identifier": "name_and_address"}}), 422, "export.bad_mapping")
    service.terms_accepted = False
    world.segment = make_segment(world.admin, rule("CustomerId", "equals", "C000001"))
    run = Delivery(world, kind("facebook_ads"), "full").run("failed")
    contains(run["error"]["detail"], "custom audience terms", "what to do")


def test_klaviyo_tells_of_many_refused_profiles(make_server, folder):
    """BEY-14, C-093: refused profiles of one import are all told, also when they fill several pages of Klaviyo's answer"""
    world = World(make_server, folder, count=400, of=[kind("klaviyo")])
    one = world.deliveries()[0]
    for row in world.people[:250]:
        one.kind.refuse(one.service, row)
    run = one.run("completed_with_errors")
    equal(counts(run, "sent", "rejected"), (150, 250), "counts")
    equal(one.members(), {one.kind.key(row) for row in world.people[250:]}, "who is there")


def test_dynamics_renews_its_token(make_server, folder):
    """CON-88: a token that Microsoft no longer takes is asked for anew, once, and the run goes on"""
    world = World(make_server, folder, count=50, of=[kind("dynamics365_sales")])
    one = world.deliveries()[0]
    one.run()
    one.service.forget_tokens()
    world.put([row[:-1] + ["no" if i < 5 else "yes"] for i, row in enumerate(world.people)])
    equal(counts(one.run(), "removed"), (5,), "removed with a new token")
    one.check()
    equal(len(one.service.contacts), 50, "contacts that were made or deleted")


def test_outbound_marketing_that_is_not_there(make_server, folder):
    """BEY-07: an environment without outbound marketing is told by Verify, at the step that looks for it"""
    world = World(make_server, folder, count=3, of=[kind("dynamics365_marketing")])
    one = world.deliveries()[0]
    one.service.has_marketing = False
    told = ok(world.admin.post(f"connections/{one.connection['id']}/verify"))
    contains(told["steps"][-1]["advice"], "outbound marketing", "advice")


def test_webhook_with_an_authorization_header(make_server, folder):
    """CON-87, C-102: the webhook signs every call, sends an Authorization header only when there is one, and the same batch id for the same rows"""
    world = World(make_server, folder, count=30, of=[kind("http_webhook")])
    one = world.deliveries()[0]
    one.service.drop(2, on="/hook")
    one.run()
    one.check()
    equal(one.service.repeated, 2, "batches that came again under their id")
    equal(one.service.rows["Person7@Example.org"], {"mail": "Person7@Example.org", "points": "C000007"}, "a row")
    one.service.authorization = "Bearer of-the-house"
    world.put([*world.people, person(700)])
    equal(one.run("failed")["error"]["reason"], "service.permission", "without the header")
    connection = ok(world.admin.get("connections/" + one.connection["id"]))
    ok(world.admin.patch("connections/" + connection["id"], {"secrets": {"authorization": {"set": "Bearer of-the-house"}}}, connection["version"]))
    one.run()
    holds("Person700@Example.org" in one.members(), "the row with the header")
