"""HubSpot CRM v3: contacts in batches, static lists and their members."""

from service import ADDRESS, Refused, Reply, Service

PROPERTIES = {"email", "firstname", "lastname", "phone", "company", "address", "city", "state", "zip", "country"}


class HubSpot(Service):
    limit = {"status": "error", "message": "You have reached your ten_secondly_rolling limit.", "errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}

    def __init__(self):
        super().__init__()
        self.contacts = {}               # address -> {id, properties}
        self.lists = {}                  # id -> {name, type, members: record ids}
        self.refuses = set()             # addresses that a batch answers about, one by one
        self.invalid = set()             # addresses that make a whole batch fail, as HubSpot does with malformed ones
        self._next = 1000

    def members(self, name):
        records = set().union(*(one["members"] for one in self.lists.values() if one["name"] == name), set())
        return {address for address, contact in self.contacts.items() if contact["id"] in records}

    def _new_id(self):
        self._next += 1
        return str(self._next)

    def make_list(self, name, kind="MANUAL"):
        with self.lock:
            list_id = self._new_id()
            self.lists[list_id] = {"name": name, "type": kind, "members": set()}
            return list_id

    def _error(self, status, category, message, complaint=None, **more):
        raise Refused(status, {"status": "error", "message": message, "correlationId": "c", "category": category} | more, complaint=complaint)

    def answer(self, request):
        if request.headers.get("authorization") != "Bearer " + self.credentials:
            self._error(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        if request.match("GET", "/crm/v3/objects/contacts"):
            return Reply({"results": []})
        if request.match("POST", "/crm/v3/objects/contacts/batch/upsert"):
            return self._upsert(self._inputs(request.json))
        if request.match("POST", "/crm/v3/objects/contacts/batch/read"):
            return self._read(request.json)
        if request.match("POST", "/crm/v3/lists/search"):
            return self._search(request.json)
        if request.match("POST", "/crm/v3/lists"):
            body = request.json
            if body.get("objectTypeId") != "0-1" or body.get("processingType") != "MANUAL" or not body.get("name"):
                self._error(400, "VALIDATION_ERROR", "list", complaint=f"a list made of {body}")
            list_id = self.make_list(body["name"])
            return Reply({"list": {"listId": list_id, "name": body["name"], "processingType": "MANUAL"}})
        for verb in ("add", "remove"):
            if found := request.match("PUT", "/crm/v3/lists/{}/memberships/" + verb):
                return self._change_members(found[0], verb, request.json)
        self._error(404, "OBJECT_NOT_FOUND", "no such call", complaint="no such call")

    def _inputs(self, body):
        inputs = body.get("inputs", [])
        ids = [one.get("id", "").lower() for one in inputs]
        if not 1 <= len(inputs) <= 100 or set(body) - {"inputs", "idProperty", "properties", "propertiesWithHistory"}:
            self._error(400, "VALIDATION_ERROR", "inputs", complaint=f"a batch of {len(inputs)} inputs")
        if len(set(ids)) < len(ids):
            self._error(400, "VALIDATION_ERROR", "Duplicate IDs found in batch input.", complaint="one id twice in a batch")
        return inputs

    def _upsert(self, inputs):
        for one in inputs:
            own = one.get("properties", {})
            if one.get("idProperty") != "email" or set(own) - PROPERTIES or any(not isinstance(v, str) for v in own.values()):
                self._error(400, "VALIDATION_ERROR", "properties", complaint=f"an input {one}")
            if not ADDRESS.fullmatch(one["id"]) or one["id"] in self.invalid:
                self._error(400, "VALIDATION_ERROR", f"Property values were not valid: Email address {one['id']} is invalid")
        results, errors = [], []
        for one in inputs:
            address = one["id"].lower()
            if address in self.refuses:
                errors.append({"status": "error", "category": "VALIDATION_ERROR", "message": "This contact is blocked.", "context": {"id": [one["id"]]},
                               "errors": [], "links": {}})
                continue
            is_new = address not in self.contacts
            contact = self.contacts.setdefault(address, {"id": self._new_id(), "properties": {}})
            contact["properties"].update(one["properties"])
            results.append({"id": contact["id"], "new": is_new, "archived": False, "properties": {"email": address, "hs_object_id": contact["id"]}})
        answer = {"status": "COMPLETE", "results": results}
        return Reply(answer | {"numErrors": len(errors), "errors": errors}, 207) if errors else Reply(answer)

    def _read(self, body):
        if body.get("idProperty") != "email" or "email" not in body.get("properties", []) or "propertiesWithHistory" not in body:
            self._error(400, "VALIDATION_ERROR", "read", complaint=f"a read of {body}")
        asked = [one["id"].lower() for one in self._inputs(body)]
        results = [{"id": self.contacts[a]["id"], "properties": {"email": a}} for a in asked if a in self.contacts]
        missing = [a for a in asked if a not in self.contacts]
        answer = {"status": "COMPLETE", "results": results}
        if not missing:
            return Reply(answer)
        error = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some CONTACT objects, they may be deleted.",
                 "context": {"ids": missing}, "errors": [], "links": {}}
        return Reply(answer | {"numErrors": 1, "errors": [error]}, 207)

    def _search(self, body):
        if "offset" not in body or "additionalProperties" not in body:
            self._error(400, "VALIDATION_ERROR", "search", complaint=f"a search {body}")
        wanted = body.get("query", "").lower()
        kinds = body.get("processingTypes")
        found = [{"listId": i, "name": one["name"], "processingType": one["type"]} for i, one in self.lists.items()
                 if wanted in one["name"].lower() and (not kinds or one["type"] in kinds)]
        return Reply({"lists": found[:body.get("count", 20)], "total": len(found), "offset": len(found), "hasMore": False})

    def _change_members(self, list_id, verb, records):
        if list_id not in self.lists:
            self._error(404, "OBJECT_NOT_FOUND", f"List does not exist with ID {list_id}.")
        if self.lists[list_id]["type"] == "DYNAMIC":
            self._error(400, "VALIDATION_ERROR", "Cannot update a dynamic list.", subCategory="ILS.INVALID_LIST_PROCESSING_TYPE")
        if not isinstance(records, list) or any(not isinstance(one, str) for one in records):
            self._error(400, "VALIDATION_ERROR", "records", complaint=f"members {records}")
        known = {contact["id"] for contact in self.contacts.values()}
        there = [one for one in records if one in known]
        members = self.lists[list_id]["members"]
        added, removed = [], []
        if verb == "add":
            added = [one for one in there if one not in members]
            members |= set(there)
        else:
            removed = [one for one in there if one in members]
            members -= set(there)
        return Reply({"recordsIdsAdded": added, "recordIdsRemoved": removed, "recordIdsMissing": [one for one in records if one not in known]})
