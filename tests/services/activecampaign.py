"""ActiveCampaign, version 3 of its interface: imports of contacts that are worked off in the background."""

import uuid

from service import ADDRESS, Refused, Reply, Service

MEMBERS = {"email", "first_name", "last_name", "phone", "tags", "fields", "subscribe", "unsubscribe"}


class ActiveCampaign(Service):
    limit = {"message": "rate limit exceeded"}

    def __init__(self):
        super().__init__()
        self.contacts = {}         # address -> what was imported
        self.lists = {"7": set()}
        self.refuses = set()       # addresses that an import fails on, after it was taken
        self.automations = 0       # how many contacts set some off
        self.polls = 1             # so many times an import is still going on
        self.imports = {}

    def members(self, list_id="7"):
        return set(self.lists[list_id])

    def answer(self, request):
        if request.headers.get("api-token") != self.credentials:
            raise Refused(403, {"message": "You are not authorised"})
        if request.match("GET", "/api/3/users/me") is not None:
            return Reply({"user": {"username": "sluice"}})
        if request.match("POST", "/api/3/import/bulk_import") is not None:
            return self._import(request)
        if request.match("GET", "/api/3/import/info") is not None:
            return self._info(request.query.get("batchId"))
        raise Refused(404, complaint="no such call")

    def _import(self, request):
        body = request.json
        contacts = body.get("contacts", [])
        if not 1 <= len(contacts) <= 250 or len(request.body) >= 400_000 or set(body) - {"contacts", "exclude_automations", "callback"}:
            self.complain("an import that is empty, too large, or has something unknown beside its contacts")
            raise Refused(400, {"success": 0, "message": "bad import"})
        failures = []
        for i, contact in enumerate(contacts):
            if set(contact) - MEMBERS or any(value == "" for value in contact.values()):
                self.complain(f"a contact with {contact}")
            if not ADDRESS.fullmatch(contact.get("email", "")):
                failures.append({"contact": i, "failureReason": "email is not a valid address"})
        if failures:
            raise Refused(400, {"success": 0, "message": "some contacts are invalid", "failureReasons": failures})
        batch = str(uuid.uuid4())
        self.imports[batch] = {"left": self.polls, "contacts": contacts, "quiet": body.get("exclude_automations") is True}
        return Reply({"Success": 1, "queued_contacts": len(contacts), "batchId": batch, "message": "queued"})

    def _info(self, batch):
        job = self.imports.get(batch)
        if job is None:
            raise Refused(400, {"success": 0, "message": "unknown batchId"})
        if job["left"] > 0:
            job["left"] -= 1
            return Reply({"status": "active", "success": [], "failure": []})
        done, failed = [], []
        for contact in job["contacts"]:
            email = contact["email"].lower()
            if email in self.refuses:
                failed.append(contact["email"])
                continue
            done.append(str(len(done) + 1))
            self.automations += 0 if job["quiet"] else 1
            self.contacts.setdefault(email, {}).update(contact)
            for one in contact.get("subscribe", []):
                self.lists.setdefault(one["listid"], set()).add(email)
        return Reply({"status": "completed", "success": done, "failure": failed})
