"""Mailchimp Marketing API 3.0: audiences, members in batches, static segments (tags)."""

import base64
import hashlib

from service import ADDRESS, Refused, Reply, Service

STATUSES = {"subscribed", "unsubscribed", "cleaned", "pending", "transactional"}


class Mailchimp(Service):
    content_type = "application/problem+json"
    limit = {"type": "about:blank", "title": "Too Many Requests", "status": 429, "detail": "You have exceeded the limit of 10 simultaneous connections."}
    merge_fields = {"FNAME", "LNAME"}

    def __init__(self):
        super().__init__()
        self.lists = {"list1": {}}       # id -> address -> {status, merge_fields}
        self.segments = {}               # id -> {list, name, members}
        self.refuses = set()             # addresses that were deleted for good
        self._next_segment = 100

    def members(self, list_id="list1", tag=None):
        """Addresses of an audience, or of those with a tag."""
        if tag is None:
            return set(self.lists[list_id])
        return set().union(*(s["members"] for s in self.segments.values() if s["list"] == list_id and s["name"] == tag), set())

    def answer(self, request):
        request.path = request.path.removeprefix("/3.0")
        token = request.headers.get("authorization", "")
        user, _, key = (base64.b64decode(token[6:]).decode() if token.startswith("Basic ") else "").partition(":")
        if key != self.credentials:
            raise Refused(401, {"type": "about:blank", "title": "API Key Invalid", "status": 401, "detail": "Your API key may be invalid."})
        if request.match("GET", "/ping"):
            return Reply({"health_status": "Everything's Chimpy!"})
        if request.match("GET", "/lists"):
            return Reply({"lists": [{"id": one} for one in self.lists]})
        if found := request.match("POST", "/lists/{}"):
            return self._upsert(self._list(found[0]), request)
        if found := request.match("GET", "/lists/{}/segments"):
            self._list(found[0])
            of_list = [{"id": i, "name": s["name"]} for i, s in self.segments.items() if s["list"] == found[0]]
            return Reply({"segments": of_list[:int(request.query.get("count", 10))]})
        if found := request.match("POST", "/lists/{}/segments"):
            return self._make_segment(found[0], request.json)
        if found := request.match("POST", "/lists/{}/segments/{}"):
            return self._change_segment(self._list(found[0]), found[1], request.json)
        raise Refused(404, self._problem(404, "Resource Not Found", "The requested resource could not be found."), complaint="no such call")

    def _problem(self, status, title, detail):
        return {"type": "https://mailchimp.com/developer/marketing/docs/errors/", "title": title, "status": status, "detail": detail, "instance": "x"}

    def _bad(self, detail):
        raise Refused(400, self._problem(400, "Invalid Resource", detail), complaint=detail)

    def _list(self, list_id):
        if list_id not in self.lists:
            raise Refused(404, self._problem(404, "Resource Not Found", "The requested list could not be found."))
        return self.lists[list_id]

    def _upsert(self, members, request):
        body = request.json
        if not isinstance(body.get("members"), list):
            self._bad("members must be a list")
        if len(body["members"]) > 500:
            self._bad("more than 500 members")
        if not body.get("update_existing") or body.get("sync_tags"):
            self._bad("it would not update members, or would take their tags away")
        made, changed, errors, seen = [], [], [], set()
        for member in body["members"]:
            address = member.get("email_address", "")
            key = address.lower()
            unknown = set(member.get("merge_fields", {})) - self.merge_fields
            if unknown or member.get("status_if_new") not in STATUSES or "status" in member:
                self._bad(f"a member with unknown merge fields {unknown}, or whose status would be overwritten")
            reason = None
            if key in seen:
                reason = "Duplicate items found in this request."
            elif not ADDRESS.fullmatch(address) or address.endswith("@example.invalid"):
                reason = "Please provide a valid email address."
            elif key in self.refuses:
                reason = f"{address} was permanently deleted and cannot be re-imported."
            if reason:
                errors.append({"email_address": address, "error": reason, "error_code": "ERROR_GENERIC", "field": "", "field_message": ""})
                continue
            seen.add(key)
            there = members.get(key)
            if there is None:
                there = members[key] = {"status": member["status_if_new"], "merge_fields": {}}
                made.append({"id": hashlib.md5(key.encode()).hexdigest(), "email_address": address})
            else:
                changed.append({"id": hashlib.md5(key.encode()).hexdigest(), "email_address": address})
            there["merge_fields"].update(member.get("merge_fields", {}))
        return Reply({"new_members": made, "updated_members": changed, "errors": errors, "total_created": len(made), "total_updated": len(changed),
                      "error_count": len(errors)})

    def _make_segment(self, list_id, body):
        self._list(list_id)
        if not body.get("name") or body.get("static_segment") != []:
            self._bad("a segment needs a name and static_segment")
        if any(s["list"] == list_id and s["name"] == body["name"] for s in self.segments.values()):
            self._bad("Sorry, that tag already exists.")
        self._next_segment += 1
        self.segments[self._next_segment] = {"list": list_id, "name": body["name"], "members": set()}
        return Reply({"id": self._next_segment, "name": body["name"], "member_count": 0, "type": "static"})

    def _change_segment(self, members, segment_id, body):
        segment = self.segments.get(int(segment_id)) if segment_id.isdigit() else None
        if segment is None:
            raise Refused(404, self._problem(404, "Resource Not Found", "The requested segment could not be found."))
        adds, removes = body.get("members_to_add", []), body.get("members_to_remove", [])
        if len(adds) > 500 or len(removes) > 500 or set(body) - {"members_to_add", "members_to_remove"}:
            self._bad("more than 500 members of a segment, or something unknown")
        added = [a for a in adds if a.lower() in members]
        gone = [a for a in removes if a.lower() in segment["members"]]
        segment["members"] |= {a.lower() for a in added}
        segment["members"] -= {a.lower() for a in gone}
        return Reply({"members_added": [{"email_address": a} for a in added], "members_removed": [{"email_address": a} for a in gone], "errors": [],
                      "total_added": len(added), "total_removed": len(gone), "error_count": 0})
