"""Klaviyo, revision 2026-07-15: bulk import jobs with their errors, profiles by filter, members of lists."""

import re
import uuid

from service import ADDRESS, Refused, Reply, Service

ATTRIBUTES = {"email", "phone_number", "external_id", "first_name", "last_name", "organization", "location", "properties"}
LOCATION = {"address1", "address2", "city", "region", "zip", "country"}


class Klaviyo(Service):
    content_type = "application/vnd.api+json"
    limit = {"errors": [{"id": "1", "code": "throttled", "title": "Request was throttled.", "detail": "Request was throttled.", "source": {}}]}

    def __init__(self):
        super().__init__()
        self.profiles = {}               # address -> {id, attributes}
        self.lists = {"LIST01": set()}
        self.refuses = set()             # addresses whose import fails
        self.polls = 1
        self.jobs = {}

    def members(self, list_id="LIST01"):
        return set(self.lists[list_id])

    def _error(self, status, code, detail, pointer="/data", complaint=None):
        raise Refused(status, {"errors": [{"id": str(uuid.uuid4()), "code": code, "title": code, "detail": detail, "source": {"pointer": pointer}}]},
                      complaint=complaint)

    def answer(self, request):
        if request.headers.get("authorization") != "Klaviyo-API-Key " + self.credentials:
            self._error(401, "authentication_failed", "Incorrect authentication credentials.")
        if request.headers.get("revision") != "2026-07-15":
            self._error(400, "invalid_revision", "revision", complaint="no revision, or another")
        if request.body and request.headers.get("content-type") != "application/vnd.api+json":
            self._error(415, "unsupported_media_type", "content type", complaint=f"content type {request.headers.get('content-type')}")
        if request.match("GET", "/api/accounts"):
            return Reply({"data": [{"type": "account", "id": "ACC001", "attributes": {}}]})
        if request.match("GET", "/api/lists"):
            return Reply({"data": [{"type": "list", "id": one} for one in self.lists]})
        if request.match("POST", "/api/profile-bulk-import-jobs"):
            return self._import(request)
        if found := request.match("GET", "/api/profile-bulk-import-jobs/{}"):
            return self._job(found[0])
        if found := request.match("GET", "/api/profile-bulk-import-jobs/{}/import-errors"):
            return self._errors(found[0], request.query)
        if request.match("GET", "/api/profiles"):
            return self._find(request.query)
        if found := request.match("DELETE", "/api/lists/{}/relationships/profiles"):
            return self._take_off(found[0], request.json)
        self._error(404, "not_found", "no such call", complaint="no such call")

    def _import(self, request):
        data = request.json.get("data", {})
        profiles = data.get("attributes", {}).get("profiles", {}).get("data")
        lists = data.get("relationships", {}).get("lists", {}).get("data", [])
        if data.get("type") != "profile-bulk-import-job" or not profiles or len(profiles) > 10_000 or len(request.body) > 5_000_000:
            self._error(400, "invalid", "profiles", complaint="no profiles, more than 10,000 or 5 MB")
        if len(lists) != 1 or lists[0].get("type") != "list" or lists[0].get("id") not in self.lists:
            self._error(400, "invalid", "List does not exist.", "/data/relationships/lists/data/0/id")
        for one in profiles:
            own = one.get("attributes", {})
            if one.get("type") != "profile" or set(own) - ATTRIBUTES or set(own.get("location", {})) - LOCATION or "" in own.values():
                self._error(400, "invalid", "profile", complaint=f"a profile {one}")
        job = uuid.uuid4().hex
        self.jobs[job] = {"left": self.polls, "profiles": profiles, "list": lists[0]["id"], "errors": None}
        return Reply(self._told(job, "queued"), 202)

    def _told(self, job_id, status):
        job = self.jobs[job_id]
        failed = len(job["errors"] or [])
        return {"data": {"type": "profile-bulk-import-job", "id": job_id,
                         "attributes": {"status": status, "created_at": "2026-01-01T00:00:00+00:00", "total_count": len(job["profiles"]),
                                        "completed_count": len(job["profiles"]) - failed if status == "complete" else 0, "failed_count": failed}}}

    def _job(self, job_id):
        if job_id not in self.jobs:
            self._error(404, "not_found", "job")
        job = self.jobs[job_id]
        if job["left"] > 0:
            job["left"] -= 1
            return Reply(self._told(job_id, "processing"))
        if job["errors"] is None:
            job["errors"] = []
            for profile in job["profiles"]:
                self._take(job, profile["attributes"])
        return Reply(self._told(job_id, "complete"))

    def _take(self, job, attributes):
        address = attributes.get("email", "").lower()
        if address in self.refuses or not ADDRESS.fullmatch(address):
            job["errors"].append({"type": "import-error", "id": uuid.uuid4().hex,
                                  "attributes": {"code": "invalid", "title": "Invalid input.", "detail": f"{address} is not a valid email.",
                                                 "source": {"pointer": "/data/attributes/email"}, "original_payload": attributes}})
            return
        profile = self.profiles.setdefault(address, {"id": uuid.uuid4().hex, "attributes": {}})
        profile["attributes"].update(attributes)
        self.lists[job["list"]].add(address)

    def _errors(self, job_id, query):
        size, start = int(query.get("page[size]", 20)), int(query.get("page[cursor]", 0))
        if size > 100:
            self._error(400, "invalid", "page size", complaint="a page of more than 100")
        errors = self.jobs[job_id]["errors"] or []
        more = start + size < len(errors)
        here = f"{self.url}/api/profile-bulk-import-jobs/{job_id}/import-errors"
        links = {"self": here, "next": f"{here}?page%5Bsize%5D={size}&page%5Bcursor%5D={start + size}" if more else None}
        return Reply({"data": errors[start:start + size], "links": links})

    def _find(self, query):
        found = re.fullmatch(r'any\(email,\[((?:"[^"]*",?)+)\]\)', query.get("filter", ""))
        emails = re.findall(r'"([^"]*)"', found.group(1)) if found else []
        size = int(query.get("page[size]", 20))
        if not emails or size > 100:
            self._error(400, "invalid", "filter", complaint=f"a filter {query.get('filter')} or a page of {size}")
        there = [{"type": "profile", "id": self.profiles[e]["id"], "attributes": {"email": e}} for e in emails if e in self.profiles]
        return Reply({"data": there[:size], "links": {"next": None}})

    def _take_off(self, list_id, body):
        known = {profile["id"]: address for address, profile in self.profiles.items()}
        data = body.get("data", [])
        if not 1 <= len(data) <= 1000 or any(one.get("type") != "profile" or one.get("id") not in known for one in data):
            self._error(400, "invalid", "profiles", complaint=f"{len(data)} profiles to take off, or unknown ones")
        if list_id not in self.lists:
            self._error(404, "not_found", "A list with that id does not exist.")
        self.lists[list_id] -= {known[one["id"]] for one in data}
        return Reply(None, 204)
