"""SendGrid Marketing Campaigns v3: contacts by import jobs, search by address, lists."""

import uuid

from service import ADDRESS, Refused, Reply, Service

FIELDS = {"email": 254, "first_name": 50, "last_name": 50, "country": 50, "state_province_region": 50, "city": 60, "postal_code": 50}


class SendGrid(Service):
    limit = {"errors": [{"field": None, "message": "too many requests"}]}
    list_id = "6f1c1c9e-7c52-4a2b-9d0b-0f6a3b7d1a11"

    def __init__(self):
        super().__init__()
        self.contacts = {}               # address -> {id, …}
        self.lists = {self.list_id: set()}
        self.refuses = set()             # addresses that spoil the import they are in
        self.polls = 1                   # so many times a job is pending
        self.jobs = {}

    def members(self, list_id=None):
        return set(self.lists[list_id or self.list_id])

    def answer(self, request):
        if request.headers.get("authorization") != "Bearer " + self.credentials:
            raise Refused(401, {"errors": [{"field": None, "message": "authorization required"}]})
        if request.match("GET", "/v3/scopes"):
            return Reply({"scopes": ["marketing.read", "marketing.update"]})
        if request.match("GET", "/v3/marketing/lists"):
            return Reply({"result": [{"id": one} for one in self.lists], "_metadata": {}})
        if request.match("PUT", "/v3/marketing/contacts"):
            return self._upsert(request)
        if found := request.match("GET", "/v3/marketing/contacts/imports/{}"):
            return self._job(found[0])
        if request.match("POST", "/v3/marketing/contacts/search/emails"):
            return self._search(request.json)
        if found := request.match("DELETE", "/v3/marketing/lists/{}/contacts"):
            return self._take_off(found[0], request.query.get("contact_ids", ""))
        raise Refused(404, complaint="no such call")

    def _bad(self, field, message):
        raise Refused(400, {"errors": [{"field": field, "message": message}]})

    def _upsert(self, request):
        body = request.json
        contacts = body.get("contacts", [])
        if not contacts or len(contacts) > 30_000 or len(request.body) > 6_000_000 or set(body) - {"contacts", "list_ids"}:
            self.complain("contacts: none, more than 30,000 or 6 MB, or something unknown beside them")
            self._bad("contacts", "must hold 1 to 30,000 contacts")
        if any(one not in self.lists for one in body.get("list_ids", [])):
            raise Refused(404, {"errors": [{"field": "list_ids", "message": "list not found"}]})
        for i, contact in enumerate(contacts):
            if set(contact) - set(FIELDS) or any(not isinstance(v, str) or v == "" for v in contact.values()):
                self.complain(f"a contact with {contact}")
                self._bad(f"contacts[{i}]", "unknown field or wrong type")
            if not ADDRESS.fullmatch(contact.get("email", "")):
                self._bad(f"contacts[{i}].email", "is not a valid email address")
            if any(len(value) > FIELDS[name] for name, value in contact.items()):
                self._bad(f"contacts[{i}]", "a value is too long")
        job = str(uuid.uuid4())
        self.jobs[job] = {"left": self.polls, "contacts": contacts, "lists": body.get("list_ids", [])}
        return Reply({"job_id": job}, 202)

    def _job(self, job_id):
        job = self.jobs.get(job_id)
        if job is None:
            raise Refused(404, {"errors": [{"field": None, "message": "job not found"}]})
        result = {"id": job_id, "job_type": "upsert", "status": "pending", "results": {}}
        if job["left"] > 0:
            job["left"] -= 1
            return Reply(result)
        good = [c for c in job["contacts"] if c["email"].lower() not in self.refuses]
        for contact in good:
            there = self.contacts.setdefault(contact["email"].lower(), {"id": str(uuid.uuid4())})
            there.update(contact)
            for one in job["lists"]:
                self.lists[one].add(contact["email"].lower())
        bad = len(job["contacts"]) - len(good)
        result["status"] = "errored" if bad else "completed"
        result["results"] = {"requested_count": len(job["contacts"]), "errored_count": bad, "errors_url": self.url + "/errors" if bad else ""}
        return Reply(result)

    def _search(self, body):
        emails = body.get("emails", [])
        if not 1 <= len(emails) <= 100:
            self.complain(f"a search for {len(emails)} addresses")
            self._bad("emails", "must hold 1 to 100 addresses")
        result = {}
        for email in emails:
            contact = self.contacts.get(email.lower())
            result[email.lower()] = {"contact": contact} if contact else {"error": "contact not found"}
        return Reply({"result": result}, 200 if any("contact" in one for one in result.values()) else 404)

    def _take_off(self, list_id, ids):
        ids = [one for one in ids.split(",") if one]
        if not 1 <= len(ids) <= 100:
            self.complain(f"contact_ids with {len(ids)} ids")
            self._bad("contact_ids", "must hold 1 to 100 ids")
        known = {contact["id"]: address for address, contact in self.contacts.items()}
        if list_id not in self.lists or any(one not in known for one in ids):
            raise Refused(404, {})
        self.lists[list_id] -= {known[one] for one in ids}
        return Reply({"job_id": str(uuid.uuid4())}, 202)
