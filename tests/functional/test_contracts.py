"""What Sluice sends to services whose contract is published keeps to that contract: see docs/testing-connectors.md.

The shipped manifest, the shipped driver and the real binary deliver to an imitated service, and each call is shown to Prism, which holds
it against the contract.
"""

import contextlib
import pathlib
import sys

from harness import Skipped, contains, equal, holds
from test_connectors import Delivery, World, counts
from things import wait_run

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "services"))

from kinds import kind  # noqa: E402
from prism import SPECS, Prism, uncompilable, why_not  # noqa: E402


class Contract:
    def __init__(self, name, spec, below="", settings=None, calls=(), wrong=None):
        self.name, self.spec, self.below = name, SPECS / spec, below
        self.settings = settings          # (service, segment): of the export, so that the place is there already
        self.calls = calls                # method and part of the path: what must have been seen
        self.wrong = wrong                # text of the manifest, and what makes it break the contract


def _mailchimp_place(service, segment):
    service.segments[77] = {"list": "list1", "name": segment, "members": set()}
    return {"list_id": "list1", "tag_id": "77"}


CONTRACTS = [
    Contract("mailchimp", "mailchimp/openapi.yaml", "/3.0", _mailchimp_place,
             [("GET", "/ping"), ("GET", "/lists"), ("POST", "/lists/list1"), ("POST", "/lists/list1/segments/77")], ('body: { members: "${rows}"', 'body: { member: "${rows}"')),
    Contract("sendgrid", "sendgrid/openapi.yaml", "", lambda s, segment: {"list_id": s.list_id},
             [("GET", "/v3/scopes"), ("PUT", "/v3/marketing/contacts"), ("GET", "/v3/marketing/contacts/imports/"), ("POST", "/v3/marketing/contacts/search/emails"),
              ("DELETE", "/contacts")], ('contacts: "${rows}"', 'contact: "${rows}"')),
    Contract("hubspot", "hubspot/openapi.yaml", "", lambda s, segment: {"list_id": s.make_list(segment)},
             [("GET", "/crm/v3/objects/contacts"), ("POST", "/batch/upsert"), ("PUT", "/memberships/add"), ("POST", "/batch/read"), ("PUT", "/memberships/remove")],
             ("          idProperty: email\n          id: ", "          idProperty: email\n          record: ")),
    Contract("klaviyo", "klaviyo/openapi.yaml", "", lambda s, segment: {"list_id": "LIST01"},
             [("GET", "/api/accounts"), ("POST", "/api/profile-bulk-import-jobs"), ("GET", "/import-errors"), ("GET", "/api/profiles"),
              ("DELETE", "/api/lists/LIST01/relationships/profiles")], ("type: profile-bulk-import-job", "type: profile-import")),
    Contract("facebook_ads", "meta/openapi.json", "/v25.0", lambda s, segment: {"key_identifier": "email"},
             [("GET", "/act_1234567890"), ("GET", "/customaudiences"), ("POST", "/customaudiences"), ("POST", "/users"), ("DELETE", "/users")],
             ('schema: "${columns}", data: "${rows}"', 'data: "${rows}"')),
]


@contextlib.contextmanager
def witnessed(contract):
    if why_not():
        raise Skipped(why_not())
    prism = Prism(contract.spec, contract.below)
    try:
        yield prism
    finally:
        prism.stop()


def test_schemas_of_requests_can_be_compiled(folder):
    """BEY-07: no schema of a request is one that Prism would leave out without a word; a broken one is found"""
    if why_not():
        raise Skipped(why_not())
    equal(uncompilable(*(one.spec for one in CONTRACTS)), (0, "[]\n"), "schemas that cannot be compiled")
    (folder / "broken.yaml").write_text("openapi: 3.0.0\ninfo: { title: t, version: '1' }\npaths:\n  /a:\n    post:\n      requestBody:\n        content:\n"
                                        "          application/json: { schema: { type: object, properties: { a: { type: string, pattern: '(' } } } }\n"
                                        "      responses: { '200': { description: ok } }\n")
    status, words = uncompilable(folder / "broken.yaml")
    equal(status, 1, words)
    contains(words, '"/a"', "which one")


def keeps(contract, make_server, folder):
    with witnessed(contract) as prism:
        world = World(make_server, folder, count=12, of=[kind(contract.name)])
        service = world.services[contract.name]
        service.witness = prism
        one = Delivery(world, kind(contract.name), "mirror", settings=contract.settings(service, world.segment["name"]))
        verified = world.admin.post(f"connections/{one.connection['id']}/verify").json
        equal(verified["result"], "passed", str(verified["steps"]))
        one.run()
        world.put([row[:-1] + ["no" if i < 3 else "yes"] for i, row in enumerate(world.people)])
        equal(counts(one.run(), "removed"), (3,), "removed")
        one.check()
        equal(prism.refused[:3], [], f"{contract.name}: calls that do not keep to the contract")
        for method, part in contract.calls:
            holds(any(m == method and part in path for m, path in prism.taken), f"{contract.name}: no {method} …{part} among {sorted(set(prism.taken))}")


def breaks(contract, make_server, folder):
    right, wrong = contract.wrong

    def spoil(text):
        holds(right in text, f"{contract.name}: the manifest has no {right}")
        return text.replace(right, wrong, 1)
    with witnessed(contract) as prism:
        world = World(make_server, folder, count=3, of=[kind(contract.name)], change=spoil)
        service = world.services[contract.name]
        service.witness = prism
        one = Delivery(world, kind(contract.name), "full", settings=contract.settings(service, world.segment["name"]))
        wait_run(world.admin, one.start())
        holds(prism.refused, f"{contract.name}: the contract lets a wrong manifest pass: {sorted(set(prism.taken))}")


def _tests(contract):
    """A test of each for the runner, which looks at names, titles and parameters."""
    def keeps_to_it(make_server, folder):
        keeps(contract, make_server, folder)

    def is_held_to_it(make_server, folder):
        breaks(contract, make_server, folder)
    keeps_to_it.__doc__ = f"EXP-40, BEY-07: every call to {contract.name} is one that the service's published contract allows"
    is_held_to_it.__doc__ = f"BEY-07: a manifest of {contract.name} that breaks the contract is found out"
    return {f"test_{contract.name}_keeps_to_its_contract": keeps_to_it, f"test_{contract.name}_is_held_to_its_contract": is_held_to_it}


for _contract in CONTRACTS:
    for _name, _test in _tests(_contract).items():
        _test.__name__ = _name
        globals()[_name] = _test
